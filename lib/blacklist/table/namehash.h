/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The hash of names (part of names.h).
 *
 * NH (Black et al., "UMAC", 1999) over 16-byte blocks counted from the name's end, followed by two
 * multiply-add hashes, all under a random key of this set.  Because blocks are counted from the
 * end, the hashes of all parent domains come out of one pass over the name, from right to left.
 * Whoever writes lists or sends names cannot choose collisions without the key.
 */

#include "base/bytes.h"
#include "blacklist/table/u128.h"

#include <endian.h>
#ifdef __SSE2__
#    include <emmintrin.h>
#endif

enum
{
    NTA_NAME_BLOCK = 16, ///< Bytes NH takes at a time.
    NTA_NAME_KEY_WORDS = 32,
};

struct nta_name_keys
{
    uint64_t words[NTA_NAME_KEY_WORDS];
    uint64_t tag_low, tag_high, place_low, place_high; ///< Odd.
};

struct nta_name_hash
{
    uint64_t tag;
    uint32_t where; ///< Scaled to the number of buckets.
};

/** The hash from the sum over all blocks of a name. */
static inline struct nta_name_hash nta_name_finish(const struct nta_name_keys *keys, nta_u128 sum)
{
    uint64_t low = (uint64_t)sum, high = (uint64_t)(sum >> 64);

    return (struct nta_name_hash){
        .tag = low * keys->tag_low + high * keys->tag_high,
        .where = (uint32_t)((low * keys->place_low + high * keys->place_high) >> 32),
    };
}

/** NH of one block under its two key words. */
static inline nta_u128 nta_name_nh(const uint64_t *key, nta_u128 block)
{
    return (nta_u128)((uint64_t)(block >> 64) + key[0]) * ((uint64_t)block + key[1]);
}

/** Eight bytes at `ptr`, at any alignment, as a little-endian number. */
static inline uint64_t nta_name_load64(const char *ptr)
{
    uint64_t word;

    memcpy(&word, ptr, sizeof(word));
    return le64toh(word);
}

/** Four bytes at `ptr`, at any alignment, as a little-endian number. */
static inline uint64_t nta_name_load32(const char *ptr)
{
    uint32_t word;

    memcpy(&word, ptr, sizeof(word));
    return le32toh(word);
}

/** A text shorter than a block as the upper bytes of one. */
static inline nta_u128 nta_name_short(const char *text, size_t len)
{
    uint64_t word = 0;

    if (len >= 8) /* two words that overlap; shifted twice, as once could be by 64 */
        return (nta_u128)nta_name_load64(text + len - 8) << 64 | nta_name_load64(text)
                                                                     << 8 * (15 - len) << 8;
    if (len >= 4)
        return (nta_u128)(nta_name_load32(text + len - 4) << 32 | nta_name_load32(text)
                                                                      << 8 * (8 - len))
               << 64;
    for (size_t i = 0; i < len; i++)
        word |= (uint64_t)(uint8_t)text[i] << (64 - 8 * len + 8 * i);
    return (nta_u128)word << 64;
}

/**
 * The block that ends `from_end` (<= len) bytes before the name's end; what lies before its start
 * is zero.
 */
static inline nta_u128 nta_name_block(const char *name, size_t len, size_t from_end)
{
    size_t left = len - from_end;
    const char *start = left >= NTA_NAME_BLOCK ? name + left - NTA_NAME_BLOCK : name;

    if (len < NTA_NAME_BLOCK)
        return nta_name_short(name, len);
    if (left == 0)
        return 0;
    return ((nta_u128)nta_name_load64(start + 8) << 64 | nta_name_load64(start))
           << (left >= NTA_NAME_BLOCK ? 0 : 8 * (NTA_NAME_BLOCK - left));
}

#ifdef __SSE2__
/** A bit for each byte of a block that is a dot, the last byte's the highest of 16. */
static inline unsigned nta_name_dots(nta_u128 block)
{
    __m128i bytes = _mm_set_epi64x((int64_t)(block >> 64), (int64_t)block);

    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('.')));
}
#else
/** The same for eight bytes, without vector instructions. */
static inline unsigned nta_name_dots_word(uint64_t word)
{
    const uint64_t low7 = 0x7f7f7f7f7f7f7f7fULL;
    uint64_t x = word ^ 0x2e2e2e2e2e2e2e2eULL;
    uint64_t high_bits = ~(((x & low7) + low7) | x | low7);

    return (unsigned)((high_bits >> 7) * 0x0102040810204080ULL >> 56);
}

/** A bit for each byte of a block that is a dot, the last byte's the highest of 16. */
static inline unsigned nta_name_dots(nta_u128 block)
{
    return nta_name_dots_word((uint64_t)(block >> 64)) << 8 | nta_name_dots_word((uint64_t)block);
}
#endif
