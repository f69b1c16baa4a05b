/* SPDX-License-Identifier: Apache-2.0 */
/* Alerts, and the packets that prove them. */
#include "base/hash.h"
#include "base/own.h"
#include "base/text.h"
#include "session/report.h"

#include <errno.h>
#include <string.h>

enum
{
    COMMENT_SIZE = 1200
};

/** This user's visits to this site. */
static uint64_t what_is_proved(const struct nta_session *session, const struct nta_record *alert)
{
    static const struct nta_hash_key none;
    const struct nta_told_asker user = nta_session_asker(session);
    uint64_t parts[4] = {
        user.user.network,
        nta_hash_bytes(&none, alert->user.addr.bytes, NTA_ADDR_LEN),
        nta_hash_bytes(&none, alert->match.list.ptr, alert->match.list.len),
        nta_hash_bytes(&none, alert->site.ptr, alert->site.len),
    };

    return nta_hash_bytes(&none, parts, sizeof(parts));
}

/** How much of it: a name was asked for, its site contacted, something wanted there. */
static unsigned strength_of(const struct nta_record *alert)
{
    const bool is_doubtful = alert->match.weak || alert->initiator == NTA_INITIATOR_PREFETCH ||
                             alert->seen < NTA_SEEN_ANSWERED;

    if (alert->act == NTA_ACT_ASKED)
        return 0;
    return 1U + (is_doubtful ? 0U : 1U) + (alert->url.len > 0 ? 2U : 0U) +
           (alert->download ? 4U : 0U);
}

/** The packets are to be kept, unless the same was proved a short while ago. */
static void keep_packets(const struct nta_session *session, const struct nta_record *alert,
                         const struct nta_conn_hit *hit)
{
    const struct nta_case *c =
        nta_watch_alert(session->parts->watch, session->flow, session->flow->last_wall_ns,
                        what_is_proved(session, alert), strength_of(alert));

    if (!c)
        return;
    struct nta_conn_alert *kept =
        &session->parts->alerts[nta_watch_number(session->parts->watch, c)];

    *kept = (struct nta_conn_alert){
        .basis = alert->basis,
        .act = alert->act,
        .hit = *hit,
        .site_len = (uint16_t)(alert->site.len < NTA_NAME_SIZE ? alert->site.len : NTA_NAME_SIZE),
    };
    memcpy(kept->site, alert->site.ptr, kept->site_len);
}

void nta_report_put_alert(const struct nta_session *session, struct nta_record *record,
                          const struct nta_conn_hit *hit)
{
    nta_report_link(session->flow, record);
    nta_report_put(session, record);
    if (!nta_report_is_canary(session->parts->policy, record->site))
        keep_packets(session, record, hit);
}

void nta_report_alert(const struct nta_session *session, const struct nta_conn_hit *hit)
{
    struct nta_record record = {.event = NTA_RECORD_ALERT};
    char addr_text[NTA_ADDR_TEXT_SIZE];

    record.time_ns = hit->wall_ns; /* when it was so; that nothing excused it came later */
    nta_report_fill(session, addr_text, &record);
    nta_report_match(session, &record, hit);
    nta_report_put_alert(session, &record, hit);
}

static struct nta_span describe(struct nta_buf *out, const struct nta_conn_alert *kept)
{
    nta_buf_clear(out);
    nta_buf_puts(out, "list ");
    nta_text_escape(out, nta_span_of(kept->hit.list));
    nta_buf_printf(out, ", line %u, entry ", kept->hit.line);
    nta_text_escape(out, nta_span_of(kept->hit.entry));
    nta_buf_puts(out, "; site ");
    nta_text_escape(out, (struct nta_span){(const uint8_t *)kept->site, kept->site_len});
    if (out->len > COMMENT_SIZE)
        out->len = COMMENT_SIZE;
    return nta_buf_span(out);
}

static void put_packets(const struct nta_session *session, const struct nta_conn_alert *kept,
                        const struct nta_section_made *made)
{
    struct nta_record record = {
        .event = NTA_RECORD_PACKETS,
        .time_ns = made->first_wall_ns,
        .end_ns = made->last_wall_ns,
        .packets = made->bytes,
    };
    char addr_text[NTA_ADDR_TEXT_SIZE];

    nta_report_fill(session, addr_text, &record);
    record.site = (struct nta_span){(const uint8_t *)kept->site, kept->site_len};
    record.basis = kept->basis;
    record.act = kept->act;
    nta_report_match(session, &record, &kept->hit);
    nta_report_link(session->flow, &record);
    nta_report_put(session, &record);
}

/** A file, as it is: FTP's data, TFTP. */
static bool is_content(const struct nta_conn *conn, bool is_tcp)
{
    return !conn->handed_over &&
           (is_tcp ? nta_app_has((enum nta_app)conn->expected_by, NTA_TRAIT_PLAIN_CONTENT)
                   : conn->app == NTA_APP_TFTP);
}

static enum nta_section_holds holds(const struct nta_conn *conn, bool is_tcp)
{
    if (is_content(conn, is_tcp))
        return NTA_SECTION_FILE;
    return nta_conn_is_plain(conn, is_tcp) ? NTA_SECTION_PLAIN : NTA_SECTION_ANY;
}

/** nta_section_options.form_of: some protocol's that has no place for credentials, by itself. */
static enum nta_redact_plain form_of(void *owner, bool from_client, struct nta_span datagram)
{
    struct nta_session *session = owner;

    session->io = (struct nta_proto_io){
        .side = from_client ? NTA_FROM_CLIENT : NTA_FROM_SERVER,
        .client_port = session->flow->client_port,
        .server_port = session->flow->server_port,
    };
    for (size_t i = 0; nta_protos[i]; i++) {
        const struct nta_proto *proto = nta_protos[i];

        const enum nta_redact_plain plain =
            proto->over_udp ? nta_redact_plain_of(proto->app) : NTA_REDACT_NOT_PLAIN;

        if (plain != NTA_REDACT_NOT_PLAIN && proto->probe(&session->io, datagram) == NTA_PARSE_OK)
            return plain;
    }
    return NTA_REDACT_NOT_PLAIN;
}

void nta_report_case(void *owner, const struct nta_case *c)
{
    struct nta_session_parts *parts = owner;
    const struct nta_flow *flow = c->flow;
    struct nta_session session = nta_session_of(parts, c->flow);
    const struct nta_conn_alert *kept = &parts->alerts[nta_watch_number(parts->watch, c)];
    const struct nta_section_options options = {
        .about = describe(&parts->about, kept),
        .urls = parts->policy->url_detail,
        .holds = holds(session.conn, flow->ip_proto == 6),
        .plain = nta_conn_is_plain(session.conn, flow->ip_proto == 6)
                     ? nta_redact_plain_of((enum nta_app)session.conn->app)
                     : NTA_REDACT_NOT_PLAIN,
        .user_is_client = nta_session_ends(&session).user_is_client,
        .form_of = form_of,
        .owner = &session,
    };
    struct nta_section_made made;
    int r = nta_section_make(parts->section, &parts->watch->log, c, &options, &made);

    if (r == 0)
        put_packets(&session, kept, &made);
    else if (r == -ENOMEM)
        nta_count(&parts->counters, NTA_COUNTER_RECORD_DROP, 1);
}
