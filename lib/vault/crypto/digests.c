/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/crypto/digests.h"

#include "base/own.h"
#include "vault/crypto/digest.h"

#include <assert.h>
#include <endian.h>
#include <openssl/crypto.h>
#include <stdatomic.h>

enum
{
    BLOCK_LEN = 64,
    LENGTH_LEN = 8, ///< Behind the padding: the message's bits, big-endian.
    TEXT_MAX = NTA_DIGESTS_LANE_BYTES - LENGTH_LEN - 1
};

#ifdef __x86_64__
#    include <cpuid.h>
#    include <immintrin.h>

#    define WITH_SHA __attribute__((target("sha,sse4.1")))

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

static bool find_instructions(void)
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

WITH_SHA static inline struct block start_block(const struct nta_digests_lane *lane)
{
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    const __m128i *state = (const __m128i *)(const void *)lane->state;
    struct block block = {.abef = _mm_loadu_si128(state), .cdgh = _mm_loadu_si128(state + 1)};

    for (size_t i = 0; i < 4; i++) {
        const void *bytes = lane->bytes + lane->at + 16 * i;

        block.words[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)bytes), swap);
    }
    return block;
}

/** Rounds 4 `step` to 4 `step` + 3, and the words that take the place of those used. */
WITH_SHA static inline __attribute__((always_inline)) void go_on(struct block *block, size_t step)
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

WITH_SHA static inline void end_block(struct nta_digests_lane *lane, const struct block *block)
{
    __m128i *state = (__m128i *)(void *)lane->state;

    _mm_storeu_si128(state, _mm_add_epi32(_mm_loadu_si128(state), block->abef));
    _mm_storeu_si128(state + 1, _mm_add_epi32(_mm_loadu_si128(state + 1), block->cdgh));
    lane->at += BLOCK_LEN;
}

WITH_SHA static void hash_one(struct nta_digests_lane *lane)
{
    struct block block = start_block(lane);

#    pragma GCC unroll 16
    for (size_t step = 0; step < 16; step++)
        go_on(&block, step);
    end_block(lane, &block);
}

WITH_SHA static void hash_pair(struct nta_digests_lane *first, struct nta_digests_lane *second)
{
    struct block one = start_block(first), other = start_block(second);

#    pragma GCC unroll 16
    for (size_t step = 0; step < 16; step++) {
        go_on(&one, step);
        go_on(&other, step);
    }
    end_block(first, &one);
    end_block(second, &other);
}
#else
static bool find_instructions(void)
{
    return false;
}

/* never called: nothing goes into a lane */

static void hash_one(struct nta_digests_lane *lane)
{
    lane->at += BLOCK_LEN;
}

static void hash_pair(struct nta_digests_lane *first, struct nta_digests_lane *second)
{
    hash_one(first);
    hash_one(second);
}
#endif

/** Asked once: in a virtual machine the answer takes microseconds. */
static bool has_instructions(void)
{
    static _Atomic int known; /* 0: not asked yet; 1: no; 2: yes */
    int answer = atomic_load_explicit(&known, memory_order_relaxed);

    if (answer == 0) {
        answer = find_instructions() ? 2 : 1;
        atomic_store_explicit(&known, answer, memory_order_relaxed);
    }
    return answer == 2;
}

void nta_digests_init(struct nta_digests *digests)
{
    for (size_t i = 0; i < NTA_N_ELEMENTS(digests->lanes); i++)
        digests->lanes[i].at = digests->lanes[i].end = 0;
    digests->in_pairs = has_instructions();
}

static bool is_free(const struct nta_digests_lane *lane)
{
    return lane->at == lane->end;
}

/** The hash of a lane that is through. */
static void give(struct nta_digests_lane *lane)
{
    static const uint8_t places[8] = {3, 2, 7, 6, 1, 0, 5, 4}; /* of A to H in the state */

    for (size_t i = 0; i < NTA_N_ELEMENTS(places); i++) {
        const uint32_t word = htobe32(lane->state[places[i]]);

        memcpy(lane->ret_hash + i * sizeof(word), &word, sizeof(word));
    }
}

static void fill(struct nta_digests_lane *lane, const struct nta_span *parts, size_t n_parts,
                 uint8_t *ret_hash)
{
    /* FIPS 180-4 section 5.3.3, in the state's order */
    static const uint32_t start[8] = {0x9b05688c, 0x510e527f, 0xbb67ae85, 0x6a09e667,
                                      0x5be0cd19, 0x1f83d9ab, 0xa54ff53a, 0x3c6ef372};
    size_t len = 0;

    for (size_t i = 0; i < n_parts; i++) {
        if (parts[i].len)
            memcpy(lane->bytes + len, parts[i].ptr, parts[i].len);
        len += parts[i].len;
    }
    const uint64_t bits = htobe64((uint64_t)len * 8);

    lane->at = 0;
    lane->end = (len + 1 + LENGTH_LEN + BLOCK_LEN - 1) / BLOCK_LEN * BLOCK_LEN;
    assert(lane->end <= sizeof(lane->bytes));
    lane->bytes[len] = 0x80;
    memset(lane->bytes + len + 1, 0, lane->end - LENGTH_LEN - len - 1);
    memcpy(lane->bytes + lane->end - LENGTH_LEN, &bits, sizeof(bits));
    memcpy(lane->state, start, sizeof(lane->state));
    lane->ret_hash = ret_hash;
}

/** Until one of the two lanes is free, which gives its hash. */
static void hash_both(struct nta_digests_lane lanes[2])
{
    while (!is_free(&lanes[0]) && !is_free(&lanes[1]))
        hash_pair(&lanes[0], &lanes[1]);
    for (size_t i = 0; i < 2; i++)
        if (is_free(&lanes[i]))
            give(&lanes[i]);
}

static void hash_at_once(const struct nta_span *parts, size_t n_parts, uint8_t *ret_hash)
{
    struct nta_digest digest;

    nta_digest_init(&digest);
    for (size_t i = 0; i < n_parts; i++)
        nta_digest_put(&digest, parts[i].ptr, parts[i].len);
    nta_digest_end(&digest, ret_hash);
}

void nta_digests_put(struct nta_digests *digests, const struct nta_span *parts, size_t n_parts,
                     uint8_t *ret_hash)
{
    struct nta_digests_lane *lanes = digests->lanes;
    size_t len = 0;

    for (size_t i = 0; i < n_parts && len <= TEXT_MAX; i++)
        len = parts[i].len <= TEXT_MAX ? len + parts[i].len : TEXT_MAX + 1;
    if (!digests->in_pairs || len > TEXT_MAX) {
        hash_at_once(parts, n_parts, ret_hash);
        return;
    }
    fill(is_free(&lanes[0]) ? &lanes[0] : &lanes[1], parts, n_parts, ret_hash);
    if (!is_free(&lanes[0]) && !is_free(&lanes[1]))
        hash_both(lanes);
}

void nta_digests_end(struct nta_digests *digests)
{
    for (size_t i = 0; i < NTA_N_ELEMENTS(digests->lanes); i++) {
        struct nta_digests_lane *lane = &digests->lanes[i];

        if (!is_free(lane)) {
            while (!is_free(lane))
                hash_one(lane);
            give(lane);
        }
    }
}

void nta_digests_wipe(struct nta_digests *digests)
{
    for (size_t i = 0; digests->in_pairs && i < NTA_N_ELEMENTS(digests->lanes); i++)
        OPENSSL_cleanse(digests->lanes[i].bytes, sizeof(digests->lanes[i].bytes));
}
