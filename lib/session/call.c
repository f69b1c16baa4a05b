/* SPDX-License-Identifier: Apache-2.0 */
#include "session/call.h"

#include "base/own.h"
#include "flow/owner.h"
#include "session/channel.h"
#include "session/match.h"
#include "session/observe.h"

enum
{
    GIVE_UP_MAX = 64 ///< Small ones, for the space of one large one.
};

/**
 * An end as the packet at work has it: an address may be another machine's than when the flow
 * began.
 */
static struct nta_proto_end end_of(const struct nta_session *session, bool is_client)
{
    const struct nta_flow *flow = session->flow;
    const struct nta_packet *packet = session->parts->packet;
    const struct nta_addr *addr = is_client ? &flow->client : &flow->server;
    const uint8_t *mac = is_client ? flow->client_mac : flow->server_mac;

    if (packet && packet->flags & NTA_PACKET_MACS && nta_addr_equal(&packet->src, addr))
        mac = packet->src_mac;
    else if (packet && packet->flags & NTA_PACKET_MACS && nta_addr_equal(&packet->dst, addr))
        mac = packet->dst_mac;
    return (struct nta_proto_end){.addr = addr, .mac = flow->has_macs ? mac : NULL};
}

void nta_call_apply_swap(struct nta_session *session)
{
    struct nta_proto_io *io = &session->io;

    if (!io->swap)
        return;
    session->parts->parser_turned = true;
    nta_flows_swap(session->parts->flows, session->flow);
    session->parts->parser_turned = false;
    io->client_port = session->flow->client_port;
    io->server_port = session->flow->server_port;
    io->ends[NTA_FROM_CLIENT] = end_of(session, true);
    io->ends[NTA_FROM_SERVER] = end_of(session, false);
    NTA_TURN(io->lost);
    NTA_TURN(io->unskipped);
    NTA_TURN(io->refused);
    io->side = io->side == NTA_FROM_CLIENT ? NTA_FROM_SERVER : NTA_FROM_CLIENT;
    io->swap = false;
}

void nta_call_clear_wishes(struct nta_proto_io *io)
{
    io->skip = 0;
    io->idle = io->done = io->done_both = io->handover = io->quoted = io->framed = io->swap = false;
    io->limited = false;
}

static void on_emit(void *owner, const struct nta_event *event)
{
    struct nta_session *session = owner;

    nta_call_apply_swap(session);
    nta_flow_settle(session->flow);
    nta_count(&session->parts->counters, NTA_COUNTER_MESSAGES, !session->flow->made_up);
    nta_observe_event(session, event);
}

size_t nta_call_index(const struct nta_proto *proto)
{
    size_t i = 0;

    while (nta_protos[i] != proto)
        i++;
    return i;
}

void *nta_call_shared(const struct nta_session_parts *parts, const struct nta_proto *proto)
{
    return proto->shared_size > 0 ? parts->shared[nta_call_index(proto)] : NULL;
}

void nta_call_release_memory(struct nta_session_parts *parts, struct nta_conn *conn)
{
    if (!conn->state)
        return;
    const size_t i = nta_call_index(conn->proto);

    if (conn->state != parts->state)
        nta_states_give(&parts->states[i], &conn->holder, conn->state);
    nta_states_give(&parts->extras[i], &conn->extra_holder, conn->extra);
    conn->state = conn->extra = NULL;
}

void nta_call_release(struct nta_session_parts *parts, struct nta_conn *conn)
{
    nta_call_release_memory(parts, conn);
    conn->proto = NULL;
    conn->memo = 0;
}

/** What was asked to be skipped of a direction, and did not go by. */
static uint64_t unskipped(const struct nta_session *session, enum nta_dir dir)
{
    const struct nta_conn *conn = session->conn;

    return conn->sides[dir].skip + nta_flow_skip_left(session->flow, dir) +
           (conn->websocket ? conn->websocket->sides[dir].skip : 0);
}

void nta_call_end(struct nta_session *session)
{
    const struct nta_conn *conn = session->conn;
    struct nta_proto_io *io = &session->io;

    if (!conn->state || !conn->proto->end)
        return;
    io->extra = conn->extra;
    io->memo = conn->memo;
    for (unsigned i = 0; i < NTA_N_ELEMENTS(io->unskipped); i++) {
        io->unskipped[i] = unskipped(session, (enum nta_dir)i);
        io->refused[i] = nta_flow_refused(session->flow, (enum nta_dir)i);
        io->lost[i] = session->flow->sides[i].gap_bytes;
    }
    conn->proto->end(conn->state, io);
    io->unskipped[0] = io->unskipped[1] = 0;
}

/** Does one of the two ends take peers of BitTorrent on its port? */
static bool is_announced(const struct nta_session *session)
{
    const struct nta_flow *flow = session->flow;
    const struct nta_announced *announced = &session->parts->announced;
    const struct nta_announced_peer client = {.addr = flow->client,
                                              .network = nta_conn_network(flow, NTA_DIR_UP),
                                              .port = flow->client_port},
                                    server = {.addr = flow->server,
                                              .network = nta_conn_network(flow, NTA_DIR_DOWN),
                                              .port = flow->server_port};

    return nta_announced_has(announced, &client, flow->last_wall_ns) ||
           nta_announced_has(announced, &server, flow->last_wall_ns);
}

void nta_call_name(const struct nta_session *session)
{
    struct nta_conn *conn = session->conn;

    if ((conn->app == NTA_APP_NONE || conn->app == NTA_APP_UNKNOWN) && !conn->outer_flow &&
        is_announced(session)) {
        conn->app = NTA_APP_BITTORRENT;
        conn->announced = true;
    }
}

void nta_call_over(struct nta_session *session)
{
    struct nta_conn *conn = session->conn;

    nta_call_end(session);
    nta_call_name(session);
    nta_channels_release(session);
    nta_call_release(session->parts, conn);
    nta_pool_give(&session->parts->websockets, conn->websocket);
    conn->websocket = NULL;
    conn->phase = NTA_CONN_OPAQUE;
    nta_observe_decided(session);
    nta_watch_quiet(session->parts->watch, session->flow, nta_conn_is_encrypted(conn));
}

static void *on_lend(void *owner);

uint64_t nta_call_link(const struct nta_flow *flow, enum nta_side side)
{
    const uint16_t *vlan = flow->sides[side].vlan;
    const uint32_t network = nta_packet_names_network(flow->network_kind) ? flow->network : 0;

    return (uint64_t)vlan[0] << 48 | (uint64_t)vlan[1] << 32 | network;
}

void nta_call_open(struct nta_session *session, enum nta_side side, int64_t wall_ns)
{
    const struct nta_flow *flow = session->flow;

    session->io = (struct nta_proto_io){
        .side = side,
        .wall_ns = wall_ns,
        .client_port = flow->client_port,
        .server_port = flow->server_port,
        .ends = {end_of(session, true), end_of(session, false)},
        .is_stream = flow->ip_proto == 6 || flow->ip_proto == NTA_PACKET_PROTO_SCTP,
        .saw_syn = flow->saw_syn,
        .expected_by = (enum nta_app)session->conn->expected_by,
        .wants_content = nta_match_wants_content(session),
        .lost = {flow->sides[NTA_DIR_UP].gap_bytes, flow->sides[NTA_DIR_DOWN].gap_bytes},
        .emit = on_emit,
        .owner = session,
        .lend = on_lend,
        .extra = session->conn->extra,
        .memo = session->conn->memo,
        .link = nta_call_link(flow, side),
    };
}

/** The pool that uses most memory. */
static struct nta_states *largest_of(struct nta_session_parts *parts)
{
    struct nta_states *largest = &parts->states[0];

    for (size_t i = 1; i < NTA_N_PROTOS; i++) {
        if (nta_states_used(&parts->states[i]) > nta_states_used(largest))
            largest = &parts->states[i];
    }
    return largest;
}

/**
 * At a limit: of whom nothing was heard for longest, what is pending is told, and it gives up; one
 * of the same protocol, else of that which has most.  False: that is only who asks.
 */
static bool give_up_oldest(struct nta_session_parts *parts, struct nta_states *states,
                           const struct nta_flow *asks)
{
    struct nta_flow *flow = nta_states_oldest(states);

    if (!flow)
        flow = nta_states_oldest(largest_of(parts));
    if (!flow || flow == asks)
        return false;
    struct nta_session session = nta_session_of(parts, flow);

    nta_flow_note_limit(flow, NTA_FLOW_LIMIT_STATE, &parts->counters);
    nta_call_open(&session, NTA_FROM_CLIENT, flow->last_wall_ns);
    if (session.io.is_stream) {
        nta_call_over(&session);
    } else { /* its next datagram begins anew */
        nta_call_end(&session);
        nta_call_release_memory(parts, session.conn);
    }
    return true;
}

void *nta_call_take(struct nta_session *session, struct nta_states *states,
                    struct nta_holder *holder)
{
    void *memory = nta_states_take(states, holder, session->flow);

    for (int i = 0;
         i < GIVE_UP_MAX && !memory && give_up_oldest(session->parts, states, session->flow); i++)
        memory = nta_states_take(states, holder, session->flow);
    return memory;
}

static void *on_lend(void *owner)
{
    struct nta_session *session = owner;
    struct nta_conn *conn = session->conn;

    conn->extra = nta_call_take(session, &session->parts->extras[nta_call_index(conn->proto)],
                                &conn->extra_holder);
    session->io.extra = conn->extra;
    return conn->extra;
}

void nta_call_lend_state(struct nta_session *session)
{
    struct nta_conn *conn = session->conn;
    const struct nta_proto *proto = conn->proto;

    conn->holder.used = conn->extra_holder.used = true;
    if (conn->state)
        return;
    memset(session->parts->state, 0, proto->zeroed ? proto->zeroed : proto->state_size);
    conn->state = session->parts->state;
}

void nta_call_keep_state(struct nta_session *session)
{
    struct nta_session_parts *parts = session->parts;
    struct nta_conn *conn = session->conn;

    if (!conn->state)
        return;
    if (session->io.idle) {
        nta_call_release_memory(parts, conn);
        if (nta_conn_is_lookup(session->flow))
            nta_flows_rest(parts->flows, session->flow);
    } else if (conn->state == parts->state) {
        conn->state =
            nta_call_take(session, &parts->states[nta_call_index(conn->proto)], &conn->holder);
        if (conn->state)
            memcpy(conn->state, parts->state, conn->proto->state_size);
    }
}
