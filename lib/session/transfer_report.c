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

/**
 * All of the file.  TFTP ends with a short block, and an FTP server says so (226 or 250, RFC 959
 * section 4.2); of SMB it was read in order up to the size that the server said, while content was
 * looked at; of the others nothing tells whether more of it was there.
 */
static bool is_whole(enum nta_app app, const struct nta_transfer *transfer)
{
    if (!transfer->complete)
        return false;
    return app == NTA_APP_TFTP || app == NTA_APP_SMB ||
           (app == NTA_APP_FTP && (transfer->status == 226 || transfer->status == 250));
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
    if (transfer->expected != UINT64_MAX)
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

static void put_download(const struct nta_session *session, const struct nta_transfer *transfer,
                         const struct nta_record *record, const struct nta_conn_hit *hit)
{
    /* a session of SMB may have several connections, and the rest of its file come over another */
    const bool is_part = record->app == NTA_APP_SMB && record->file.bytes < record->file.expected;
    const struct nta_download_part part = {
        .key = is_part ? nta_download_key(session, transfer->path, record->site) : 0,
        .first = is_part ? UINT64_MAX : 0,
        .expected = record->file.expected ? record->file.expected : UINT64_MAX,
        .ended = record->file.complete,
        .hole = transfer->hole,
    };

    if (!transfer->to_server)
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
    nta_report_fill(session, addr_text, &record);
    record.time_ns = began_at(session, transfer);
    record.end_ns = flow->last_wall_ns;
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
    put_download(session, transfer, &record, forbidden ? &verdict : NULL);
    conn->contested = conn->content_contested = false;
}

static void put_alert(const struct nta_session *session, enum nta_app app,
                      const struct nta_transfer *transfer, const struct nta_conn_hit *hit)
{
    struct nta_record record = {.event = NTA_RECORD_ALERT};
    NTA_SCRATCH char addr_text[NTA_ADDR_TEXT_SIZE], url[NTA_TRANSFER_URL_SIZE];

    session->conn->alerted = session->conn->hit != NULL;
    if (!nta_match_is_told(session->parts->policy, hit))
        return;
    nta_report_fill(session, addr_text, &record);
    record.time_ns = session->io.wall_ns;
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
