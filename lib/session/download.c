/* SPDX-License-Identifier: Apache-2.0 */
#include "session/download.h"

#include "base/own.h"
#include "base/scratch.h"
#include "base/text.h"
#include "session/match.h"
#include "session/report.h"
#include "session/role/doubt.h"

#include <string.h>

/* ---- texts that are kept ---- */

static void keep(char *buf, size_t size, uint16_t *len, struct nta_span text)
{
    *len = (uint16_t)nta_smaller(text.len, size);
    if (*len > 0)
        memcpy(buf, text.ptr, *len);
}

#define KEEP(download, name, text)                                                                 \
    keep((download)->name, sizeof((download)->name), &(download)->name##_len, text)
#define KEPT(download, name)                                                                       \
    ((struct nta_span){(const uint8_t *)(download)->name, (download)->name##_len})

/* ---- what is known of one, from what its parts say ---- */

/** What the first part says stands for all; later ones fill in what it did not know. */
static void begin(const struct nta_session *session, const struct nta_record *record,
                  struct nta_download *download)
{
    download->flow = *session->flow;
    download->flow.conn = NULL;
    download->app = (uint8_t)record->app;
    download->basis = (uint8_t)record->basis;
    download->agrees = record->agrees;
    download->hidden = record->hidden;
    download->initiator = record->initiator;
    download->opened_by = record->opened_by;
    download->status = record->status;
    download->begin_wall_ns = record->time_ns;
    download->expected = UINT64_MAX;
    KEEP(download, method, record->method);
    KEEP(download, site, record->site);
    KEEP(download, url, record->url);
    KEEP(download, alpn, record->alpn);
}

/** The stronger of two verdicts stands: not weak, and a hash before all. */
static void take_hit(struct nta_download *download, const struct nta_conn_hit *hit)
{
    if (!hit ||
        (download->forbidden && (hit->weak || !download->hit.weak) && hit->kind != NTA_HIT_HASH))
        return;
    download->hit = *hit;
    download->forbidden = true;
}

static void take_about(struct nta_download *download, uint64_t about)
{
    for (uint32_t i = 0; i < download->n_about; i++) {
        if (download->about[i] == about)
            return;
    }
    if (download->n_about < NTA_DOWNLOAD_ABOUT_MAX)
        download->about[download->n_about++] = about;
}

/** The part that begins the file tells its type; another one only if none did. */
static void take_names(struct nta_download *download, const struct nta_record *record,
                       bool is_begin)
{
    if (download->name_len == 0)
        KEEP(download, name, record->file.name);
    if (download->type_len + download->said_len == 0 || is_begin) {
        KEEP(download, type, record->file.type);
        KEEP(download, said, record->file.said);
    }
}

/** Its bytes: where they lie, so that what came twice counts once. */
static void take_bytes(struct nta_download *download, const struct nta_record *record,
                       const struct nta_download_part *part)
{
    const uint64_t bytes = record->file.bytes, lost = record->file.lost;

    if (part->expected != UINT64_MAX)
        download->expected = part->expected;
    if (part->placed)
        download->loose += lost; /* the others were noted as they came */
    else if (part->first == UINT64_MAX ||
             !nta_ranges_add(&download->ranges, part->first, part->first + bytes))
        download->loose += bytes;
    /* one that came whole and without a hole makes good what others lost */
    const bool is_whole = part->first == 0 && lost == 0 && !part->hole && part->ended;

    download->lost = is_whole ? 0 : download->lost + lost;
    download->hole = !is_whole && (download->hole || part->hole);
    download->ended |= part->ended;
}

static void add(struct nta_download *download, const struct nta_record *record,
                const struct nta_download_part *part, const struct nta_conn_hit *hit)
{
    take_names(download, record, part->first == 0);
    take_bytes(download, record, part);
    take_hit(download, hit);
    if (record->about)
        take_about(download, record->about);
    if (!part->placed) {
        download->up += record->up.bytes;
        download->down += record->down.bytes;
    }
    if (record->file.sha256.len == sizeof(download->sha256)) {
        memcpy(download->sha256, record->file.sha256.ptr, sizeof(download->sha256));
        download->hashed = true;
    }
    if (record->file.no_hash)
        download->unhashed = record->file.no_hash;
    download->seen = record->seen > download->seen ? record->seen : download->seen;
    download->disagrees |= record->disagrees;
    download->doubts |= record->doubts & NTA_DOUBTS_OF_PART;
    download->limited |= record->limited;
    download->unasked |= record->unasked;
    download->n_parts = part->placed ? download->n_about : download->n_parts + 1;
    if (record->time_ns < download->begin_wall_ns)
        download->begin_wall_ns = record->time_ns;
    if (record->end_ns > download->end_wall_ns)
        download->end_wall_ns = record->end_ns;
}

static uint64_t bytes_of(const struct nta_download *download)
{
    return nta_ranges_bytes(&download->ranges) + download->loose;
}

/** Readings that differ are no one file. */
static bool is_complete(const struct nta_download *download)
{
    if (download->pieces.twice == NTA_PIECES_DIFFER)
        return false;
    if (download->expected == UINT64_MAX || download->loose > 0)
        return download->ended && download->n_parts == 1;
    return download->expected > 0 && nta_ranges_cover(&download->ranges, download->expected);
}

/* ---- its hash ---- */

static void drop_pieces(struct nta_session_parts *parts, struct nta_download *download)
{
    nta_pieces_drop(&download->pieces, &parts->blocks);
    nta_download_sort(&parts->downloads, download);
}

static void stop_hash(struct nta_session_parts *parts, struct nta_download *download,
                      enum nta_no_hash why)
{
    if (!download->unhashed)
        download->unhashed = (uint8_t)why;
    drop_pieces(parts, download);
}

/** Its copy of what was hashed last is worth less than what others hold. */
static bool drop_oldest_tail(struct nta_session_parts *parts)
{
    struct nta_download *download = nta_download_oldest(&parts->downloads, NTA_DOWNLOAD_WITH_TAIL);

    if (!download)
        return false;
    nta_pieces_drop_tail(&download->pieces, &parts->blocks);
    nta_download_sort(&parts->downloads, download);
    return true;
}

/** Of whom nothing came for longest and who holds pieces gives them up; `last` holds some. */
static void make_space(struct nta_session_parts *parts, struct nta_download *last)
{
    struct nta_download *oldest = NULL;

    if (last->pieces.n < NTA_PIECES_MAX) {
        if (drop_oldest_tail(parts))
            return;
        oldest = nta_download_oldest(&parts->downloads, NTA_DOWNLOAD_WITH_HELD);
    }
    stop_hash(parts, oldest ? oldest : last, NTA_NO_HASH_MEMORY);
}

/**
 * A reading from the file's start stands on its own: it needs nothing of what came before, and what
 * other readings still bring is not of it.
 */
static void begin_reading(struct nta_session_parts *parts, struct nta_download *download)
{
    drop_pieces(parts, download);
    download->pieces = (struct nta_pieces){0};
    nta_pieces_begin(&download->pieces);
    download->unhashed = 0;
    download->reading++;
}

/** These bytes are to be hashed in their place. */
static void take_piece(struct nta_session_parts *parts, struct nta_download *download, uint64_t at,
                       struct nta_span bytes)
{
    while (!download->unhashed && !nta_pieces_take(&download->pieces, &parts->blocks, at, bytes)) {
        nta_download_sort(&parts->downloads, download);
        make_space(parts, download);
    }
    nta_download_sort(&parts->downloads, download);
    if (download->pieces.twice == NTA_PIECES_DIFFER)
        stop_hash(parts, download, NTA_NO_HASH_OVERLAP);
}

bool nta_download_content(const struct nta_session *session, const struct nta_content *content)
{
    struct nta_session_parts *parts = session->parts;
    struct nta_conn *conn = session->conn;
    struct nta_download *download = nta_download_get(&parts->downloads, conn->download);

    if (!download)
        return false;
    if (conn->reading != download->reading)
        return true;
    if (content->offset != conn->content_next || conn->content_first == UINT64_MAX)
        stop_hash(parts, download, NTA_NO_HASH_LOST);
    conn->content_next = content->offset + content->bytes.len;
    take_piece(parts, download, conn->content_first + content->offset, content->bytes);
    return true;
}

uint64_t nta_download_file_key(const struct nta_session *session, uint64_t file)
{
    return nta_hash_words(&session->parts->downloads.key, file, NTA_APP_SMB) | 1U;
}

/** Of the whole file, so far.  False: not all of it was hashed. */
static bool finish_hash(const struct nta_download *download, uint64_t n_bytes,
                        uint8_t ret_sha256[32])
{
    if (download->unhashed || !download->wanted || n_bytes == 0 ||
        download->pieces.hashed != n_bytes)
        return false;
    nta_pieces_sha256(&download->pieces, ret_sha256);
    return true;
}

bool nta_download_hashed(const struct nta_session *session, uint64_t n_bytes,
                         uint8_t ret_sha256[32])
{
    const struct nta_download *download =
        nta_download_get(&session->parts->downloads, session->conn->download);

    return download && session->conn->reading == download->reading &&
           finish_hash(download, n_bytes, ret_sha256);
}

/** Why it has none. */
static enum nta_no_hash why_unhashed(const struct nta_download *download)
{
    if (download->unhashed)
        return (enum nta_no_hash)download->unhashed;
    if (!download->wanted)
        return NTA_NO_HASH_OFF;
    if (download->hole || download->lost > 0)
        return NTA_NO_HASH_LOST;
    return is_complete(download) ? NTA_NO_HASH_UNREAD : NTA_NO_HASH_CUT;
}

/* ---- its record ---- */

static void fill_file(const struct nta_download *download, struct nta_record_file *file)
{
    file->name = KEPT(download, name);
    file->type = KEPT(download, type);
    file->said = KEPT(download, said);
    file->bytes = bytes_of(download);
    file->lost = nta_smaller(download->lost, file->bytes);
    file->seen = file->bytes - file->lost;
    if (download->expected != UINT64_MAX)
        file->expected = download->expected;
    file->complete = is_complete(download);
    file->parts = download->n_parts;
    if (download->hashed)
        file->sha256 = (struct nta_span){download->sha256, sizeof(download->sha256)};
    else
        file->no_hash = (uint8_t)why_unhashed(download);
}

static void fill(const struct nta_session *session, const struct nta_download *download,
                 struct nta_record *record)
{
    record->time_ns = download->begin_wall_ns;
    record->end_ns = download->end_wall_ns;
    nta_report_ends(session, record);
    record->app = (enum nta_app)download->app;
    record->basis = (enum nta_basis)download->basis;
    record->agrees = download->agrees;
    record->disagrees = download->disagrees;
    if (download->pieces.twice == NTA_PIECES_DIFFER)
        record->disagrees |= NTA_AGREES_OVERLAP;
    record->doubts = download->doubts;
    record->hidden = download->hidden;
    record->limited = download->limited;
    record->unasked = download->unasked;
    record->initiator = download->initiator;
    record->opened_by = download->opened_by;
    record->seen = download->seen;
    record->status = download->status;
    record->method = KEPT(download, method);
    record->site = KEPT(download, site);
    record->url = KEPT(download, url);
    record->alpn = KEPT(download, alpn);
    record->up.bytes = download->up;
    record->down.bytes = download->down;
    record->gaps = download->hole || download->lost > 0;
    record->requests = download->about;
    record->n_requests = download->forbidden ? download->n_about : 0; /* else nothing is linked */
}

/** Parts that came over several connections have one hash, which a list may have. */
static bool match_hash(const struct nta_session *session, struct nta_download *download)
{
    struct nta_conn_hit hit;

    if (download->hashed || !is_complete(download) ||
        !finish_hash(download, download->expected, download->sha256))
        return false;
    download->hashed = true;
    if (!nta_match_file(session, download->sha256, download->begin_wall_ns, &hit))
        return false;
    take_hit(download, &hit);
    return nta_match_is_told(session->parts->policy, &hit);
}

/** The record, if it counts as a download; an alert before it, if it is known only now. */
static void tell(struct nta_session_parts *parts, struct nta_download *download)
{
    struct nta_record record = {.event = NTA_RECORD_DOWNLOAD};
    const struct nta_session session = nta_session_of(parts, &download->flow);

    if (download->n_parts == 0)
        return;
    const bool is_news = match_hash(&session, download);

    fill(&session, download, &record);
    fill_file(download, &record.file);
    nta_report_file_kind(&record);
    nta_report_match(&session, &record, download->forbidden ? &download->hit : NULL);
    const enum nta_rule rule = nta_report_rule(&session, &record);

    if (rule == NTA_RULE_NONE || (!parts->policy->downloads && !download->forbidden))
        return;
    record.about = record.n_requests > 0 ? download->about[0] : 0;
    nta_report_content(&record, rule);
    if (is_news) {
        struct nta_record alert = record;

        alert.event = NTA_RECORD_ALERT;
        alert.time_ns = record.end_ns;
        alert.end_ns = 0;
        nta_report_put(&session, &alert);
    }
    nta_report_put(&session, &record);
}

/* ---- the table ---- */

static void end(struct nta_session_parts *parts, struct nta_download *download)
{
    tell(parts, download);
    nta_pieces_drop(&download->pieces, &parts->blocks);
    nta_download_release(&parts->downloads, download);
}

/** A file that is held open, and read now and then, is waited for as long as its connection is. */
static int64_t wait_of(const struct nta_download *download)
{
    return download->is_open ? NTA_DOWNLOAD_OPEN_NS : NTA_DOWNLOAD_WAIT_NS;
}

/** The one that waits for more of the same; one that has waited too long is told. */
static struct nta_download *find(const struct nta_session *session, uint64_t key, int64_t wall_ns)
{
    struct nta_downloads *downloads = &session->parts->downloads;
    struct nta_download *download = key ? nta_download_find(downloads, key) : NULL;

    if (download && download->n_open == 0 &&
        wall_ns - download->touched_wall_ns > wait_of(download)) {
        end(session->parts, download);
        return NULL;
    }
    return download;
}

/** A new one; when there is no space the oldest is told. */
static struct nta_download *make(const struct nta_session *session, uint64_t key, int64_t wall_ns)
{
    struct nta_downloads *downloads = &session->parts->downloads;
    struct nta_download *download = nta_download_take(downloads, key);

    if (!download) {
        nta_count(&session->parts->counters, NTA_COUNTER_DOWNLOAD_LIMIT, 1);
        end(session->parts, nta_download_oldest(downloads, NTA_DOWNLOAD_ANY));
        download = nta_download_take(downloads, key);
    }
    download->touched_wall_ns = download->looked_wall_ns = wall_ns;
    nta_pieces_begin(&download->pieces);
    return download;
}

/** Something of it came at that time. */
static void touch(struct nta_session_parts *parts, struct nta_download *download, int64_t wall_ns)
{
    if (wall_ns > download->touched_wall_ns)
        download->touched_wall_ns = wall_ns;
    download->looked_wall_ns = download->touched_wall_ns;
    nta_download_touch(&parts->downloads, download);
}

/** Something of it is under way over this connection. */
static void hold(const struct nta_session *session, struct nta_download *download)
{
    download->n_open++;
    session->conn->download = download->id;
}

uint64_t nta_download_key(const struct nta_session *session, struct nta_span what,
                          struct nta_span more, uint64_t version)
{
    const struct nta_hash_key *key = &session->parts->downloads.key;
    const struct nta_flow *flow = session->flow;
    const enum nta_dir user = nta_session_ends(session).user_is_client ? NTA_DIR_UP : NTA_DIR_DOWN;
    const uint64_t parts[] = {
        nta_conn_network(flow, user),
        nta_hash_bytes(key, flow->client.bytes, NTA_ADDR_LEN),
        nta_hash_bytes(key, flow->server.bytes, NTA_ADDR_LEN),
        nta_hash_bytes(key, what.ptr, what.len),
        nta_hash_bytes(key, more.ptr, more.len),
        version,
    };
    const uint64_t all = nta_hash_bytes(key, parts, sizeof(parts));

    return all ? all : 1;
}

void nta_download_begun(const struct nta_session *session, uint64_t key, uint64_t first,
                        bool may_go_on)
{
    const int64_t wall_ns = session->io.wall_ns;
    struct nta_download *download = find(session, key, wall_ns);

    nta_download_let_go(session);
    if (!key || (!download && !may_go_on))
        return;
    if (!download)
        download = make(session, key, wall_ns);
    else
        touch(session->parts, download, wall_ns);
    if (first == 0 && (download->pieces.hashed > 0 || download->unhashed))
        begin_reading(session->parts, download);
    hold(session, download);
    download->wanted |= nta_match_wants_content(session);
    session->conn->reading = download->reading;
    session->conn->content_first = first;
    session->conn->content_next = 0;
}

void nta_download_placed(const struct nta_session *session, const struct nta_content *content)
{
    const uint64_t key = nta_download_file_key(session, content->file);
    struct nta_download *download = nta_download_find(&session->parts->downloads, key);

    if (!download)
        download = make(session, key, session->io.wall_ns);
    else
        touch(session->parts, download, session->io.wall_ns);
    download->wanted = download->is_open = true;
    if (download->mover != session->flow) {
        download->mover = session->flow;
        take_about(download, nta_conn_about(session->flow));
    }
    if (nta_session_ends(session).user_is_client)
        download->down += content->bytes.len;
    else
        download->up += content->bytes.len;
    if (!nta_ranges_add(&download->ranges, content->offset, content->offset + content->bytes.len))
        stop_hash(session->parts, download, NTA_NO_HASH_MEMORY);
    take_piece(session->parts, download, content->offset, content->bytes);
}

bool nta_download_is_whole(const struct nta_session *session, uint64_t file, uint64_t n_bytes,
                           bool *ret_hashed, uint8_t ret_sha256[32])
{
    const struct nta_download *download =
        nta_download_find(&session->parts->downloads, nta_download_file_key(session, file));

    *ret_hashed = download && finish_hash(download, n_bytes, ret_sha256);
    return download && download->pieces.twice != NTA_PIECES_DIFFER &&
           nta_ranges_cover(&download->ranges, n_bytes);
}

void nta_download_visited(const struct nta_session *session, uint64_t key)
{
    struct nta_downloads *downloads = &session->parts->downloads;
    struct nta_download *download = find(session, key, session->io.wall_ns);

    nta_download_let_go(session);
    if (!download)
        download = nta_download_take(downloads, key);
    if (!download)
        return; /* only the connection's end makes space */
    touch(session->parts, download, session->io.wall_ns);
    hold(session, download);
}

void nta_download_let_go(const struct nta_session *session)
{
    struct nta_download *download =
        nta_download_get(&session->parts->downloads, session->conn->download);

    session->conn->download = 0;
    if (!download)
        return;
    download->n_open--;
    if (session->flow->last_wall_ns > download->touched_wall_ns)
        download->touched_wall_ns = session->flow->last_wall_ns;
}

/** It is told alone: nothing else belongs to it. */
static void tell_alone(const struct nta_session *session, const struct nta_record *record,
                       const struct nta_download_part *part, const struct nta_conn_hit *hit)
{
    struct nta_download *alone = &session->parts->download;

    *alone = (struct nta_download){.wanted = nta_match_wants_content(session)};
    begin(session, record, alone);
    add(alone, record, part, hit);
    tell(session->parts, alone);
}

void nta_download_part(const struct nta_session *session, const struct nta_record *record,
                       const struct nta_download_part *part, const struct nta_conn_hit *hit)
{
    struct nta_session_parts *parts = session->parts;
    struct nta_download *download = nta_download_get(&parts->downloads, session->conn->download);

    if (!part->goes_on)
        nta_download_let_go(session);
    if (!download)
        download = find(session, part->key, record->end_ns);
    if (record->file.bytes == 0 && !download)
        return;
    if (!download && (part->key == 0 || part->ended || part->placed)) {
        tell_alone(session, record, part, hit);
        return;
    }
    if (!download)
        download = make(session, part->key, record->end_ns);
    download->wanted |= nta_match_wants_content(session);
    if (download->n_parts == 0)
        begin(session, record, download);
    add(download, record, part, hit);
    download->is_open = false;
    touch(parts, download, record->end_ns);
    if (part->goes_on && !session->conn->download)
        hold(session, download);
    if (download->n_open == 0 && is_complete(download))
        end(parts, download);
}

void nta_download_contested(const struct nta_session *session)
{
    struct nta_download *download =
        nta_download_get(&session->parts->downloads, session->conn->download);

    if (download)
        stop_hash(session->parts, download, NTA_NO_HASH_OVERLAP);
}

void nta_downloads_due(struct nta_session_parts *parts, int64_t wall_ns)
{
    const bool is_over = wall_ns == INT64_MAX;
    struct nta_download *download;

    while ((download = nta_download_oldest(&parts->downloads, NTA_DOWNLOAD_ANY))) {
        if (!is_over && wall_ns - download->looked_wall_ns <= NTA_DOWNLOAD_WAIT_NS)
            return;
        if (!is_over &&
            (download->n_open > 0 || wall_ns - download->touched_wall_ns <= wait_of(download))) {
            download->looked_wall_ns = wall_ns;
            nta_download_touch(&parts->downloads, download);
        } else {
            end(parts, download);
        }
    }
}
