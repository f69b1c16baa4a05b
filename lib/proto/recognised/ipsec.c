/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/recognised/ipsec.h"

enum
{
    PORT_ESP = 4500,
    VERSION_1 = 0x10,
    VERSION_2 = 0x20,
    PAYLOAD_HEAD_LEN = 4,
    ENCRYPTED = 1, /* a flag of version 1, beside commit (2) and authentication only (4) */
    FLAGS_1 = 7,
    INITIATOR = 8, /* a flag of version 2, beside version (0x10) and response (0x20) */
    FLAGS_2 = 0x38,
    SPI_MIN = 256,         /* RFC 4303 section 2.1 */
    NUMBER_MAX = 0xffffff, /* some 20 GB; what is no number mostly is larger */
    STEP_MAX = 4096,       /* packets that were lost, or went another way */
    SIGHTINGS = 64,
    ESP_LEN_MIN = 24, /* index, number, the shortest ciphertext and code */
    DATA_V2 = 0x48,   /* OpenVPN's data begins so, and has a number at the same place */
};

/** A packet of ESP, if another of its direction is it, too. */
struct sighting
{
    struct nta_addr client;
    uint64_t link;
    uint32_t spi, number;
    uint16_t port;
    uint8_t side;
    bool goes_on; ///< From one with a smaller number.
};

struct shared
{
    struct sighting sightings[SIGHTINGS]; ///< By index; the newest stays.
};

static bool same_way(const struct sighting *a, const struct sighting *b)
{
    return nta_addr_equal(&a->client, &b->client) && a->link == b->link && a->spi == b->spi &&
           a->port == b->port && a->side == b->side;
}

/** Did one come before with the same index, the same way, and a smaller number?  It is noted. */
static bool goes_on(const struct nta_proto_io *io, uint32_t spi, uint32_t number)
{
    struct shared *shared = io->shared;

    if (!shared || !io->ends[NTA_FROM_CLIENT].addr)
        return false;
    struct sighting now = {.client = *io->ends[NTA_FROM_CLIENT].addr,
                           .link = io->link,
                           .spi = spi,
                           .number = number,
                           .port = io->client_port,
                           .side = (uint8_t)io->side};
    struct sighting *known = &shared->sightings[spi % SIGHTINGS];

    if (same_way(known, &now) && known->number == number)
        return known->goes_on; /* this packet, asked for again */
    now.goes_on =
        same_way(known, &now) && number > known->number && number - known->number <= STEP_MAX;
    *known = now;
    return now.goes_on;
}

/**
 * May it be a packet of ESP with this number?  Of anything else one in 256 may, so that another
 * packet has to have said the same index and a number a little smaller.  A message of DNS with one
 * question has a 1 where its upper half is.
 */
static bool is_esp(const struct nta_proto_io *io, uint32_t spi, uint32_t number, size_t len)
{
    if (io->server_port != PORT_ESP || spi < SPI_MIN || spi >> 24 == DATA_V2 || number == 0 ||
        number > NUMBER_MAX || number >> 16 == 1 || len < ESP_LEN_MIN || len % 4 != 0)
        return false;
    return goes_on(io, spi, number);
}

/** Who sent it. */
enum sender
{
    NOBODY, ///< It is not IPsec.
    EITHER, ///< It does not say.
    BY_CLIENT,
    BY_SERVER,
};

/** What stands behind the indices of a message of IKE. */
struct head
{
    uint8_t payload, version, exchange, flags;
};

static bool is_version_1(const struct head *head)
{
    const bool is_exchange = (head->exchange >= 1 && head->exchange <= 6) || head->exchange == 32 ||
                             head->exchange == 33;

    return head->version == VERSION_1 && is_exchange && head->payload >= 1 && head->payload <= 21 &&
           (head->flags & ~FLAGS_1) == 0;
}

static bool is_version_2(const struct head *head)
{
    return head->version == VERSION_2 && head->exchange >= 34 && head->exchange <= 44 &&
           head->payload >= 33 && head->payload <= 54 && (head->flags & ~FLAGS_2) == 0;
}

/** A payload begins here that ends within these `len` bytes. */
static bool has_payload(struct nta_reader *r, size_t len)
{
    nta_reader_skip(r, 2); /* which one is next; reserved */
    const uint16_t own = nta_read_be16(r);

    return nta_reader_ok(r) && own >= PAYLOAD_HEAD_LEN && own <= len;
}

/** A message of IKE of `len` bytes, of which the last may be missing. */
static enum sender ike_sender(struct nta_reader r, size_t len)
{
    const size_t n_missing = len - nta_reader_left(&r);
    const uint64_t client = nta_read_be64(&r), server = nta_read_be64(&r);
    struct head head;

    head.payload = nta_read_u8(&r);
    head.version = nta_read_u8(&r);
    head.exchange = nta_read_u8(&r);
    head.flags = nta_read_u8(&r);
    nta_reader_skip(&r, 4); /* the message's number */
    if (nta_read_be32(&r) != len || !nta_reader_ok(&r) || client == 0)
        return NOBODY;
    const bool is_first = is_version_1(&head), is_second = is_version_2(&head);
    const bool is_open = is_second || !(head.flags & ENCRYPTED);

    if (!(is_first || is_second) || (is_open && !has_payload(&r, nta_reader_left(&r) + n_missing)))
        return NOBODY;
    if (is_first)
        return server == 0 ? BY_CLIENT : EITHER;
    return head.flags & INITIATOR ? BY_CLIENT : BY_SERVER;
}

static enum sender sender_of(const struct nta_proto_io *io, struct nta_span datagram)
{
    struct nta_reader r = nta_reader_of(datagram.ptr, datagram.len), behind = r;
    const size_t len = datagram.len + io->cut;
    const uint32_t spi = nta_read_be32(&behind), number = nta_read_be32(&behind);

    if (!nta_reader_ok(&behind))
        return NOBODY;
    if (spi == 0) {
        nta_reader_skip(&r, sizeof(spi));
        return ike_sender(r, len - sizeof(spi));
    }
    if (is_esp(io, spi, number, len))
        return EITHER;
    return ike_sender(r, len);
}

static enum nta_parse ipsec_probe(const struct nta_proto_io *io, struct nta_span first)
{
    return !io->is_stream && sender_of(io, first) != NOBODY ? NTA_PARSE_OK : NTA_PARSE_OTHER;
}

static enum nta_parse ipsec_feed(void *state, struct nta_proto_io *io, struct nta_reader *r)
{
    const enum sender sender = sender_of(io, nta_read_rest(r));

    (void)state;
    if (sender == NOBODY)
        return NTA_PARSE_OTHER;
    io->swap = sender != EITHER && (io->side == NTA_FROM_SERVER) != (sender == BY_SERVER);
    io->done_both = true;
    return NTA_PARSE_OK;
}

NTA_PROTO(ipsec, char, ipsec_probe, ipsec_feed, nta_proto_turn_nothing, .app = NTA_APP_IPSEC,
          .over_udp = true, .settles_sides = true, .shared_size = sizeof(struct shared));
