/* SPDX-License-Identifier: Apache-2.0 */
/* Records of HTTP requests. */
#include "base/own.h"
#include "base/scratch.h"
#include "base/text.h"
#include "base/url.h"
#include "blacklist/name/site.h"
#include "flow/owner.h"
#include "proto/file/types.h"
#include "session/download.h"
#include "session/report.h"

#include <stdio.h>
#include <string.h>

/** scheme://host[:port]target, as much of it as the policy keeps; gives the span in `buf`. */
static struct nta_span make_url(const struct nta_session *session,
                                const struct nta_http_exchange *http, char *buf, size_t size)
{
    struct nta_span target = http->target;
    char port[8] = "";

    if (http->host.len == 0 || session->parts->policy->url_detail == NTA_URL_SITE)
        return (struct nta_span){0};
    if (session->parts->policy->url_detail == NTA_URL_PATH)
        target = nta_span_before(target, '?');
    if (http->port && http->port != 80)
        (void)snprintf(port, sizeof(port), ":%u", http->port);
    bool bare = target.len == 0 || target.ptr[0] != '/'; /* "*", or CONNECT's authority */
    bool v6 = nta_span_has(http->host, ':');
    const struct nta_span parts[] = {
        nta_span_of(v6 ? "http://[" : "http://"),
        http->host,
        nta_span_of(v6 ? "]" : ""),
        nta_span_of(port),
        bare ? (struct nta_span){0} : target,
    };
    size_t len = 0;

    for (size_t i = 0; i < NTA_N_ELEMENTS(parts); i++) {
        size_t n = parts[i].len < size - len ? parts[i].len : size - len;

        if (n > 0)
            memcpy(buf + len, parts[i].ptr, n);
        len += n;
    }
    /* of a URL within the path or query, passwords are no more kept than of this one */
    len = nta_url_drop_users((uint8_t *)buf, len, http->truncated || len == size);
    return (struct nta_span){(const uint8_t *)buf, len};
}

/** The file's name, without the user-info of a URL that it ends. */
static struct nta_span make_name(const struct nta_http_exchange *http, char *buf, size_t size)
{
    const struct nta_span name = nta_span_first(http->file_name, size);

    if (name.len > 0)
        memcpy(buf, name.ptr, name.len);
    return (struct nta_span){(const uint8_t *)buf,
                             nta_url_drop_users((uint8_t *)buf, name.len, http->truncated)};
}

enum
{
    URL_SIZE = 2600
};

/** Space for what a record borrows. */
struct texts
{
    char url[URL_SIZE];
    char other_host[NTA_NAME_SIZE];
    char name[URL_SIZE];
};

/** The hosts that the request names differ. */
static void fill_conflict(const struct nta_session *session, const struct nta_http_exchange *http,
                          struct texts *texts, struct nta_record *record)
{
    record->disagrees |= NTA_AGREES_HOST;
    if (http->other_host.len == 0)
        return;
    session->parts->conflicts[record->n_conflicts++] = (struct nta_record_conflict){
        .kind = NTA_CONFLICT_KIND_HOST,
        .value = nta_site_text(http->other_host, NTA_SITE_HOST, texts->other_host),
    };
}

/** What a request is recorded as. */
struct place
{
    struct nta_span site;
    enum nta_basis basis;
};

/** What is known of the connection says more than the address that stands in its URL. */
static struct place place_of(const struct nta_session *session,
                             const struct nta_http_exchange *http, struct nta_span site)
{
    const struct nta_conn *conn = session->conn;

    if (!http->no_host)
        return (struct place){site, site.len ? NTA_BASIS_URL : NTA_BASIS_NONE};
    if (conn->site_len == 0)
        return (struct place){site, NTA_BASIS_ADDRESS};
    return (struct place){{(const uint8_t *)conn->site, conn->site_len},
                          (enum nta_basis)conn->basis};
}

static int64_t begin_of(const struct nta_session *session, const struct nta_http_exchange *http)
{
    return http->begin_wall_ns ? http->begin_wall_ns : session->io.wall_ns;
}

static void fill_http(const struct nta_session *session, const struct nta_http_exchange *http,
                      struct nta_span site, struct texts *texts, struct nta_record *record)
{
    static const uint8_t initiators[] = {
        [NTA_HTTP_INITIATOR_UNSAID] = 0,
        [NTA_HTTP_INITIATOR_NAVIGATION] = NTA_INITIATOR_NAVIGATION,
        [NTA_HTTP_INITIATOR_PREFETCH] = NTA_INITIATOR_PREFETCH,
        [NTA_HTTP_INITIATOR_SUBRESOURCE] = NTA_INITIATOR_SUBRESOURCE,
    };
    const struct nta_conn *conn = session->conn;

    const struct place place = place_of(session, http, site);

    record->time_ns = begin_of(session, http); /* who the user is depends on when it was */
    nta_report_ends(session, record);
    nta_report_opening(session, record);
    record->act = NTA_ACT_CONTACTED;
    record->app = NTA_APP_HTTP;
    record->site = place.site;
    record->basis = place.basis;
    record->agrees = conn->agrees;
    record->disagrees = nta_report_disagrees(conn);
    nta_report_conflicts(session, record);
    if (http->hosts_differ)
        fill_conflict(session, http, texts, record);
    record->method = http->method;
    record->initiator = initiators[http->initiator];
    record->file.sha256 = http->sha256;
    record->url = make_url(session, http, texts->url, URL_SIZE);
}

/**
 * A part's first bytes say something if it is the first one, and no others came in their place;
 * those of a packed body do not.
 */
static struct nta_type_known type_of(const struct nta_http_exchange *http, bool is_contested)
{
    const bool is_begin = (http->status != 206 || http->range_first == 0) && !is_contested;
    const struct nta_type_clues clues = {
        .first = is_begin && !http->coded ? http->body_start : (struct nta_span){0},
        .far = is_begin && !http->coded ? http->body_far : (struct nta_span){0},
        .announced = http->content_type,
        .name = http->response_bytes > 0 ? http->file_name : (struct nta_span){0},
    };

    return nta_type_decide(&clues);
}

/** What is known of the response's body.  Its length or its last chunk says when it is whole. */
static void fill_file(const struct nta_http_exchange *http, bool is_contested,
                      struct nta_record *record)
{
    struct nta_record_file *file = &record->file;
    const struct nta_type_known known = type_of(http, is_contested);

    file->type = known.type;
    file->said = known.said;
    nta_report_file_kind(record);
    file->bytes = http->response_bytes;
    if (file->bytes == 0)
        return; /* HEAD, and 304, announce what does not come */
    if (http->response_expected != UINT64_MAX)
        file->expected = http->response_expected;
    file->lost = http->response_lost;
    file->seen = file->bytes - file->lost;
    file->complete = http->complete && http->status != 206 &&
                     (http->marked || http->response_bytes == http->response_expected);
}

/** Only answers to GET go together, and not one that came whole without an announced length. */
static bool may_be_joined(const struct nta_http_exchange *http)
{
    if (!nta_span_is(http->method, "GET") || (http->status != 200 && http->status != 206))
        return false;
    return http->response_expected != UINT64_MAX || !http->complete;
}

/**
 * Which file it is of those that were at this URL: by its ETag, length and packing (RFC 9110
 * section 15.3.7.3 lets nobody put together what differs in these).
 */
static uint64_t version_of(const struct nta_session *session, const struct nta_http_exchange *http)
{
    const uint64_t length = http->status == 206 ? http->range_total : http->response_expected;

    return nta_hash_words(&session->parts->downloads.key, http->version ^ http->coded, length);
}

uint64_t nta_report_download_key(const struct nta_session *session,
                                 const struct nta_http_exchange *http)
{
    return may_be_joined(http)
               ? nta_download_key(session, http->host, http->target, version_of(session, http))
               : 0;
}

/** Of what file it is which part. */
static void put_download(const struct nta_session *session, const struct nta_http_exchange *http,
                         const struct nta_record *record, const struct nta_conn_hit *hit)
{
    const bool is_part = http->status == 206;
    const struct nta_download_part part = {
        .key = nta_report_download_key(session, http),
        .first = is_part ? http->range_first : 0,
        .expected = is_part ? http->range_total : http->response_expected,
        .ended = record->file.complete,
        .hole = http->hole,
    };

    if (http->status > 0)
        nta_download_part(session, record, &part, hit);
}

static int64_t end_of(const struct nta_session *session, const struct nta_http_exchange *http)
{
    return http->end_wall_ns ? http->end_wall_ns : session->io.wall_ns;
}

/** Nothing of it is told but that it was, and nothing of a download came with it. */
static bool is_summed(const struct nta_session *session, const struct nta_http_exchange *http,
                      struct nta_span site)
{
    if (http->response_bytes > 0 || session->conn->download || !session->parts->policy->requests)
        return false;
    const struct nta_record_counts asked = {.bytes = http->request_bytes};
    const bool is_client = nta_session_ends(session).user_is_client;
    const struct place place = place_of(session, http, site);
    const struct nta_sum_part part = {
        .kind = {.event = NTA_RECORD_REQUEST,
                 .app = NTA_APP_HTTP,
                 .basis = (uint8_t)place.basis,
                 .act = NTA_ACT_CONTACTED,
                 .seen =
                     nta_report_is_answered(session->flow) ? NTA_SEEN_ANSWERED : NTA_SEEN_CLAIMED,
                 .opened_by = nta_report_opener(session)},
        .site = place.site,
        .begin_ns = begin_of(session, http),
        .end_ns = end_of(session, http),
        .up = is_client ? asked : (struct nta_record_counts){0},
        .down = is_client ? (struct nta_record_counts){0} : asked,
    };

    return nta_report_is_summed(session, &part);
}

/** Whoever opened it never showed that he sees what the other side sends. */
static bool is_claimed(const struct nta_flow *flow)
{
    return flow->ip_proto == 6 && (flow->saw_syn || (flow->conn && nta_flow_is_disowned(flow))) &&
           !nta_report_is_answered(flow);
}

/** The request in full, or of one part of what its response holds what that adds to a download. */
static void report(const struct nta_session *session, const struct nta_http_exchange *http,
                   struct nta_span site, const struct nta_conn_hit *hit)
{
    struct nta_record record = {.event = NTA_RECORD_REQUEST};
    NTA_SCRATCH struct texts texts;
    const bool is_client = nta_session_ends(session).user_is_client;

    record.end_ns = end_of(session, http);
    fill_http(session, http, site, &texts, &record);
    record.status = http->status;
    if (session->parts->policy->url_detail != NTA_URL_SITE) /* it is the end of the path, mostly */
        record.file.name = make_name(http, texts.name, sizeof(texts.name));
    fill_file(http, session->conn->content_contested, &record);
    if (session->conn->content_contested)
        record.file.no_hash = NTA_NO_HASH_OVERLAP;
    record.up.bytes = is_client ? http->request_bytes : http->response_bytes;
    record.down.bytes = is_client ? http->response_bytes : http->request_bytes;
    record.gaps = http->hole || http->response_lost > 0;
    nta_report_match(session, &record, hit);
    nta_report_link(session->flow, &record);
    nta_report_content(&record, is_client ? nta_report_rule(session, &record) : NTA_RULE_NONE);
    if (is_claimed(session->flow))
        record.seen = NTA_SEEN_CLAIMED; /* whatever was answered went to somebody else */
    if (!http->is_part && (session->parts->policy->requests || hit))
        nta_report_put(session, &record);
    if (!http->has_parts)
        put_download(session, http, &record, hit);
    else
        nta_download_let_go(session);
}

void nta_report_request_part(const struct nta_session *session,
                             const struct nta_http_exchange *http, struct nta_span site,
                             const struct nta_conn_hit *hit)
{
    report(session, http, site, hit);
}

void nta_report_request(const struct nta_session *session, const struct nta_http_exchange *http,
                        struct nta_span site, const struct nta_conn_hit *hit)
{
    if (hit || !is_summed(session, http, site))
        report(session, http, site, hit);
    if (session->conn->n_contested > 0) /* another one comes */
        session->conn->n_contested--;
    session->conn->contested &= session->conn->n_contested > 0;
    session->conn->content_contested &= session->conn->n_contested > 0;
}

void nta_report_request_alert(const struct nta_session *session,
                              const struct nta_http_exchange *http, struct nta_span site,
                              const struct nta_conn_hit *hit)
{
    struct nta_record record = {.event = NTA_RECORD_ALERT};
    NTA_SCRATCH struct texts texts;

    fill_http(session, http, site, &texts, &record);
    record.time_ns = session->io.wall_ns;
    nta_report_match(session, &record, hit);
    nta_report_put_alert(session, &record, hit);
}
