/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/openvpn.h"

#include "base/own.h"
#include "proto/tls/tls_inside.h"

/* The upper five bits of a packet's first byte. */
enum opcode
{
    CONTROL_V1 = 4,
    ACK_V1 = 5,
    DATA_V1 = 6,
    RESET_CLIENT_V2 = 7,
    RESET_SERVER_V2 = 8,
    DATA_V2 = 9,
    RESET_CLIENT_V3 = 10,
};

enum
{
    SESSION_LEN = 8,
    NUMBER_LEN = 8, /* tls-auth, tls-crypt: a packet's number against replay, and its time */
    RESET_LEN_MAX = 2048,
    RESET_LEN = 1 + SESSION_LEN + 5, /* no acknowledgement, message number 0 */
    ANSWER_LEN =
        RESET_LEN + 4 + SESSION_LEN, /* one acknowledgement: its number and whose session */
    CRYPT_RESET_LEN = 1 + SESSION_LEN + NUMBER_LEN + 32 + 5,
    NUMBER_MAX = 16, /* of a reset, which may be sent again */
    EARLY_MAX = 8,
    AHEAD_MAX = 32,
    SIDE_SIZE = 3584,
    PACKETS_MAX = 64,
    FRAME_HEAD_LEN = 2, /* TCP: a packet's length */
    DAY_S = 86400,
};

/*
 * Set in the first number of a client that can begin without the server keeping state
 * (tls-crypt-v2).
 */
#define EARLY_NEGOTIATION 0x0f000000U

/*
 * One side: bytes in order that TLS wants again with more behind them, then the content of packets
 * that came early.
 */
struct openvpn_side
{
    uint32_t next; /* number of the message that is due */
    uint16_t kept_len, len;
    uint8_t n_early;

    struct
    {
        uint32_t number;
        uint16_t len;
    } early[EARLY_MAX]; /* by number */

    uint8_t bytes[SIDE_SIZE];
};

struct openvpn
{
    bool begun;
    bool is_sealed;   /* tls-crypt: nothing more is read */
    bool spoke[2];    /* the side began with a reset */
    uint8_t auth_len; /* between session and acknowledgements: HMAC and number */
    uint8_t n_packets;
    struct openvpn_side sides[2];
    struct nta_tls_inside tls;
};

/* What a reset shows of the connection. */
struct reset
{
    bool from_server;
    bool is_sealed;   /* tls-crypt */
    uint8_t auth_len; /* tls-auth; 0: none */
};

/* Are number and time those of a first packet? */
static bool is_numbered(const struct nta_proto_io *io, const uint8_t *at, bool timed)
{
    struct nta_reader r = nta_reader_of(at, NUMBER_LEN);
    const uint32_t number = nta_read_be32(&r) & ~EARLY_NEGOTIATION;
    const int64_t apart_s = nta_read_be32(&r) - io->wall_ns / 1000000000;

    return number > 0 && number <= NUMBER_MAX && (!timed || (apart_s > -DAY_S && apart_s < DAY_S));
}

static bool is_reset(unsigned opcode)
{
    return opcode == RESET_CLIENT_V2 || opcode == RESET_SERVER_V2 || opcode == RESET_CLIENT_V3;
}

/* A packet that is a reset, all fields of which fit: 48 bits at least. */
static bool read_reset(const struct nta_proto_io *io, struct nta_span packet,
                       struct reset *ret_reset)
{
    static const uint8_t hmac_lens[] = {0,  16, 20, 28,
                                        32, 48, 64}; /* none, MD5, SHA-1 to SHA-512 */
    static const uint8_t zeros[4];
    const unsigned opcode = packet.len > 0 && (packet.ptr[0] & 7) == 0 ? packet.ptr[0] >> 3 : 0;
    const bool answers = opcode == RESET_SERVER_V2;

    if (!is_reset(opcode))
        return false;
    *ret_reset = (struct reset){.from_server = answers};
    for (size_t i = 0; i < sizeof(hmac_lens) && opcode != RESET_CLIENT_V3; i++) {
        const size_t auth_len = hmac_lens[i] + (i > 0 ? NUMBER_LEN : 0U);
        const uint8_t *behind = packet.ptr + 1 + SESSION_LEN + auth_len;

        if (packet.len == (answers ? ANSWER_LEN : RESET_LEN) + auth_len && *behind == answers &&
            memcmp(packet.ptr + packet.len - sizeof(zeros), zeros, sizeof(zeros)) == 0 &&
            (i == 0 || is_numbered(io, behind - NUMBER_LEN, false))) {
            ret_reset->auth_len = (uint8_t)auth_len;
            return true;
        }
    }
    ret_reset->is_sealed = true;
    return (opcode == RESET_CLIENT_V2 ? packet.len == CRYPT_RESET_LEN
                                      : !answers && packet.len > CRYPT_RESET_LEN) &&
           is_numbered(io, packet.ptr + 1 + SESSION_LEN, true);
}

static void feed_tls(struct openvpn *openvpn, struct nta_proto_io *io, struct openvpn_side *side)
{
    const struct nta_span due = {.ptr = side->bytes, .len = side->kept_len};
    const size_t taken =
        nta_tls_inside_feed(&openvpn->tls, io, nta_proto_side(io), NTA_APP_OPENVPN, due);

    side->len = (uint16_t)(side->len - taken);
    side->kept_len = (uint16_t)(side->kept_len - taken);
    memmove(side->bytes, side->bytes + taken, side->len);
}

/* Put a message's content where its number belongs.  False: it was there, or there is no space. */
static bool put(struct openvpn_side *side, uint32_t number, struct nta_span content)
{
    size_t i = 0, at = side->kept_len;

    if (number - side->next > AHEAD_MAX || side->n_early == EARLY_MAX || content.len == 0 ||
        content.len > sizeof(side->bytes) - side->len)
        return false;
    for (; i < side->n_early && side->early[i].number < number; i++)
        at += side->early[i].len;
    if (i < side->n_early && side->early[i].number == number)
        return false;
    memmove(side->bytes + at + content.len, side->bytes + at, side->len - at);
    memcpy(side->bytes + at, content.ptr, content.len);
    memmove(&side->early[i + 1], &side->early[i], (side->n_early - i) * sizeof(side->early[0]));
    side->early[i].number = number;
    side->early[i].len = (uint16_t)content.len;
    side->len = (uint16_t)(side->len + content.len);
    side->n_early++;
    return true;
}

/* What has become due joins the bytes in order.  False: nothing has. */
static bool join(struct openvpn_side *side)
{
    size_t n = 0;

    for (; n < side->n_early && side->early[n].number == side->next; n++) {
        side->kept_len = (uint16_t)(side->kept_len + side->early[n].len);
        side->next++;
    }
    side->n_early = (uint8_t)(side->n_early - n);
    memmove(side->early, side->early + n, side->n_early * sizeof(side->early[0]));
    return n > 0;
}

/* One packet whose type has a session: acknowledgements, then a message's number and content. */
static enum nta_parse take_control(struct openvpn *openvpn, struct nta_proto_io *io,
                                   unsigned opcode, struct nta_reader *r)
{
    struct openvpn_side *side = &openvpn->sides[nta_proto_side(io)];

    nta_reader_skip(r, SESSION_LEN + (size_t)openvpn->auth_len);
    const uint8_t n_acks = nta_read_u8(r);

    nta_reader_skip(r, n_acks * 4U + (n_acks > 0 ? SESSION_LEN : 0U));
    const uint32_t number = opcode == ACK_V1 ? 0 : nta_read_be32(r);
    const struct nta_span content = nta_read_span(r, nta_reader_left(r));

    if (!nta_reader_ok(r))
        return NTA_PARSE_BAD;
    if (opcode == CONTROL_V1 && !openvpn->tls.done[nta_proto_side(io)] &&
        put(side, number, content) && join(side))
        feed_tls(openvpn, io, side);
    return NTA_PARSE_OK;
}

static void openvpn_turn(void *state)
{
    struct openvpn *openvpn = state;

    NTA_TURN(openvpn->sides);
    NTA_TURN(openvpn->spoke);
    nta_tls_inside_turn(&openvpn->tls);
}

static enum nta_parse begin(struct openvpn *openvpn, struct nta_proto_io *io,
                            struct nta_span packet)
{
    struct reset reset;

    if (!read_reset(io, packet, &reset))
        return NTA_PARSE_OTHER;
    io->swap = reset.from_server != (io->side == NTA_FROM_SERVER);
    if (io->swap)
        openvpn_turn(openvpn);
    openvpn->is_sealed = reset.is_sealed;
    openvpn->spoke[nta_proto_side(io)] = true;
    openvpn->begun = true;
    openvpn->auth_len = reset.auth_len;
    openvpn->sides[0].next = openvpn->sides[1].next = 1; /* the reset was 0 */
    return NTA_PARSE_OK;
}

static enum nta_parse take_packet(struct openvpn *openvpn, struct nta_proto_io *io,
                                  struct nta_span packet)
{
    struct nta_reader r = nta_reader_of(packet.ptr, packet.len);
    const unsigned opcode = nta_read_u8(&r) >> 3;
    enum nta_parse verdict = NTA_PARSE_OK;

    if (!openvpn->begun) {
        verdict = begin(openvpn, io, packet);
    } else {
        openvpn->spoke[nta_proto_side(io)] = true;
        if (opcode == CONTROL_V1 || opcode == ACK_V1)
            verdict = take_control(openvpn, io, opcode, &r);
        io->done_both |= opcode == DATA_V1 || opcode == DATA_V2 ||
                         ++openvpn->n_packets >= PACKETS_MAX ||
                         (openvpn->tls.done[0] && openvpn->tls.done[1]);
    }
    io->done_both |= openvpn->is_sealed;
    io->done = io->done_both;
    /* over TCP the other side has to agree; datagrams of anything else were not recognised */
    io->done_both &= !io->is_stream || (openvpn->spoke[0] && openvpn->spoke[1]);
    return verdict;
}

/* May a side's first packet over TCP, a reset, begin so? */
static bool may_begin(struct nta_span first)
{
    struct nta_reader r = nta_reader_of(first.ptr, first.len);
    const uint16_t len = nta_read_be16(&r);

    if (*first.ptr > RESET_LEN_MAX >> 8 || (nta_reader_ok(&r) && len < RESET_LEN))
        return false;
    return nta_reader_left(&r) == 0 || is_reset(nta_reader_peek(&r) >> 3);
}

static enum nta_parse openvpn_feed(void *state, struct nta_proto_io *io, struct nta_reader *r)
{
    enum nta_parse verdict = NTA_PARSE_OK;

    const struct openvpn *openvpn = state;

    if (!io->is_stream)
        return take_packet(state, io, nta_read_span(r, nta_reader_left(r)));
    if (nta_reader_left(r) > 0 && !openvpn->spoke[io->side] && !may_begin(nta_reader_rest(r)))
        return NTA_PARSE_OTHER;
    while (verdict == NTA_PARSE_OK && nta_reader_left(r) > 0 && !io->done) {
        struct nta_reader at = *r, packet = nta_read_vec16(&at);

        if (!nta_reader_ok(&at))
            return NTA_PARSE_MORE;
        verdict = take_packet(state, io, nta_read_span(&packet, nta_reader_left(&packet)));
        *r = at;
    }
    return verdict;
}

/* The same over TCP, with the length in front. */
static enum nta_parse probe_framed(const struct nta_proto_io *io, struct nta_span bytes)
{
    struct nta_reader r = nta_reader_of(bytes.ptr, bytes.len);
    const uint16_t len = nta_read_be16(&r);
    struct reset reset;

    if (nta_reader_ok(&r) && (len < RESET_LEN || len > RESET_LEN_MAX))
        return NTA_PARSE_OTHER;
    if (nta_reader_left(&r) > 0 && !is_reset(nta_reader_peek(&r) >> 3))
        return NTA_PARSE_OTHER;
    if (bytes.len < FRAME_HEAD_LEN + (size_t)len)
        return NTA_PARSE_MORE;
    return read_reset(io, nta_read_span(&r, len), &reset) ? NTA_PARSE_OK : NTA_PARSE_OTHER;
}

static enum nta_parse openvpn_probe(const struct nta_proto_io *io, struct nta_span first)
{
    struct reset reset;

    if (!io->is_stream)
        return first.len > 0 && is_reset(*first.ptr >> 3) && read_reset(io, first, &reset)
                   ? NTA_PARSE_OK
                   : NTA_PARSE_OTHER;
    return first.len > 0 && *first.ptr > RESET_LEN_MAX >> 8 ? NTA_PARSE_OTHER
                                                            : probe_framed(io, first);
}

static void openvpn_end(void *state, struct nta_proto_io *io)
{
    struct openvpn *openvpn = state;

    nta_tls_inside_end(&openvpn->tls, io, NTA_APP_OPENVPN);
}

NTA_PROTO(openvpn, struct openvpn, openvpn_probe, openvpn_feed, openvpn_turn,
          .app = NTA_APP_OPENVPN, .over_tcp = true, .over_udp = true, .settles_sides = true,
          .end = openvpn_end);
