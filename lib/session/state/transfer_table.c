/* SPDX-License-Identifier: Apache-2.0 */
#include "session/state/transfer_table.h"

#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int nta_transfers_init(struct nta_transfers *transfers, const struct nta_hash_key *key)
{
    *transfers = (struct nta_transfers){
        .key = *key, .slots = calloc(NTA_TRANSFERS_MAX, sizeof(struct nta_transfer_slot))};
    return transfers->slots ? 0 : -ENOMEM;
}

void nta_transfers_done(struct nta_transfers *transfers)
{
    free(transfers->slots);
    transfers->slots = NULL;
}

/** The two ends that a content's connection must have, in one shape for the hash. */
struct transfer_key
{
    struct nta_addr listener, other;
    uint32_t network;
    uint16_t port;
    uint8_t network_kind, ip_proto, any_port, zero[7];
};

static_assert(sizeof(struct transfer_key) == 2 * sizeof(struct nta_addr) + 16, "without holes");

static uint16_t *hash_head(struct nta_transfers *transfers, const struct transfer_key *key)
{
    return &transfers
                ->by_hash[nta_hash_bytes(&transfers->key, key, sizeof(*key)) % NTA_TRANSFERS_MAX];
}

/** Most new flows are told from what waits by this alone, without a hash. */
static uint16_t *port_count(struct nta_transfers *transfers, uint16_t port)
{
    return &transfers->by_port[port & 0xff];
}

static struct transfer_key key_of(const struct nta_transfer_slot *slot)
{
    return (struct transfer_key){.listener = slot->listener,
                                 .other = slot->other,
                                 .network = slot->network,
                                 .port = slot->port,
                                 .network_kind = slot->network_kind,
                                 .ip_proto = slot->ip_proto,
                                 .any_port = slot->any_port};
}

static struct nta_transfer_slot *slot_at(const struct nta_transfers *transfers, uint16_t number)
{
    return number ? &transfers->slots[number - 1] : NULL;
}

uint16_t nta_transfer_number(const struct nta_transfers *transfers,
                             const struct nta_transfer_slot *slot)
{
    return (uint16_t)(slot - transfers->slots + 1);
}

struct nta_transfer_slot *nta_transfer_slot_of(const struct nta_transfers *transfers,
                                               const struct nta_flow *flow)
{
    const struct nta_conn *conn = flow->conn;

    return slot_at(transfers, conn->transfer);
}

void nta_transfer_stop_waiting(struct nta_transfers *transfers, struct nta_transfer_slot *slot)
{
    const struct transfer_key key = key_of(slot);
    uint16_t *link = hash_head(transfers, &key);

    if (!slot->waiting)
        return;
    while (*link != nta_transfer_number(transfers, slot))
        link = &slot_at(transfers, *link)->link;
    *link = slot->link;
    slot->waiting = false;
    (*port_count(transfers, slot->port))--;
}

void nta_transfer_forget(struct nta_transfers *transfers, struct nta_flow *flow,
                         const struct nta_transfer_slot *slot)
{
    struct nta_conn *conn = flow ? flow->conn : NULL;

    if (conn && conn->transfer == nta_transfer_number(transfers, slot))
        conn->transfer = 0;
}

void nta_transfer_release(struct nta_transfers *transfers, struct nta_transfer_slot *slot)
{
    nta_transfer_stop_waiting(transfers, slot);
    nta_transfer_forget(transfers, slot->control, slot);
    nta_transfer_forget(transfers, slot->content, slot);
    slot->used = false;
    slot->link = transfers->free;
    transfers->free = nta_transfer_number(transfers, slot);
}

struct nta_transfer_slot *nta_transfer_take(struct nta_transfers *transfers)
{
    if (!transfers->free && transfers->n_touched < NTA_TRANSFERS_MAX)
        transfers->free = ++transfers->n_touched;
    if (!transfers->free)
        return NULL;
    struct nta_transfer_slot *slot = &transfers->slots[transfers->free - 1];

    transfers->free = slot->link;
    *slot = (struct nta_transfer_slot){.used = true};
    return slot;
}

struct nta_transfer_slot *nta_transfer_oldest(struct nta_transfers *transfers)
{
    struct nta_transfer_slot *oldest = &transfers->slots[transfers->next_to_go];

    transfers->next_to_go = (uint16_t)((transfers->next_to_go + 1) % NTA_TRANSFERS_MAX);
    return oldest;
}

void nta_transfer_wait(struct nta_transfers *transfers, struct nta_transfer_slot *slot)
{
    const struct transfer_key key = key_of(slot);
    uint16_t *head = hash_head(transfers, &key);

    slot->waiting = true;
    slot->link = *head;
    *head = nta_transfer_number(transfers, slot);
    (*port_count(transfers, slot->port))++;
}

/** Who waits for a connection with this listener; one that has waited too long does no more. */
static struct nta_transfer_slot *find_waiting(struct nta_transfers *transfers,
                                              const struct transfer_key *key, int64_t wall_ns)
{
    for (uint16_t number = *hash_head(transfers, key); number;) {
        struct nta_transfer_slot *slot = slot_at(transfers, number);
        const struct transfer_key its = key_of(slot);

        number = slot->link;
        if (memcmp(&its, key, sizeof(its)) != 0)
            continue;
        if (wall_ns - slot->begin_wall_ns <= NTA_TRANSFER_WAIT_NS)
            return slot;
        nta_transfer_stop_waiting(transfers, slot);
    }
    return NULL;
}

struct nta_transfer_slot *nta_transfer_find(struct nta_transfers *transfers,
                                            const struct nta_flow *flow, bool *ret_as_server)
{
    if (*port_count(transfers, flow->server_port) == 0 &&
        *port_count(transfers, flow->client_port) == 0)
        return NULL;
    struct transfer_key key = {.listener = flow->server,
                               .other = flow->client,
                               .port = flow->server_port,
                               .ip_proto = flow->ip_proto,
                               .any_port = flow->any_port};

    if (nta_packet_names_network(flow->network_kind)) {
        key.network_kind = flow->network_kind;
        key.network = flow->network;
    }
    struct nta_transfer_slot *slot = find_waiting(transfers, &key, flow->last_wall_ns);

    *ret_as_server = true;
    if (slot)
        return slot;
    key.listener = flow->client;
    key.other = flow->server;
    key.port = flow->client_port;
    *ret_as_server = false;
    return find_waiting(transfers, &key, flow->last_wall_ns);
}

struct nta_transfer nta_transfer_of_slot(const struct nta_transfer_slot *slot)
{
    return (struct nta_transfer){
        .method = nta_span_of(slot->method),
        .port = slot->asked_port,
        .path = {slot->path, slot->path_len},
        .to_server = slot->to_server,
        .complete = slot->complete,
        .status = slot->status,
        .bytes_up = slot->bytes_up,
        .bytes_down = slot->bytes_down,
        .lost_up = slot->lost_up,
        .lost_down = slot->lost_down,
        .expected = slot->expected,
        .first = slot->first,
        .is_altered = slot->altered,
        .hole = slot->hole,
        .contested = slot->contested,
        .content_contested = slot->content_contested,
        .claimed = slot->claimed,
        .begin_wall_ns = slot->begin_wall_ns,
    };
}

const struct nta_transfer_slot *nta_transfers_of_content(const struct nta_transfers *transfers,
                                                         const struct nta_flow *flow)
{
    const struct nta_transfer_slot *slot = nta_transfer_slot_of(transfers, flow);

    return slot && slot->content == flow ? slot : NULL;
}
