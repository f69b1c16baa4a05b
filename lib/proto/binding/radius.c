/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/binding/radius.h"

#include "base/bytes.h"
#include "base/hex.h"
#include "base/own.h"
#include "proto/binding/asked.h"
#include "proto/binding/kept.h"

#include <assert.h>

/** An access server asks again until it is answered, for some seconds. */
#define ANSWERED_NS INT64_C(30000000000)

enum
{
    PORT_ACCOUNTING = 1813,
    PORT_OLD = 1646, ///< RFC 2866 section 3.
    REQUEST = 4,     ///< Codes.
    RESPONSE = 5,
    HEAD_LEN = 20,
    AUTHENTICATOR_LEN = 16,
    PACKET_MAX = 4096, ///< RFC 2866 section 3.

    USER_NAME = 1, ///< Attributes.
    NAS_ADDRESS = 4,
    FRAMED_ADDRESS = 8,
    SESSION_TIMEOUT = 27,
    CALLING_STATION = 31,
    STATUS_TYPE = 40,
    DELAY_TIME = 41,
    SESSION_ID = 44,
    NAS_PORT_ID = 87,
    NAS_IPV6_ADDRESS = 95,
    FRAMED_PREFIX = 97,
    DELEGATED_PREFIX = 123,
    FRAMED_IPV6_ADDRESS = 168,

    ACCOUNTING_ON = 7, ///< Status types.
    ACCOUNTING_OFF = 8,
    MAC_LEN = 6,
    ADDRS_MAX = 4, ///< Addresses of one user in one message.
    V4_PREFIX = 128,
    PORTS_OFF = 2 * NTA_ADDR_LEN, ///< In a key.
};

/** By status type: what it says, once acknowledged (section 5.1). */
static const struct status
{
    const char *name;
    enum nta_binding_state state;
} statuses[] = {
    [1] = {"Start", NTA_BINDING_BEGIN},
    [2] = {"Stop", NTA_BINDING_END},
    [3] = {"Interim-Update", NTA_BINDING_RENEW},
    [ACCOUNTING_ON] = {"Accounting-On", NTA_BINDING_END},
    [ACCOUNTING_OFF] = {"Accounting-Off", NTA_BINDING_END},
};

/** A request that waits for its answer. */
struct request
{
    bool waits;
    bool has_mac;
    uint8_t mac[MAC_LEN];
    uint8_t n_addrs;
    uint32_t status, delay_s, timeout_s;
    struct nta_prefix addrs[ADDRS_MAX];
    struct nta_addr access_server;
    struct nta_kept login, session, circuit;
};

struct shared
{
    struct nta_asked asked;
    struct request requests[NTA_ASKED_MAX];
};

static bool is_port(uint16_t port)
{
    return port == PORT_ACCOUNTING || port == PORT_OLD;
}

/** The length as the header says it; what lies behind is padding.  0: it is none. */
static size_t read_head(struct nta_reader *r, uint8_t *ret_code, uint8_t *ret_number)
{
    *ret_code = nta_read_u8(r);
    *ret_number = nta_read_u8(r);
    const uint16_t len = nta_read_be16(r);

    nta_reader_skip(r, AUTHENTICATOR_LEN);
    if (!nta_reader_ok(r) || (*ret_code != REQUEST && *ret_code != RESPONSE) || len < HEAD_LEN ||
        len > PACKET_MAX)
        return 0;
    return len;
}

static enum nta_parse probe(const struct nta_proto_io *io, struct nta_span first)
{
    struct nta_reader r = nta_reader_of(first.ptr, first.len);
    uint8_t code, number;

    if (io->is_stream || (!is_port(io->client_port) && !is_port(io->server_port)))
        return NTA_PARSE_OTHER;
    const size_t len = read_head(&r, &code, &number);

    return len > 0 && len <= first.len + io->cut ? NTA_PARSE_OK : NTA_PARSE_OTHER;
}

/** Twelve hex digits with anything between bytes that people put there. */
static bool read_mac(struct nta_span text, uint8_t mac[MAC_LEN])
{
    char digits[2 * MAC_LEN];
    size_t n = 0;

    for (size_t i = 0; i < text.len; i++) {
        const uint8_t c = text.ptr[i];

        if (c == '-' || c == ':' || c == '.')
            continue;
        if (n == sizeof(digits))
            return false;
        digits[n++] = (char)c;
    }
    return n == sizeof(digits) && nta_hex_parse(digits, MAC_LEN, mac);
}

static void add_addr(struct request *request, struct nta_addr addr, uint8_t len)
{
    static const struct nta_addr none;

    if (request->n_addrs == ADDRS_MAX || nta_addr_equal(&addr, &none))
        return;
    request->addrs[request->n_addrs++] = (struct nta_prefix){.addr = addr, .len = len};
}

/** 255.255.255.254 and .255: the access server or the user chooses (RFC 2865 section 5.8). */
static void add_v4(struct request *request, struct nta_reader *value)
{
    const uint8_t *bytes = nta_reader_take(value, 4);

    if (bytes && nta_reader_left(value) == 0 && memcmp(bytes, "\0\0\0\0", 4) != 0 &&
        memcmp(bytes, "\xff\xff\xff", 3) != 0)
        add_addr(request, nta_addr_v4(bytes), V4_PREFIX);
}

/** RFC 3162 section 2.3: a reserved byte, the length in bits, as many bytes as it takes. */
static void add_prefix(struct request *request, struct nta_reader *value)
{
    uint8_t bytes[NTA_ADDR_LEN] = {0};

    nta_reader_skip(value, 1);
    const uint8_t len = nta_read_u8(value);
    const struct nta_span rest = nta_read_rest(value);

    if (!nta_reader_ok(value) || len > 8 * NTA_ADDR_LEN || rest.len > NTA_ADDR_LEN ||
        rest.len < (len + 7U) / 8)
        return;
    memcpy(bytes, rest.ptr, (len + 7U) / 8);
    if (len % 8 != 0)
        bytes[len / 8] &= (uint8_t)(0xff00U >> len % 8);
    add_addr(request, nta_addr_v6(bytes), len);
}

static struct nta_addr read_v6(struct nta_reader *value)
{
    const uint8_t *bytes = nta_reader_take(value, NTA_ADDR_LEN);

    return bytes ? nta_addr_v6(bytes) : (struct nta_addr){0};
}

static void read_access_server(struct request *request, struct nta_reader *value)
{
    const uint8_t *bytes = nta_reader_take(value, 4);

    if (bytes && nta_reader_left(value) == 0)
        request->access_server = nta_addr_v4(bytes);
}

static void read_attribute(struct request *request, uint8_t type, struct nta_reader value)
{
    switch (type) {
    case USER_NAME: nta_keep(&request->login, nta_read_rest(&value)); break;
    case NAS_ADDRESS: read_access_server(request, &value); break;
    case NAS_IPV6_ADDRESS: request->access_server = read_v6(&value); break;
    case FRAMED_ADDRESS: add_v4(request, &value); break;
    case FRAMED_IPV6_ADDRESS: add_addr(request, read_v6(&value), 8 * NTA_ADDR_LEN); break;
    case FRAMED_PREFIX:
    case DELEGATED_PREFIX: add_prefix(request, &value); break;
    case SESSION_TIMEOUT: request->timeout_s = nta_read_be32(&value); break;
    case CALLING_STATION: request->has_mac = read_mac(nta_read_rest(&value), request->mac); break;
    case STATUS_TYPE: request->status = nta_read_be32(&value); break;
    case DELAY_TIME: request->delay_s = nta_read_be32(&value); break;
    case SESSION_ID: nta_keep(&request->session, nta_read_rest(&value)); break;
    case NAS_PORT_ID: nta_keep(&request->circuit, nta_read_rest(&value)); break;
    default: break;
    }
}

/** Attributes: type, length with these two bytes, value (RFC 2865 section 5). */
static bool read_attributes(struct request *request, struct nta_reader *r)
{
    while (nta_reader_left(r) > 0) {
        const uint8_t type = nta_read_u8(r), len = nta_read_u8(r);

        if (len < 2)
            return false;
        const struct nta_reader value = nta_read_sub(r, len - 2U);

        if (nta_reader_ok(r))
            read_attribute(request, type, value);
    }
    return nta_reader_ok(r);
}

/** Request and answer: the same two ends, ports and number, on the same link. */
static struct nta_asked_key key_of(const struct nta_proto_io *io, enum nta_side asker,
                                   uint8_t number)
{
    const uint16_t ports[] = {io->client_port, io->server_port};
    struct nta_asked_key key = {0};
    uint8_t *at = key.bytes;

    memcpy(at, io->ends[asker].addr->bytes, NTA_ADDR_LEN);
    memcpy(at + NTA_ADDR_LEN, io->ends[asker ^ 1U].addr->bytes, NTA_ADDR_LEN);
    at += PORTS_OFF;
    memcpy(at, &ports[asker], sizeof(ports[asker]));
    memcpy(at + 2, &ports[asker ^ 1U], sizeof(ports[asker]));
    at[4] = number;
    at[5] = (uint8_t)(io->link >> 56);
    at[6] = (uint8_t)(io->link >> 48);
    at[7] = (uint8_t)(io->link >> 32 ^ io->link ^ io->link >> 8 ^ io->link >> 16);
    return key;
}

static void keep_request(const struct nta_proto_io *io, const struct nta_asked_key *key,
                         struct request *request)
{
    struct shared *shared = io->shared;
    static const struct nta_addr none;

    if (nta_addr_equal(&request->access_server, &none))
        request->access_server = *io->ends[io->side].addr;
    request->waits = true;
    shared->requests[nta_asked_put(&shared->asked, key, io->wall_ns)] = *request;
}

/** A name that begins with "host/" is a computer's, as Windows has it. */
static void fill_names(const struct request *request, struct nta_binding *binding)
{
    const struct nta_span login = nta_kept_span(&request->login);

    if (nta_span_starts(login, "host/"))
        binding->name = nta_span_from(login, strlen("host/"));
    else
        binding->login = login;
    binding->session = nta_kept_span(&request->session);
    binding->circuit = nta_kept_span(&request->circuit);
}

static void tell(const struct nta_proto_io *io, const struct request *request)
{
    struct nta_binding binding = {
        .source = NTA_BINDING_RADIUS,
        .state = statuses[request->status].state,
        .message = nta_span_of(statuses[request->status].name),
        .by = request->access_server,
        .age_s = request->delay_s,
    };
    const struct nta_event event = {
        .kind = NTA_EVENT_BINDING, .app = NTA_APP_RADIUS, .binding = &binding};

    if (request->status != ACCOUNTING_ON && request->status != ACCOUNTING_OFF) {
        fill_names(request, &binding);
        binding.has_mac = request->has_mac;
        memcpy(binding.mac, request->mac, sizeof(binding.mac));
        if (binding.state != NTA_BINDING_END)
            binding.valid_s = request->timeout_s;
        if (binding.login.len == 0 && binding.name.len == 0 && !binding.has_mac &&
            request->n_addrs == 0)
            return;
    }
    for (size_t i = 0; i < request->n_addrs || i == 0; i++) {
        if (request->n_addrs > 0)
            binding.prefix = request->addrs[i];
        io->emit(io->owner, &event);
    }
}

static void take_answer(const struct nta_proto_io *io, const struct nta_asked_key *key)
{
    struct shared *shared = io->shared;
    const size_t place = nta_asked_find(&shared->asked, key, io->wall_ns, ANSWERED_NS);

    if (place == NTA_ASKED_MAX || !shared->requests[place].waits)
        return;
    shared->requests[place].waits = false;
    tell(io, &shared->requests[place]);
}

static bool is_status(uint32_t status)
{
    return status < NTA_N_ELEMENTS(statuses) && statuses[status].name;
}

static enum nta_parse feed(void *state, struct nta_proto_io *io, struct nta_reader *r)
{
    uint8_t code, number;
    const size_t len = read_head(r, &code, &number);
    struct request request = {.waits = false};

    (void)state;
    io->idle = true;
    if (len == 0)
        return nta_reader_ok(r) ? NTA_PARSE_BAD : NTA_PARSE_MORE;
    struct nta_reader attributes = nta_read_sub(r, len - HEAD_LEN);

    if (!nta_reader_ok(r))
        return NTA_PARSE_MORE;
    nta_reader_skip(r, nta_reader_left(r));
    if (!io->shared || !io->ends[0].addr || !io->ends[1].addr)
        return NTA_PARSE_OK;
    /* the message itself says who asks, whoever is taken for the client */
    const struct nta_asked_key key =
        key_of(io, code == REQUEST ? io->side : (enum nta_side)(io->side ^ 1U), number);

    if (!read_attributes(&request, &attributes))
        return NTA_PARSE_BAD;
    if (code == RESPONSE)
        take_answer(io, &key);
    else if (is_status(request.status))
        keep_request(io, &key, &request);
    return NTA_PARSE_OK;
}

NTA_PROTO(radius, char, probe, feed, nta_proto_turn_nothing, .app = NTA_APP_RADIUS,
          .over_udp = true, .shared_size = sizeof(struct shared));
