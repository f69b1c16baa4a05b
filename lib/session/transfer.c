/* SPDX-License-Identifier: Apache-2.0 */
#include "session/transfer.h"

#include "base/text.h"
#include "flow/owner.h"
#include "proto/file/magic.h"
#include "session/download.h"
#include "session/match.h"
#include "session/report.h"
#include "session/transfer_report.h"

#include <string.h>

/** What is known by now is the record: once. */
static void report(const struct nta_session *session, struct nta_transfer_slot *slot)
{
    const struct nta_transfer transfer = nta_transfer_of_slot(slot);
    struct nta_flow *flow = slot->control ? slot->control : slot->content;

    if (slot->path_len > 0 && !slot->reported && flow) {
        const struct nta_session its = nta_session_of(session->parts, flow);

        nta_report_transfer(&its, (enum nta_app)slot->app, &transfer, slot->type,
                            slot->hashed ? slot->sha256 : NULL);
    }
    slot->reported = true;
}

/** A slot; when none is free the oldest is told and given. */
static struct nta_transfer_slot *take_slot(const struct nta_session *session)
{
    struct nta_transfer_slot *slot = nta_transfer_take(&session->parts->transfers);

    if (slot)
        return slot;
    slot = nta_transfer_oldest(&session->parts->transfers);
    nta_count(&session->parts->counters, NTA_COUNTER_TRANSFER_LIMIT, 1);
    report(session, slot);
    nta_transfer_release(&session->parts->transfers, slot);
    return nta_transfer_take(&session->parts->transfers);
}

static void set_path(struct nta_transfer_slot *slot, struct nta_span path)
{
    size_t len = path.len < sizeof(slot->path) ? path.len : sizeof(slot->path);

    if (len == 0)
        return;
    memcpy(slot->path, path.ptr, len);
    slot->path_len = (uint16_t)len;
}

/** Wait for the connection that was expected, unless it is another host's. */
static void wait_for(const struct nta_session *session, struct nta_transfer_slot *slot,
                     const struct nta_transfer_data *data)
{
    static const struct nta_addr none = {0};
    const struct nta_flow *flow = slot->control;

    if (data->port == 0)
        return;
    slot->listener = data->client_listens ? flow->client : flow->server;
    slot->other = data->client_listens ? flow->server : flow->client;
    slot->port = data->port;
    slot->ip_proto = data->over_udp ? 17 : 6;
    slot->client_listens = data->client_listens;
    slot->any_port = flow->any_port;
    if (nta_packet_names_network(flow->network_kind)) {
        slot->network_kind = flow->network_kind;
        slot->network = flow->network;
    }
    /* a server behind address translation announces its own idea of itself: clients know better */
    if (data->client_listens && !nta_addr_equal(&data->addr, &none) &&
        !nta_addr_equal(&data->addr, &slot->listener)) {
        nta_count(&session->parts->counters, NTA_COUNTER_TRANSFER_FOREIGN, 1);
        return;
    }
    nta_transfer_wait(&session->parts->transfers, slot);
}

/**
 * This connection asks for something new: what it asked for before is on its own, or was in vain.
 */
static void let_go(const struct nta_session *session)
{
    struct nta_flow *flow = session->flow;
    struct nta_transfer_slot *slot = nta_transfer_slot_of(&session->parts->transfers, flow);

    if (!slot || slot->content == flow)
        return;
    if (slot->content) {
        nta_transfer_forget(&session->parts->transfers, flow, slot);
        slot->control = NULL;
        return;
    }
    report(session, slot);
    nta_transfer_release(&session->parts->transfers, slot);
}

static void begin_elsewhere(const struct nta_session *session, enum nta_app app,
                            const struct nta_transfer *transfer)
{
    struct nta_conn *conn = session->conn;

    if (conn->expected_by)
        return; /* content, which can announce nothing */
    let_go(session);
    struct nta_transfer_slot *slot = take_slot(session);

    slot->app = (uint8_t)app;
    slot->control = session->flow;
    slot->asked_port = transfer->port;
    slot->to_server = transfer->to_server;
    slot->altered = transfer->is_altered;
    slot->first = transfer->first;
    slot->begin_wall_ns = transfer->begin_wall_ns;
    nta_text_copy(slot->method, sizeof(slot->method), transfer->method);
    set_path(slot, transfer->path);
    conn->transfer = nta_transfer_number(&session->parts->transfers, slot);
    if (transfer->path.len == 0) /* no exception for a URL can mean it */
        nta_match_raise(conn, conn->hit ? NTA_VERDICT_FORBIDDEN : NTA_VERDICT_NONE);
    wait_for(session, slot, &transfer->data);
}

/** BEP 14: where peers of a network search each other; no router takes anything there. */
static bool is_search_group(const struct nta_flow *flow)
{
    static const struct nta_addr v4 = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 239, 192, 152,
                                        143}},
                                 v6 = {{0xff, 0x15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xef, 0xc0, 0x98,
                                        0x8f}};

    return flow->server_port == 6771 &&
           (nta_addr_equal(&flow->server, &v4) || nta_addr_equal(&flow->server, &v6));
}

/** Its sender takes peers there; not of what one sender can have made up. */
static void note_announced(const struct nta_session *session, uint16_t port)
{
    const struct nta_flow *flow = session->flow;
    const bool is_client = session->io.side == NTA_FROM_CLIENT;
    const struct nta_announced_peer peer = {
        .addr = is_client ? flow->client : flow->server,
        .network = nta_conn_network(flow, is_client ? NTA_DIR_UP : NTA_DIR_DOWN),
        .port = port,
    };

    if (is_client && !flow->any_port && is_search_group(flow))
        nta_announced_note(&session->parts->announced, &peer, session->io.wall_ns);
}

void nta_transfers_begin(const struct nta_session *session, const struct nta_event *event)
{
    struct nta_transfer transfer = *event->transfer;

    if (transfer.host.len == 0 && session->conn->basis == NTA_BASIS_URL)
        transfer.port = 0; /* that of a proxy which was told the site */
    if (transfer.listens)
        note_announced(session, transfer.listens);
    if (transfer.elsewhere)
        begin_elsewhere(session, event->app, &transfer);
    if (transfer.path.len || transfer.host.len)
        nta_report_transfer_alert(session, event->app, &transfer);
}

void nta_transfers_reply(const struct nta_session *session, const struct nta_event *event)
{
    const struct nta_transfer *transfer = event->transfer;
    struct nta_transfer_slot *slot =
        nta_transfer_slot_of(&session->parts->transfers, session->flow);

    if (!slot || slot->control != session->flow)
        return;
    if (slot->path_len == 0)
        set_path(slot, transfer->path);
    if (transfer->elsewhere && !slot->waiting && !slot->content)
        wait_for(session, slot, &transfer->data);
    if (transfer->expected > 0)
        slot->expected = transfer->expected;
    if (transfer->status < 200)
        return;
    slot->status = transfer->status;
    if (transfer->status >= 400 && !slot->content) {
        report(session, slot);
        nta_transfer_release(&session->parts->transfers, slot);
    }
}

/** All of the file came, as it is, and its parser gave all of it: its hash. */
static bool take_hash(const struct nta_session *session, const struct nta_transfer *transfer,
                      bool is_altered, uint8_t ret_sha256[32])
{
    const uint64_t n = transfer->to_server ? transfer->bytes_up : transfer->bytes_down;

    return !is_altered && !transfer->content_contested && session->conn->content &&
           nta_match_content_end(session, n, ret_sha256) && transfer->complete && !transfer->hole &&
           transfer->lost_up + transfer->lost_down == 0;
}

/** The content's own parser counted it. */
static void take_content(const struct nta_session *session, struct nta_transfer_slot *slot,
                         const struct nta_transfer *transfer)
{
    slot->counted = true;
    slot->bytes_up = transfer->bytes_up;
    slot->bytes_down = transfer->bytes_down;
    slot->lost_up = transfer->lost_up;
    slot->lost_down = transfer->lost_down;
    slot->expected = transfer->expected;
    slot->hole = transfer->hole;
    slot->contested |= transfer->contested;
    slot->content_contested |= transfer->content_contested;
    slot->claimed = !nta_report_is_answered(session->flow);
    slot->complete = transfer->complete;
    slot->type = transfer->type;
    slot->hashed = take_hash(session, transfer, slot->altered, slot->sha256);
    slot->status = transfer->status;
    slot->reported = false; /* a parser that goes on behind an end tells what follows, too */
    report(session, slot);
}

void nta_transfers_end(const struct nta_session *session, const struct nta_event *event)
{
    struct nta_transfer whole = *event->transfer, *transfer = &whole;
    struct nta_transfer_slot *slot =
        nta_transfer_slot_of(&session->parts->transfers, session->flow);
    const char *type = transfer->type;
    uint8_t sha256[32];
    bool is_hashed;

    if (slot && slot->content == session->flow && slot->path_len > 0) {
        take_content(session, slot, transfer);
        return;
    }
    if (slot && slot->content != session->flow &&
        slot->path_len > 0) /* the content came where it was asked for */
        nta_transfer_release(&session->parts->transfers, slot);
    if (transfer->file) {
        transfer->complete &= nta_download_is_whole(session, transfer->file, transfer->bytes_down,
                                                    &is_hashed, sha256);
        is_hashed &= transfer->complete && !transfer->content_contested;
    } else {
        is_hashed = take_hash(session, transfer, transfer->is_altered, sha256);
    }
    nta_report_transfer(session, event->app, transfer, type, is_hashed ? sha256 : NULL);
}

void nta_transfers_data(const struct nta_session *session, const struct nta_event *event)
{
    struct nta_transfer_slot *slot =
        nta_transfer_slot_of(&session->parts->transfers, session->flow);

    if (slot)
        slot->type = event->transfer->type;
}

bool nta_transfers_opened(const struct nta_session *session)
{
    struct nta_flow *flow = session->flow;
    struct nta_conn *conn = session->conn;
    bool as_server;
    struct nta_transfer_slot *slot =
        nta_transfer_find(&session->parts->transfers, flow, &as_server);

    if (!slot)
        return false;
    nta_transfer_stop_waiting(&session->parts->transfers, slot);
    slot->content = flow;
    conn->transfer = nta_transfer_number(&session->parts->transfers, slot);
    conn->expected_by = conn->app = slot->app;
    nta_flow_settle(flow);
    if (as_server != slot->client_listens)
        return false;
    nta_flows_swap(session->parts->flows, flow);
    return true;
}

static bool begins_hello(struct nta_span first)
{
    return first.len > 5 && first.ptr[0] == 22 && first.ptr[1] == 3 && first.ptr[5] == 1;
}

/** RFC 1350 section 5, RFC 2347: data, its acknowledgement, an error, options that are taken. */
static bool begins_block(struct nta_span first)
{
    return first.len >= 4 && first.ptr[0] == 0 && first.ptr[1] >= 3 && first.ptr[1] <= 6;
}

/** Who asked waits for the other's answer: what he sends himself is something else. */
static bool begins_content(const struct nta_session *session, const struct nta_transfer_slot *slot,
                           struct nta_span first)
{
    const bool from_client = session->io.side == NTA_FROM_CLIENT;

    if (!session->io.is_stream)
        return from_client != slot->client_listens && begins_block(first);
    return from_client == slot->to_server && !begins_hello(first);
}

bool nta_transfers_begins(const struct nta_session *session, struct nta_span first)
{
    struct nta_conn *conn = session->conn;
    struct nta_transfer_slot *slot =
        nta_transfer_slot_of(&session->parts->transfers, session->flow);

    if (!slot || slot->content != session->flow)
        return true;
    if (begins_content(session, slot, first)) {
        const struct nta_transfer transfer = nta_transfer_of_slot(slot);

        nta_report_transfer_begun(session, (enum nta_app)slot->app, &transfer);
        return true;
    }
    slot->content = NULL;
    nta_transfer_wait(&session->parts->transfers, slot);
    conn->transfer = 0;
    conn->expected_by = conn->app = NTA_APP_NONE;
    return false;
}

void nta_transfers_contested(const struct nta_session *session)
{
    struct nta_transfer_slot *slot =
        nta_transfer_slot_of(&session->parts->transfers, session->flow);

    if (!slot)
        return;
    slot->contested = true;
    slot->content_contested |= slot->content == session->flow;
}

void nta_transfers_turned(const struct nta_session *session)
{
    struct nta_flow *flow = session->flow;
    struct nta_transfer_slot *slot = nta_transfer_slot_of(&session->parts->transfers, flow);

    if (!slot || slot->control != flow)
        return;
    if (slot->content && slot->content != flow) { /* whose sides stay: each is on its own */
        nta_transfer_forget(&session->parts->transfers, flow, slot);
        slot->control = NULL;
        return;
    }
    const uint64_t up = slot->bytes_up, lost_up = slot->lost_up;

    slot->bytes_up = slot->bytes_down;
    slot->bytes_down = up;
    slot->lost_up = slot->lost_down;
    slot->lost_down = lost_up;
    slot->to_server = !slot->to_server;
    slot->client_listens = !slot->client_listens;
}

void nta_transfers_match(const struct nta_session *session)
{
    const struct nta_transfer_slot *slot =
        nta_transfers_of_content(&session->parts->transfers, session->flow);
    struct nta_conn *conn = session->conn;
    struct nta_conn_hit hit;

    if (!slot || slot->path_len == 0)
        return;
    const struct nta_span path = {slot->path, slot->path_len};
    const enum nta_verdict verdict = nta_match_transfer(
        session, path, slot->begin_wall_ns ? slot->begin_wall_ns : session->flow->first_wall_ns,
        &hit);

    if (verdict == NTA_VERDICT_FORBIDDEN)
        nta_match_set(session, &hit);
    nta_match_raise(conn, verdict);
    conn->alerted = conn->hit != NULL; /* told when the file was asked for */
}

/** The flow moved nothing but the content. */
static void count_flow(struct nta_transfer_slot *slot, const struct nta_flow *flow)
{
    const struct nta_flow_side *up = &flow->sides[NTA_DIR_UP], *down = &flow->sides[NTA_DIR_DOWN];
    const uint64_t refused_up = nta_flow_refused(flow, NTA_DIR_UP);
    const uint64_t refused_down = nta_flow_refused(flow, NTA_DIR_DOWN);

    if (slot->counted || !nta_app_has((enum nta_app)slot->app, NTA_TRAIT_PLAIN_CONTENT))
        return;
    slot->bytes_up = up->bytes - nta_smaller(refused_up, up->bytes);
    slot->bytes_down = down->bytes - nta_smaller(refused_down, down->bytes);
    slot->lost_up = nta_smaller(up->gap_bytes, slot->bytes_up);
    slot->lost_down = nta_smaller(down->gap_bytes, slot->bytes_down);
    /* the file's end is that of the connection (RFC 959 section 3.4.1), not a reset */
    slot->complete = refused_up == 0 && refused_down == 0 &&
                     nta_flow_is_over(flow, slot->to_server ? NTA_DIR_UP : NTA_DIR_DOWN);
}

/** A server that does not say "done" sent less than it had announced. */
static bool is_broken_off(const struct nta_transfer_slot *slot, uint64_t n)
{
    const bool is_done = slot->status >= 200 && slot->status < 300;

    return slot->status >= 400 ||
           (!is_done && slot->expected > slot->first && n < slot->expected - slot->first);
}

/** All of the file came over this connection: its hash. */
static bool take_flow_hash(const struct nta_session *session, const struct nta_transfer_slot *slot,
                           uint8_t ret_sha256[32])
{
    const uint64_t n = slot->to_server ? slot->bytes_up : slot->bytes_down;

    if (slot->altered || slot->first > 0 || !slot->complete || is_broken_off(slot, n) ||
        slot->lost_up + slot->lost_down > 0)
        return false;
    return nta_download_hashed(session, n, ret_sha256) ||
           (session->conn->content && nta_match_content_end(session, n, ret_sha256));
}

void nta_transfers_ended(const struct nta_session *session)
{
    struct nta_flow *flow = session->flow;
    struct nta_transfer_slot *slot = nta_transfer_slot_of(&session->parts->transfers, flow);

    if (!slot)
        return;
    if (slot->content == flow) {
        count_flow(slot, flow);
        slot->hashed = take_flow_hash(session, slot, slot->sha256);
        nta_download_let_go(session); /* so that it may be over, when this part is told */
        report(session, slot);
        nta_transfer_release(&session->parts->transfers, slot);
    } else {
        let_go(session);
    }
}
