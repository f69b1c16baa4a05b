/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Sealed batches made up for the store's tests: real headers that hold the hash of the one before,
 * and random bytes, repeatable from (sensor, number, salt), for the rest, at which the store does
 * not look.
 */

#include "base/runtime/clock.h"
#include "store/store.h"
#include "store/writer.h"
#include "vault/header_bytes.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum
{
    SAMPLE_HEADER_SIZE = 512,
    SAMPLE_TOKENS = 600,
    SAMPLE_BODY_MAX = 512 * 1024,
};

#define SAMPLE_DAY_NS   (INT64_C(86400) * NTA_NS_PER_S)
#define SAMPLE_START_NS (INT64_C(20000) * SAMPLE_DAY_NS)

struct sample
{
    uint8_t header[SAMPLE_HEADER_SIZE];
    uint8_t signature[NTA_SIGNATURE_LEN];
    uint8_t tokens[SAMPLE_TOKENS][NTA_TOKEN_LEN];
    uint8_t body[SAMPLE_BODY_MAX];
    uint8_t hash[NTA_HASH_LEN];
    struct nta_stored stored;
};

static inline uint64_t sample_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static inline void sample_fill(void *buf, size_t len, uint64_t seed)
{
    uint8_t *out = buf;

    while (len > 0) {
        uint64_t word = sample_random(&seed);
        size_t n = len < sizeof(word) ? len : sizeof(word);

        memcpy(out, &word, n);
        out += n;
        len -= n;
    }
}

static inline int sample_compare_tokens(const void *a, const void *b)
{
    return memcmp(a, b, NTA_TOKEN_LEN);
}

/** The token that only the batch with this number has. */
static inline void sample_token(uint64_t number, uint8_t token[NTA_TOKEN_LEN])
{
    memset(token, 0xaa, NTA_TOKEN_LEN);
    memcpy(token, &number, 4);
}

/** What a sample is made from. */
struct sample_plan
{
    uint8_t sensor; ///< All 16 bytes of the sensor's id.
    uint64_t number;
    int64_t first_ns; ///< 0: two seconds after the one before, from SAMPLE_START_NS.
    size_t body_len;
    uint64_t salt;        ///< Another batch with the same key.
    uint8_t data_key;     ///< All 16 bytes of its id.
    enum nta_class class; ///< NTA_CLASS_NONE: traffic.
    bool has_next;        ///< It names the next signing key.
    const uint8_t *log;   ///< The tree's hash; NULL: some bytes.
    struct nta_span notes;
    size_t n_notes;
};

/** Make the batch that follows `previous` (NULL: the first). */
static inline void sample_make(struct sample *sample, const struct sample_plan *plan,
                               const uint8_t *previous)
{
    uint64_t seed = plan->sensor * UINT64_C(1000003) + plan->number * 31 + plan->salt;
    struct nta_header *header = &sample->stored.header;
    size_t header_len;

    sample_fill(sample->signature, sizeof(sample->signature), seed + 1);
    sample_fill(sample->tokens, sizeof(sample->tokens), seed + 2);
    sample_fill(sample->body, plan->body_len, seed + 3);
    sample_token(plan->number, sample->tokens[0]);
    qsort(sample->tokens, SAMPLE_TOKENS, NTA_TOKEN_LEN, sample_compare_tokens);
    *header = (struct nta_header){
        .version = 2,
        .number = plan->number,
        .n_records = 4096,
        .class = plan->class ? plan->class : NTA_CLASS_TRAFFIC,
        .has_next = plan->has_next,
        .notes = plan->notes,
        .n_notes = plan->n_notes,
    };
    sample_fill(header->next, plan->has_next ? sizeof(header->next) : 0, seed + 4);
    sample_fill(header->log, sizeof(header->log), seed + 5);
    if (plan->log)
        memcpy(header->log, plan->log, sizeof(header->log));
    memset(header->sensor, plan->sensor, sizeof(header->sensor));
    memset(header->data_key, plan->data_key, sizeof(header->data_key));
    sample_fill(header->root, sizeof(header->root), seed);
    header->first_ns = plan->first_ns;
    if (plan->first_ns == 0)
        header->first_ns = SAMPLE_START_NS + (int64_t)plan->number * 2 * NTA_NS_PER_S;
    header->last_ns = header->first_ns + NTA_NS_PER_S;
    header->sealed_ns = header->first_ns; /* so that a plan chooses the day */
    if (previous)
        memcpy(header->previous, previous, NTA_HASH_LEN);
    header_len = header_bytes(header, sample->header, sizeof(sample->header));
    sample->stored.faults = 0;
    sample->stored.sealed = (struct nta_sealed){
        .header = {sample->header, header_len},
        .signature = {sample->signature, sizeof(sample->signature)},
        .tokens = {&sample->tokens[0][0], sizeof(sample->tokens)},
        .body = {sample->body, plan->body_len},
    };
    nta_header_hash(&sample->stored.sealed, sample->hash);
}

/** Put batches of one sensor behind wherever its chain's row is, as its shipper would. */
static inline int sample_append(struct nta_store *store, const struct nta_stored *batches,
                                size_t n_batches, struct nta_err *err)
{
    struct nta_store_place place;
    int r = nta_store_get_place(store, batches[0].header.sensor, &place, err);

    return r < 0 ? r
                 : nta_store_append(store, &place.head, batches, n_batches, (struct nta_span){0},
                                    err);
}

/** Seen by sample_collect(). */
struct sample_seen
{
    uint64_t n, first, last;
    uint64_t numbers[4096];
    uint8_t sensors[4096];
    uint8_t hash[NTA_HASH_LEN]; ///< Of the last one.
    bool is_chain;              ///< Each header holds the hash of the one before.
    uint64_t n_faulty;
    unsigned faults; ///< All of them.
    size_t body_bytes;
};

static inline int sample_collect(void *owner, const struct nta_stored *batch, struct nta_err *err)
{
    struct sample_seen *seen = owner;

    (void)err;
    if (seen->n == 0) {
        seen->first = batch->header.number;
        seen->is_chain = true;
    } else if (memcmp(batch->header.previous, seen->hash, NTA_HASH_LEN) != 0 ||
               batch->header.number != seen->last + 1) {
        seen->is_chain = false;
    }
    nta_header_hash(&batch->sealed, seen->hash);
    seen->last = batch->header.number;
    seen->body_bytes += batch->sealed.body.len;
    if (seen->n < 4096) {
        seen->numbers[seen->n] = batch->header.number;
        seen->sensors[seen->n] = batch->header.sensor[0];
    }
    seen->n_faulty += batch->faults != 0;
    seen->faults |= batch->faults;
    seen->n++;
    return 0;
}
