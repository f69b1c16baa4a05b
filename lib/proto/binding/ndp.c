/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/binding/ndp.h"

#include "proto/binding/neighbours.h"

#include <string.h>

enum
{
    SOLICITATION = 135, ///< Types of message, sections 4.3 and 4.4.
    ADVERTISEMENT = 136,
    SOLICITED = 0x40, ///< Flag: an answer.
    MAC_LEN = 6,
    OPTION_SOURCE = 1, ///< Options with the MAC of the sender,
    OPTION_TARGET = 2, ///< and of who has the address; section 4.6.1.
    OPTION_UNIT = 8,
    GROUP = 1,        ///< Bit of a MAC's first byte: it is that of many.
    MULTICAST = 0xff, ///< An address' first byte.
};

static const struct nta_neighbour_words words = {.app = NTA_APP_NDP, .source = NTA_BINDING_NDP};

/** The MAC in the option of this type.  False: the options are not what they should be. */
static bool read_options(struct nta_reader *r, uint8_t wanted, uint8_t mac[MAC_LEN])
{
    while (nta_reader_left(r) > 0) {
        const uint8_t type = nta_read_u8(r), units = nta_read_u8(r);
        const size_t len = (size_t)units * OPTION_UNIT;

        if (units == 0)
            return false;
        const uint8_t *value = nta_reader_take(r, len - 2);

        if (value && type == wanted && units == 1)
            memcpy(mac, value, MAC_LEN);
    }
    return nta_reader_ok(r);
}

static enum nta_parse probe(const struct nta_proto_io *io, struct nta_span first)
{
    (void)io;
    return first.len > 1 && (first.ptr[0] == SOLICITATION || first.ptr[0] == ADVERTISEMENT) &&
                   first.ptr[1] == 0
               ? NTA_PARSE_OK
               : NTA_PARSE_OTHER;
}

static bool is_group(const struct nta_addr *addr)
{
    return addr->bytes[0] == MULTICAST;
}

/** Addresses and MACs as the frame has them; a group is nobody. */
static struct nta_neighbour end_of(const struct nta_proto_end *end)
{
    struct nta_neighbour station = {0};

    if (end->addr && !is_group(end->addr))
        station.addr = *end->addr;
    if (end->mac && !(end->mac[0] & GROUP))
        memcpy(station.mac, end->mac, MAC_LEN);
    return station;
}

/** Who probes has no address, and says no MAC: that of his frame will do (section 7.1.1). */
static void solicit(const struct nta_proto_io *io, const struct nta_addr *target,
                    const uint8_t option[MAC_LEN])
{
    static const uint8_t none[MAC_LEN];
    struct nta_neighbour asker = end_of(&io->ends[io->side]);

    if (memcmp(option, none, MAC_LEN) != 0 && memcmp(option, asker.mac, MAC_LEN) != 0)
        return; /* speaks of another station than its frame is from */
    nta_neighbours_ask(io, &asker, target);
}

/** A router may answer for another (section 7.2.8): then it is the MAC that has the address. */
static void advertise(const struct nta_proto_io *io, const struct nta_addr *target, uint8_t flags,
                      const uint8_t option[MAC_LEN])
{
    static const uint8_t none[MAC_LEN];
    const struct nta_neighbour frame = end_of(&io->ends[io->side]);
    const struct nta_neighbour to = end_of(&io->ends[io->side ^ 1]);
    struct nta_neighbour owner = {.addr = *target};

    memcpy(owner.mac, memcmp(option, none, MAC_LEN) != 0 ? option : frame.mac, MAC_LEN);
    if (memcmp(owner.mac, frame.mac, MAC_LEN) != 0 || (owner.mac[0] & GROUP))
        return;
    /* who defends an address against a prober tells all (RFC 4862 section 5.4.3) */
    if ((flags & SOLICITED) || is_group(io->ends[io->side ^ 1].addr))
        nta_neighbours_answer(io, &words, &owner, &to);
    else
        nta_neighbours_claim(io, &words, &owner);
}

static enum nta_parse feed(void *state, struct nta_proto_io *io, struct nta_reader *r)
{
    const uint8_t type = nta_read_u8(r), code = nta_read_u8(r);

    (void)state;
    nta_reader_skip(r, 2); /* checksum */
    const uint8_t flags = nta_read_u8(r);

    nta_reader_skip(r, 3);
    const uint8_t *bytes = nta_reader_take(r, NTA_ADDR_LEN);
    uint8_t mac[MAC_LEN] = {0};

    io->idle = true;
    if (!bytes)
        return NTA_PARSE_MORE;
    if ((type != SOLICITATION && type != ADVERTISEMENT) || code != 0)
        return NTA_PARSE_BAD;
    const struct nta_addr target = nta_addr_v6(bytes);

    if (!read_options(r, type == SOLICITATION ? OPTION_SOURCE : OPTION_TARGET, mac) ||
        is_group(&target))
        return NTA_PARSE_BAD;
    if (!io->ends[0].addr || !io->ends[1].addr)
        return NTA_PARSE_OK;
    if (type == SOLICITATION)
        solicit(io, &target, mac);
    else
        advertise(io, &target, flags, mac);
    return NTA_PARSE_OK;
}

NTA_PROTO(ndp, char, probe, feed, nta_proto_turn_nothing, .app = NTA_APP_NDP, .over_link = true,
          .shared_size = sizeof(struct nta_neighbours));
