/* SPDX-License-Identifier: Apache-2.0 */
#include "session/transfer_report.h"

#include "base/scratch.h"
#include "base/text.h"
#include "proto/file/types.h"
#include "session/download.h"
#include "session/match.h"
#include "session/report.h"

/** The file's name and URL, as much of it as the policy keeps. */
static void fill_file(const struct nta_session *session, enum nta_app app,
                      const struct nta_transfer *transfer, char url[NTA_TRANSFER_URL_SIZE],
                      struct nta_record *record)
{
    record->method = transfer->method;
    record->status = transfer->status;
    if (session->parts->policy->url_detail == NTA_URL_SITE)
        return;
    record->file.name = nta_path_name(transfer->path);
    record->url = nta_transfer_url(app, record->site, transfer, url);
}

/** The server of FTP sent all from where it began to the file's end (RFC 959 section 4.2). */
static bool is_sent(const struct nta_transfer *transfer)
{
    return transfer->status == 226 || transfer->status == 250;
}

/**
 * All of the file, and as much as was announced.  TFTP ends with a short block, and an FTP server
 * says so, who has said 226 as soon as all of it lay in his machine; of SMB it was read in order up
 * to the size that the server said, while content was looked at; of the others nothing tells
 * whether more of it was there.
 */
static bool is_whole(enum nta_app app, const struct nta_transfer *transfer)
{
    if (!transfer->complete)
        return false;
    if (app == NTA_APP_SMB)
        return true;
    const uint64_t bytes = transfer->to_server ? transfer->bytes_up : transfer->bytes_down;
    const bool is_ended =
        app == NTA_APP_TFTP || (app == NTA_APP_FTP && transfer->first == 0 && is_sent(transfer));

    return is_ended && (transfer->expected == UINT64_MAX || bytes >= transfer->expected);
}

/** Content as the user sees it: what he got is down. */
static void fill_content(const struct nta_session *session, enum nta_app app,
                         const struct nta_transfer *transfer, struct nta_record *record)
{
    const bool is_client = nta_session_ends(session).user_is_client;

    record->up.bytes = is_client ? transfer->bytes_up : transfer->bytes_down;
    record->down.bytes = is_client ? transfer->bytes_down : transfer->bytes_up;
    record->file.bytes = transfer->to_server ? transfer->bytes_up : transfer->bytes_down;
    record->file.lost = transfer->to_server ? transfer->lost_up : transfer->lost_down;
    record->file.seen = record->file.bytes - record->file.lost;
    if (transfer->expected != UINT64_MAX && transfer->first == 0)
        record->file.expected = transfer->expected;
    record->gaps = record->file.lost > 0 || transfer->hole;
    record->file.complete = is_whole(app, transfer) && record->file.bytes > 0;
}

/** By content, which has no other mark, else by its name. */
static void fill_type(const char *by_content, struct nta_record_file *file)
{
    const struct nta_span name = file->bytes > 0 ? file->name : (struct nta_span){0};
    const struct nta_type_known known = nta_type_decide_with(by_content, name);

    file->type = known.type;
    file->said = known.said;
}

static int64_t began_at(const struct nta_session *session, const struct nta_transfer *transfer)
{
    return transfer->begin_wall_ns ? transfer->begin_wall_ns : session->flow->first_wall_ns;
}

/** Parts of files are asked for over FTP, where those of one path are of one file. */
static uint64_t key_of(const struct nta_session *session, enum nta_app app,
                       const struct nta_transfer *transfer)
{
    if (app != NTA_APP_FTP || transfer->to_server || transfer->is_altered ||
        transfer->path.len == 0)
        return 0;
    return nta_download_key(session, transfer->path, nta_span_of("ftp"), 0);
}

/** How long the file is: as announced, or as far as its last part came; some announce the rest. */
static uint64_t length_of(const struct nta_transfer *transfer, const struct nta_record *record)
{
    if (transfer->first == 0)
        return record->file.expected ? record->file.expected : UINT64_MAX;
    return transfer->complete && is_sent(transfer) ? transfer->first + record->file.bytes
                                                   : UINT64_MAX;
}

static void put_download(const struct nta_session *session, enum nta_app app,
                         const struct nta_transfer *transfer, const struct nta_record *record,
                         const struct nta_conn_hit *hit)
{
    /* a session of SMB may have several connections, and the rest of its file come over another */
    const bool is_part = record->app == NTA_APP_SMB && record->file.bytes < record->file.expected;
    const struct nta_download_part part = {
        .key = transfer->file ? nta_download_file_key(session, transfer->file)
               : is_part      ? nta_download_key(session, transfer->path, record->site, 0)
                              : key_of(session, app, transfer),
        .placed = transfer->file != 0,
        .first = is_part ? UINT64_MAX : transfer->first,
        .expected = length_of(transfer, record),
        .ended = record->file.complete,
        .hole = transfer->hole,
    };

    if (!transfer->to_server && !transfer->is_channel)
        nta_download_part(session, record, &part, hit);
}

void nta_report_transfer(const struct nta_session *session, enum nta_app app,
                         const struct nta_transfer *transfer, const char *type,
                         const uint8_t *sha256)
{
    const struct nta_flow *flow = session->flow;
    struct nta_record record = {.event = NTA_RECORD_REQUEST};
    struct nta_conn *conn = session->conn;
    NTA_SCRATCH char addr_text[NTA_ADDR_TEXT_SIZE], url[NTA_TRANSFER_URL_SIZE];
    struct nta_conn_hit verdict;
    const int64_t began_ns = began_at(session, transfer);
    const enum nta_verdict said = nta_match_transfer(session, transfer->path, began_ns, &verdict);
    const bool listed =
        sha256 && said != NTA_VERDICT_SPARED && nta_match_file(session, sha256, began_ns, &verdict);
    const bool forbidden = listed || said == NTA_VERDICT_FORBIDDEN;
    const bool is_contested = conn->content_contested || transfer->content_contested;

    conn->files_reported |= transfer->bytes_up + transfer->bytes_down > 0;
    if (!session->parts->policy->requests && !session->parts->policy->downloads && !forbidden)
        return;
    record.time_ns = began_ns; /* who the user is depends on when it was */
    record.end_ns = flow->last_wall_ns;
    nta_report_fill(session, addr_text, &record);
    record.app = app;
    fill_file(session, app, transfer, url, &record);
    fill_content(session, app, transfer, &record);
    fill_type(is_contested ? NULL : type, &record.file);
    record.disagrees |= nta_report_disagrees(conn) | (transfer->contested ? NTA_AGREES_OVERLAP : 0);
    if (sha256)
        record.file.sha256 = (struct nta_span){sha256, 32};
    else if (is_contested)
        record.file.no_hash = NTA_NO_HASH_OVERLAP;
    nta_report_file_kind(&record);
    nta_report_match(session, &record, forbidden ? &verdict : NULL);
    nta_report_link(flow, &record);
    if (listed) {
        struct nta_record alert = record;

        alert.event = NTA_RECORD_ALERT;
        alert.time_ns = record.end_ns;
        alert.end_ns = 0;
        nta_report_put_alert(session, &alert, &verdict);
    }
    if (transfer->bytes_up + transfer->bytes_down > 0 && !transfer->claimed &&
        record.seen < NTA_SEEN_ANSWERED)
        record.seen = NTA_SEEN_ANSWERED; /* over another connection than this one */
    nta_report_content(&record, nta_report_rule(session, &record));
    if (session->parts->policy->requests || forbidden)
        nta_report_put(session, &record);
    put_download(session, app, transfer, &record, forbidden ? &verdict : NULL);
    conn->contested = conn->content_contested = false;
}

void nta_report_transfer_begun(const struct nta_session *session, enum nta_app app,
                               const struct nta_transfer *transfer)
{
    const uint64_t key = key_of(session, app, transfer);

    if (key)
        nta_download_begun(session, key, transfer->first, true);
}

static void put_alert(const struct nta_session *session, enum nta_app app,
                      const struct nta_transfer *transfer, const struct nta_conn_hit *hit)
{
    struct nta_record record = {.event = NTA_RECORD_ALERT};
    NTA_SCRATCH char addr_text[NTA_ADDR_TEXT_SIZE], url[NTA_TRANSFER_URL_SIZE];

    session->conn->alerted = session->conn->hit != NULL;
    if (!nta_match_is_told(session->parts->policy, hit))
        return;
    record.time_ns = session->io.wall_ns;
    nta_report_fill(session, addr_text, &record);
    record.app = app;
    fill_file(session, app, transfer, url, &record);
    nta_report_match(session, &record, hit);
    nta_report_put_alert(session, &record, hit);
}

void nta_report_transfer_alert(const struct nta_session *session, enum nta_app app,
                               const struct nta_transfer *transfer)
{
    struct nta_conn_hit hit;
    const enum nta_verdict verdict =
        nta_match_transfer(session, transfer->path, session->io.wall_ns, &hit);

    nta_match_raise(session->conn, verdict);
    if (verdict == NTA_VERDICT_FORBIDDEN)
        put_alert(session, app, transfer, &hit);
}

void nta_report_transfer_suspicion(const struct nta_session *session, enum nta_app app,
                                   const struct nta_transfer *transfer)
{
    struct nta_conn_hit hit;

    if (nta_match_transfer(session, transfer->path, session->io.wall_ns, &hit) !=
            NTA_VERDICT_FORBIDDEN ||
        hit.kind != NTA_HIT_URL) /* of the site it is known, whatever is asked for there */
        return;
    hit.weak = true;
    nta_match_set(session, &hit);
    put_alert(session, app, transfer, &hit);
}

void nta_report_transfer_content(const struct nta_session *session,
                                 const struct nta_transfer_slot *slot,
                                 char url[NTA_TRANSFER_URL_SIZE], struct nta_record *record)
{
    const struct nta_transfer transfer = nta_transfer_of_slot(slot);

    if (slot->path_len == 0)
        return;
    fill_file(session, (enum nta_app)slot->app, &transfer, url, record);
    record->file.bytes = slot->to_server ? record->up.bytes : record->down.bytes;
    fill_type(slot->content_contested ? NULL : slot->type, &record->file);
    nta_report_file_kind(record);
}
