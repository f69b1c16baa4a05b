/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The table of names: keyed hashes in cache lines, no text.
 *
 * A name is kept as a 64-bit tag in a bucket that 32 other bits choose, with a 32-bit value (flags
 * and line): 12 bytes in a bucket of five, so that a probe reads one cache line.  An entry that
 * finds its bucket full goes on to the next one and leaves a mark in `passed`, a 32-bit filter; a
 * probe follows only if its own mark is there.
 *
 * In front stand the `ways`, a Bloom filter of one 64-bit word a probe (8 bits a key) over each
 * entry and each of its parent domains down to two labels.  A name is followed from the right,
 * label by label, only as long as some entry goes on that way: most names that no list has are
 * answered by one hash and one word, at "example.com".  A way that is there by chance (one in 25)
 * costs a probe of the table and changes no answer.
 *
 * No text is compared (a name's text alone is 18 bytes): namehash.h says how names are hashed under
 * a random key of this set.  A name that no list has is taken for one with a probability of about 5
 * / 2^64 for each parent domain asked, whoever chose it: at a million names a second, once in tens
 * of thousands of years.
 *
 * Bounds: 16 bytes an entry, one to two more for its ways; 128 probes a name.  Read by any number
 * of threads once filled.  Not a general hash table: no removal, no growth.
 */

#include "blacklist/table/namehash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_NAME_MAX = 253,    ///< Bytes of a name without its last dot (RFC 1035 section 2.3.4).
    NTA_NAME_LABELS = 127, ///< Labels such a name can have.
    NTA_BUCKET_SLOTS = 5,
    NTA_NAME_PARTS = 32, ///< Parts of the table that are filled one after the other.
    NTA_CHUNK_ITEMS = 1035,
    NTA_SLAB_CHUNKS = 126,
    NTA_RECENT_PARENTS = 1024,
};

/**
 * What an entry's value says: four flags over the line's number among all lines of the set (from
 * 1).
 */
#define NTA_VALUE_LINE_MAX  0x0fffffffU
#define NTA_VALUE_SELF      0x10000000U ///< Covers the name itself.
#define NTA_VALUE_SUBS      0x20000000U ///< Covers its subdomains.
#define NTA_VALUE_ALLOW     0x40000000U
#define NTA_VALUE_IMPORTANT 0x80000000U
#define NTA_VALUE_FLAGS     0xf0000000U

/** An entry, or one of its parents, on its way into the table. */
struct nta_name_item
{
    uint64_t tag;
    uint32_t where, value; ///< Value 0: a way only.
};

/**
 * Items of one part of the table, in their order.  Of an odd number of cache lines, so that ends do
 * not share sets.
 */
struct nta_name_chunk
{
    struct nta_name_chunk *next;
    size_t n_items;
    struct nta_name_item items[NTA_CHUNK_ITEMS];
};

/** Where chunks come from: one huge page. */
struct nta_name_slab
{
    struct nta_name_slab *next; ///< Owns.
    size_t n_used;
    struct nta_name_chunk chunks[NTA_SLAB_CHUNKS];
};

struct nta_name_items
{
    struct nta_name_slab *slabs; ///< Owns; the latest first.
    struct nta_name_chunk *first[NTA_NAME_PARTS], *last[NTA_NAME_PARTS];
    size_t n_entries, n_parents;
    uint64_t label_counts;
    uint64_t recent[NTA_RECENT_PARENTS]; ///< Tags of parents that need not be noted again.
};

struct nta_name_bucket
{
    _Alignas(64) uint64_t tags[NTA_BUCKET_SLOTS];
    uint32_t values[NTA_BUCKET_SLOTS]; ///< 0: free.
    uint32_t passed;                   ///< Filter of the tags that went on to the next bucket.
};

struct nta_names
{
    struct nta_name_keys keys;
    struct nta_name_bucket *buckets; ///< Owns (mapped); the ways lie behind them.
    uint64_t *ways;
    size_t size_bytes; ///< Of both.
    uint32_t n_buckets, n_ways;
    uint64_t n_entries;
    uint64_t label_counts; ///< Bit n: some entry has n labels; bit 63: 63 or more; bit 0: ports.h.
};

/** One domain out of a name, from the right. */
struct nta_name_suffix
{
    struct nta_name_hash hash;
    uint8_t offset; ///< Where it starts in the name.
};

/**
 * Of two values of the same thing with the same flags: does the second, of a later line, say
 * nothing that the first does not?  Then it goes.
 */
typedef bool nta_value_goes_fn(void *owner, uint32_t first, uint32_t second);

/** Random keys, no table.  0, or negative errno. */
int nta_names_init(struct nta_names *names);
/** Free what it owns; it is empty afterwards. */
void nta_names_done(struct nta_names *names);

/** The hash of a whole name of at most NTA_NAME_MAX bytes. */
struct nta_name_hash nta_names_hash(const struct nta_names *names, const char *name, size_t len);

/**
 * The hashes of a name and of its parent domains that could be in the table, shortest first, with
 * their buckets on the way into the cache.  Gives how many: 0 for most names that are not in the
 * table.
 */
size_t nta_names_suffixes(const struct nta_names *names, const char *name, size_t len,
                          struct nta_name_suffix suffixes[NTA_NAME_LABELS]);

/** The values of one name, in no order, as far as there is space; gives how many. */
size_t nta_names_find(const struct nta_names *names, struct nta_name_hash hash, uint32_t *values,
                      size_t size);

/** Call `each` with the values of one name, in no order. */
void nta_names_each(const struct nta_names *names, struct nta_name_hash hash,
                    void (*each)(void *owner, uint32_t value), void *owner);

/**
 * The value that decides among those of one name that have one of the `cover` flags: an important
 * one, then an allow, then the first line.  0: none.
 */
uint32_t nta_names_decide(const struct nta_names *names, struct nta_name_hash hash, uint32_t cover);

/* Where things are: for what fills the table and what reads it. */

/** The bucket in which a hash belongs. */
static inline uint64_t nta_name_bucket_of(const struct nta_names *names, uint32_t where)
{
    return (uint64_t)where * names->n_buckets >> 32;
}

/** The bucket behind it, where its entries go when it is full; the first follows the last. */
static inline uint64_t nta_name_next_bucket(const struct nta_names *names, uint64_t bucket)
{
    return bucket + 1 < names->n_buckets ? bucket + 1 : 0;
}

/** The bit in `passed`. */
static inline uint32_t nta_name_mark(uint64_t tag)
{
    return UINT32_C(1) << (tag >> 59);
}

/** The place of a hash among the ways. */
static inline uint64_t nta_name_way_place(const struct nta_names *names, uint32_t where)
{
    return (uint64_t)where * names->n_ways >> 32;
}

/** The bits of a way in its word. */
static inline uint64_t nta_name_way(uint64_t tag)
{
    return UINT64_C(1) << (tag >> 58) | UINT64_C(1) << (tag >> 52 & 63) |
           UINT64_C(1) << (tag >> 46 & 63);
}

/** Order of values: the greater one decides. */
static inline uint32_t nta_value_rank(uint32_t value)
{
    return (value & (NTA_VALUE_IMPORTANT | NTA_VALUE_ALLOW)) |
           (NTA_VALUE_LINE_MAX - (value & NTA_VALUE_LINE_MAX));
}
