/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/websocket.h"

enum
{
    FIN = 0x80,
    RSV1 = 0x40, /* packed, where both agreed on permessage-deflate (RFC 7692 section 6) */
    RSV = 0x70,
    MASK = 0x80,
    LEN_16 = 126,
    LEN_64 = 127,
    CONTROL_LEN_MAX = 125,
    KEY_LEN = 4,
};

/* RFC 6455 section 11.8. */
enum opcode
{
    CONTINUATION,
    TEXT,
    BINARY,
    CONTROL = 8, /* this bit says so */
    CLOSE = 8,
    PONG = 10,
};

/* What a head says of the frame; sections 5.2, 5.4 and 5.5. */
static enum nta_parse check(const struct nta_websocket_side *side, uint8_t first, uint64_t len)
{
    const unsigned opcode = first & 15U;

    if ((first & RSV & ~RSV1) != 0 || len > INT64_MAX)
        return NTA_PARSE_BAD;
    if (opcode & CONTROL) {
        if (opcode > PONG || len > CONTROL_LEN_MAX || (first & (FIN | RSV)) != FIN)
            return NTA_PARSE_BAD;
        return opcode == CLOSE ? NTA_PARSE_OTHER : NTA_PARSE_OK;
    }
    if (opcode > BINARY || side->in_message != (opcode == CONTINUATION))
        return NTA_PARSE_BAD;
    return opcode == BINARY && first & RSV1 ? NTA_PARSE_OTHER : NTA_PARSE_OK;
}

/* The frame's head at `r`, which stays where it is unless the head is whole and good. */
static enum nta_parse read_head(struct nta_websocket_side *side, struct nta_reader *r)
{
    struct nta_reader at = *r;
    const uint8_t first = nta_read_u8(&at), second = nta_read_u8(&at);
    uint64_t len = second & ~(unsigned)MASK;

    if (len == LEN_16)
        len = nta_read_be16(&at);
    else if (len == LEN_64)
        len = nta_read_be64(&at);
    const struct nta_span key = nta_read_span(&at, second & MASK ? KEY_LEN : 0);

    if (!nta_reader_ok(&at))
        return NTA_PARSE_MORE;
    enum nta_parse verdict = check(side, first, len);

    if (verdict != NTA_PARSE_OK)
        return verdict;
    if (!(first & CONTROL)) {
        side->is_binary = side->in_message ? side->is_binary : (first & 15U) == BINARY;
        side->in_message = !(first & FIN);
    }
    side->is_shown = !(first & CONTROL) && side->is_binary;
    side->left = len;
    side->phase = 0;
    memset(side->key, 0, KEY_LEN);
    if (key.len > 0)
        memcpy(side->key, key.ptr, KEY_LEN);
    *r = at;
    return NTA_PARSE_OK;
}

static void advance(struct nta_websocket_side *side, uint64_t n)
{
    side->left -= n;
    side->phase = (uint8_t)((side->phase + n) % KEY_LEN);
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Section 5.3, eight bytes at a time. */
static void unmask(const struct nta_websocket_side *side, uint8_t *out, struct nta_span masked)
{
    uint8_t keys[2 * KEY_LEN];
    uint64_t wide, word;
    size_t i = 0;

    for (; i < sizeof(keys); i++)
        keys[i] = side->key[(side->phase + i) % KEY_LEN];
    memcpy(&wide, keys, sizeof(wide));
    for (i = 0; i + sizeof(word) <= masked.len; i += sizeof(word)) {
        memcpy(&word, masked.ptr + i, sizeof(word));
        word ^= wide;
        memcpy(out + i, &word, sizeof(word));
    }
    for (; i < masked.len; i++)
        out[i] = masked.ptr[i] ^ keys[i % sizeof(keys)];
}

/* Put a piece of payload behind what was joined. */
static void append(const struct nta_websocket_side *side, uint8_t *buf, struct nta_span *inner,
                   struct nta_span piece)
{
    static const uint8_t none[KEY_LEN];

    if (inner->len == 0 && memcmp(side->key, none, KEY_LEN) == 0) {
        *inner = piece;
        return;
    }
    if (inner->len > 0 && inner->ptr != buf)
        memcpy(buf, inner->ptr, inner->len);
    inner->ptr = buf;
    unmask(side, buf + inner->len, piece);
    inner->len += piece.len;
}

enum nta_parse nta_websocket_join(struct nta_websocket_side *side, struct nta_reader *r,
                                  uint8_t *buf, size_t size, struct nta_span *ret_inner)
{
    struct nta_span inner = {.ptr = buf};
    enum nta_parse verdict = NTA_PARSE_OK;

    while (verdict == NTA_PARSE_OK && nta_reader_left(r) > 0 && inner.len < size) {
        size_t n = (size_t)smaller(side->left, nta_reader_left(r));

        if (side->left == 0) {
            verdict = read_head(side, r);
        } else if (!side->is_shown || side->skip > 0) {
            n = side->is_shown ? (size_t)smaller(n, side->skip) : n;
            side->skip -= side->is_shown ? n : 0;
            nta_reader_skip(r, n);
            advance(side, n);
        } else {
            n = n < size - inner.len ? n : size - inner.len;
            append(side, buf, &inner, nta_read_span(r, n));
            advance(side, n);
        }
    }
    *ret_inner = inner;
    return verdict;
}

uint64_t nta_websocket_jump(struct nta_websocket_side *side)
{
    uint64_t n = side->is_shown ? smaller(side->left, side->skip) : side->left;

    side->skip -= side->is_shown ? n : 0;
    advance(side, n);
    return n;
}

bool nta_websocket_lose(struct nta_websocket_side *side, uint64_t len, uint64_t *ret_inner)
{
    const uint64_t skipped = smaller(side->skip, len);

    if (side->unread > side->left || len > side->left - side->unread)
        return false;
    advance(side, side->unread + len);
    side->unread = 0;
    side->skip -= side->is_shown ? skipped : 0;
    *ret_inner = side->is_shown ? len - skipped : 0;
    return true;
}
