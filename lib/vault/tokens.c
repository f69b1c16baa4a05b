/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/tokens.h"

#include "base/hash.h"
#include "base/own.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>

enum
{
    N_SLOTS = 32768, ///< A power of two.
    N_PENDING = 8,   ///< Likewise: values whose slots are on their way from memory.
    DIGIT_BITS = 12,
    N_DIGITS = 1 << DIGIT_BITS
};

struct slot
{
    uint64_t fingerprint; ///< Of kind and value; 0 with an empty slot, and then never asked for.
    uint64_t token;       ///< As a number, its first byte highest.
    uint64_t batch;       ///< The last one that it was put into.
};

struct nta_tokens
{
    struct nta_hash_key hash_key;
    struct slot slots[N_SLOTS];
    uint64_t batch; ///< Counts them.
    uint32_t starts[N_DIGITS + 1];
    struct nta_buf numbers, sorted; ///< uint64_t each.
};

int nta_tokens_new(struct nta_tokens **ret_tokens)
{
    struct nta_hash_key hash_key;
    int r = nta_hash_key_random(&hash_key);

    if (r < 0)
        return r;
    struct nta_tokens *tokens = calloc(1, sizeof(*tokens));

    if (!tokens)
        return -ENOMEM;
    tokens->hash_key = hash_key;
    *ret_tokens = tokens;
    return 0;
}

void nta_tokens_free(struct nta_tokens **tokens)
{
    if (!*tokens)
        return;
    nta_buf_done(&(*tokens)->numbers);
    nta_buf_done(&(*tokens)->sorted);
    free(*tokens);
    *tokens = NULL;
}

void nta_token_of(const struct nta_hmac_key *key, enum nta_value_kind kind, struct nta_span value,
                  uint8_t ret_token[NTA_TOKEN_LEN])
{
    const uint8_t kind_byte = (uint8_t)kind;
    const struct nta_span parts[] = {{.ptr = &kind_byte, .len = 1}, value};
    uint8_t mac[32];

    nta_hmac(key, parts, NTA_N_ELEMENTS(parts), mac);
    memcpy(ret_token, mac, NTA_TOKEN_LEN);
}

/** A value whose slot was asked for; it lies in the batch. */
struct pending
{
    uint64_t fingerprint;
    struct nta_span value;
    enum nta_value_kind kind;
};

struct making
{
    struct nta_tokens *tokens;
    const struct nta_token_keys *keys;
    struct pending pending[N_PENDING]; ///< The i-th is at i % N_PENDING.
    size_t n_asked, n_made;
};

/** The token of the one that was asked for first. */
static void make_one(struct making *making)
{
    struct nta_tokens *tokens = making->tokens;
    const struct pending *pending = &making->pending[making->n_made++ % N_PENDING];
    struct slot *slot = &tokens->slots[pending->fingerprint % N_SLOTS];
    /* never 0; the bit beside those that choose the slot */
    const uint64_t fingerprint = pending->fingerprint | N_SLOTS;

    if (slot->fingerprint != fingerprint) {
        const struct nta_token_keys *keys = making->keys;
        uint8_t token[NTA_TOKEN_LEN];

        assert(keys->n == 1 || (size_t)pending->kind < keys->n);
        nta_token_of(&keys->keys[keys->n == 1 ? 0 : pending->kind], pending->kind, pending->value,
                     token);
        memcpy(&slot->token, token, sizeof(token));
        slot->token = be64toh(slot->token);
        slot->fingerprint = fingerprint;
        slot->batch = 0;
    }
    if (slot->batch == tokens->batch) /* most come again: fewer are left to sort */
        return;
    slot->batch = tokens->batch;
    nta_buf_put(&tokens->numbers, &slot->token, sizeof(slot->token));
}

static void ask_one(void *owner, enum nta_value_kind kind, struct nta_span value)
{
    struct making *making = owner;
    const struct nta_tokens *tokens = making->tokens;
    /* kinds and keys have constants of their own, so that one text as two has two fingerprints */
    const uint64_t fingerprint = nta_hash_bytes(&tokens->hash_key, value.ptr, value.len) ^
                                 (uint64_t)kind * UINT64_C(0x9e3779b97f4a7c15) ^
                                 making->keys->number * UINT64_C(0xd6e8feb86659fd93);

    if (making->n_asked - making->n_made == N_PENDING)
        make_one(making);
    making->pending[making->n_asked++ % N_PENDING] =
        (struct pending){.fingerprint = fingerprint, .value = value, .kind = kind};
    __builtin_prefetch(&tokens->slots[fingerprint % N_SLOTS], 1);
}

/** One pass of a radix sort: by the digit at `shift`, keeping the order of equals. */
static void sort_pass(struct nta_tokens *tokens, const uint64_t *from, uint64_t *to, size_t n,
                      unsigned shift)
{
    uint32_t *starts = tokens->starts;

    memset(starts, 0, sizeof(tokens->starts));
    for (size_t i = 0; i < n; i++)
        starts[(from[i] >> shift) % N_DIGITS + 1]++;
    for (size_t digit = 1; digit < N_DIGITS; digit++)
        starts[digit] += starts[digit - 1];
    for (size_t i = 0; i < n; i++)
        to[starts[(from[i] >> shift) % N_DIGITS]++] = from[i];
}

/**
 * Sort by the first 24 bits in two passes; what is left out of order, among tokens that share them,
 * are a few neighbours: tokens are as good as random, and nobody without the key can choose them.
 */
static void sort(struct nta_tokens *tokens, uint64_t *numbers, uint64_t *buf, size_t n)
{
    sort_pass(tokens, numbers, buf, n, 64 - 2 * DIGIT_BITS);
    sort_pass(tokens, buf, numbers, n, 64 - DIGIT_BITS);
    for (size_t i = 1; i < n; i++) {
        uint64_t number = numbers[i];
        size_t at = i;

        for (; at > 0 && numbers[at - 1] > number; at--)
            numbers[at] = numbers[at - 1];
        numbers[at] = number;
    }
}

int nta_tokens_of(struct nta_tokens *tokens, const struct nta_token_keys *keys,
                  const struct nta_batch *batch, struct nta_buf *out)
{
    struct making making = {.tokens = tokens, .keys = keys};

    nta_buf_clear(out);
    nta_buf_clear(&tokens->numbers);
    nta_buf_clear(&tokens->sorted);
    tokens->batch++;
    nta_batch_each_value(batch, ask_one, &making);
    while (making.n_made < making.n_asked)
        make_one(&making);
    size_t n = tokens->numbers.len / sizeof(uint64_t);
    uint64_t *numbers = (uint64_t *)(void *)tokens->numbers.ptr; /* from malloc: aligned */
    uint64_t *buf = (uint64_t *)(void *)nta_buf_reserve(&tokens->sorted, tokens->numbers.len);

    if (n == 0)
        return tokens->numbers.failed ? -ENOMEM : 0;
    if (tokens->numbers.failed || !buf || !nta_buf_reserve(out, tokens->numbers.len))
        return -ENOMEM;
    sort(tokens, numbers, buf, n);
    for (size_t i = 0; i < n; i++) {
        uint64_t token = htobe64(numbers[i]);

        if (i == 0 || numbers[i] != numbers[i - 1])
            nta_buf_put(out, &token, sizeof(token));
    }
    return 0;
}

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, NTA_TOKEN_LEN);
}

bool nta_tokens_have(struct nta_span tokens, const uint8_t token[NTA_TOKEN_LEN])
{
    size_t n = tokens.len / NTA_TOKEN_LEN;

    return n && bsearch(token, tokens.ptr, n, NTA_TOKEN_LEN, compare);
}
