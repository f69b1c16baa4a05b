/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/dns/dns_name.h"

enum
{
    WIRE_MAX = 255,
    LABEL_MAX = 63,
    POINTER = 0xc0,
    /**
     * Pointers of one name that lead to a pointer: each record may begin with the end of a long
     * chain of them, so that a message would cost its length squared.
     */
    BARE_JUMPS_MAX = 16,
    NETBIOS_LEN = 32,      ///< An encoded NetBIOS name: two letters for each of 16 bytes.
    NETBIOS_NAME_LEN = 15, ///< The sixteenth byte says what kind of service has the name.
};

static uint8_t *put_label(uint8_t *out, const uint8_t *label, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (label[i] == '.' || label[i] == '\\')
            *out++ = '\\';
        *out++ = label[i];
    }
    return out;
}

/** Where the pieces of a name lie. */
struct pieces
{
    size_t at;       ///< Where the present one began.
    unsigned n_bare; ///< Jumps less labels.
    bool jumped;
    struct nta_reader behind; ///< Behind the first jump.
};

/** Follow the compression pointer whose first byte is `high`. */
static enum nta_parse jump(struct nta_reader *r, uint8_t high, struct pieces *pieces)
{
    if (pieces->n_bare++ > BARE_JUMPS_MAX)
        return NTA_PARSE_BAD;
    size_t target = ((size_t)high & ~(size_t)POINTER) << 8 | nta_read_u8(r);

    if (!nta_reader_ok(r))
        return NTA_PARSE_MORE;
    if (target >= pieces->at)
        return NTA_PARSE_BAD;
    if (!pieces->jumped)
        pieces->behind = *r;
    pieces->jumped = true;
    pieces->at = target;
    nta_reader_seek(r, target);
    return NTA_PARSE_OK;
}

enum nta_parse nta_dns_name_read(struct nta_reader *r, struct nta_dns_text *text,
                                 struct nta_span *ret_name)
{
    struct nta_reader at = *r;
    struct pieces pieces = {.at = nta_reader_offset(r)};
    uint8_t *begin = text->buf + text->len, *out = begin;
    size_t wire_len = 1;

    if (!nta_dns_text_fits(text))
        return NTA_PARSE_BAD;
    for (uint8_t len = nta_read_u8(&at); len > 0; len = nta_read_u8(&at)) {
        if ((len & POINTER) == POINTER) {
            enum nta_parse verdict = jump(&at, len, &pieces);

            if (verdict != NTA_PARSE_OK)
                return verdict;
            continue;
        }
        const uint8_t *label = nta_reader_take(&at, len);

        wire_len += (size_t)len + 1;
        if (len > LABEL_MAX || wire_len > WIRE_MAX)
            return NTA_PARSE_BAD;
        if (!label)
            return NTA_PARSE_MORE;
        pieces.n_bare -= pieces.n_bare > 0; /* the jump that led to this label */
        if (out != begin)
            *out++ = '.';
        out = put_label(out, label, len);
    }
    if (!nta_reader_ok(&at))
        return NTA_PARSE_MORE;
    *r = pieces.jumped ? pieces.behind : at;
    *ret_name = (struct nta_span){.ptr = begin, .len = (size_t)(out - begin)};
    text->len += ret_name->len;
    return NTA_PARSE_OK;
}

void nta_dns_netbios_decode(struct nta_dns_text *text, struct nta_span *name)
{
    uint8_t *at = text->buf + (name->ptr - text->buf), *out;
    uint8_t plain[NETBIOS_NAME_LEN];
    size_t len = NETBIOS_NAME_LEN, tail_len;

    if (name->len < NETBIOS_LEN || (name->len > NETBIOS_LEN && at[NETBIOS_LEN] != '.'))
        return;
    for (size_t i = 0; i < NETBIOS_LEN; i++) {
        if (at[i] < 'A' || at[i] > 'P')
            return;
    }
    for (size_t i = 0; i < NETBIOS_NAME_LEN; i++)
        plain[i] = (uint8_t)((at[2 * i] - 'A') << 4 | (at[2 * i + 1] - 'A'));
    /* Spaces pad names; the wildcard "*" is padded with zeros. */
    while (len > 0 && (plain[len - 1] == ' ' || plain[len - 1] == 0))
        len--;
    out = put_label(at, plain, len);
    tail_len = name->len - NETBIOS_LEN;
    memmove(out, at + NETBIOS_LEN, tail_len);
    name->len = (size_t)(out - at) + tail_len;
    text->len = (size_t)(at - text->buf) + name->len;
}
