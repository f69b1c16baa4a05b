/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/table/names.h"

#include "base/hash.h"
#include "base/memory/area.h"

#include <string.h>

int nta_names_init(struct nta_names *names)
{
    struct nta_hash_key seed;
    uint64_t n = 0;
    int r = nta_hash_key_random(&seed);

    memset(names, 0, sizeof(*names));
    if (r < 0)
        return r;
    for (size_t i = 0; i < NTA_NAME_KEY_WORDS; i++)
        names->keys.words[i] = nta_hash_words(&seed, n++, 0);
    names->keys.tag_low = nta_hash_words(&seed, n++, 0) | 1;
    names->keys.tag_high = nta_hash_words(&seed, n++, 0) | 1;
    names->keys.place_low = nta_hash_words(&seed, n++, 0) | 1;
    names->keys.place_high = nta_hash_words(&seed, n++, 0) | 1;
    return 0;
}

void nta_names_done(struct nta_names *names)
{
    nta_area_free(names->buckets, names->size_bytes);
    names->buckets = NULL;
}

struct nta_name_hash nta_names_hash(const struct nta_names *names, const char *name, size_t len)
{
    nta_u128 sum = 0;

    for (size_t done = 0; done <= len; done += NTA_NAME_BLOCK)
        sum += nta_name_nh(&names->keys.words[done / 8], nta_name_block(name, len, done));
    return nta_name_finish(&names->keys, sum);
}

/** True if the table has an entry with so many labels. */
static inline bool has_label_count(const struct nta_names *names, unsigned n_labels)
{
    return names->label_counts >> (n_labels < 63 ? n_labels : 63) & 1;
}

/**
 * The domain that starts at `offset`: note it if it could be an entry; false if no entry goes on
 * from here.
 */
static inline bool step(const struct nta_names *names, nta_u128 sum, unsigned n_labels,
                        size_t offset, struct nta_name_suffix *suffixes, size_t *n_suffixes)
{
    bool counts = has_label_count(names, n_labels);
    struct nta_name_hash hash;
    uint64_t way;

    if (n_labels == 1 && !counts)
        return true;
    hash = nta_name_finish(&names->keys, sum);
    way = nta_name_way(hash.tag);
    if (counts) /* before it is known whether it is needed: both lines come at once */
        __builtin_prefetch(&names->buckets[nta_name_bucket_of(names, hash.where)]);
    if (n_labels > 1 && (names->ways[nta_name_way_place(names, hash.where)] & way) != way)
        return false;
    if (counts) {
        suffixes[*n_suffixes].hash = hash;
        suffixes[(*n_suffixes)++].offset = (uint8_t)offset;
    }
    return true;
}

size_t nta_names_suffixes(const struct nta_names *names, const char *name, size_t len,
                          struct nta_name_suffix suffixes[NTA_NAME_LABELS])
{
    const uint64_t *key = names->keys.words;
    unsigned n_labels = 0;
    size_t n_out = 0;
    nta_u128 sum = 0;

    if (len == 0 || len > NTA_NAME_MAX || names->label_counts == 0)
        return 0;
    for (size_t done = 0; done <= len; done += NTA_NAME_BLOCK, key += 2) {
        nta_u128 block = nta_name_block(name, len, done);

        for (unsigned dots = nta_name_dots(block) << 16; dots;) {
            unsigned n = (unsigned)__builtin_clz(dots); /* bytes of the block behind this dot */
            nta_u128 part = block & ~(~(nta_u128)0 >> 8 * n);

            dots &= ~(UINT32_C(0x80000000) >> n);
            if (n_out == NTA_NAME_LABELS - 1 || !step(names, sum + nta_name_nh(key, part),
                                                      ++n_labels, len - done - n, suffixes, &n_out))
                return n_out;
        }
        sum += nta_name_nh(key, block);
    }
    (void)step(names, sum, n_labels + 1, 0, suffixes, &n_out);
    return n_out;
}

/** One bit for each slot that has the tag: no branch, as most have none. */
static inline unsigned slots_with(const struct nta_name_bucket *bucket, uint64_t tag)
{
    return (unsigned)(bucket->tags[0] == tag) | (unsigned)(bucket->tags[1] == tag) << 1 |
           (unsigned)(bucket->tags[2] == tag) << 2 | (unsigned)(bucket->tags[3] == tag) << 3 |
           (unsigned)(bucket->tags[4] == tag) << 4;
}

uint32_t nta_names_decide(const struct nta_names *names, struct nta_name_hash hash, uint32_t cover)
{
    uint64_t b = nta_name_bucket_of(names, hash.where);
    uint32_t best = 0;

    for (uint32_t n = 0; n < names->n_buckets; n++) {
        const struct nta_name_bucket *bucket = &names->buckets[b];

        for (unsigned slots = slots_with(bucket, hash.tag); slots; slots &= slots - 1) {
            uint32_t value = bucket->values[__builtin_ctz(slots)];

            if ((value & cover) && (!best || nta_value_rank(value) > nta_value_rank(best)))
                best = value;
        }
        if (!(bucket->passed & nta_name_mark(hash.tag)))
            break;
        b = nta_name_next_bucket(names, b);
    }
    return best;
}

void nta_names_each(const struct nta_names *names, struct nta_name_hash hash,
                    void (*each)(void *owner, uint32_t value), void *owner)
{
    uint64_t b = nta_name_bucket_of(names, hash.where);

    for (uint32_t n = 0; n < names->n_buckets; n++) {
        const struct nta_name_bucket *bucket = &names->buckets[b];

        for (size_t i = 0; i < NTA_BUCKET_SLOTS; i++) {
            if (bucket->tags[i] == hash.tag && bucket->values[i])
                each(owner, bucket->values[i]);
        }
        if (!(bucket->passed & nta_name_mark(hash.tag)))
            break;
        b = nta_name_next_bucket(names, b);
    }
}

/** Values that are gathered. */
struct gathering
{
    uint32_t *values;
    size_t n, size;
};

static void gather(void *owner, uint32_t value)
{
    struct gathering *gathering = owner;

    if (gathering->n < gathering->size)
        gathering->values[gathering->n++] = value;
}

size_t nta_names_find(const struct nta_names *names, struct nta_name_hash hash, uint32_t *values,
                      size_t size)
{
    struct gathering gathering = {.size = size};

    gathering.values = values;
    nta_names_each(names, hash, gather, &gathering);
    return gathering.n;
}
