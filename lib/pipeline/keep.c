/* SPDX-License-Identifier: Apache-2.0 */
/* Which packets are kept, and from when to when.  What becomes of them is in evidence.c. */
#include "pipeline/keep.h"

#include "base/hash.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "pipeline/worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

enum
{
    PACKET_COST = 100,    ///< What the form adds to a packet at most.
    UNDECIDED = 16384,    ///< Kept between two verdicts.
    BEFORE_ALERT = 32768, ///< Of a case, from before its alert.
    CASE_BYTES = 65536 - 4096,
    ABOUT_BITS = 52,
};

#define CASE_NS (30 * NTA_NS_PER_S)
#define FLAGS   (~(uint32_t)NTA_LOG_PLACES)

void nta_keep_free(struct nta_keep **keep)
{
    if (!*keep)
        return;
    nta_packetlog_done(&(*keep)->log);
    nta_buf_done(&(*keep)->section);
    nta_buf_done(&(*keep)->comment);
    free(*keep);
    *keep = NULL;
}

int nta_keep_new(size_t bytes, int64_t window_ns, struct nta_keep **ret_keep, struct nta_err *err)
{
    NTA_AUTO(nta_keep_free) struct nta_keep *keep = calloc(1, sizeof(*keep));
    struct utsname system;

    if (!keep)
        return nta_err_sys(err, -ENOMEM, "packets kept for alerts");
    int r = nta_packetlog_init(&keep->log, bytes, err);

    if (r < 0)
        return r;
    keep->window_ns = window_ns;
    if (uname(&system) == 0) {
        (void)snprintf(keep->hardware, sizeof(keep->hardware), "%s", system.machine);
        (void)snprintf(keep->os, sizeof(keep->os), "%s %s", system.sysname, system.release);
    }
    *ret_keep = NTA_TAKE(keep);
    return 0;
}

uint64_t nta_keep_about(const struct nta_flow *flow)
{
    static const struct nta_hash_key none;
    uint8_t ends[2][NTA_ADDR_LEN + 2];

    memcpy(ends[0], flow->client.bytes, NTA_ADDR_LEN);
    memcpy(ends[0] + NTA_ADDR_LEN, &flow->client_port, 2);
    memcpy(ends[1], flow->server.bytes, NTA_ADDR_LEN);
    memcpy(ends[1] + NTA_ADDR_LEN, &flow->server_port, 2);
    /* the sides may be swapped while the flow lives */
    uint64_t sides = nta_hash_bytes(&none, ends[0], sizeof(ends[0])) +
                     nta_hash_bytes(&none, ends[1], sizeof(ends[1]));
    uint64_t about = nta_hash_words(&none, sides + flow->ip_proto, (uint64_t)flow->first_wall_ns) &
                     ((UINT64_C(1) << ABOUT_BITS) - 1);

    return about ? about : 1;
}

/* ---- cases ---- */

static struct nta_case *find_case(struct nta_keep *keep, const struct nta_flow *flow)
{
    for (size_t i = 0; i < NTA_KEEP_CASES; i++)
        if (keep->cases[i].flow == flow)
            return &keep->cases[i];
    return NULL;
}

/** The oldest packet that a case needs. */
static void find_oldest(struct nta_keep *keep)
{
    uint32_t most = 0;

    keep->oldest = 0;
    for (size_t i = 0; i < NTA_KEEP_CASES; i++) {
        const struct nta_case *c = &keep->cases[i];
        uint32_t age = c->flow && c->first ? nta_packetlog_age(&keep->log, c->first) : 0;

        if (age > most) {
            most = age;
            keep->oldest = c->first;
        }
    }
}

static void close_case(struct nta_worker *worker, struct nta_case *c)
{
    uint32_t *mark = nta_flow_mark(c->flow);

    nta_evidence_report(worker, c);
    *mark = (*mark & ~(uint32_t)NTA_KEEP_CASE) | NTA_KEEP_NOTHING;
    c->flow = NULL;
    worker->keep->n_cases--;
    find_oldest(worker->keep);
}

/** A free slot; if there is none, the case that was opened first makes space. */
static struct nta_case *free_case(struct nta_worker *worker)
{
    struct nta_keep *keep = worker->keep;
    struct nta_case *oldest = &keep->cases[0];

    for (size_t i = 0; i < NTA_KEEP_CASES; i++) {
        if (!keep->cases[i].flow)
            return &keep->cases[i];
        if (keep->cases[i].due_wall_ns < oldest->due_wall_ns)
            oldest = &keep->cases[i];
    }
    close_case(worker, oldest);
    return oldest;
}

/** From the flow's first packet that is still in the log, as far as the space goes. */
static void begin_case(const struct nta_packetlog *log, struct nta_case *c)
{
    uint32_t place = *nta_flow_mark(c->flow) & NTA_LOG_PLACES;
    const struct nta_logged *logged;

    while ((logged = nta_packetlog_find(log, place, c->flow)) &&
           c->n_bytes + logged->cap_len + PACKET_COST <= BEFORE_ALERT) {
        c->n_bytes += logged->cap_len + PACKET_COST;
        c->n_packets++;
        c->first = place;
        place = logged->before;
    }
}

/** True if this user's visits to this site were proved a short while ago. */
static bool is_repeat(struct nta_keep *keep, const struct nta_record *alert)
{
    static const struct nta_hash_key none;
    uint64_t parts[3] = {
        nta_hash_bytes(&none, alert->user.addr.bytes, NTA_ADDR_LEN),
        nta_hash_bytes(&none, alert->match.list.ptr, alert->match.list.len),
        nta_hash_bytes(&none, alert->site.ptr, alert->site.len),
    };
    uint64_t hash = nta_hash_bytes(&none, parts, sizeof(parts)) | 1;
    size_t slot = (hash >> 1) % NTA_KEEP_REPEATS;
    int64_t age_ns = alert->time_ns - keep->proved[slot].wall_ns;

    if (keep->proved[slot].hash == hash && age_ns >= 0 && age_ns < keep->window_ns)
        return true;
    keep->proved[slot].hash = hash;
    keep->proved[slot].wall_ns = alert->time_ns;
    return false;
}

void nta_keep_alert(struct nta_worker *worker, const struct nta_record *alert,
                    const struct nta_conn_hit *hit)
{
    struct nta_keep *keep = worker->keep;
    struct nta_flow *flow = worker->flow;
    uint32_t *mark = nta_flow_mark(flow);

    if (!keep->log.area || (*mark & NTA_KEEP_CASE) || is_repeat(keep, alert))
        return;
    struct nta_case *c = free_case(worker);

    *c = (struct nta_case){
        .flow = flow,
        .due_wall_ns = alert->time_ns + CASE_NS,
        .basis = alert->basis,
        .hit = *hit,
        .site_len = (uint16_t)(alert->site.len < NTA_NAME_SIZE ? alert->site.len : NTA_NAME_SIZE),
    };
    memcpy(c->site, alert->site.ptr, c->site_len);
    begin_case(&keep->log, c);
    find_oldest(keep);
    keep->n_cases++;
    *mark = (*mark & NTA_LOG_PLACES) | NTA_KEEP_CASE;
}

void nta_keep_settled(struct nta_worker *worker, struct nta_flow *flow)
{
    if (!(*nta_flow_mark(flow) & NTA_KEEP_CASE))
        return;
    struct nta_case *c = find_case(worker->keep, flow);

    if (c)
        c->due_wall_ns = INT64_MIN;
}

void nta_keep_ended(struct nta_worker *worker, struct nta_flow *flow)
{
    struct nta_case *c =
        *nta_flow_mark(flow) & NTA_KEEP_CASE ? find_case(worker->keep, flow) : NULL;

    if (worker->keep->eased == flow)
        worker->keep->eased = NULL;

    if (c)
        close_case(worker, c);
}

void nta_keep_tick(struct nta_worker *worker, int64_t wall_ns)
{
    struct nta_keep *keep = worker->keep;

    for (size_t i = 0; keep->n_cases > 0 && i < NTA_KEEP_CASES; i++)
        if (keep->cases[i].flow && keep->cases[i].due_wall_ns <= wall_ns)
            close_case(worker, &keep->cases[i]);
}

/* ---- packets ---- */

void nta_keep_eased(struct nta_worker *worker, struct nta_flow *flow)
{
    uint32_t *mark = nta_flow_mark(flow);

    if (*mark & NTA_KEEP_CASE)
        return;
    *mark = (*mark & NTA_LOG_PLACES) | NTA_KEEP_ASKED | NTA_KEEP_FRESH;
    worker->keep->eased = flow;
}

static bool is_encrypted(const struct nta_conn *conn)
{
    return conn && nta_app_has((enum nta_app)conn->app, NTA_TRAIT_ENCRYPTED);
}

void nta_keep_quiet(struct nta_worker *worker, struct nta_flow *flow)
{
    uint32_t *mark = nta_flow_mark(flow);

    if (!(*mark & NTA_KEEP_CASE))
        *mark |= NTA_KEEP_NOTHING;
    else if (is_encrypted(flow->conn))
        nta_keep_settled(worker, flow); /* what follows proves nothing */
}

/** Each of these is asked and answered in a packet of its own, and the one with a forbidden name opens the case. */
static bool is_lookup(const struct nta_flow *flow)
{
    const struct nta_conn *conn = flow->conn;

    return flow->ip_proto == 17 && conn && nta_app_has((enum nta_app)conn->app, NTA_TRAIT_LOOKUP);
}

static bool from_client(const struct nta_flow *flow, const struct nta_packet *packet)
{
    return packet->src_port == flow->client_port && nta_addr_equal(&packet->src, &flow->client);
}

/** Cases whose packets would be overwritten are closed before. */
static void make_space(struct nta_worker *worker, uint32_t cap_len)
{
    struct nta_keep *keep = worker->keep;

    while (keep->oldest && nta_packetlog_would_take(&keep->log, keep->oldest, cap_len))
        for (size_t i = 0; i < NTA_KEEP_CASES; i++)
            if (keep->cases[i].flow && keep->cases[i].first == keep->oldest) {
                close_case(worker, &keep->cases[i]);
                break;
            }
}

bool nta_keep_is_upper(const struct nta_addr *addr, uint16_t port, const struct nta_addr *other,
                       uint16_t other_port)
{
    int order = memcmp(addr->bytes, other->bytes, NTA_ADDR_LEN);

    return order ? order > 0 : port > other_port;
}

static uint32_t put(struct nta_worker *worker, struct nta_flow *flow,
                    const struct nta_packet *packet, const uint8_t *bytes, uint32_t total)
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
            nta_keep_is_upper(&packet->src, packet->src_port, &packet->dst, packet->dst_port),
    };
    uint32_t place = nta_packetlog_put(&worker->keep->log, &logged, bytes);

    if (place)
        *nta_flow_mark(flow) = (*nta_flow_mark(flow) & FLAGS & ~NTA_KEEP_FRESH) | place;
    return place;
}

/** A packet of a flow that has a case. */
static void take_for_case(struct nta_worker *worker, struct nta_flow *flow,
                          const struct nta_packet *packet, const uint8_t *bytes)
{
    struct nta_case *c = find_case(worker->keep, flow);
    uint32_t cost = packet->cap_len + PACKET_COST;

    if (!c)
        return;
    if (c->n_bytes + cost > CASE_BYTES || c->n_packets == NTA_KEEP_PACKETS) {
        close_case(worker, c);
        return;
    }
    make_space(worker, packet->cap_len);
    if (c->flow != flow) /* its own packets stood in the way */
        return;
    uint32_t place = put(worker, flow, packet, bytes, 0);

    if (!place)
        return;
    if (!c->first) {
        c->first = place;
        find_oldest(worker->keep);
    }
    c->n_packets++;
    c->n_bytes += cost;
    if (c->due_wall_ns <= packet->wall_ns)
        close_case(worker, c);
}

/** May prove something: no bare acknowledgement; after a verdict, only what the client says. */
static bool is_conclusive(const struct nta_flow *flow, const struct nta_packet *packet,
                          uint32_t mark)
{
    if (packet->kind == NTA_PACKET_TCP && packet->payload_len == 0)
        return packet->tcp_flags & (NTA_TCP_SYN | NTA_TCP_FIN | NTA_TCP_RST);
    return packet->kind != NTA_PACKET_IP && (!(mark & NTA_KEEP_ASKED) || from_client(flow, packet));
}

/** So much was said, and there is no verdict yet.  `total`: of this packet; with those before it since the last one. */
static bool is_too_much(const struct nta_keep *keep, const struct nta_flow *flow, uint32_t mark,
                        uint32_t *total)
{
    if (!(mark & NTA_KEEP_ASKED)) /* the flow's own counts are at hand */
        return flow->sides[0].bytes + flow->sides[1].bytes > UNDECIDED;
    const struct nta_logged *last = nta_packetlog_find(&keep->log, mark & NTA_LOG_PLACES, flow);

    if (last && !(mark & NTA_KEEP_FRESH))
        *total += last->total;
    return *total > UNDECIDED;
}

void nta_keep_take(struct nta_worker *worker, struct nta_flow *flow,
                   const struct nta_packet *packet, const uint8_t *bytes)
{
    struct nta_keep *keep = worker->keep;
    uint32_t *mark = nta_flow_mark(flow);

    if (*mark & NTA_KEEP_CASE) {
        take_for_case(worker, flow, packet, bytes);
        return;
    }
    if (keep->eased == flow) { /* by this very packet, which therefore proves nothing */
        keep->eased = NULL;
        return;
    }
    if (!is_conclusive(flow, packet, *mark) || is_lookup(flow))
        return;
    uint32_t total = packet->cap_len + PACKET_COST;

    if (is_too_much(keep, flow, *mark, &total)) {
        *mark |= NTA_KEEP_NOTHING;
        return;
    }
    make_space(worker, packet->cap_len);
    (void)put(worker, flow, packet, bytes, total);
}
