/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/crypto/digests.h"

#include "base/own.h"
#include "vault/crypto/digest.h"

#include <assert.h>
#include <endian.h>
#include <openssl/crypto.h>

enum
{
    BLOCK = NTA_LANES_BLOCK,
    BLOCKS_MAX = NTA_DIGESTS_LANE_BYTES / BLOCK
};

void nta_digests_init(struct nta_digests *digests)
{
    digests->way = nta_lanes_best();
    digests->free = digests->way ? (1U << digests->way->n) - 1 : 0;
}

static uint32_t *word_of(struct nta_digests *digests, unsigned lane, size_t word)
{
    const struct nta_lanes_way *way = digests->way;

    return &digests->states[way->places[word] + lane * way->step];
}

/** The message and its padding (FIPS 180-4 section 5.1.1), by copies of fixed sizes but for one. */
static void fill(struct nta_digests_lane *lane, const struct nta_digests_head *head,
                 struct nta_span data, size_t n_blocks)
{
    const size_t len = head->len + data.len;
    const uint64_t bits = htobe64((uint64_t)len * 8);

    memcpy(lane->bytes, head->bytes, sizeof(head->bytes));
    if (data.len)
        memcpy(lane->bytes + head->len, data.ptr, data.len);
    memset(lane->bytes + len, 0, NTA_DIGESTS_TAIL_BYTES);
    lane->bytes[len] = 0x80;
    memcpy(lane->bytes + n_blocks * BLOCK - sizeof(bits), &bits, sizeof(bits));
}

static void start(struct nta_digests *digests, unsigned i, size_t n_blocks)
{
    /* FIPS 180-4 section 5.3.3 */
    static const uint32_t words[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

    for (size_t k = 0; k < NTA_N_ELEMENTS(words); k++)
        *word_of(digests, i, k) = words[k];
    digests->at[i] = digests->lanes[i].bytes;
    digests->left[i] = (uint32_t)n_blocks;
    digests->free &= ~(1U << i);
}

/** The hash of a lane that is through. */
static void give(struct nta_digests *digests, unsigned i)
{
    uint8_t *to = digests->lanes[i].ret_hash;

    for (size_t k = 0; k < 8; k++) {
        const uint32_t word = htobe32(*word_of(digests, i, k));

        memcpy(to + k * sizeof(word), &word, sizeof(word));
    }
    digests->free |= 1U << i;
}

/** As many blocks of each lane as all have; a free one goes along with one that is not. */
static void hash_some(struct nta_digests *digests)
{
    const unsigned n = digests->way->n;
    const uint32_t busy = ~digests->free & ((1U << n) - 1);
    const unsigned any = (unsigned)__builtin_ctz(busy);
    uint32_t n_blocks = digests->left[any];

    for (unsigned i = 0; i < n; i++) {
        const bool is_busy = busy >> i & 1;

        n_blocks = is_busy && digests->left[i] < n_blocks ? digests->left[i] : n_blocks;
        digests->at[i] = digests->at[is_busy ? i : any];
    }
    digests->way->hash(digests->states, digests->at, n_blocks);
    for (unsigned i = 0; i < n; i++) {
        digests->at[i] += (size_t)n_blocks * BLOCK;
        digests->left[i] -= n_blocks;
        if (busy >> i & 1 && digests->left[i] == 0)
            give(digests, i);
    }
}

static void hash_at_once(const struct nta_digests_head *head, struct nta_span data,
                         uint8_t *ret_hash)
{
    struct nta_digest digest;

    nta_digest_init(&digest);
    nta_digest_put(&digest, head->bytes, head->len);
    nta_digest_put(&digest, data.ptr, data.len);
    nta_digest_end(&digest, ret_hash);
}

void nta_digests_put(struct nta_digests *digests, const struct nta_digests_head *head,
                     struct nta_span data, uint8_t *ret_hash)
{
    assert(head->len <= sizeof(head->bytes));
    const size_t n_blocks = nta_digests_blocks(head->len + data.len);

    if (!digests->way || n_blocks > BLOCKS_MAX) {
        hash_at_once(head, data, ret_hash);
        return;
    }
    if (!digests->free)
        hash_some(digests);
    const unsigned i = (unsigned)__builtin_ctz(digests->free);

    fill(&digests->lanes[i], head, data, n_blocks);
    digests->lanes[i].ret_hash = ret_hash;
    start(digests, i, n_blocks);
}

void nta_digests_end(struct nta_digests *digests)
{
    while (digests->way && digests->free != (1U << digests->way->n) - 1)
        hash_some(digests);
}

void nta_digests_wipe(struct nta_digests *digests)
{
    for (unsigned i = 0; digests->way && i < digests->way->n; i++)
        OPENSSL_cleanse(digests->lanes[i].bytes, sizeof(digests->lanes[i].bytes));
}
