/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/crypto/lanes.h"

#include "base/own.h"

#include <stdatomic.h>

#ifdef __x86_64__
#    include <cpuid.h>
#    include <immintrin.h>

#    define INLINE    static inline __attribute__((always_inline))
#    define WITH_SHA  __attribute__((target("sha,sse4.1")))
#    define WITH_WIDE __attribute__((target("avx512f,avx512bw")))

/* FIPS 180-4 section 4.2.2 */
static const uint32_t round_keys[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

/* ---- two lanes, by the instructions for SHA-256; a state has the order F E B A H G D C ---- */

static bool has_sha(void)
{
    unsigned a = 0, b = 0, c = 0, d = 0;

    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSE4_1))
        return false;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA);
}

/** A block under way: its next 16 words of the schedule, and the state. */
struct block
{
    __m128i words[4], abef, cdgh;
};

WITH_SHA INLINE struct block start_block(const uint32_t *state, const uint8_t *bytes)
{
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    const __m128i *halves = (const __m128i *)(const void *)state;
    const __m128i *from = (const __m128i *)(const void *)bytes;
    struct block block = {.abef = _mm_loadu_si128(halves), .cdgh = _mm_loadu_si128(halves + 1)};

    for (size_t i = 0; i < 4; i++)
        block.words[i] = _mm_shuffle_epi8(_mm_loadu_si128(from + i), swap);
    return block;
}

/** Rounds 4 `step` to 4 `step` + 3, and the words that take the place of those used. */
WITH_SHA INLINE void go_on(struct block *block, size_t step)
{
    const __m128i *keys = (const __m128i *)(const void *)round_keys;
    __m128i *words = block->words;
    const __m128i now = words[step % 4], last = words[(step + 3) % 4];
    const __m128i sum = _mm_add_epi32(now, _mm_load_si128(keys + step));

    block->cdgh = _mm_sha256rnds2_epu32(block->cdgh, block->abef, sum);
    block->abef = _mm_sha256rnds2_epu32(block->abef, block->cdgh, _mm_shuffle_epi32(sum, 0x0e));
    if (step >= 12)
        return;
    const __m128i older = _mm_alignr_epi8(last, words[(step + 2) % 4], 4);

    words[step % 4] = _mm_sha256msg2_epu32(
        _mm_add_epi32(_mm_sha256msg1_epu32(now, words[(step + 1) % 4]), older), last);
}

WITH_SHA INLINE void end_block(uint32_t *state, const struct block *block)
{
    __m128i *halves = (__m128i *)(void *)state;

    _mm_storeu_si128(halves, _mm_add_epi32(_mm_loadu_si128(halves), block->abef));
    _mm_storeu_si128(halves + 1, _mm_add_epi32(_mm_loadu_si128(halves + 1), block->cdgh));
}

WITH_SHA static void hash_two(uint32_t *states, const uint8_t *const *blocks, size_t n_blocks)
{
    for (size_t at = 0; at < n_blocks * NTA_LANES_BLOCK; at += NTA_LANES_BLOCK) {
        struct block one = start_block(states, blocks[0] + at);
        struct block other = start_block(states + 8, blocks[1] + at);

#    pragma GCC unroll 16
        for (size_t step = 0; step < 16; step++) {
            go_on(&one, step);
            go_on(&other, step);
        }
        end_block(states, &one);
        end_block(states + 8, &other);
    }
}

/* ---- sixteen lanes, by AVX-512; a state's word is that lane of a register ---- */

static bool has_wide(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
}

/** Of any function of three bits: the table of its results, as the instruction has it. */
enum
{
    PARITY = 0x96,
    CHOOSE = 0xca,
    MAJORITY = 0xe8
};

/** Each register has a row of 16 words, and then a column. */
WITH_WIDE INLINE void transpose(__m512i rows[16])
{
    __m512i pairs[16], fours[16];

    for (size_t i = 0; i < 16; i += 2) {
        pairs[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
        pairs[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
    }
    for (size_t i = 0; i < 16; i++) { /* words i % 4 of each 4, of rows i / 4 * 4 and three more */
        const __m512i low = pairs[i / 4 * 4 + i % 4 / 2], high = pairs[i / 4 * 4 + 2 + i % 4 / 2];

        fours[i] = i % 2 ? _mm512_unpackhi_epi64(low, high) : _mm512_unpacklo_epi64(low, high);
    }
    for (size_t i = 0; i < 4; i++) {
        const __m512i even = _mm512_shuffle_i32x4(fours[i], fours[i + 4], 0x88);
        const __m512i odd = _mm512_shuffle_i32x4(fours[i], fours[i + 4], 0xdd);
        const __m512i later_even = _mm512_shuffle_i32x4(fours[i + 8], fours[i + 12], 0x88);
        const __m512i later_odd = _mm512_shuffle_i32x4(fours[i + 8], fours[i + 12], 0xdd);

        rows[i] = _mm512_shuffle_i32x4(even, later_even, 0x88);
        rows[i + 4] = _mm512_shuffle_i32x4(odd, later_odd, 0x88);
        rows[i + 8] = _mm512_shuffle_i32x4(even, later_even, 0xdd);
        rows[i + 12] = _mm512_shuffle_i32x4(odd, later_odd, 0xdd);
    }
}

WITH_WIDE INLINE __m512i sum_of(__m512i a, __m512i b, __m512i c)
{
    return _mm512_add_epi32(a, _mm512_add_epi32(b, c));
}

/* FIPS 180-4 section 4.1.2: the large sigmas, and the small ones */
#    define LARGE(x, a, b, c)                                                                      \
        _mm512_ternarylogic_epi32(_mm512_ror_epi32(x, a), _mm512_ror_epi32(x, b),                  \
                                  _mm512_ror_epi32(x, c), PARITY)
#    define SMALL(x, a, b, c)                                                                      \
        _mm512_ternarylogic_epi32(_mm512_ror_epi32(x, a), _mm512_ror_epi32(x, b),                  \
                                  _mm512_srli_epi32(x, c), PARITY)

/** Round `i` of section 6.2.2; A is at `i` places before the first, and so on. */
WITH_WIDE INLINE void do_round(__m512i state[8], __m512i words[16], size_t i)
{
#    define LETTER(k) state[(8 + (k)-i % 8) % 8]
    const __m512i a = LETTER(0), b = LETTER(1), c = LETTER(2);
    const __m512i e = LETTER(4), f = LETTER(5), g = LETTER(6);
    const __m512i word = words[i % 16], key = _mm512_set1_epi32((int)round_keys[i]);
    const __m512i first = _mm512_add_epi32(
        sum_of(LETTER(7), word, key),
        _mm512_add_epi32(LARGE(e, 6, 11, 25), _mm512_ternarylogic_epi32(e, f, g, CHOOSE)));

    LETTER(3) = _mm512_add_epi32(LETTER(3), first);
    LETTER(7) = sum_of(first, LARGE(a, 2, 13, 22), _mm512_ternarylogic_epi32(a, b, c, MAJORITY));
#    undef LETTER
    if (i >= 48)
        return;
    const __m512i later = words[(i + 1) % 16], late = words[(i + 14) % 16];

    words[i % 16] = _mm512_add_epi32(sum_of(word, words[(i + 9) % 16], SMALL(later, 7, 18, 3)),
                                     SMALL(late, 17, 19, 10));
}

WITH_WIDE static void hash_sixteen(uint32_t *states, const uint8_t *const *blocks, size_t n_blocks)
{
    const __m512i swap =
        _mm512_broadcast_i32x4(_mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203));
    __m512i start[8], state[8], words[16];

    for (size_t i = 0; i < 8; i++)
        start[i] = _mm512_loadu_si512(states + 16 * i);
    for (size_t at = 0; at < n_blocks * NTA_LANES_BLOCK; at += NTA_LANES_BLOCK) {
        for (size_t i = 0; i < 16; i++)
            words[i] = _mm512_shuffle_epi8(_mm512_loadu_si512(blocks[i] + at), swap);
        transpose(words);
        for (size_t i = 0; i < 8; i++)
            state[i] = start[i];
#    pragma GCC unroll 64
        for (size_t i = 0; i < 64; i++)
            do_round(state, words, i);
        for (size_t i = 0; i < 8; i++)
            start[i] = _mm512_add_epi32(start[i], state[i]);
    }
    for (size_t i = 0; i < 8; i++)
        _mm512_storeu_si512(states + 16 * i, start[i]);
}

static const struct nta_lanes_way ways[] = {
    {.n = 16,
     .places = {0, 16, 32, 48, 64, 80, 96, 112},
     .step = 1,
     .hash = hash_sixteen,
     .is_there = has_wide},
    {.n = 2, .places = {3, 2, 7, 6, 1, 0, 5, 4}, .step = 8, .hash = hash_two, .is_there = has_sha},
};

const struct nta_lanes_way *nta_lanes_get(size_t i)
{
    return i < NTA_N_ELEMENTS(ways) ? &ways[i] : NULL;
}
#else
const struct nta_lanes_way *nta_lanes_get(size_t i)
{
    (void)i;
    return NULL;
}
#endif

const struct nta_lanes_way *nta_lanes_best(void)
{
    /* asked once: in a virtual machine the answer takes microseconds */
    static _Atomic size_t known; /* 0: not asked yet; else its place + 1 */
    size_t i = atomic_load_explicit(&known, memory_order_relaxed);
    const struct nta_lanes_way *way;

    if (i > 0)
        return nta_lanes_get(i - 1);
    while ((way = nta_lanes_get(i)) && !way->is_there())
        i++;
    atomic_store_explicit(&known, i + 1, memory_order_relaxed);
    return way;
}
