/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/hpack_text.h"

enum
{
    CODE_BITS_MAX = 30,
    INTEGER_SHIFT_MAX = 21, /* no length of a text needs more */
};

/*
 * Characters by the bits of their codes (RFC 7541 appendix B).  Codes of a length follow each
 * other, and the first of a length the last of the one before, with a zero for each bit more.  Long
 * ones are no characters of a URL, and only counted.
 */
#define CODES(literal)                                                                             \
    {                                                                                              \
        .characters = (literal), .n = sizeof(literal) - 1                                          \
    }
#define OTHERS(count)                                                                              \
    {                                                                                              \
        .n = (count)                                                                               \
    }

static const struct
{
    const char *characters;
    uint32_t n;
} codes[CODE_BITS_MAX + 1] = {
    [5] = CODES("012aceiost"),
    [6] = CODES(" %-./3456789=A_bdfghlmnpru"),
    [7] = CODES(":BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz"),
    [8] = CODES("&*,;XZ"),
    [10] = CODES("!\"()?"),
    [11] = CODES("'+|"),
    [12] = CODES("#>"),
    [13] = CODES("\0$@[]~"),
    [14] = CODES("^}"),
    [15] = CODES("<`{"),
    [19] = OTHERS(3),
    [20] = OTHERS(8),
    [21] = OTHERS(13),
    [22] = OTHERS(26),
    [23] = OTHERS(29),
    [24] = OTHERS(12),
    [25] = OTHERS(4),
    [26] = OTHERS(15),
    [27] = OTHERS(19),
    [28] = OTHERS(29),
    [30] = OTHERS(3), /* behind them: the end, which no text may have */
};

#undef CODES
#undef OTHERS

/* False: there is none more.  `ret_character` 0: it is one that no URL may have. */
static bool next_character(struct nta_span packed, size_t *at_bit, char *ret_character)
{
    uint32_t code = 0, first = 0;

    for (size_t bits = 1; bits <= CODE_BITS_MAX && *at_bit < packed.len * 8; bits++) {
        const uint32_t byte = packed.ptr[*at_bit / 8];

        code = code << 1 | (byte >> (7 - *at_bit % 8) & 1);
        ++*at_bit;
        if (code - first < codes[bits].n) {
            *ret_character = codes[bits].characters ? codes[bits].characters[code - first] : '\0';
            return true;
        }
        first = (first + codes[bits].n) << 1;
    }
    return false;
}

/* Section 5.2: it is padded with ones, fewer than a code of a character could have. */
void nta_hpack_unpack(struct nta_hpack_text *text, uint8_t *space, size_t size)
{
    size_t at_bit = 0, end_bit = 0;
    char c;

    if (!text->is_packed) {
        text->bytes = text->wire;
        text->len = text->wire.len;
        text->is_whole = true;
        return;
    }
    text->bytes = (struct nta_span){.ptr = space};
    for (text->len = 0; next_character(text->wire, &at_bit, &c); text->len++) {
        end_bit = at_bit;
        if (c != 0 && text->bytes.len == text->len && text->len < size)
            space[text->bytes.len++] = (uint8_t)c;
    }
    text->is_whole = text->bytes.len == text->len && 8 * text->wire.len - end_bit < 8;
}

uint32_t nta_hpack_read_integer(struct nta_reader *r, uint8_t byte, unsigned bits)
{
    const uint32_t most = (1U << bits) - 1;
    uint32_t value = byte & most;

    if (value < most)
        return value;
    for (unsigned shift = 0; shift <= INTEGER_SHIFT_MAX; shift += 7) {
        const uint8_t more = nta_read_u8(r);

        value += (more & 0x7fU) << shift;
        if (!(more & 0x80))
            return value;
    }
    nta_reader_fail(r);
    return 0;
}

struct nta_hpack_text nta_hpack_read_text(struct nta_reader *r)
{
    const uint8_t head = nta_read_u8(r);

    return (struct nta_hpack_text){.is_packed = (head & 0x80) != 0,
                                   .wire = nta_read_span(r, nta_hpack_read_integer(r, head, 7))};
}
