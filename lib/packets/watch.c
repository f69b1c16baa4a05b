/* SPDX-License-Identifier: Apache-2.0 */
#include "packets/watch.h"

#include "base/own.h"
#include "base/runtime/clock.h"

#include <errno.h>
#include <stdlib.h>

enum
{
    PACKET_COST = 100,    ///< What the form adds to a packet at most.
    UNDECIDED = 16384,    ///< Kept between two verdicts.
    BEFORE_ALERT = 32768, ///< Of a case, from before its alert.
    CASE_BYTES = 65536 - 4096,
};

#define CASE_NS (30 * NTA_NS_PER_S)
#define FLAGS   (~(uint32_t)NTA_LOG_PLACES)

void nta_watch_free(struct nta_watch **watch)
{
    if (!*watch)
        return;
    nta_packet_log_done(&(*watch)->log);
    free(*watch);
    *watch = NULL;
}

int nta_watch_new(const struct nta_watch_options *options, struct nta_watch **ret_watch,
                  struct nta_err *err)
{
    NTA_AUTO(nta_watch_free) struct nta_watch *watch = calloc(1, sizeof(*watch));

    if (!watch)
        return nta_err_sys(err, -ENOMEM, "packets kept for alerts");
    int r = nta_packet_log_init(&watch->log, options->bytes, err);

    if (r < 0)
        return r;
    watch->options = *options;
    *ret_watch = NTA_TAKE(watch);
    return 0;
}

void nta_watch_warm(struct nta_watch *watch, struct nta_warm *warm)
{
    nta_packet_log_warm(&watch->log, warm);
}

/* ---- cases ---- */

static struct nta_case *find_case(struct nta_watch *watch, const struct nta_flow *flow)
{
    for (size_t i = 0; i < NTA_WATCH_CASES; i++)
        if (watch->cases[i].flow == flow)
            return &watch->cases[i];
    return NULL;
}

/** The oldest packet that a case needs. */
static void find_oldest(struct nta_watch *watch)
{
    uint32_t most = 0;

    watch->oldest = 0;
    for (size_t i = 0; i < NTA_WATCH_CASES; i++) {
        const struct nta_case *c = &watch->cases[i];
        uint32_t age = c->flow && c->first ? nta_packet_log_age(&watch->log, c->first) : 0;

        if (age > most) {
            most = age;
            watch->oldest = c->first;
        }
    }
}

static void close_case(struct nta_watch *watch, struct nta_case *c)
{
    uint32_t *mark = nta_flow_mark(c->flow);

    watch->options.closed(watch->options.owner, c);
    *mark = (*mark & ~(uint32_t)NTA_WATCH_CASE) | NTA_WATCH_NOTHING;
    c->flow = NULL;
    watch->n_cases--;
    find_oldest(watch);
}

/** A free slot; if there is none, the case that was opened first makes space. */
static struct nta_case *free_case(struct nta_watch *watch)
{
    struct nta_case *oldest = &watch->cases[0];

    for (size_t i = 0; i < NTA_WATCH_CASES; i++) {
        if (!watch->cases[i].flow)
            return &watch->cases[i];
        if (watch->cases[i].due_wall_ns < oldest->due_wall_ns)
            oldest = &watch->cases[i];
    }
    close_case(watch, oldest);
    return oldest;
}

/** From the flow's first packet that is still in the log, as far as the space goes. */
static void begin_case(const struct nta_packet_log *log, struct nta_case *c)
{
    uint32_t place = *nta_flow_mark(c->flow) & NTA_LOG_PLACES;
    const struct nta_logged *logged;

    while ((logged = nta_packet_log_find(log, place, c->flow)) &&
           c->n_bytes + logged->cap_len + PACKET_COST <= BEFORE_ALERT) {
        c->n_bytes += logged->cap_len + PACKET_COST;
        c->n_packets++;
        c->first = place;
        place = logged->before;
    }
}

/** Where the same was noted, or may be. */
static struct nta_proved *proved_of(struct nta_watch *watch, uint64_t hash)
{
    struct nta_proved *set = watch->proved[(hash >> 1) % NTA_WATCH_REPEAT_SETS], *oldest = set;

    for (size_t i = 0; i < NTA_WATCH_REPEAT_WAYS; i++) {
        if (set[i].hash == hash)
            return &set[i];
        if (set[i].wall_ns < oldest->wall_ns)
            oldest = &set[i];
    }
    return oldest;
}

/** True if as much was proved a short while ago. */
static bool is_repeat(struct nta_watch *watch, int64_t wall_ns, uint64_t what, unsigned strength)
{
    const uint64_t hash = what | 1;
    struct nta_proved *proved = proved_of(watch, hash);
    const int64_t age_ns = wall_ns - proved->wall_ns;

    if (proved->hash == hash && proved->strength >= strength && age_ns >= 0 &&
        age_ns < watch->options.window_ns)
        return true;
    *proved = (struct nta_proved){.hash = hash, .wall_ns = wall_ns, .strength = strength};
    return false;
}

const struct nta_case *nta_watch_alert(struct nta_watch *watch, struct nta_flow *flow,
                                       int64_t wall_ns, uint64_t what, unsigned strength)
{
    uint32_t *mark = nta_flow_mark(flow);

    if (!watch->log.area || (*mark & NTA_WATCH_CASE) || is_repeat(watch, wall_ns, what, strength))
        return NULL;
    struct nta_case *c = free_case(watch);

    *c = (struct nta_case){.flow = flow, .due_wall_ns = wall_ns + CASE_NS};
    begin_case(&watch->log, c);
    find_oldest(watch);
    watch->n_cases++;
    *mark = (*mark & NTA_LOG_PLACES) | NTA_WATCH_CASE;
    return c;
}

void nta_watch_settled(struct nta_watch *watch, struct nta_flow *flow)
{
    if (!(*nta_flow_mark(flow) & NTA_WATCH_CASE))
        return;
    struct nta_case *c = find_case(watch, flow);

    if (c)
        c->due_wall_ns = INT64_MIN;
}

void nta_watch_ended(struct nta_watch *watch, struct nta_flow *flow)
{
    struct nta_case *c = *nta_flow_mark(flow) & NTA_WATCH_CASE ? find_case(watch, flow) : NULL;

    if (watch->eased == flow)
        watch->eased = NULL;

    if (c)
        close_case(watch, c);
}

void nta_watch_tick(struct nta_watch *watch, int64_t wall_ns)
{
    for (size_t i = 0; watch->n_cases > 0 && i < NTA_WATCH_CASES; i++)
        if (watch->cases[i].flow && watch->cases[i].due_wall_ns <= wall_ns)
            close_case(watch, &watch->cases[i]);
}

/* ---- packets ---- */

void nta_watch_eased(struct nta_watch *watch, struct nta_flow *flow)
{
    uint32_t *mark = nta_flow_mark(flow);

    if (*mark & NTA_WATCH_CASE)
        return;
    *mark = (*mark & NTA_LOG_PLACES) | NTA_WATCH_ASKED | NTA_WATCH_FRESH;
    watch->eased = flow;
}

void nta_watch_quiet(struct nta_watch *watch, struct nta_flow *flow, bool is_encrypted)
{
    uint32_t *mark = nta_flow_mark(flow);

    if (!(*mark & NTA_WATCH_CASE))
        *mark |= NTA_WATCH_NOTHING;
    else if (is_encrypted)
        nta_watch_settled(watch, flow);
}

static bool from_client(const struct nta_flow *flow, const struct nta_packet *packet)
{
    return packet->src_port == flow->client_port && nta_addr_equal(&packet->src, &flow->client);
}

/** Cases whose packets would be overwritten are closed before. */
static void make_space(struct nta_watch *watch, uint32_t cap_len)
{
    while (watch->oldest && nta_packet_log_would_take(&watch->log, watch->oldest, cap_len))
        for (size_t i = 0; i < NTA_WATCH_CASES; i++)
            if (watch->cases[i].flow && watch->cases[i].first == watch->oldest) {
                close_case(watch, &watch->cases[i]);
                break;
            }
}

static uint32_t put(struct nta_watch *watch, struct nta_flow *flow, const struct nta_packet *packet,
                    const uint8_t *bytes, uint32_t total)
{
    const struct nta_logged logged = {
        .flow = flow,
        .flow_wall_ns = flow->first_wall_ns,
        .wall_ns = packet->wall_ns,
        .before = *nta_flow_mark(flow) & NTA_LOG_PLACES,
        .total = total,
        .cap_len = packet->cap_len,
        .wire_len = packet->wire_len,
        .payload_off = packet->payload_off,
        .payload_len = packet->payload_len,
        .tcp_seq = packet->tcp_seq + ((packet->tcp_flags & NTA_TCP_SYN) != 0),
        .link = packet->link,
        .is_tcp = packet->kind == NTA_PACKET_TCP,
        .is_syn = packet->kind == NTA_PACKET_TCP && (packet->tcp_flags & NTA_TCP_SYN),
        .from_upper =
            nta_logged_is_upper(&packet->src, packet->src_port, &packet->dst, packet->dst_port),
    };
    uint32_t place = nta_packet_log_put(&watch->log, &logged, bytes);

    if (place)
        *nta_flow_mark(flow) = (*nta_flow_mark(flow) & FLAGS & ~NTA_WATCH_FRESH) | place;
    return place;
}

/** A packet of a flow that has a case. */
static void take_for_case(struct nta_watch *watch, struct nta_flow *flow,
                          const struct nta_packet *packet, const uint8_t *bytes)
{
    struct nta_case *c = find_case(watch, flow);
    uint32_t cost = packet->cap_len + PACKET_COST;

    if (!c)
        return;
    const bool is_settled =
        c->due_wall_ns == INT64_MIN; /* by this very packet, which belongs to it */

    /* what is due is not left to the next tick, which comes with the end of a block */
    if (c->n_bytes + cost > CASE_BYTES || c->n_packets == NTA_WATCH_PACKETS ||
        (!is_settled && c->due_wall_ns <= packet->wall_ns)) {
        close_case(watch, c);
        return;
    }
    make_space(watch, packet->cap_len);
    if (c->flow != flow) /* its own packets stood in the way */
        return;
    uint32_t place = put(watch, flow, packet, bytes, 0);

    if (!place)
        return;
    if (!c->first) {
        c->first = place;
        find_oldest(watch);
    }
    c->n_packets++;
    c->n_bytes += cost;
    if (is_settled)
        close_case(watch, c);
}

/** May prove something: no bare acknowledgement; after a verdict, only what the client says. */
static bool is_conclusive(const struct nta_flow *flow, const struct nta_packet *packet,
                          uint32_t mark)
{
    if (packet->kind == NTA_PACKET_TCP && packet->payload_len == 0)
        return packet->tcp_flags & (NTA_TCP_SYN | NTA_TCP_FIN | NTA_TCP_RST);
    return packet->kind != NTA_PACKET_IP &&
           (!(mark & NTA_WATCH_ASKED) || from_client(flow, packet));
}

/**
 * So much was said, and there is no verdict yet.  `total`: of this packet; with those before it
 * since the last one.
 */
static bool is_too_much(const struct nta_watch *watch, const struct nta_flow *flow, uint32_t mark,
                        uint32_t *total)
{
    if (!(mark & NTA_WATCH_ASKED)) /* the flow's own counts are at hand */
        return flow->sides[0].bytes + flow->sides[1].bytes > UNDECIDED;
    const struct nta_logged *last = nta_packet_log_find(&watch->log, mark & NTA_LOG_PLACES, flow);

    if (last && !(mark & NTA_WATCH_FRESH))
        *total += last->total;
    return *total > UNDECIDED;
}

void nta_watch_take(struct nta_watch *watch, struct nta_flow *flow, const struct nta_packet *packet,
                    const uint8_t *bytes, bool is_lookup)
{
    uint32_t *mark = nta_flow_mark(flow);

    if (*mark & NTA_WATCH_CASE) {
        take_for_case(watch, flow, packet, bytes);
        return;
    }
    if (watch->eased == flow) { /* by this very packet, which therefore proves nothing */
        watch->eased = NULL;
        return;
    }
    if (!is_conclusive(flow, packet, *mark) || is_lookup)
        return;
    uint32_t total = packet->cap_len + PACKET_COST;

    if (is_too_much(watch, flow, *mark, &total)) {
        *mark |= NTA_WATCH_NOTHING;
        return;
    }
    make_space(watch, packet->cap_len);
    (void)put(watch, flow, packet, bytes, total);
}
