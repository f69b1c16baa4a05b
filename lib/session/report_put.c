/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How records leave: of a canary only that it was found, of users in record.never nothing, and what
 * is beyond record.user_rate in sums.  What a list forbids is never summed.
 */
#include "flow/owner.h"
#include "record/class.h"
#include "record/grade.h"
#include "session/report.h"
#include "session/role/doubt.h"
#include "session/who/bindings.h"

#include <string.h>

bool nta_report_is_canary(const struct nta_policy *policy, struct nta_span site)
{
    size_t len = strlen(policy->canary);

    return len > 0 && site.len > len + 1 && site.ptr[site.len - len - 1] == '.' &&
           memcmp(site.ptr + site.len - len, policy->canary, len) == 0;
}

/** Of such a visit nothing is kept but that it was found; it is no user's alert. */
static void put_canary(const struct nta_session *session, const struct nta_record *found)
{
    const struct nta_record record = {
        .event = NTA_RECORD_CANARY,
        .time_ns = found->time_ns,
        .app = found->app,
        .site = found->site,
        .basis = found->basis,
        .match = found->match,
        .policy = found->policy,
    };

    if (found->event == NTA_RECORD_ALERT)
        session->parts->put(session->parts->owner, &record);
}

void nta_report_link(const struct nta_flow *flow, struct nta_record *record)
{
    if (record->match.list.len)
        record->about = nta_conn_about(flow);
}

/** Records of what users do, as many as they like; alerts and packets have a match. */
static bool is_rated(const struct nta_record *record)
{
    return nta_record_has_grade(record) && record->match.list.len == 0 && record->count == 0;
}

/**
 * Who it is for credit.  Of connections that are not the user's own (decode/owner.h) he has another
 * one, so that these, which another worker may have, cost him none of the first.  That is each
 * worker's: beyond it, and only there, how many workers there are does count.
 */
static uint64_t find_user(const struct nta_session *session)
{
    const struct nta_ends ends = nta_session_ends(session);
    const enum nta_dir side = ends.user_is_client ? NTA_DIR_UP : NTA_DIR_DOWN;
    const uint64_t network = nta_conn_network(session->flow, side);
    const uint64_t owned = nta_session_owns(session, ends.user)   ? 0
                           : nta_session_owns(session, ends.peer) ? 1
                                                                  : 2;

    return nta_rates_user(&session->parts->rates, ends.user, network + (owned << 62));
}

/** A segment may have a hundred requests, all of one user. */
static uint64_t user_of(const struct nta_session *session)
{
    struct nta_session_parts *parts = session->parts;

    if (session->flow != parts->rated_flow)
        return find_user(session);
    if (!parts->has_rated_user)
        parts->rated_user = find_user(session);
    parts->has_rated_user = true;
    return parts->rated_user;
}

static struct nta_sum_part part_of(const struct nta_record *record)
{
    return (struct nta_sum_part){
        .kind = {.event = (uint8_t)record->event,
                 .app = (uint8_t)record->app,
                 .basis = (uint8_t)record->basis,
                 .act = record->act,
                 .seen = record->seen,
                 .opened_by = record->opened_by,
                 .carrier = record->carrier,
                 .told = record->told},
        .site = record->site,
        .begin_ns = record->time_ns,
        .end_ns = record->end_ns ? record->end_ns : record->time_ns,
        .up = record->up,
        .down = record->down,
    };
}

static bool is_allowed(const struct nta_session *session, uint64_t user, int64_t wall_ns,
                       bool spends)
{
    const uint64_t rate = session->parts->policy->user_rate;

    return rate == 0 || nta_rates_allow(&session->parts->rates, user, rate, wall_ns, spends);
}

/** It is told as of now: what it rests on may have been denied, or be the decoy of two readings. */
static void put_held(const struct nta_session *session, struct nta_record *alert)
{
    struct nta_conn *conn = session->conn;
    const struct nta_span site = {(const uint8_t *)conn->site, conn->site_len};

    if (!nta_report_is_answered(session->flow)) {
        alert->seen = NTA_SEEN_CLAIMED;
        conn->claimed |= conn->alerted;
    }
    alert->disagrees |= nta_report_disagrees(conn);
    if (conn->other && !nta_span_equal(site, alert->site) &&
        nta_span_equal(nta_span_of(conn->other->site), alert->site)) {
        alert->match.weak = true;
        alert->disagrees |= NTA_AGREES_OVERLAP;
    }
    nta_doubt_fill(session, alert);
    session->parts->put(session->parts->owner, alert);
    nta_held_told(&session->parts->held);
}

/** The oldest one of `flow`, or that is due: told.  False: there is none. */
static bool put_next(struct nta_session_parts *parts, const struct nta_flow *flow, int64_t wall_ns)
{
    struct nta_record alert;
    struct nta_flow *of = nta_held_take(&parts->held, flow, wall_ns, &alert);

    if (!of)
        return false;
    const struct nta_session session = nta_session_of(parts, of);

    put_held(&session, &alert);
    return true;
}

void nta_report_held(const struct nta_session *session)
{
    while (session->parts->held.n > 0 && put_next(session->parts, session->flow, 0))
        ;
}

void nta_report_taken(void *owner, struct nta_flow *flow)
{
    const struct nta_session session = nta_session_of(owner, flow);

    nta_report_held(&session);
}

void nta_report_held_due(struct nta_session_parts *parts, int64_t wall_ns)
{
    while (parts->held.n > 0 && put_next(parts, NULL, wall_ns))
        ;
}

/**
 * A match that would be strong, while nobody knows whether what it rests on was taken: an alert, or
 * a request that is told without its answer.
 */
static bool is_held(const struct nta_session *session, const struct nta_record *record)
{
    struct nta_held *held = &session->parts->held;
    const int64_t wall_ns = session->flow->last_wall_ns;

    if ((record->event != NTA_RECORD_ALERT && record->event != NTA_RECORD_REQUEST) ||
        record->match.list.len == 0 || session->flow->ip_proto != 6 || !session->conn ||
        session->flow->made_up || record->seen < NTA_SEEN_ANSWERED ||
        nta_record_grade(record) != NTA_GRADE_STRONG || nta_flow_wait(session->flow))
        return false;
    if (held->n == NTA_HELD_MAX)
        (void)put_next(session->parts, NULL, INT64_MAX);
    return nta_held_put(held, session->flow, record, wall_ns);
}

static void put_out(const struct nta_session *session, struct nta_record *record)
{
    nta_doubt_fill(session, record);
    if (record->event == NTA_RECORD_ALERT)
        nta_count(&session->parts->counters, NTA_COUNTER_ALERTS, 1);
    if (!is_held(session, record))
        session->parts->put(session->parts->owner, record);
    if (nta_record_class(record) == NTA_CLASS_EVIDENCE)
        nta_bindings_prove(session, record);
}

/** The record of a sum: who it was as of its first record, and where, if that is said. */
static void put_sum(struct nta_session_parts *parts, const struct nta_sum *sum)
{
    struct nta_flow flow = sum->flow;
    const struct nta_session session = nta_session_of(parts, &flow);
    struct nta_record record = {.event = (enum nta_record_event)sum->kind.event,
                                .time_ns = sum->begin_ns,
                                .end_ns = sum->end_ns};

    nta_report_ends(&session, &record);
    if (nta_bindings_are_never(parts->policy, &record)) {
        nta_count(&parts->counters, NTA_COUNTER_RECORD_NEVER, sum->n);
        return;
    }
    record.user.port = 0;
    if (sum->site_len == 0)
        record.peer = (struct nta_record_side){0};
    record.app = (enum nta_app)sum->kind.app;
    record.basis = (enum nta_basis)sum->kind.basis;
    record.site = (struct nta_span){(const uint8_t *)sum->site, sum->site_len};
    record.act = sum->kind.act;
    record.seen = sum->kind.seen;
    record.opened_by = sum->kind.opened_by;
    record.carrier = sum->kind.carrier;
    record.told = sum->kind.told;
    record.up = sum->up;
    record.down = sum->down;
    record.count = sum->n;
    put_out(&session, &record);
}

static void put_oldest(struct nta_session_parts *parts, const struct nta_sum *sum)
{
    put_sum(parts, sum);
    nta_rates_drop(&parts->rates);
}

void nta_report_sums_due(struct nta_session_parts *parts, int64_t wall_ns)
{
    const struct nta_sum *sum;

    if (wall_ns != INT64_MAX)
        parts->rates.now_ns = wall_ns;
    while ((sum = nta_rates_due(&parts->rates, wall_ns)))
        put_oldest(parts, sum);
}

static void add_to_sum(const struct nta_session *session, uint64_t user,
                       const struct nta_sum_part *part)
{
    struct nta_rates *rates = &session->parts->rates;

    nta_count(&session->parts->counters, NTA_COUNTER_RECORD_SUMMED, 1);
    while (!nta_rates_add(rates, user, session->flow, part))
        put_oldest(session->parts, nta_rates_due(rates, INT64_MAX));
}

bool nta_report_is_summed(const struct nta_session *session, const struct nta_sum_part *part)
{
    const struct nta_policy *policy = session->parts->policy;
    const uint64_t user = user_of(session);

    /* whom records are not of, and whose visits are made up, only a whole record tells */
    if (policy->never.n > 0 || nta_report_is_canary(policy, part->site))
        return false;
    if (session->parts->listens || is_allowed(session, user, part->end_ns, false))
        return false;
    add_to_sum(session, user, part);
    return true;
}

/** Beyond record.user_rate: into a sum. */
static bool is_summed(const struct nta_session *session, const struct nta_record *record)
{
    if (!is_rated(record))
        return false;
    const uint64_t user = user_of(session);
    const struct nta_sum_part part = part_of(record);

    if (is_allowed(session, user, part.end_ns, true))
        return false;
    add_to_sum(session, user, &part);
    return true;
}

void nta_report_put(const struct nta_session *session, struct nta_record *record)
{
    if (session->parts->listens && record->event != NTA_RECORD_LEASE)
        return; /* it is told where its packets are owned */
    if (nta_report_is_canary(session->parts->policy, record->site)) {
        put_canary(session, record);
        return;
    }
    if (nta_bindings_are_never(session->parts->policy, record)) {
        nta_count(&session->parts->counters, NTA_COUNTER_RECORD_NEVER, 1);
        return;
    }
    if (!is_summed(session, record))
        put_out(session, record);
}
