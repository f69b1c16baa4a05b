/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/socks.h"

enum
{
    V4 = 4,
    V5 = 5,
    CONNECT = 1,
    BIND = 2,
    AUTH_VERSION = 1, ///< RFC 1929.
    AUTH_NONE = 0,
    AUTH_PASSWORD = 2,
    ADDR_V4 = 1, ///< RFC 1928 section 5.
    ADDR_NAME = 3,
    ADDR_V6 = 4,
    GRANTED_V4 = 90,
    USER_LEN_MAX = 255,
    METHOD_NAMED_MAX = 9,
    METHOD_PRIVATE = 0x80, ///< From here on methods are for private use.
};

struct nta_socks_state
{
    uint8_t version;   ///< 0: nothing seen.
    uint8_t n_replies; ///< Until data flows: BIND is answered twice.
    bool greeted;      ///< Version 5: the client's methods were seen.
    bool chosen;       ///< The proxy chose one.
    bool served;       ///< Something came from the proxy.
    bool asked;        ///< The client's request is complete.
};

/* The text up to its NUL.  MORE: no NUL yet. */
static enum nta_parse skip_text(struct nta_reader *r)
{
    const uint8_t *end = memchr(r->pos, '\0', nta_reader_left(r));

    for (const uint8_t *c = r->pos; c < (end ? end : r->end); c++) {
        if (*c < ' ' || c - r->pos > USER_LEN_MAX)
            return NTA_PARSE_BAD;
    }
    if (!end)
        return NTA_PARSE_MORE;
    nta_reader_skip(r, (size_t)(end - r->pos) + 1);
    return NTA_PARSE_OK;
}

/* Version 4: command, port, address, user name; 4a: an address 0.0.0.x says that a host name follows. */
static enum nta_parse read_request_v4(struct nta_reader *r, uint8_t *ret_command)
{
    uint8_t version = nta_read_u8(r), command = nta_read_u8(r);
    uint16_t port = nta_read_be16(r);
    uint32_t addr = nta_read_be32(r);
    enum nta_parse verdict;

    if (version != V4 || command > BIND)
        return NTA_PARSE_BAD;
    if (!nta_reader_ok(r))
        return NTA_PARSE_MORE;
    if (command < CONNECT || port == 0)
        return NTA_PARSE_BAD;
    *ret_command = command;
    verdict = skip_text(r);
    if (verdict == NTA_PARSE_OK && addr > 0 && addr < 256)
        verdict = skip_text(r);
    return verdict;
}

/* RFC 1928 section 3: version, number of methods, methods. */
static enum nta_parse read_greeting(struct nta_reader *r)
{
    uint8_t version = nta_read_u8(r), n = nta_read_u8(r);
    unsigned n_read = 0;

    if (version != V5)
        return NTA_PARSE_BAD;
    if (!nta_reader_ok(r))
        return NTA_PARSE_MORE;
    if (n == 0)
        return NTA_PARSE_BAD;
    for (unsigned i = 0; i < n && nta_reader_left(r) > 0; i++) {
        uint8_t method = nta_read_u8(r);

        if (method == 0xff || (method > METHOD_NAMED_MAX && method < METHOD_PRIVATE))
            return NTA_PARSE_BAD;
        n_read++;
    }
    return n_read == n ? NTA_PARSE_OK : NTA_PARSE_MORE;
}

/* RFC 1928 sections 4 and 6: request and reply have one shape. */
static enum nta_parse read_message_v5(struct nta_reader *r, uint8_t *ret_code)
{
    uint8_t version = nta_read_u8(r), code = nta_read_u8(r), zero = nta_read_u8(r);
    uint8_t type = nta_read_u8(r);
    size_t len = type == ADDR_V4 ? 4 : 16;

    if (nta_reader_ok(r) &&
        (version != V5 || zero != 0 || (type != ADDR_V4 && type != ADDR_V6 && type != ADDR_NAME)))
        return NTA_PARSE_BAD;
    if (type == ADDR_NAME)
        len = nta_read_u8(r);
    nta_reader_skip(r, len + 2);
    if (!nta_reader_ok(r))
        return NTA_PARSE_MORE;
    *ret_code = code;
    return NTA_PARSE_OK;
}

/* RFC 1929: version, user name, password. */
static enum nta_parse skip_password(struct nta_reader *r)
{
    nta_reader_skip(r, 1);
    nta_reader_skip(r, nta_read_u8(r));
    nta_reader_skip(r, nta_read_u8(r));
    return nta_reader_ok(r) ? NTA_PARSE_OK : NTA_PARSE_MORE;
}

static enum nta_parse probe(const struct nta_proto_io *io, struct nta_span first)
{
    struct nta_reader r = nta_reader_of(first.ptr, first.len);
    enum nta_parse verdict = NTA_PARSE_OTHER;
    uint8_t command;

    if (first.len == 0)
        return NTA_PARSE_MORE;
    if (first.ptr[0] == V4 && io->side == NTA_FROM_CLIENT)
        verdict = read_request_v4(&r, &command);
    else if (first.ptr[0] == V5)
        verdict = read_greeting(&r);
    return verdict == NTA_PARSE_BAD ? NTA_PARSE_OTHER : verdict;
}

/* The request is complete: what the proxy must answer. */
static enum nta_parse set_asked(struct nta_socks_state *state, uint8_t command)
{
    if (command != CONNECT && command != BIND)
        return NTA_PARSE_OTHER;
    state->asked = true;
    state->n_replies = command;
    return NTA_PARSE_OK;
}

static enum nta_parse step_client(struct nta_socks_state *state, struct nta_proto_io *io,
                                  struct nta_reader *r)
{
    enum nta_parse verdict;
    uint8_t command = 0;

    if (state->asked) {
        io->handover = !state->served;
        return state->served ? NTA_PARSE_MORE : NTA_PARSE_OK;
    }
    if (state->version == 0)
        state->version = *r->pos;
    if (state->version == V4) {
        verdict = read_request_v4(r, &command);
    } else if (!state->greeted) {
        verdict = read_greeting(r);
        state->greeted = verdict == NTA_PARSE_OK;
        return verdict;
    } else if (*r->pos == AUTH_VERSION) {
        return skip_password(r);
    } else {
        verdict = read_message_v5(r, &command);
    }
    return verdict == NTA_PARSE_OK ? set_asked(state, command) : verdict;
}

/* The reply to the request. */
static enum nta_parse take_reply(struct nta_socks_state *state, struct nta_proto_io *io,
                                 bool granted)
{
    if (!granted || !state->asked)
        return NTA_PARSE_OTHER;
    io->handover = --state->n_replies == 0;
    return NTA_PARSE_OK;
}

static enum nta_parse step_server(struct nta_socks_state *state, struct nta_proto_io *io,
                                  struct nta_reader *r)
{
    uint8_t code = 0;
    enum nta_parse verdict;

    state->served = true;
    if (state->version == V4) {
        nta_reader_skip(r, 1);
        code = nta_read_u8(r);
        nta_reader_skip(r, 6);
        return nta_reader_ok(r) ? take_reply(state, io, code == GRANTED_V4) : NTA_PARSE_MORE;
    }
    if (!state->chosen || *r->pos == AUTH_VERSION) {
        nta_reader_skip(r, 1);
        code = nta_read_u8(r);
        if (!nta_reader_ok(r))
            return NTA_PARSE_MORE;
        if (state->chosen ? code != 0 : code != AUTH_NONE && code != AUTH_PASSWORD)
            return NTA_PARSE_OTHER;
        state->chosen = true;
        return NTA_PARSE_OK;
    }
    verdict = read_message_v5(r, &code);
    return verdict == NTA_PARSE_OK ? take_reply(state, io, code == 0) : verdict;
}

static enum nta_parse feed(void *state_ptr, struct nta_proto_io *io, struct nta_reader *r)
{
    struct nta_socks_state *state = state_ptr;

    /* Who greets is the client; a proxy may well be the one that connected. */
    io->swap = state->version == 0 && io->side == NTA_FROM_SERVER && nta_reader_left(r) > 0;
    while (nta_reader_left(r) > 0 && !io->handover) {
        bool from_client = (io->side == NTA_FROM_CLIENT) != io->swap;
        struct nta_reader at = *r;
        enum nta_parse verdict =
            from_client ? step_client(state, io, &at) : step_server(state, io, &at);

        if (verdict != NTA_PARSE_OK)
            return verdict;
        *r = at;
    }
    return NTA_PARSE_OK;
}

const struct nta_proto nta_proto_socks = {
    .name = "socks",
    .app = NTA_APP_SOCKS,
    .over_tcp = true,
    .state_size = sizeof(struct nta_socks_state),
    .probe = probe,
    .feed = feed,
};
