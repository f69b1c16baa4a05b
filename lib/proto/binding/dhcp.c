/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/binding/dhcp.h"

#include "base/own.h"
#include "proto/binding/asked.h"
#include "proto/binding/kept.h"
#include "proto/binding/labels.h"

#include <assert.h>

enum
{
    PORT_SERVER = 67,
    PORT_CLIENT = 68,
    REQUEST = 1, ///< Operations of RFC 951.
    REPLY = 2,
    ETHERNET = 1,
    MAC_LEN = 6,
    HARDWARE_LEN = 16, ///< The field that a MAC is in.
    TRANSACTION_LEN = 4,
    HEAD_LEN = 44,   ///< Up to the server's name.
    SERVER_LEN = 64, ///< Its field, and that of the file.
    FILE_LEN = 128,
    MAGIC = 0x63825363, ///< RFC 2131 section 3.
    OPTION_PAD = 0,
    OPTION_NAME = 12,
    OPTION_REQUESTED = 50,
    OPTION_LEASE = 51,
    OPTION_OVERLOAD = 52,
    OPTION_TYPE = 53,
    OPTION_SERVER = 54,
    OPTION_VENDOR = 60,    ///< RFC 2132 section 9.13.
    OPTION_CLIENT_ID = 61, ///< The same, section 9.14.
    OPTION_FULL_NAME = 81, ///< RFC 4702.
    OPTION_RELAY = 82,     ///< RFC 3046.
    OPTION_END = 255,
    RELAY_CIRCUIT = 1,    ///< Of its options: which port of the relay's.
    FULL_NAME_HEAD = 3,   ///< Flags and two codes.
    FULL_NAME_WIRE = 0x4, ///< Flag: in the form of DNS, RFC 4702 section 2.1.
    OVERLOAD_FILE = 1,
    OVERLOAD_SERVER = 2,
};

/* A client asks again for at most so long (RFC 2131 section 4.1), and an answer is quick. */
#define ANSWERED_NS INT64_C(60000000000)

/** Of questions that wait: what the client said that the answer need not repeat. */
struct shared
{
    struct nta_asked asked;

    struct claim
    {
        struct nta_addr server; ///< Whom the client chose; all zeros: nobody.
        struct nta_kept name, client_id, vendor, circuit;
    } claims[NTA_ASKED_MAX];
};

struct dhcp
{
    bool settled; ///< Which side is which.
};

/** A message being read.  Addresses of all zeros: not in it. */
struct message
{
    struct nta_binding binding; ///< As far as options say it as it is.
    struct nta_asked_key key;   ///< Question and answer have the same.
    uint8_t op;                 ///< REQUEST or REPLY.
    uint8_t type;               ///< RFC 2132 section 9.6.
    struct nta_addr had;        ///< What the station uses.
    struct nta_addr given;      ///< What the server offers or gives.
    struct nta_addr requested;  ///< What the station asks for.
    struct nta_span full_name;  ///< Option 81, without its head.
    bool full_name_wire;
    uint8_t overload;
};

/** Types of message, and what each alone says of a binding (RFC 2131 section 3). */
static const struct
{
    const char *name;
    enum nta_binding_state state;
} types[] = {
    {"", NTA_BINDING_CLAIMED},        {"DISCOVER", NTA_BINDING_CLAIMED},
    {"OFFER", NTA_BINDING_CLAIMED},   {"REQUEST", NTA_BINDING_CLAIMED},
    {"DECLINE", NTA_BINDING_REFUSED}, {"ACK", NTA_BINDING_BEGIN},
    {"NAK", NTA_BINDING_REFUSED},     {"RELEASE", NTA_BINDING_END},
    {"INFORM", NTA_BINDING_CLAIMED},
};

static_assert(NTA_N_ELEMENTS(types) == 9, "types 1 to 8 of RFC 2132 section 9.6");

static const struct nta_addr no_addr;

static struct nta_addr read_addr(struct nta_reader *r)
{
    const uint8_t *bytes = nta_reader_take(r, 4);
    static const uint8_t none[4];

    /* an address of zeros is none, and told as such */
    return bytes && memcmp(bytes, none, 4) != 0 ? nta_addr_v4(bytes) : no_addr;
}

/** Without the dot that some servers end whole names with. */
static struct nta_span without_dot(struct nta_span name)
{
    const bool has_dot = name.len > 1 && name.ptr[name.len - 1] == '.';

    return nta_span_first(name, name.len - has_dot);
}

/** A name ends with its first zero: some clients count one in. */
static struct nta_span read_name(struct nta_reader *r)
{
    return without_dot(nta_span_before(nta_read_rest(r), '\0'));
}

static void read_full_name(struct message *message, struct nta_reader *r)
{
    uint8_t flags = nta_read_u8(r);

    nta_reader_skip(r, FULL_NAME_HEAD - 1);
    message->full_name_wire = flags & FULL_NAME_WIRE;
    message->full_name = nta_read_span(r, nta_reader_left(r));
}

/** What the relay says of the station's place: the circuit. */
static struct nta_span read_relay(struct nta_reader *r)
{
    while (nta_reader_left(r) > 0) {
        uint8_t code = nta_read_u8(r);
        struct nta_reader value = nta_read_vec8(r);

        if (code == RELAY_CIRCUIT && nta_reader_ok(r))
            return nta_read_rest(&value);
    }
    return (struct nta_span){0};
}

static void read_option(struct message *message, uint8_t code, struct nta_reader value)
{
    struct nta_binding *binding = &message->binding;

    switch (code) {
    case OPTION_NAME: binding->name = read_name(&value); break;
    case OPTION_REQUESTED: message->requested = read_addr(&value); break;
    case OPTION_LEASE: binding->valid_s = nta_read_be32(&value); break;
    case OPTION_OVERLOAD: message->overload = nta_read_u8(&value); break;
    case OPTION_TYPE: message->type = nta_read_u8(&value); break;
    case OPTION_SERVER: binding->by = read_addr(&value); break;
    case OPTION_VENDOR: binding->vendor = nta_read_rest(&value); break;
    case OPTION_CLIENT_ID: binding->client_id = nta_read_rest(&value); break;
    case OPTION_FULL_NAME: read_full_name(message, &value); break;
    case OPTION_RELAY: binding->circuit = read_relay(&value); break;
    default: break;
    }
}

/** RFC 2132 section 2.  What is cut off is left out, what came before stands. */
static void read_options(struct message *message, struct nta_reader r)
{
    while (nta_reader_left(&r) > 0) {
        uint8_t code = nta_read_u8(&r);

        if (code == OPTION_END)
            break;
        if (code == OPTION_PAD)
            continue;
        const struct nta_reader value = nta_read_vec8(&r);

        if (nta_reader_ok(&r))
            read_option(message, code, value);
    }
}

/** The fixed part.  OK: `r` stands at the options. */
static enum nta_parse read_head(struct nta_reader *r, struct message *message,
                                struct nta_reader *ret_server, struct nta_reader *ret_file)
{
    struct nta_binding *binding = &message->binding;
    uint8_t op = nta_read_u8(r), type = nta_read_u8(r), len = nta_read_u8(r);

    nta_reader_skip(r, 1); /* hops */
    const uint8_t *transaction = nta_reader_take(r, TRANSACTION_LEN);

    nta_reader_skip(r, 4); /* seconds, flags */
    message->had = read_addr(r);
    message->given = read_addr(r);
    nta_reader_skip(r, 8); /* next server, relay */
    const uint8_t *mac = nta_reader_take(r, HARDWARE_LEN);

    *ret_server = nta_read_sub(r, SERVER_LEN);
    *ret_file = nta_read_sub(r, FILE_LEN);
    uint32_t magic = nta_read_be32(r);

    if (!nta_reader_ok(r))
        return NTA_PARSE_MORE;
    if ((op != REQUEST && op != REPLY) || len > 16 || magic != MAGIC)
        return NTA_PARSE_BAD;
    binding->has_mac = type == ETHERNET && len == MAC_LEN;
    memcpy(binding->mac, mac, sizeof(binding->mac));
    memcpy(message->key.bytes, transaction, TRANSACTION_LEN);
    memcpy(message->key.bytes + TRANSACTION_LEN, mac, HARDWARE_LEN);
    message->op = op;
    return NTA_PARSE_OK;
}

static enum nta_parse probe(const struct nta_proto_io *io, struct nta_span first)
{
    struct nta_reader r = nta_reader_of(first.ptr, first.len), server, file;
    uint16_t low = io->client_port < io->server_port ? io->client_port : io->server_port;
    uint16_t high = io->client_port < io->server_port ? io->server_port : io->client_port;
    struct message message = {0};

    if (io->is_stream || low != PORT_SERVER || (high != PORT_CLIENT && high != PORT_SERVER))
        return NTA_PARSE_OTHER;
    return read_head(&r, &message, &server, &file) == NTA_PARSE_OK ? NTA_PARSE_OK : NTA_PARSE_OTHER;
}

/** The address that a message is about, the most certain first. */
static struct nta_addr about(const struct message *message)
{
    if (!nta_addr_equal(&message->given, &no_addr))
        return message->given;
    return nta_addr_equal(&message->had, &no_addr) ? message->requested : message->had;
}

/** What the client says is kept for the answer. */
static void keep_question(const struct nta_proto_io *io, const struct message *message)
{
    struct shared *shared = io->shared;
    const size_t place = nta_asked_put(&shared->asked, &message->key, io->wall_ns);
    struct claim *claim = &shared->claims[place];

    claim->server = message->binding.by;
    nta_keep(&claim->name, message->binding.name);
    nta_keep(&claim->client_id, message->binding.client_id);
    nta_keep(&claim->vendor, message->binding.vendor);
    nta_keep(&claim->circuit, message->binding.circuit);
}

/**
 * The answer, with what was said in the question.  False: nobody was seen to ask, or asked another
 * server.
 */
static bool join_question(const struct nta_proto_io *io, struct message *message)
{
    const struct shared *shared = io->shared;
    struct nta_binding *binding = &message->binding;
    const size_t place = nta_asked_find(&shared->asked, &message->key, io->wall_ns, ANSWERED_NS);

    if (place == NTA_ASKED_MAX)
        return false;
    const struct claim *claim = &shared->claims[place];

    if (!nta_addr_equal(&claim->server, &no_addr) && !nta_addr_equal(&claim->server, &binding->by))
        return false;
    binding->name = nta_kept_or(binding->name, &claim->name);
    binding->client_id = nta_kept_or(binding->client_id, &claim->client_id);
    binding->vendor = nta_kept_or(binding->vendor, &claim->vendor);
    binding->circuit = nta_kept_or(binding->circuit, &claim->circuit);
    return true;
}

/** Who answers INFORM gives no address and no time (RFC 2131 section 4.3.5). */
static enum nta_binding_state state_of(const struct message *message)
{
    const enum nta_binding_state state = types[message->type].state;

    if (state != NTA_BINDING_BEGIN)
        return state;
    if (nta_addr_equal(&message->given, &no_addr) || message->binding.valid_s == 0)
        return NTA_BINDING_CLAIMED;
    return nta_addr_equal(&message->given, &message->had) ? NTA_BINDING_RENEW : NTA_BINDING_BEGIN;
}

static void emit(const struct nta_proto_io *io, struct message *message)
{
    struct nta_binding *binding = &message->binding;
    bool is_known = true;
    const struct nta_addr addr = about(message);
    const struct nta_event event = {
        .kind = NTA_EVENT_BINDING, .app = NTA_APP_DHCP, .binding = binding};

    if (message->type == 0 || message->type >= NTA_N_ELEMENTS(types))
        return;
    binding->source = NTA_BINDING_DHCP;
    binding->message = nta_span_of(types[message->type].name);
    memcpy(message->key.bytes + TRANSACTION_LEN + HARDWARE_LEN, &io->link, sizeof(io->link));
    if (message->op == REQUEST)
        keep_question(io, message);
    else
        is_known = join_question(io, message);
    binding->state = is_known ? state_of(message) : NTA_BINDING_CLAIMED;
    if (!nta_addr_equal(&addr, &no_addr))
        binding->prefix = (struct nta_prefix){.addr = addr, .len = 8 * NTA_ADDR_LEN};
    io->emit(io->owner, &event);
}

static enum nta_parse feed(void *state_ptr, struct nta_proto_io *io, struct nta_reader *r)
{
    struct dhcp *state = state_ptr;
    struct nta_reader server, file;
    struct message message = {0};
    uint8_t buf[NTA_LABELS_SIZE];
    enum nta_parse verdict = read_head(r, &message, &server, &file);

    if (verdict != NTA_PARSE_OK)
        return verdict;
    read_options(&message, *r);
    nta_reader_skip(r, nta_reader_left(r));
    if (message.overload & OVERLOAD_FILE)
        read_options(&message, file);
    if (message.overload & OVERLOAD_SERVER)
        read_options(&message, server);
    if (message.full_name.len > 0 && message.binding.name.len == 0)
        message.binding.name = message.full_name_wire ? nta_labels_join(message.full_name, buf)
                                                      : without_dot(message.full_name);
    if (!state->settled)
        io->swap = (message.op == REPLY) != (io->side == NTA_FROM_SERVER);
    state->settled = true;
    emit(io, &message);
    return NTA_PARSE_OK;
}

NTA_PROTO(dhcp, struct dhcp, probe, feed, nta_proto_turn_nothing, .app = NTA_APP_DHCP,
          .over_udp = true, .shared_size = sizeof(struct shared));
