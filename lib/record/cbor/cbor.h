/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Deterministic CBOR (RFC 8949 section 4.2.1), the few calls we need: shortest heads, definite
 * lengths, maps by integer keys in growing order (the caller writes them so).  What reads it is in
 * record/cbor/cbor_get.h, which comes with this.
 */

#include "base/buf.h"
#include "record/cbor/cbor_get.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

/** Append an unsigned number in its shortest form, as all that follow (RFC 8949 section 4.2.1). */
void nta_cbor_put_uint(struct nta_buf *out, uint64_t value);

/** A map's key: a number that is small, as a rule below 24, and then one byte. */
static inline void nta_cbor_put_key(struct nta_buf *out, unsigned key)
{
    if (key < 24 && out->len < out->size && !out->failed)
        out->ptr[out->len++] = (uint8_t)key;
    else
        nta_cbor_put_uint(out, key);
}

/** A number with a sign. */
void nta_cbor_put_int(struct nta_buf *out, int64_t value);
/** A byte string. */
void nta_cbor_put_bytes(struct nta_buf *out, struct nta_span bytes);
/** UTF-8 text; bytes that are not valid UTF-8 are written as a byte string instead. */
void nta_cbor_put_text(struct nta_buf *out, struct nta_span text);
/** True or false. */
void nta_cbor_put_bool(struct nta_buf *out, bool value);
/** A double in the shortest of the three forms that keeps its value. */
void nta_cbor_put_double(struct nta_buf *out, double value);
/** The head of an array of `n_items`, which follow. */
void nta_cbor_put_array(struct nta_buf *out, uint64_t n_items);
/** The head of a map of `n_pairs`, which follow. */
void nta_cbor_put_map(struct nta_buf *out, uint64_t n_pairs);

/**
 * A map being written, whose number of pairs is known at its end only.  A nested one is a pair of
 * its parent, and leaves no trace if it stays empty.
 */
struct nta_cbor_map
{
    struct nta_buf *out;
    struct nta_cbor_map *parent; ///< NULL: the outermost.
    size_t start;                ///< Where the parent's key stands; the head comes behind it.
    size_t head;
    unsigned n;        ///< Pairs so far.
    unsigned next_key; ///< The least that may come: keys grow.
};

/** Begin a map, as value of `key` of `parent` if there is one. */
static inline struct nta_cbor_map nta_cbor_map_open(struct nta_buf *out,
                                                    struct nta_cbor_map *parent, unsigned key)
{
    struct nta_cbor_map map = {.out = out, .parent = parent, .start = out->len};

    if (parent) {
        assert(key >= parent->next_key);
        parent->next_key = key + 1;
        nta_cbor_put_key(out, key);
    }
    map.head = out->len;
    nta_cbor_put_map(out, 0);
    return map;
}

/** Begin a pair: the caller puts one value into what this gives. */
static inline struct nta_buf *nta_cbor_map_pair(struct nta_cbor_map *map, unsigned key)
{
    assert(key >= map->next_key);
    map->next_key = key + 1;
    map->n++;
    nta_cbor_put_key(map->out, key);
    return map->out;
}

/** Make space for the head of a map of 24 pairs and more, and write it. */
void nta_cbor_map_widen(const struct nta_cbor_map *map);

/** End a map: its head says how many pairs were written. */
static inline void nta_cbor_map_close(struct nta_cbor_map *map)
{
    struct nta_buf *out = map->out;

    if (out->failed)
        return;
    if (map->n == 0 && map->parent) {
        out->len = map->start;
        return;
    }
    if (map->n < 24)
        out->ptr[map->head] = (uint8_t)(out->ptr[map->head] + map->n); /* it was written for none */
    else
        nta_cbor_map_widen(map);
    if (map->parent)
        map->parent->n++;
}
