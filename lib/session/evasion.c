/* SPDX-License-Identifier: Apache-2.0 */
#include "session/evasion.h"

#include "session/match.h"
#include "session/report.h"
#include "session/role/role.h"

enum
{
    PORT_ESP = 4500
};

/** All that the answer depends on, so that it is asked for again only when that changed. */
static uint32_t state_of(const struct nta_conn *conn, bool answered)
{
    return (uint32_t)conn->app | (uint32_t)conn->basis << 8 | (uint32_t)conn->handed_over << 16 |
           (uint32_t)conn->asked_resolver << 17 | (uint32_t)conn->proxies << 18 |
           (uint32_t)conn->is_tor << 19 | (uint32_t)conn->may_be_tor << 21 |
           (uint32_t)conn->agrees << 22 | (uint32_t)(conn->pings && conn->pings->is_tunnel) << 30 |
           (uint32_t)answered << 20 | UINT32_C(1) << 31;
}

/** The user opened it, to somewhere outside. */
static bool is_deed(const struct nta_session *session, const struct nta_record *opening)
{
    const struct nta_ends ends = nta_session_ends(session);

    return ends.user_is_client && opening->opened_by != NTA_OPENED_BY_PEER &&
           !session->conn->outer_flow && !nta_policy_is_home(session->parts->policy, ends.peer);
}

/** ESP has no form of its own: one side that seems to speak it may be anything. */
static bool is_maybe_chance(const struct nta_flow *flow, const struct nta_conn *conn)
{
    return conn->app == NTA_APP_IPSEC && flow->ip_proto == 17 && flow->server_port == PORT_ESP &&
           conn->echo_len == 0 && !flow->proved;
}

void nta_evasion_look(const struct nta_session *session, bool is_last)
{
    struct nta_conn *conn = session->conn;
    struct nta_record opening = {.event = NTA_RECORD_FLOW};
    struct nta_conn_hit verdict;

    if (conn->hit || !nta_blacklist_has(session->parts->policy->lists, NTA_HIT_PROGRAM))
        return;
    nta_report_opening(session, &opening);
    const bool answered =
        is_last ? nta_report_has_reply(session->flow) && !is_maybe_chance(session->flow, conn)
                : nta_report_is_answered(session->flow);
    const uint32_t state = state_of(conn, answered);
    const struct nta_span site = {(const uint8_t *)conn->site, conn->site_len};

    if (state == conn->looked)
        return;
    conn->looked = state;
    if (!answered || !is_deed(session, &opening))
        return;
    if (nta_match_program(session, nta_span_of(nta_role_of(session->flow, conn)), site, &verdict) ||
        nta_match_program(session, nta_span_of(nta_app_name((enum nta_app)conn->app)), site,
                          &verdict)) {
        verdict.weak = conn->may_be_tor && !conn->is_tor;
        nta_match_set(session, &verdict);
    }
}
