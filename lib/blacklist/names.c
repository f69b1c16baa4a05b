/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/names.h"

#include "base/hash.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#ifdef __SSE2__
#    include <emmintrin.h>
#endif

__extension__ typedef unsigned __int128 u128;

static_assert(sizeof(struct nta_name_chunk) == 1 << 21, "a chunk is one huge page");
static_assert(sizeof(struct nta_name_bucket) == 64, "a bucket is one cache line");

enum
{
    BLOCK = 16,        ///< Bytes NH takes at a time.
    AHEAD = 24,        ///< Items whose buckets are fetched before their turn.
    LOAD_PERCENT = 80, ///< 16 bytes an entry; one entry in ten lives next door.
    HUGE_BYTES = 1 << 21,
};

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
    names->keys.bucket_low = nta_hash_words(&seed, n++, 0) | 1;
    names->keys.bucket_high = nta_hash_words(&seed, n++, 0) | 1;
    return 0;
}

void nta_names_done(struct nta_names *names)
{
    if (names->buckets)
        (void)munmap(names->buckets, names->size_bytes);
    names->buckets = NULL;
}

static inline struct nta_name_hash finish(const struct nta_name_keys *keys, u128 sum)
{
    uint64_t low = (uint64_t)sum, high = (uint64_t)(sum >> 64);

    return (struct nta_name_hash){
        .tag = low * keys->tag_low + high * keys->tag_high,
        .where = (uint32_t)((low * keys->bucket_low + high * keys->bucket_high) >> 32),
    };
}

/** NH of one block under its two key words. */
static inline u128 nh(const uint64_t *key, u128 block)
{
    return (u128)((uint64_t)(block >> 64) + key[0]) * ((uint64_t)block + key[1]);
}

static inline uint64_t load64(const char *ptr)
{
    uint64_t word;

    memcpy(&word, ptr, sizeof(word));
    return le64toh(word);
}

static inline uint64_t load32(const char *ptr)
{
    uint32_t word;

    memcpy(&word, ptr, sizeof(word));
    return le32toh(word);
}

/** A text shorter than a block as the upper bytes of one. */
static inline u128 load_short(const char *text, size_t len)
{
    uint64_t word = 0;

    if (len >= 8) /* two words that overlap; shifted twice, as once could be by 64 */
        return (u128)load64(text + len - 8) << 64 | load64(text) << 8 * (15 - len) << 8;
    if (len >= 4)
        return (u128)(load32(text + len - 4) << 32 | load32(text) << 8 * (8 - len)) << 64;
    for (size_t i = 0; i < len; i++)
        word |= (uint64_t)(uint8_t)text[i] << (64 - 8 * len + 8 * i);
    return (u128)word << 64;
}

/** The block that ends `from_end` (<= len) bytes before the name's end; what lies before its start is zero. */
static inline u128 block_at(const char *name, size_t len, size_t from_end)
{
    size_t left = len - from_end;
    const char *start = left >= BLOCK ? name + left - BLOCK : name;

    if (len < BLOCK)
        return load_short(name, len);
    if (left == 0)
        return 0;
    return ((u128)load64(start + 8) << 64 | load64(start))
           << (left >= BLOCK ? 0 : 8 * (BLOCK - left));
}

struct nta_name_hash nta_names_hash(const struct nta_names *names, const char *name, size_t len)
{
    u128 sum = 0;

    for (size_t done = 0; done <= len; done += BLOCK)
        sum += nh(&names->keys.words[done / 8], block_at(name, len, done));
    return finish(&names->keys, sum);
}

/** A bit for each byte of a block that is a dot, the last byte's the highest of 16. */
#ifdef __SSE2__
static inline unsigned dots_of(u128 block)
{
    __m128i bytes = _mm_set_epi64x((int64_t)(block >> 64), (int64_t)block);

    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('.')));
}
#else
static inline unsigned dots_of_word(uint64_t word)
{
    const uint64_t low7 = 0x7f7f7f7f7f7f7f7fULL;
    uint64_t x = word ^ 0x2e2e2e2e2e2e2e2eULL;
    uint64_t high_bits = ~(((x & low7) + low7) | x | low7);

    return (unsigned)((high_bits >> 7) * 0x0102040810204080ULL >> 56);
}

static inline unsigned dots_of(u128 block)
{
    return dots_of_word((uint64_t)(block >> 64)) << 8 | dots_of_word((uint64_t)block);
}
#endif

static inline uint64_t bucket_of(const struct nta_names *names, uint32_t where)
{
    return (uint64_t)where * names->n_buckets >> 32;
}

/** True if the table has an entry with so many labels. */
static inline bool has_label_count(const struct nta_names *names, unsigned n_labels)
{
    return names->label_counts >> (n_labels < 63 ? n_labels : 63) & 1;
}

static inline void put_suffix(const struct nta_names *names, u128 sum, size_t offset,
                              struct nta_name_suffix *ret_suffix)
{
    ret_suffix->hash = finish(&names->keys, sum);
    ret_suffix->offset = (uint8_t)offset;
    __builtin_prefetch(&names->buckets[bucket_of(names, ret_suffix->hash.where)]);
}

size_t nta_names_suffixes(const struct nta_names *names, const char *name, size_t len,
                          struct nta_name_suffix suffixes[NTA_NAME_LABELS])
{
    const uint64_t *key = names->keys.words;
    unsigned n_labels = 0;
    size_t n_out = 0;
    u128 sum = 0;

    if (len == 0 || len > NTA_NAME_MAX || names->label_counts == 0)
        return 0;
    for (size_t done = 0; done <= len; done += BLOCK, key += 2) {
        u128 block = block_at(name, len, done);

        for (unsigned dots = dots_of(block) << 16; dots;) {
            unsigned n = (unsigned)__builtin_clz(dots); /* bytes of the block behind this dot */

            dots &= ~(UINT32_C(0x80000000) >> n);
            if (has_label_count(names, ++n_labels) && n_out < NTA_NAME_LABELS - 1)
                put_suffix(names, sum + nh(key, block & ~(~(u128)0 >> 8 * n)), len - done - n,
                           &suffixes[n_out++]);
        }
        sum += nh(key, block);
    }
    if (has_label_count(names, ++n_labels))
        put_suffix(names, sum, 0, &suffixes[n_out++]);
    return n_out;
}

static inline uint32_t mark_of(uint64_t tag)
{
    return UINT32_C(1) << (tag >> 59);
}

static inline uint64_t next_bucket(const struct nta_names *names, uint64_t b)
{
    return b + 1 < names->n_buckets ? b + 1 : 0;
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
    uint64_t b = bucket_of(names, hash.where);
    uint32_t best = 0;

    for (uint32_t n = 0; n < names->n_buckets; n++) {
        const struct nta_name_bucket *bucket = &names->buckets[b];

        for (unsigned slots = slots_with(bucket, hash.tag); slots; slots &= slots - 1) {
            uint32_t value = bucket->values[__builtin_ctz(slots)];

            if ((value & cover) && (!best || nta_value_rank(value) > nta_value_rank(best)))
                best = value;
        }
        if (!(bucket->passed & mark_of(hash.tag)))
            break;
        b = next_bucket(names, b);
    }
    return best;
}

size_t nta_names_find(const struct nta_names *names, struct nta_name_hash hash, uint32_t *values,
                      size_t size)
{
    uint64_t b = bucket_of(names, hash.where);
    size_t n_found = 0;

    for (uint32_t n = 0; n < names->n_buckets; n++) {
        const struct nta_name_bucket *bucket = &names->buckets[b];

        for (size_t i = 0; i < NTA_BUCKET_SLOTS; i++) {
            if (bucket->tags[i] == hash.tag && bucket->values[i] && n_found < size)
                values[n_found++] = bucket->values[i];
        }
        if (!(bucket->passed & mark_of(hash.tag)))
            break;
        b = next_bucket(names, b);
    }
    return n_found;
}

/** Put one item in; false if it is there already.  The table has a free slot: it is never filled to the brim. */
static bool insert(struct nta_names *names, const struct nta_name_item *item)
{
    uint64_t b = bucket_of(names, item->where);

    for (;;) {
        struct nta_name_bucket *bucket = &names->buckets[b];

        for (size_t i = 0; i < NTA_BUCKET_SLOTS; i++) {
            if (!bucket->values[i]) {
                bucket->tags[i] = item->tag;
                bucket->values[i] = item->value;
                return true;
            }
            if (bucket->tags[i] == item->tag &&
                ((bucket->values[i] ^ item->value) & NTA_VALUE_FLAGS) == 0)
                return false;
        }
        bucket->passed |= mark_of(item->tag);
        b = next_bucket(names, b);
    }
}

/** An empty table for `n_items`. */
static int make_table(struct nta_names *names, uint64_t n_items)
{
    uint64_t n_buckets = n_items * 100 / LOAD_PERCENT / NTA_BUCKET_SLOTS + 1;
    size_t size_bytes = n_buckets * sizeof(struct nta_name_bucket);
    void *table;

    if (n_buckets > UINT32_MAX)
        return -ENOMEM;
    table = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (table == MAP_FAILED)
        return -ENOMEM;
    if (size_bytes >= HUGE_BYTES)
        (void)madvise(table, size_bytes, MADV_HUGEPAGE); /* fewer TLB misses; no harm without */
    nta_names_done(names);
    names->buckets = table;
    names->size_bytes = size_bytes;
    names->n_buckets = (uint32_t)n_buckets;
    names->n_entries = 0;
    return 0;
}

/** Put all items in, in their order. */
static void insert_all(struct nta_names *names, const struct nta_name_items *items,
                       nta_name_twice_fn *twice, void *owner)
{
    for (const struct nta_name_chunk *chunk = items->first; chunk; chunk = chunk->next) {
        for (size_t i = 0; i < chunk->n_items; i++) {
            uint32_t ahead = chunk->items[i + AHEAD < chunk->n_items ? i + AHEAD : i].where;

            __builtin_prefetch(&names->buckets[bucket_of(names, ahead)], 1);
            if (insert(names, &chunk->items[i]))
                names->n_entries++;
            else if (twice)
                twice(owner, chunk->items[i].value);
        }
    }
}

int nta_names_fill(struct nta_names *names, const struct nta_name_items *items,
                   nta_name_twice_fn *twice, void *owner)
{
    int r = make_table(names, items->n_items);

    if (r < 0)
        return r;
    insert_all(names, items, twice, owner);
    if (names->n_entries > items->n_items - items->n_items / 10)
        return 0;
    /* Lists overlap: much was there already, so the table is made once more, for what is left. */
    r = make_table(names, names->n_entries);
    if (r == 0)
        insert_all(names, items, NULL, NULL);
    return r;
}

int nta_name_items_add(struct nta_name_items *items, struct nta_name_item item)
{
    if (!items->last || items->last->n_items == NTA_CHUNK_ITEMS) {
        struct nta_name_chunk *chunk = aligned_alloc(HUGE_BYTES, sizeof(*chunk));

        if (!chunk)
            return -ENOMEM;
        if (items->last) /* a second one: it will be full, so fewer page faults are worth having */
            (void)madvise(chunk, sizeof(*chunk), MADV_HUGEPAGE);
        chunk->next = NULL;
        chunk->n_items = 0;
        *(items->last ? &items->last->next : &items->first) = chunk;
        items->last = chunk;
    }
    items->last->items[items->last->n_items++] = item;
    items->n_items++;
    return 0;
}

void nta_name_items_done(struct nta_name_items *items)
{
    for (struct nta_name_chunk *chunk = items->first, *next; chunk; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    *items = (struct nta_name_items){0};
}
