/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/binding/netbios.h"

#include <string.h>

enum
{
    PORT_DATAGRAM = 138,
    DIRECT_UNIQUE = 0x10, ///< Types of message that carry names, RFC 1002 section 4.4.1.
    BROADCAST = 0x12,
    NAME_LEN = 16, ///< Fifteen bytes, and what kind of service has the name.
    ENCODED_LEN = 2 * NAME_LEN,
    SCOPE_LABELS_MAX = 128,
};

struct netbios
{
    bool emitted; ///< The names below were.
    uint8_t names[2][NAME_LEN];
};

/** Two letters a byte (RFC 1001 section 14.1), then the labels of a scope, which nobody uses. */
static enum nta_parse read_name(struct nta_reader *r, uint8_t name[NAME_LEN])
{
    uint8_t label = nta_read_u8(r);
    const uint8_t *letters = nta_reader_take(r, ENCODED_LEN);

    if (!letters)
        return NTA_PARSE_MORE;
    if (label != ENCODED_LEN)
        return NTA_PARSE_BAD;
    for (size_t i = 0; i < NAME_LEN; i++) {
        uint8_t high = (uint8_t)(letters[2 * i] - 'A'), low = (uint8_t)(letters[2 * i + 1] - 'A');

        if (high > 15 || low > 15)
            return NTA_PARSE_BAD;
        name[i] = (uint8_t)(high << 4 | low);
    }
    label = nta_read_u8(r);
    for (int n = 0; label != 0; n++) {
        if (label > 63 || n == SCOPE_LABELS_MAX)
            return NTA_PARSE_BAD;
        nta_reader_skip(r, label);
        label = nta_read_u8(r);
    }
    return nta_reader_ok(r) ? NTA_PARSE_OK : NTA_PARSE_MORE;
}

/** A whole head with both names.  OTHER: a message that has none. */
static enum nta_parse read_names(struct nta_reader *r, struct nta_addr *ret_sender,
                                 uint8_t names[2][NAME_LEN])
{
    uint8_t type = nta_read_u8(r);

    nta_reader_skip(r, 3); /* flags, number */
    const uint8_t *sender = nta_reader_take(r, 4);

    nta_reader_skip(r, 6); /* sender's port, length, offset */
    if (!nta_reader_ok(r))
        return NTA_PARSE_MORE;
    if (type < DIRECT_UNIQUE || type > BROADCAST)
        return NTA_PARSE_OTHER;
    *ret_sender = nta_addr_v4(sender);
    enum nta_parse verdict = read_name(r, names[0]);

    return verdict == NTA_PARSE_OK ? read_name(r, names[1]) : verdict;
}

/** Without the service, and the blanks that fill a name up. */
static struct nta_span shown(const uint8_t name[NAME_LEN])
{
    size_t len = NAME_LEN - 1;

    while (len > 0 && (name[len - 1] == ' ' || name[len - 1] == 0))
        len--;
    return (struct nta_span){name, len};
}

static enum nta_parse probe(const struct nta_proto_io *io, struct nta_span first)
{
    struct nta_reader r = nta_reader_of(first.ptr, first.len);
    uint8_t names[2][NAME_LEN];
    struct nta_addr sender;

    if (io->is_stream || (io->client_port != PORT_DATAGRAM && io->server_port != PORT_DATAGRAM))
        return NTA_PARSE_OTHER;
    return read_names(&r, &sender, names) == NTA_PARSE_OK ? NTA_PARSE_OK : NTA_PARSE_OTHER;
}

static enum nta_parse feed(void *state_ptr, struct nta_proto_io *io, struct nta_reader *r)
{
    struct netbios *state = state_ptr;
    uint8_t names[2][NAME_LEN];
    struct nta_addr sender;
    enum nta_parse verdict = read_names(r, &sender, names);

    if (verdict != NTA_PARSE_OK)
        return verdict;
    nta_reader_skip(r, nta_reader_left(r));
    if (state->emitted && memcmp(state->names, names, sizeof(names)) == 0)
        return NTA_PARSE_OK;
    state->emitted = true;
    memcpy(state->names, names, sizeof(names));
    struct nta_binding binding = {.source = NTA_BINDING_NETBIOS,
                                  .of_server = io->side == NTA_FROM_SERVER,
                                  .name = shown(names[0]),
                                  .other = shown(names[1])};
    const struct nta_event event = {
        .kind = NTA_EVENT_BINDING, .app = NTA_APP_NETBIOS, .binding = &binding};

    nta_binding_of_end(&binding, &io->ends[io->side]);
    /* one that another machine passed on is that one's word */
    if (nta_addr_equal(&binding.prefix.addr, &sender))
        binding.state = NTA_BINDING_BEGIN;
    io->emit(io->owner, &event);
    return NTA_PARSE_OK;
}

NTA_PROTO(netbios, struct netbios, probe, feed, nta_proto_turn_nothing, .app = NTA_APP_NETBIOS,
          .over_udp = true);
