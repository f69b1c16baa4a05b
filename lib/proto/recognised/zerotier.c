/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/recognised/zerotier.h"

#include <string.h>

enum
{
    ADDRESS_LEN = 5,
    SENDER_AT = 13,
    ENCRYPTION = 0x38, /* none, but for the code, is 0 */
    VERB = 0x1f,
    HELLO = 1,
    VERSION_MIN = 4, /* of the protocol */
    VERSION_MAX = 32,
    TIME_HIGH = 0xffff, /* milliseconds since 1970 fit in 48 bits */
};

static bool is_hello(struct nta_span datagram)
{
    struct nta_reader r = nta_reader_of(datagram.ptr, datagram.len);

    nta_reader_skip(&r, SENDER_AT + ADDRESS_LEN);
    const uint8_t flags = nta_read_u8(&r);

    nta_reader_skip(&r, 8); /* the code */
    const uint8_t verb = nta_read_u8(&r), version = nta_read_u8(&r);

    nta_reader_skip(&r, 4); /* of the program: major, minor, revision */
    const uint64_t time_ms = nta_read_be64(&r);
    const struct nta_span sender = nta_read_span(&r, ADDRESS_LEN);
    const uint8_t kind = nta_read_u8(&r);

    return nta_reader_ok(&r) && !(flags & ENCRYPTION) && (verb & VERB) == HELLO &&
           version >= VERSION_MIN && version <= VERSION_MAX && time_ms >> 48 == 0 &&
           time_ms > TIME_HIGH && kind <= 1 &&
           memcmp(sender.ptr, datagram.ptr + SENDER_AT, ADDRESS_LEN) == 0;
}

static enum nta_parse zerotier_probe(const struct nta_proto_io *io, struct nta_span first)
{
    return !io->is_stream && is_hello(first) ? NTA_PARSE_OK : NTA_PARSE_OTHER;
}

static enum nta_parse zerotier_feed(void *state, struct nta_proto_io *io, struct nta_reader *r)
{
    (void)state;
    if (!is_hello(nta_read_rest(r)))
        return NTA_PARSE_OTHER;
    io->done_both = true;
    return NTA_PARSE_OK;
}

NTA_PROTO(zerotier, char, zerotier_probe, zerotier_feed, nta_proto_turn_nothing,
          .app = NTA_APP_ZEROTIER, .over_udp = true);
