/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/binding/arp.h"

#include "proto/binding/neighbours.h"

#include <string.h>

enum
{
    HEAD_LEN = 6, ///< What decides what the rest is.
    REQUEST = 1,
    REPLY = 2,
    MAC_LEN = 6,
    GROUP = 1, ///< Bit of a MAC's first byte: it is that of many.
};

static const uint8_t ethernet_ipv4[HEAD_LEN] = {0, 1, 8, 0, 6, 4};
static const struct nta_neighbour_words words = {.app = NTA_APP_ARP, .source = NTA_BINDING_ARP};

/** 0.0.0.0 is no address. */
static void read_end(struct nta_reader *r, struct nta_neighbour *end)
{
    static const uint8_t none[4];
    const uint8_t *bytes = nta_reader_take(r, MAC_LEN + sizeof(none));

    *end = (struct nta_neighbour){0};
    if (!bytes)
        return;
    memcpy(end->mac, bytes, MAC_LEN);
    if (memcmp(bytes + MAC_LEN, none, sizeof(none)) != 0)
        end->addr = nta_addr_v4(bytes + MAC_LEN);
}

static enum nta_parse probe(const struct nta_proto_io *io, struct nta_span first)
{
    (void)io;
    return nta_span_begins(first, (struct nta_span){ethernet_ipv4, HEAD_LEN}) ? NTA_PARSE_OK
                                                                              : NTA_PARSE_OTHER;
}

static void take(const struct nta_proto_io *io, uint16_t operation,
                 const struct nta_neighbour *sender, const struct nta_neighbour *target)
{
    const uint8_t *frame = io->ends[io->side].mac;

    if ((sender->mac[0] & GROUP) || (frame && memcmp(frame, sender->mac, MAC_LEN) != 0))
        return;
    if (nta_addr_equal(&sender->addr, &target->addr)) /* an announcement, of either kind */
        nta_neighbours_claim(io, &words, sender);
    else if (operation == REQUEST)
        nta_neighbours_ask(io, sender, &target->addr);
    else if (operation == REPLY)
        nta_neighbours_answer(io, &words, sender, target);
}

static enum nta_parse feed(void *state, struct nta_proto_io *io, struct nta_reader *r)
{
    const uint8_t *head = nta_reader_take(r, HEAD_LEN);
    const uint16_t operation = nta_read_be16(r);
    struct nta_neighbour sender, target;

    (void)state;
    read_end(r, &sender);
    read_end(r, &target);
    if (!nta_reader_ok(r))
        return NTA_PARSE_MORE;
    if (memcmp(head, ethernet_ipv4, HEAD_LEN) != 0)
        return NTA_PARSE_BAD;
    nta_reader_skip(r, nta_reader_left(r));
    io->idle = true;
    take(io, operation, &sender, &target);
    return NTA_PARSE_OK;
}

NTA_PROTO(arp, char, probe, feed, nta_proto_turn_nothing, .app = NTA_APP_ARP, .over_link = true,
          .shared_size = sizeof(struct nta_neighbours));
