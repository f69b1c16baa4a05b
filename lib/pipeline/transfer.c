/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/transfer.h"

#include "base/text.h"
#include "pipeline/match.h"
#include "pipeline/transfer_table.h"
#include "pipeline/worker.h"
#include "proto/file/magic.h"

#include <string.h>

struct nta_transfer nta_transfer_of_slot(const struct nta_transfer_slot *slot)
{
    return (struct nta_transfer){
        .method = nta_span_of(slot->method),
        .path = {slot->path, slot->path_len},
        .to_server = slot->to_server,
        .complete = slot->complete,
        .status = slot->status,
        .bytes_up = slot->bytes_up,
        .bytes_down = slot->bytes_down,
        .begin_wall_ns = slot->begin_wall_ns,
    };
}

/** What is known by now is the record: once. */
static void report(struct nta_worker *worker, struct nta_transfer_slot *slot)
{
    const struct nta_transfer transfer = nta_transfer_of_slot(slot);
    const struct nta_flow *flow = slot->control ? slot->control : slot->content;

    if (slot->path_len > 0 && !slot->reported && flow)
        nta_report_transfer(worker, flow, (enum nta_app)slot->app, &transfer, slot->type);
    slot->reported = true;
}

/** A slot; when none is free the oldest is told and given. */
static struct nta_transfer_slot *take_slot(struct nta_worker *worker)
{
    struct nta_transfer_slot *slot = nta_transfer_take(&worker->transfers);

    if (slot)
        return slot;
    slot = nta_transfer_oldest(&worker->transfers);
    nta_count(&worker->counters, NTA_COUNTER_TRANSFER_LIMIT, 1);
    report(worker, slot);
    nta_transfer_release(worker, slot);
    return nta_transfer_take(&worker->transfers);
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
static void wait_for(struct nta_worker *worker, struct nta_transfer_slot *slot,
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
    /* a server behind address translation announces its own idea of itself: clients know better */
    if (data->client_listens && !nta_addr_equal(&data->addr, &none) &&
        !nta_addr_equal(&data->addr, &slot->listener)) {
        nta_count(&worker->counters, NTA_COUNTER_TRANSFER_FOREIGN, 1);
        return;
    }
    nta_transfer_wait(worker, slot);
}

/** This connection asks for something new: what it asked for before is on its own, or was in vain. */
static void let_go(struct nta_worker *worker, struct nta_flow *flow)
{
    struct nta_transfer_slot *slot = nta_transfer_slot_of(worker, flow);

    if (!slot || slot->content == flow)
        return;
    if (slot->content) {
        nta_transfer_forget(worker, flow, slot);
        slot->control = NULL;
        return;
    }
    report(worker, slot);
    nta_transfer_release(worker, slot);
}

static void begin_elsewhere(struct nta_worker *worker, enum nta_app app,
                            const struct nta_transfer *transfer)
{
    struct nta_conn *conn = worker->flow->conn;

    if (conn->expected_by)
        return; /* content, which can announce nothing */
    let_go(worker, worker->flow);
    struct nta_transfer_slot *slot = take_slot(worker);

    slot->app = (uint8_t)app;
    slot->control = worker->flow;
    slot->to_server = transfer->to_server;
    slot->begin_wall_ns = transfer->begin_wall_ns;
    nta_match_copy_text(slot->method, sizeof(slot->method), transfer->method);
    set_path(slot, transfer->path);
    conn->transfer = nta_transfer_number(worker, slot);
    if (transfer->path.len == 0) /* no exception for a URL can mean it */
        nta_match_raise(conn, conn->hit ? NTA_VERDICT_FORBIDDEN : NTA_VERDICT_NONE);
    wait_for(worker, slot, &transfer->data);
}

void nta_transfers_begin(struct nta_worker *worker, const struct nta_event *event)
{
    const struct nta_transfer *transfer = event->transfer;

    if (transfer->elsewhere)
        begin_elsewhere(worker, event->app, transfer);
    if (transfer->path.len || transfer->host.len)
        nta_report_transfer_alert(worker, event->app, transfer);
}

void nta_transfers_reply(struct nta_worker *worker, const struct nta_event *event)
{
    const struct nta_transfer *transfer = event->transfer;
    struct nta_transfer_slot *slot = nta_transfer_slot_of(worker, worker->flow);

    if (!slot || slot->control != worker->flow)
        return;
    if (slot->path_len == 0)
        set_path(slot, transfer->path);
    if (transfer->elsewhere && !slot->waiting && !slot->content)
        wait_for(worker, slot, &transfer->data);
    if (transfer->status < 200)
        return;
    slot->status = transfer->status;
    if (transfer->status >= 400 && !slot->content) {
        report(worker, slot);
        nta_transfer_release(worker, slot);
    }
}

/** The content's own parser counted it. */
static void take_content(struct nta_worker *worker, struct nta_transfer_slot *slot,
                         const struct nta_transfer *transfer)
{
    slot->counted = true;
    slot->bytes_up = transfer->bytes_up;
    slot->bytes_down = transfer->bytes_down;
    slot->complete = transfer->complete;
    slot->type = nta_magic_type(transfer->body_start);
    if (transfer->status)
        slot->status = transfer->status;
    report(worker, slot);
}

void nta_transfers_end(struct nta_worker *worker, const struct nta_event *event)
{
    const struct nta_transfer *transfer = event->transfer;
    struct nta_transfer_slot *slot = nta_transfer_slot_of(worker, worker->flow);
    const char *type = nta_magic_type(transfer->body_start);

    if (slot && slot->content == worker->flow && slot->path_len > 0) {
        take_content(worker, slot, transfer);
        return;
    }
    if (slot && slot->content != worker->flow &&
        slot->path_len > 0) /* the content came where it was asked for */
        nta_transfer_release(worker, slot);
    nta_report_transfer(worker, worker->flow, event->app, transfer, type);
}

void nta_transfers_data(struct nta_worker *worker, const struct nta_event *event)
{
    struct nta_transfer_slot *slot = nta_transfer_slot_of(worker, worker->flow);

    if (slot)
        slot->type = nta_magic_type(event->transfer->body_start);
}

bool nta_transfers_opened(struct nta_worker *worker, struct nta_flow *flow)
{
    struct nta_conn *conn = flow->conn;
    bool as_server;
    struct nta_transfer_slot *slot = nta_transfer_find(worker, flow, &as_server);

    if (!slot)
        return false;
    nta_transfer_stop_waiting(worker, slot);
    slot->content = flow;
    conn->transfer = nta_transfer_number(worker, slot);
    conn->expected_by = conn->app = slot->app;
    nta_flow_settle(flow);
    if (as_server != slot->client_listens)
        return false;
    nta_flows_swap(worker->flows, flow);
    return true;
}

void nta_transfers_turned(struct nta_worker *worker, struct nta_flow *flow)
{
    struct nta_transfer_slot *slot = nta_transfer_slot_of(worker, flow);

    if (!slot || slot->control != flow)
        return;
    if (slot->content && slot->content != flow) { /* whose sides stay: each is on its own */
        nta_transfer_forget(worker, flow, slot);
        slot->control = NULL;
        return;
    }
    uint64_t up = slot->bytes_up;

    slot->bytes_up = slot->bytes_down;
    slot->bytes_down = up;
    slot->to_server = !slot->to_server;
    slot->client_listens = !slot->client_listens;
}

void nta_transfers_match(struct nta_worker *worker, const struct nta_flow *flow)
{
    const struct nta_transfer_slot *slot = nta_transfers_of_content(worker, flow);
    struct nta_conn *conn = flow->conn;
    struct nta_conn_hit hit;

    if (!slot || slot->path_len == 0)
        return;
    const struct nta_span path = {slot->path, slot->path_len};
    const enum nta_verdict verdict = nta_match_transfer(worker, flow, path, &hit);

    if (verdict == NTA_VERDICT_FORBIDDEN)
        nta_match_set(worker, conn, &hit);
    nta_match_raise(conn, verdict);
    conn->alerted = conn->hit != NULL; /* told when the file was asked for */
}

const struct nta_transfer_slot *nta_transfers_of_content(const struct nta_worker *worker,
                                                         const struct nta_flow *flow)
{
    const struct nta_transfer_slot *slot = nta_transfer_slot_of(worker, flow);

    return slot && slot->content == flow ? slot : NULL;
}

/** The flow moved nothing but the content. */
static void count_flow(struct nta_transfer_slot *slot, const struct nta_flow *flow)
{
    const struct nta_flow_side *up = &flow->sides[NTA_DIR_UP], *down = &flow->sides[NTA_DIR_DOWN];

    if (slot->counted || !nta_app_has((enum nta_app)slot->app, NTA_TRAIT_PLAIN_CONTENT))
        return;
    slot->bytes_up = up->bytes;
    slot->bytes_down = down->bytes;
    slot->complete = up->gap_bytes == 0 && down->gap_bytes == 0;
}

void nta_transfers_ended(struct nta_worker *worker, struct nta_flow *flow)
{
    struct nta_transfer_slot *slot = nta_transfer_slot_of(worker, flow);

    if (!slot)
        return;
    if (slot->content == flow) {
        count_flow(slot, flow);
        report(worker, slot);
        nta_transfer_release(worker, slot);
    } else {
        let_go(worker, flow);
    }
}
