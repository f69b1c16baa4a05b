/* SPDX-License-Identifier: Apache-2.0 */
#include "names.h"

#include "base/hash.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

__extension__ typedef unsigned __int128 u128;

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

static inline u128 nh(const uint64_t *key, uint64_t a, uint64_t b)
{
    return (u128)(a + key[0]) * (b + key[1]);
}

static inline uint64_t load_word(const char *ptr)
{
    uint64_t word;

    memcpy(&word, ptr, sizeof(word));
    return le64toh(word);
}

/** The eight bytes that end `from_end` bytes before the name's end; what lies before its start is zero. */
static inline uint64_t word_at(const char *name, size_t len, size_t from_end)
{
    size_t left = len > from_end ? len - from_end : 0;
    uint64_t word = 0;

    if (left >= sizeof(word))
        return load_word(name + left - sizeof(word));
    if (left == 0)
        return 0;
    if (len >= sizeof(word))
        return load_word(name) << (64 - 8 * left);
    for (size_t i = 0; i < left; i++)
        word |= (uint64_t)(uint8_t)name[i] << (64 - 8 * left + 8 * i);
    return word;
}

struct nta_name_hash nta_names_hash(const struct nta_names *names, const char *name, size_t len)
{
    u128 sum = 0;

    for (size_t done = 0; done <= len; done += BLOCK)
        sum += nh(&names->keys.words[done / 8], word_at(name, len, done),
                  word_at(name, len, done + 8));
    return finish(&names->keys, sum);
}

/** The high bit of each byte that is a dot, exactly. */
static inline uint64_t dots_of(uint64_t word)
{
    const uint64_t low7 = 0x7f7f7f7f7f7f7f7fULL;
    uint64_t x = word ^ 0x2e2e2e2e2e2e2e2eULL;

    return ~(((x & low7) + low7) | x | low7);
}

static inline uint64_t bucket_of(const struct nta_names *names, uint32_t where)
{
    return (uint64_t)where * names->n_buckets >> 32;
}

/** Where nta_names_suffixes() is. */
struct walk
{
    const struct nta_names *names;
    struct nta_name_suffix *out;
    size_t n_out, len;
    unsigned n_labels;
};

/** Note the suffix of `suffix_len` bytes, if its number of labels is one that the table has. */
static inline void note(struct walk *walk, u128 sum, size_t suffix_len)
{
    struct nta_name_suffix *suffix = &walk->out[walk->n_out];
    unsigned bit = ++walk->n_labels < 63 ? walk->n_labels : 63;

    if (!(walk->names->label_counts >> bit & 1) || walk->n_out == NTA_NAME_LABELS)
        return;
    suffix->hash = finish(&walk->names->keys, sum);
    suffix->offset = (uint8_t)(walk->len - suffix_len);
    __builtin_prefetch(&walk->names->buckets[bucket_of(walk->names, suffix->hash.where)]);
    walk->n_out++;
}

size_t nta_names_suffixes(const struct nta_names *names, const char *name, size_t len,
                          struct nta_name_suffix suffixes[NTA_NAME_LABELS])
{
    struct walk walk = {.names = names, .out = suffixes, .len = len};
    u128 sum = 0;

    if (len == 0 || len > NTA_NAME_MAX || names->label_counts == 0)
        return 0;
    for (size_t done = 0; done <= len; done += BLOCK) {
        const uint64_t *key = &names->keys.words[done / 8];
        uint64_t last = word_at(name, len, done), first = word_at(name, len, done + 8);

        for (uint64_t dots = dots_of(last); dots;) {
            unsigned n = (unsigned)__builtin_clzll(dots) / 8;

            dots &= ~(UINT64_C(0x8000000000000000) >> 8 * n);
            note(&walk, sum + nh(key, n ? last & ~UINT64_C(0) << (64 - 8 * n) : 0, 0), done + n);
        }
        for (uint64_t dots = dots_of(first); dots;) {
            unsigned n = (unsigned)__builtin_clzll(dots) / 8;

            dots &= ~(UINT64_C(0x8000000000000000) >> 8 * n);
            note(&walk, sum + nh(key, last, n ? first & ~UINT64_C(0) << (64 - 8 * n) : 0),
                 done + 8 + n);
        }
        sum += nh(key, last, first);
    }
    note(&walk, sum, len);
    return walk.n_out;
}

static inline uint32_t mark_of(uint64_t tag)
{
    return UINT32_C(1) << (tag >> 59);
}

static inline uint64_t next_bucket(const struct nta_names *names, uint64_t b)
{
    return b + 1 < names->n_buckets ? b + 1 : 0;
}

uint32_t nta_names_decide(const struct nta_names *names, struct nta_name_hash hash, uint32_t cover)
{
    uint64_t b = bucket_of(names, hash.where);
    uint32_t best = 0;

    for (uint32_t n = 0; n < names->n_buckets; n++) {
        const struct nta_name_bucket *bucket = &names->buckets[b];

        for (size_t i = 0; i < NTA_BUCKET_SLOTS; i++) {
            if (bucket->tags[i] == hash.tag && (bucket->values[i] & cover) &&
                (!best || nta_value_rank(bucket->values[i]) > nta_value_rank(best)))
                best = bucket->values[i];
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
    uint64_t n_buckets = n_items * 100 / (NTA_BUCKET_SLOTS * LOAD_PERCENT) + 1;
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

int nta_names_fill(struct nta_names *names, const struct nta_name_item *items, size_t n_items,
                   nta_name_twice_fn *twice, void *owner)
{
    uint64_t n_kept = n_items;
    bool again;

    /* Lists overlap: if many items were there already, the table is made once more, for what is left. */
    do {
        int r = make_table(names, n_kept);

        if (r < 0)
            return r;
        again = n_kept < n_items;
        for (size_t i = 0; i < n_items; i++) {
            if (i + AHEAD < n_items)
                __builtin_prefetch(&names->buckets[bucket_of(names, items[i + AHEAD].where)], 1);
            if (insert(names, &items[i]))
                names->n_entries++;
            else if (!again)
                twice(owner, items[i].value);
        }
        n_kept = names->n_entries;
    } while (!again && n_kept < n_items - n_items / 10);
    return 0;
}
