/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names on their way into the table (part of names.h).
 *
 * They wait in as many queues as the table has parts, so that it is filled part by part: each lies
 * in the cache while it is.  Names that are the same wait in the same queue and so keep their
 * order.
 */
#include "blacklist/table/names_fill.h"

#include "base/memory/area.h"
#include "base/memory/memory.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static_assert(sizeof(struct nta_name_chunk) % 128 == 64, "an odd number of cache lines");
static_assert(sizeof(struct nta_name_slab) <= 1 << 21, "a slab is one huge page");
static_assert(sizeof(struct nta_name_bucket) == 64, "a bucket is one cache line");

enum
{
    AHEAD = 24,        ///< Items whose buckets are fetched before their turn.
    LOAD_PERCENT = 80, ///< 16 bytes an entry; one entry in ten lives next door.
    WAY_BITS = 8,      ///< Bits of filter a way.
};

/** What becomes of an item that is there already. */
struct twice
{
    nta_value_goes_fn *goes; ///< NULL: it goes.
    nta_name_twice_fn *tell; ///< NULL: nobody is told.
    void *owner;
};

static bool is_twice(const struct twice *twice, uint32_t first, uint32_t second)
{
    return ((first ^ second) & NTA_VALUE_FLAGS) == 0 &&
           (!twice->goes || twice->goes(twice->owner, first, second));
}

/**
 * Put one item in; false if it is there already.  The table has a free slot: it is never filled to
 * the brim.
 */
static bool insert(struct nta_names *names, const struct nta_name_item *item,
                   const struct twice *twice)
{
    uint64_t b = nta_name_bucket_of(names, item->where);

    for (;;) {
        struct nta_name_bucket *bucket = &names->buckets[b];

        for (size_t i = 0; i < NTA_BUCKET_SLOTS; i++) {
            if (!bucket->values[i]) {
                bucket->tags[i] = item->tag;
                bucket->values[i] = item->value;
                return true;
            }
            if (bucket->tags[i] == item->tag && is_twice(twice, bucket->values[i], item->value))
                return false;
        }
        bucket->passed |= nta_name_mark(item->tag);
        b = nta_name_next_bucket(names, b);
    }
}

/** True if it was not there yet. */
static bool open_way(struct nta_names *names, const struct nta_name_item *item)
{
    uint64_t *word = &names->ways[nta_name_way_place(names, item->where)];
    uint64_t before = *word;

    *word |= nta_name_way(item->tag);
    return *word != before;
}

/** An empty table. */
static int make_table(struct nta_names *names, uint64_t n_entries, uint64_t n_ways)
{
    uint64_t n_buckets = n_entries * 100 / LOAD_PERCENT / NTA_BUCKET_SLOTS + 1;
    uint64_t n_words = n_ways * WAY_BITS / 64 + 1;
    size_t size_bytes = n_buckets * sizeof(struct nta_name_bucket) + n_words * sizeof(uint64_t);
    void *table;

    if (n_buckets > UINT32_MAX || n_words > UINT32_MAX)
        return -ENOMEM;
    table = nta_area_new(size_bytes, NTA_AREA_ROAMS);
    if (!table)
        return -ENOMEM;
    nta_names_done(names);
    names->buckets = table;
    names->ways = (uint64_t *)(void *)(names->buckets + n_buckets);
    names->size_bytes = size_bytes;
    names->n_buckets = (uint32_t)n_buckets;
    names->n_ways = (uint32_t)n_words;
    names->n_entries = 0;
    return 0;
}

/** Put the items of a chunk in, in their order; gives how many ways were opened. */
static uint64_t insert_chunk(struct nta_names *names, const struct nta_name_chunk *chunk,
                             const struct twice *twice)
{
    uint64_t n_ways = 0;

    for (size_t i = 0; i < chunk->n_items; i++) {
        const struct nta_name_item *item = &chunk->items[i];
        uint32_t ahead = chunk->items[i + AHEAD < chunk->n_items ? i + AHEAD : i].where;

        __builtin_prefetch(&names->buckets[nta_name_bucket_of(names, ahead)], 1);
        __builtin_prefetch(&names->ways[nta_name_way_place(names, ahead)], 1);
        n_ways += open_way(names, item);
        if (!item->value)
            continue;
        if (insert(names, item, twice))
            names->n_entries++;
        else if (twice->tell)
            twice->tell(twice->owner, item->value);
    }
    return n_ways;
}

static uint64_t insert_all(struct nta_names *names, const struct nta_name_items *items,
                           const struct twice *twice)
{
    uint64_t n_ways = 0;

    for (size_t part = 0; part < NTA_NAME_PARTS; part++) {
        for (const struct nta_name_chunk *chunk = items->first[part]; chunk; chunk = chunk->next)
            n_ways += insert_chunk(names, chunk, twice);
    }
    return n_ways;
}

int nta_names_fill(struct nta_names *names, const struct nta_name_items *items,
                   nta_value_goes_fn *goes, nta_name_twice_fn *twice, void *owner)
{
    struct twice both = {.goes = goes, .tell = twice, .owner = owner};
    uint64_t n_ways;
    int r = make_table(names, items->n_entries, items->n_entries + items->n_parents);

    if (r < 0)
        return r;
    names->label_counts = items->label_counts;
    n_ways = insert_all(names, items, &both);
    if (names->n_entries > items->n_entries - items->n_entries / 10)
        return 0;
    /* Lists overlap: much was there already, so the table is made once more, for what is left. */
    r = make_table(names, names->n_entries, n_ways);
    both.tell = NULL;
    if (r == 0)
        (void)insert_all(names, items, &both);
    return r;
}

/** An empty chunk, or NULL. */
static struct nta_name_chunk *new_chunk(struct nta_name_items *items)
{
    struct nta_name_slab *slab = items->slabs;

    if (!slab || slab->n_used == NTA_SLAB_CHUNKS) {
        slab = nta_memory_page(items->slabs != NULL); /* behind a first one: it will be full */
        if (!slab)
            return NULL;
        slab->next = items->slabs;
        slab->n_used = 0;
        items->slabs = slab;
    }
    slab->chunks[slab->n_used].next = NULL;
    slab->chunks[slab->n_used].n_items = 0;
    return &slab->chunks[slab->n_used++];
}

static int add_item(struct nta_name_items *items, struct nta_name_hash hash, uint32_t value)
{
    size_t part = (uint64_t)hash.where * NTA_NAME_PARTS >> 32;
    struct nta_name_chunk *chunk = items->last[part];

    if (!chunk || chunk->n_items == NTA_CHUNK_ITEMS) {
        chunk = new_chunk(items);
        if (!chunk)
            return -ENOMEM;
        *(items->last[part] ? &items->last[part]->next : &items->first[part]) = chunk;
        items->last[part] = chunk;
    }
    chunk->items[chunk->n_items++] =
        (struct nta_name_item){.tag = hash.tag, .where = hash.where, .value = value};
    return 0;
}

/** Note the parent of an entry, if it was not noted lately. */
static int add_parent(struct nta_name_items *items, struct nta_name_hash hash)
{
    uint64_t *recent = &items->recent[hash.where % NTA_RECENT_PARENTS];

    if (*recent == hash.tag)
        return 0;
    *recent = hash.tag;
    items->n_parents++;
    return add_item(items, hash, 0);
}

int nta_name_items_put(struct nta_name_items *items, struct nta_name_hash hash, uint32_t value)
{
    items->n_entries++;
    return add_item(items, hash, value);
}

int nta_name_items_add(struct nta_name_items *items, const struct nta_names *names,
                       struct nta_span name, unsigned n_labels, uint32_t value)
{
    const char *text = (const char *)name.ptr;
    int r = 0;

    for (size_t i = name.len, n = 0; n_labels > 2 && i > 0 && r == 0; i--) {
        if (text[i - 1] == '.' && ++n > 1) /* two labels or more stand behind this dot */
            r = add_parent(items, nta_names_hash(names, text + i, name.len - i));
    }
    if (r < 0)
        return r;
    items->label_counts |= UINT64_C(1) << (n_labels < 63 ? n_labels : 63);
    return nta_name_items_put(items, nta_names_hash(names, text, name.len), value);
}

/** Items that are dropped stay as parents do, without a value; gives how many. */
static uint64_t drop_in_chunk(struct nta_name_chunk *chunk,
                              bool (*drops)(void *owner, uint32_t value), void *owner)
{
    uint64_t n = 0;

    for (size_t i = 0; i < chunk->n_items; i++) {
        uint32_t *value = &chunk->items[i].value;

        if (*value && drops(owner, *value)) {
            *value = 0;
            n++;
        }
    }
    return n;
}

void nta_name_items_drop(struct nta_name_items *items, bool (*drops)(void *owner, uint32_t value),
                         void *owner)
{
    uint64_t n = 0;

    for (size_t part = 0; part < NTA_NAME_PARTS; part++) {
        for (struct nta_name_chunk *chunk = items->first[part]; chunk; chunk = chunk->next)
            n += drop_in_chunk(chunk, drops, owner);
    }
    items->n_entries -= n;
    items->n_parents += n;
}

void nta_name_items_done(struct nta_name_items *items)
{
    for (struct nta_name_slab *slab = items->slabs, *next; slab; slab = next) {
        next = slab->next;
        free(slab);
    }
    *items = (struct nta_name_items){0};
}
