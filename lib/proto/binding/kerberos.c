/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/binding/kerberos.h"

#include "base/bytes.h"
#include "base/own.h"
#include "proto/binding/kept.h"
#include "proto/der.h"

enum
{
    PORT = 88,
    HEAD_LEN = 4,              ///< TCP: the message's length (section 7.2.2).
    MESSAGE_MAX = 1024 * 1024, ///< Longer ones are none.
    READ_MAX = 8192,           ///< So much of a message is waited for.
    ACCOUNT_SIZE = 256,
    AS_REQ = 0x6a, ///< Tags of messages, section 5.10: [APPLICATION 10] and so on.
    AS_REP = 0x6b,
    TGS_REQ = 0x6c,
    TGS_REP = 0x6d,
    ERROR = 0x7e,
    SEQUENCE = 0x30,
    CONTEXT = 0xa0, ///< Of a field with number 0.
    REQUEST_BODY = CONTEXT | 4,
    BODY_ADDRESSES = CONTEXT | 9,
    REPLY_REALM = CONTEXT | 3,
    REPLY_ACCOUNT = CONTEXT | 4,
    STRINGS = CONTEXT | 1, ///< Of a PrincipalName, section 5.2.2.
    ADDRESS_TYPE = CONTEXT | 0,
    ADDRESS = CONTEXT | 1,
    NETBIOS = 20, ///< Type of address, section 7.5.3.
    PARTS_MAX = 8,
};

struct kerberos
{
    bool settled;            ///< Which side is which.
    bool asked;              ///< A request for a ticket waits,
    uint8_t request;         ///< its tag;
    struct nta_kept station; ///< what it says of the computer that it comes from.
};

static bool is_message(uint8_t tag)
{
    return (tag >= AS_REQ && tag <= TGS_REP) || tag == ERROR;
}

static bool is_request(uint8_t tag)
{
    return tag == AS_REQ || tag == TGS_REQ;
}

/** A message begins: [APPLICATION n], length, SEQUENCE. */
static enum nta_parse looks_right(struct nta_reader r)
{
    const uint8_t tag = nta_read_u8(&r);

    if (!nta_reader_ok(&r))
        return NTA_PARSE_MORE;
    if (!is_message(tag))
        return NTA_PARSE_OTHER;
    (void)nta_der_length(&r);
    const uint8_t inner = nta_read_u8(&r);

    if (!nta_reader_ok(&r))
        return NTA_PARSE_MORE;
    return inner == SEQUENCE ? NTA_PARSE_OK : NTA_PARSE_OTHER;
}

static enum nta_parse probe(const struct nta_proto_io *io, struct nta_span first)
{
    struct nta_reader r = nta_reader_of(first.ptr, first.len);

    if (io->client_port != PORT && io->server_port != PORT)
        return NTA_PARSE_OTHER;
    if (!io->is_stream)
        return looks_right(r) == NTA_PARSE_OK ? NTA_PARSE_OK : NTA_PARSE_OTHER;
    const uint32_t len = nta_read_be32(&r);

    if (!nta_reader_ok(&r))
        return first.len == 0 || first.ptr[0] == 0 ? NTA_PARSE_MORE : NTA_PARSE_OTHER;
    return len <= MESSAGE_MAX ? looks_right(r) : NTA_PARSE_OTHER;
}

/** The content of the next field with this tag; those before it are passed over. */
static struct nta_reader find(struct nta_reader *sequence, uint8_t want)
{
    while (nta_reader_left(sequence) > 0) {
        struct nta_reader peek = *sequence;
        const uint8_t tag = nta_read_u8(&peek);

        if (tag == want)
            return nta_der_container(sequence, want, true);
        (void)nta_der_any(sequence, &(uint8_t){0});
    }
    return nta_reader_of(NULL, 0);
}

/** The text of the string that a field holds, of whatever kind. */
static struct nta_span text_of(struct nta_reader field)
{
    uint8_t tag = 0;
    struct nta_reader value = nta_der_any(&field, &tag);

    return nta_reader_ok(&field) ? nta_read_rest(&value) : (struct nta_span){0};
}

/** A PrincipalName's parts with '/' between them; empty if they do not fit. */
static struct nta_span read_account(struct nta_reader field, uint8_t buf[ACCOUNT_SIZE])
{
    struct nta_reader name = nta_der_element(&field, SEQUENCE);
    struct nta_reader strings = find(&name, STRINGS);
    struct nta_reader parts = nta_der_element(&strings, SEQUENCE);
    size_t len = 0;

    for (int n = 0; nta_reader_left(&parts) > 0; n++) {
        uint8_t tag = 0;
        struct nta_reader part = nta_der_any(&parts, &tag);
        const struct nta_span text = nta_read_rest(&part);

        if (!nta_reader_ok(&parts) || n == PARTS_MAX || len + text.len + 1 > ACCOUNT_SIZE)
            return (struct nta_span){0};
        if (n > 0)
            buf[len++] = '/';
        if (text.len > 0)
            memcpy(buf + len, text.ptr, text.len);
        len += text.len;
    }
    return (struct nta_span){buf, len};
}

/** The NetBIOS name among a client's addresses, without what fills it up. */
static struct nta_span read_station(struct nta_reader addresses)
{
    struct nta_reader list = nta_der_element(&addresses, SEQUENCE);

    while (nta_reader_left(&list) > 0) {
        struct nta_reader entry = nta_der_element(&list, SEQUENCE);
        struct nta_reader type = find(&entry, ADDRESS_TYPE);
        const struct nta_span number = text_of(type);
        struct nta_span name = text_of(find(&entry, ADDRESS));

        if (number.len != 1 || number.ptr[0] != NETBIOS)
            continue;
        while (name.len > 0 && (name.ptr[name.len - 1] == ' ' || name.ptr[name.len - 1] == 0))
            name.len--;
        return name;
    }
    return (struct nta_span){0};
}

static void take_request(struct kerberos *state, uint8_t tag, struct nta_reader fields)
{
    struct nta_reader body = find(&fields, REQUEST_BODY);
    struct nta_reader inner = nta_der_container(&body, SEQUENCE, true);

    state->asked = true;
    state->request = tag;
    nta_keep(&state->station, read_station(find(&inner, BODY_ADDRESSES)));
}

/** An account of a computer tells the computer's name, and nobody's login. */
static void fill_names(struct nta_binding *binding, struct nta_span account)
{
    if (account.len > 1 && account.ptr[account.len - 1] == '$' && !nta_span_has(account, '/'))
        binding->name = nta_span_first(account, account.len - 1);
    else if (nta_span_starts(account, "host/"))
        binding->name = nta_span_from(account, strlen("host/"));
    else
        binding->login = account;
}

static void take_reply(struct kerberos *state, const struct nta_proto_io *io, uint8_t tag,
                       struct nta_reader fields)
{
    const bool is_asked = state->asked && state->request + 1 == tag;
    uint8_t buf[ACCOUNT_SIZE];
    const struct nta_span realm = text_of(find(&fields, REPLY_REALM));
    const struct nta_span account = read_account(find(&fields, REPLY_ACCOUNT), buf);
    struct nta_binding binding = {
        .source = NTA_BINDING_KERBEROS,
        .state = tag == AS_REP ? NTA_BINDING_BEGIN : NTA_BINDING_RENEW,
        .message = nta_span_of(tag == AS_REP ? "AS-REP" : "TGS-REP"),
        .domain = realm,
        .name = nta_kept_span(&state->station),
    };
    const struct nta_event event = {
        .kind = NTA_EVENT_BINDING, .app = NTA_APP_KERBEROS, .binding = &binding};

    state->asked = false;
    if (!is_asked || account.len == 0)
        return;
    fill_names(&binding, account);
    nta_binding_of_end(&binding, &io->ends[NTA_FROM_CLIENT]);
    binding.has_mac = false; /* a login is an address'; the frame may be a router's */
    io->emit(io->owner, &event);
}

/** One message.  False: it is none. */
static bool take_message(struct kerberos *state, struct nta_proto_io *io, struct nta_reader r)
{
    const uint8_t tag = nta_reader_peek(&r);
    struct nta_reader message = nta_der_container(&r, tag, true);
    const struct nta_reader fields = nta_der_container(&message, SEQUENCE, true);

    if (!is_message(tag) || !nta_reader_ok(&message))
        return false;
    if (!state->settled)
        io->swap = is_request(tag) != (io->side == NTA_FROM_CLIENT);
    state->settled = true;
    if (is_request(tag) != (nta_proto_side(io) == NTA_FROM_CLIENT))
        return true; /* nobody asks from there */
    if (is_request(tag))
        take_request(state, tag, fields);
    else if (tag != ERROR)
        take_reply(state, io, tag, fields);
    else
        state->asked = false;
    return true;
}

static enum nta_parse feed_stream(struct kerberos *state, struct nta_proto_io *io,
                                  struct nta_reader *r)
{
    while (nta_reader_left(r) > 0) {
        struct nta_reader peek = *r;
        const uint32_t len = nta_read_be32(&peek);
        const size_t wanted = nta_smaller(len, READ_MAX), left = nta_reader_left(&peek);

        if (nta_reader_ok(&peek) && (len > MESSAGE_MAX || looks_right(peek) > NTA_PARSE_MORE))
            return NTA_PARSE_OTHER;
        if (!nta_reader_ok(&peek) || left < wanted)
            return NTA_PARSE_MORE;
        nta_reader_skip(r, HEAD_LEN);
        struct nta_reader message = nta_read_sub(r, nta_smaller(len, left));

        if (!take_message(state, io, message))
            return NTA_PARSE_OTHER;
        if (len > left) {
            io->skip = len - left;
            return NTA_PARSE_OK;
        }
    }
    return NTA_PARSE_OK;
}

static enum nta_parse feed(void *state, struct nta_proto_io *io, struct nta_reader *r)
{
    if (io->is_stream)
        return feed_stream(state, io, r);
    const struct nta_reader message = *r;

    if (nta_reader_left(r) == 0)
        return NTA_PARSE_MORE;
    nta_reader_skip(r, nta_reader_left(r));
    return take_message(state, io, message) ? NTA_PARSE_OK : NTA_PARSE_BAD;
}

NTA_PROTO(kerberos, struct kerberos, probe, feed, nta_proto_turn_nothing, .app = NTA_APP_KERBEROS,
          .over_tcp = true, .over_udp = true, .settles_sides = true);
