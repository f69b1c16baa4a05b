/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/binding/dhcpv6.h"

#include "base/own.h"
#include "proto/binding/asked.h"
#include "proto/binding/kept.h"
#include "proto/binding/labels.h"

#include <assert.h>

/** A client asks for at most so long (RFC 8415 section 7.6). */
#define ANSWERED_NS INT64_C(120000000000)

enum
{
    PORT_CLIENT = 546,
    PORT_SERVER = 547,
    SOLICIT = 1, ///< Types of message, section 7.3.
    REQUEST = 3,
    RENEW = 5,
    REBIND = 6,
    REPLY = 7,
    RELEASE = 8,
    DECLINE = 9,
    RELAY_FORWARD = 12,
    RELAY_REPLY = 13,
    TYPES_SIZE = 14,
    HOPS_MAX = 32, ///< Relays of one message; section 7.6 has 8, others had more.
    ADDRS_MAX = 32,

    CLIENT_ID = 1, ///< Options, section 21.
    IA_NA = 3,
    IA_TA = 4,
    IA_ADDRESS = 5,
    RELAY_MESSAGE = 9,
    STATUS = 13,
    VENDOR_CLASS = 16,
    INTERFACE_ID = 18,
    IA_PD = 25,
    IA_PREFIX = 26,
    FULL_NAME = 39,
    CLIENT_MAC = 79,

    TRANSACTION_LEN = 3,
    MAC_LEN = 6,
    ETHERNET = 1,
    DUID_KEY = 24, ///< So many bytes of it stand in a key, behind a sum of all.
};

struct dhcpv6
{
    bool settled; ///< Which side is which.
};

/** An address or a prefix of a message. */
struct given
{
    struct nta_prefix prefix;
    uint32_t valid_s;
    bool refused;
};

/** A message being read. */
struct message
{
    struct nta_binding binding; ///< As far as options say it as it is.
    struct nta_span full_name;
    uint8_t type;
    const uint8_t *transaction;
    bool is_relayed;
    bool refused; ///< As a whole.
    size_t n_given;
    struct given given[ADDRS_MAX];
};

/** Of questions that wait: what the client said that the answer need not repeat. */
struct shared
{
    struct nta_asked asked;

    struct claim
    {
        uint8_t type;
        bool has_mac;
        uint8_t mac[MAC_LEN];
        struct nta_kept name, vendor, circuit;
    } claims[NTA_ASKED_MAX];
};

/** Types of message, and what each alone says of a binding. */
static const struct
{
    const char *name;
    enum nta_binding_state state;
    bool of_server;
} types[TYPES_SIZE] = {
    [SOLICIT] = {"SOLICIT", NTA_BINDING_CLAIMED, false},
    [2] = {"ADVERTISE", NTA_BINDING_CLAIMED, true},
    [REQUEST] = {"REQUEST", NTA_BINDING_CLAIMED, false},
    [4] = {"CONFIRM", NTA_BINDING_CLAIMED, false},
    [RENEW] = {"RENEW", NTA_BINDING_CLAIMED, false},
    [REBIND] = {"REBIND", NTA_BINDING_CLAIMED, false},
    [REPLY] = {"REPLY", NTA_BINDING_BEGIN, true},
    [RELEASE] = {"RELEASE", NTA_BINDING_END, false},
    [DECLINE] = {"DECLINE", NTA_BINDING_REFUSED, false},
    [10] = {"RECONFIGURE", NTA_BINDING_CLAIMED, true},
    [11] = {"INFORMATION-REQUEST", NTA_BINDING_CLAIMED, false},
};

static bool is_relays(uint8_t type)
{
    return type == RELAY_FORWARD || type == RELAY_REPLY;
}

static enum nta_parse probe(const struct nta_proto_io *io, struct nta_span first)
{
    const uint16_t low = io->client_port < io->server_port ? io->client_port : io->server_port;
    const uint16_t high = io->client_port < io->server_port ? io->server_port : io->client_port;

    if (io->is_stream || (low != PORT_CLIENT && low != PORT_SERVER) || high != PORT_SERVER ||
        first.len < 4 || first.ptr[0] >= TYPES_SIZE)
        return NTA_PARSE_OTHER;
    return types[first.ptr[0]].name || is_relays(first.ptr[0]) ? NTA_PARSE_OK : NTA_PARSE_OTHER;
}

static struct nta_reader read_option(struct nta_reader *r, uint16_t *ret_code)
{
    *ret_code = nta_read_be16(r);
    return nta_read_vec16(r);
}

/** Section 21.13: whether a status says no. */
static bool is_refusal(struct nta_reader value)
{
    return nta_read_be16(&value) != 0 && nta_reader_ok(&value);
}

/** The status behind an address' own fields. */
static bool has_refusal(struct nta_reader options)
{
    while (nta_reader_left(&options) > 0) {
        uint16_t code;
        struct nta_reader value = read_option(&options, &code);

        if (code == STATUS && nta_reader_ok(&options) && is_refusal(value))
            return true;
    }
    return false;
}

/** No bits behind the length, whatever is sent there. */
static void trim(struct nta_prefix *prefix)
{
    for (size_t i = 0; i < NTA_ADDR_LEN; i++) {
        const size_t from = 8 * i;

        if (prefix->len <= from)
            prefix->addr.bytes[i] = 0;
        else if (prefix->len < from + 8)
            prefix->addr.bytes[i] &= (uint8_t)(0xff00U >> (prefix->len - from));
    }
}

/** Sections 21.6 and 21.22: an address, or a prefix with its length. */
static void read_given(struct message *message, struct nta_reader value, bool is_prefix)
{
    struct given given = {.prefix.len = 8 * NTA_ADDR_LEN};
    const uint8_t *bytes = NULL;

    if (!is_prefix)
        bytes = nta_reader_take(&value, NTA_ADDR_LEN);
    nta_reader_skip(&value, 4); /* preferred lifetime */
    given.valid_s = nta_read_be32(&value);
    if (is_prefix) {
        given.prefix.len = nta_read_u8(&value);
        bytes = nta_reader_take(&value, NTA_ADDR_LEN);
    }
    if (!bytes || given.prefix.len > 8 * NTA_ADDR_LEN || message->n_given == ADDRS_MAX)
        return;
    given.prefix.addr = nta_addr_v6(bytes);
    trim(&given.prefix);
    given.refused = has_refusal(value);
    message->given[message->n_given++] = given;
}

/** An identity association: its head, then addresses and a status for all of them. */
static void read_association(struct message *message, struct nta_reader value, size_t head_len)
{
    const size_t first = message->n_given;
    bool refused = false;

    nta_reader_skip(&value, head_len);
    while (nta_reader_left(&value) > 0) {
        uint16_t code;
        struct nta_reader inner = read_option(&value, &code);

        if (!nta_reader_ok(&value))
            break;
        if (code == IA_ADDRESS || code == IA_PREFIX)
            read_given(message, inner, code == IA_PREFIX);
        else if (code == STATUS)
            refused |= is_refusal(inner);
    }
    for (size_t i = first; i < message->n_given; i++)
        message->given[i].refused |= refused;
    message->refused |= refused;
}

static void read_mac(struct message *message, struct nta_reader value)
{
    const uint16_t kind = nta_read_be16(&value);
    const uint8_t *mac = nta_reader_take(&value, MAC_LEN);

    if (kind != ETHERNET || !mac || nta_reader_left(&value) > 0)
        return;
    message->binding.has_mac = true;
    memcpy(message->binding.mac, mac, MAC_LEN);
}

/** Section 21.16: the maker's number, then texts, of which the first is told. */
static struct nta_span read_vendor(struct nta_reader value)
{
    nta_reader_skip(&value, 4);
    struct nta_reader text = nta_read_vec16(&value);

    return nta_reader_ok(&value) ? nta_read_rest(&text) : (struct nta_span){0};
}

static void read_client_option(struct message *message, uint16_t code, struct nta_reader value)
{
    switch (code) {
    case CLIENT_ID: message->binding.client_id = nta_read_rest(&value); break;
    case IA_NA:
    case IA_PD: read_association(message, value, 12); break;
    case IA_TA: read_association(message, value, 4); break;
    case STATUS: message->refused |= is_refusal(value); break;
    case VENDOR_CLASS: message->binding.vendor = read_vendor(value); break;
    case FULL_NAME:
        nta_reader_skip(&value, 1);
        message->full_name = nta_read_rest(&value);
        break;
    default: break;
    }
}

/**
 * The link-local address that the client's question came from: most are made of the interface's MAC
 * (RFC 4291 appendix A).
 */
static void read_peer(struct message *message, struct nta_reader *r)
{
    static const uint8_t link_local[8] = {0xfe, 0x80};
    const uint8_t *peer = nta_reader_take(r, NTA_ADDR_LEN);
    uint8_t *mac = message->binding.mac;

    message->binding.has_mac = peer && memcmp(peer, link_local, sizeof(link_local)) == 0 &&
                               peer[11] == 0xff && peer[12] == 0xfe && !(peer[8] & 1);
    if (!message->binding.has_mac)
        return;
    memcpy(mac, peer + 8, 3);
    memcpy(mac + 3, peer + 13, 3);
    mac[0] ^= 2;
}

/** Of a relay: what it says of the client's place.  Gives the message that it carries. */
static struct nta_reader read_relay(struct message *message, struct nta_reader *r)
{
    struct nta_reader inner = nta_reader_of(NULL, 0);

    message->is_relayed = true;
    nta_reader_skip(r, 2 + NTA_ADDR_LEN); /* type, hops, link */
    read_peer(message, r);
    while (nta_reader_left(r) > 0) {
        uint16_t code;
        struct nta_reader value = read_option(r, &code);

        if (!nta_reader_ok(r))
            break;
        if (code == RELAY_MESSAGE)
            inner = value;
        else if (code == INTERFACE_ID)
            message->binding.circuit = nta_read_rest(&value);
        else if (code == CLIENT_MAC)
            read_mac(message, value);
    }
    return inner;
}

/** The client's message, out of all relays.  OK: it is whole as far as it goes. */
static enum nta_parse read_message(struct message *message, struct nta_reader r)
{
    for (int hops = 0; is_relays(nta_reader_peek(&r)); hops++) {
        if (hops == HOPS_MAX)
            return NTA_PARSE_BAD;
        r = read_relay(message, &r); /* the innermost relay's word is the last one */
    }
    message->type = nta_read_u8(&r);
    message->transaction = nta_reader_take(&r, TRANSACTION_LEN);
    if (!message->transaction)
        return NTA_PARSE_MORE;
    if (message->type >= TYPES_SIZE || !types[message->type].name)
        return NTA_PARSE_BAD;
    while (nta_reader_left(&r) > 0) {
        uint16_t code;
        struct nta_reader value = read_option(&r, &code);

        if (nta_reader_ok(&r))
            read_client_option(message, code, value);
    }
    return NTA_PARSE_OK;
}

static struct nta_asked_key key_of(const struct nta_proto_io *io, const struct message *message)
{
    const struct nta_span duid = message->binding.client_id;
    struct nta_asked_key key = {0};
    uint8_t *at = key.bytes;
    uint32_t sum = 2166136261U;

    for (size_t i = 0; i < duid.len; i++)
        sum = (sum ^ duid.ptr[i]) * 16777619U;
    memcpy(at, message->transaction, TRANSACTION_LEN);
    at[TRANSACTION_LEN] = (uint8_t)duid.len;
    memcpy(at + 4, &sum, sizeof(sum));
    memcpy(at + 8, &io->link, sizeof(io->link));
    if (duid.len > 0)
        memcpy(at + 16, duid.ptr, nta_smaller(duid.len, DUID_KEY));
    return key;
}

/**
 * The client's MAC: a relay's word, else its frame's; a DUID's may be another interface's.  And
 * which server answers.
 */
static void fill_ends(const struct nta_proto_io *io, struct message *message)
{
    const enum nta_side client =
        types[message->type].of_server ? (enum nta_side)(io->side ^ 1U) : io->side;
    struct nta_binding *binding = &message->binding;
    const uint8_t *mac = io->ends[client].mac;

    if (types[message->type].of_server && io->ends[io->side].addr)
        binding->by = *io->ends[io->side].addr;
    if (message->is_relayed || !mac || (mac[0] & 1))
        return;
    binding->has_mac = true;
    memcpy(binding->mac, mac, MAC_LEN);
}

static void keep_question(const struct nta_proto_io *io, const struct message *message)
{
    struct shared *shared = io->shared;
    const struct nta_asked_key key = key_of(io, message);
    struct claim *claim = &shared->claims[nta_asked_put(&shared->asked, &key, io->wall_ns)];

    claim->type = message->type;
    claim->has_mac = message->binding.has_mac;
    memcpy(claim->mac, message->binding.mac, MAC_LEN);
    nta_keep(&claim->name, message->binding.name);
    nta_keep(&claim->vendor, message->binding.vendor);
    nta_keep(&claim->circuit, message->binding.circuit);
}

/** The answer, with what was said in the question, or NULL if nobody was seen to ask. */
static const struct claim *join_question(const struct nta_proto_io *io, struct message *message)
{
    const struct shared *shared = io->shared;
    const struct nta_asked_key key = key_of(io, message);
    struct nta_binding *binding = &message->binding;
    const size_t place = nta_asked_find(&shared->asked, &key, io->wall_ns, ANSWERED_NS);

    if (place == NTA_ASKED_MAX)
        return NULL;
    const struct claim *claim = &shared->claims[place];

    binding->name = nta_kept_or(binding->name, &claim->name);
    binding->vendor = nta_kept_or(binding->vendor, &claim->vendor);
    binding->circuit = nta_kept_or(binding->circuit, &claim->circuit);
    if (!binding->has_mac && claim->has_mac) {
        binding->has_mac = true;
        memcpy(binding->mac, claim->mac, MAC_LEN);
    }
    return claim;
}

/** What the message says of an address that it holds; `claim` is what a server answers. */
static enum nta_binding_state state_of(const struct message *message, const struct given *given,
                                       const struct claim *claim)
{
    if (message->type != REPLY)
        return types[message->type].state;
    if (!claim)
        return NTA_BINDING_CLAIMED;
    if (given->refused || given->valid_s == 0)
        return claim->type == RELEASE ? NTA_BINDING_END : NTA_BINDING_REFUSED;
    switch (claim->type) {
    case SOLICIT:
    case REQUEST: return NTA_BINDING_BEGIN;
    case RENEW:
    case REBIND: return NTA_BINDING_RENEW;
    default: return NTA_BINDING_CLAIMED;
    }
}

static void emit(const struct nta_proto_io *io, struct message *message, const struct claim *claim)
{
    struct nta_binding *binding = &message->binding;
    const struct nta_event event = {
        .kind = NTA_EVENT_BINDING, .app = NTA_APP_DHCPV6, .binding = binding};

    binding->source = NTA_BINDING_DHCPV6;
    binding->message = nta_span_of(types[message->type].name);
    for (size_t i = 0; i < message->n_given; i++) {
        binding->state = state_of(message, &message->given[i], claim);
        binding->prefix = message->given[i].prefix;
        binding->valid_s = message->given[i].valid_s;
        io->emit(io->owner, &event);
    }
    if (message->n_given > 0 || binding->client_id.len == 0)
        return;
    binding->state = claim && message->refused ? NTA_BINDING_REFUSED : NTA_BINDING_CLAIMED;
    io->emit(io->owner, &event);
}

static enum nta_parse feed(void *state_ptr, struct nta_proto_io *io, struct nta_reader *r)
{
    struct dhcpv6 *state = state_ptr;
    struct message message = {.n_given = 0};
    const enum nta_parse verdict = read_message(&message, *r);
    const struct claim *claim = NULL;
    uint8_t buf[NTA_LABELS_SIZE];

    if (verdict != NTA_PARSE_OK)
        return verdict;
    nta_reader_skip(r, nta_reader_left(r));
    message.binding.name = nta_labels_join(message.full_name, buf);
    fill_ends(io, &message);
    if (!state->settled)
        io->swap = types[message.type].of_server != (io->side == NTA_FROM_SERVER);
    state->settled = true;
    if (types[message.type].of_server)
        claim = join_question(io, &message);
    else
        keep_question(io, &message);
    emit(io, &message, claim);
    return NTA_PARSE_OK;
}

NTA_PROTO(dhcpv6, struct dhcpv6, probe, feed, nta_proto_turn_nothing, .app = NTA_APP_DHCPV6,
          .over_udp = true, .shared_size = sizeof(struct shared));
