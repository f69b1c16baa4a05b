/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Deterministic CBOR (RFC 8949 section 4.2.1) read: pull style over borrowed bytes, sticky on error
 * like base/bytes.h, bounded in depth; it never allocates.
 */

#include "base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

/** Major types that have a plain argument (RFC 8949 section 3.1). */
enum nta_cbor_major
{
    NTA_CBOR_UINT = 0,
    NTA_CBOR_NEGINT = 1,
    NTA_CBOR_BYTES = 2,
    NTA_CBOR_TEXT = 3,
    NTA_CBOR_ARRAY = 4,
    NTA_CBOR_MAP = 5,
    NTA_CBOR_OTHER = 6 ///< Tags, simple values, fractions; read, also what is not all there.
};

/**
 * Take a head with its argument, if that is of `major` and, as most are, one byte long: without a
 * call.
 */
static inline bool nta_cbor_take_small(struct nta_reader *r, enum nta_cbor_major major,
                                       uint64_t *ret_value)
{
    const unsigned value = (unsigned)nta_reader_peek(r) - ((unsigned)major << 5);

    if (__builtin_expect(value >= 24 || nta_reader_left(r) == 0, 0))
        return false;
    nta_reader_skip(r, 1);
    *ret_value = value;
    return true;
}

/** As the function of that name below, for a head of any length. */
uint64_t nta_cbor_any_uint(struct nta_reader *r);
/** Likewise. */
struct nta_span nta_cbor_any_bytes(struct nta_reader *r);
/** Likewise. */
struct nta_span nta_cbor_any_text(struct nta_reader *r);

/**
 * Each takes one item of that type from the reader; a wrong type or a missing byte makes the reader
 * overrun.
 */
static inline uint64_t nta_cbor_get_uint(struct nta_reader *r)
{
    uint64_t value;

    return nta_cbor_take_small(r, NTA_CBOR_UINT, &value) ? value : nta_cbor_any_uint(r);
}

/** A byte string of definite length, borrowed from the reader's bytes. */
static inline struct nta_span nta_cbor_get_bytes(struct nta_reader *r)
{
    uint64_t len;

    return nta_cbor_take_small(r, NTA_CBOR_BYTES, &len) ? nta_read_span(r, (size_t)len)
                                                        : nta_cbor_any_bytes(r);
}

/** Text or byte string. */
static inline struct nta_span nta_cbor_get_text(struct nta_reader *r)
{
    uint64_t len;

    return nta_cbor_take_small(r, NTA_CBOR_TEXT, &len) ? nta_read_span(r, (size_t)len)
                                                       : nta_cbor_any_text(r);
}

/** A number with or without a sign. */
int64_t nta_cbor_get_int(struct nta_reader *r);
/** True or false. */
bool nta_cbor_get_bool(struct nta_reader *r);
/** A number of one of the three floating-point forms. */
double nta_cbor_get_double(struct nta_reader *r);
/** The head of an array: how many items follow, which nobody has checked. */
uint64_t nta_cbor_get_array(struct nta_reader *r);
/** The head of a map: how many pairs follow, which nobody has checked. */
uint64_t nta_cbor_get_map(struct nta_reader *r);
/** Pass over one whole item, nested to a bounded depth. */
void nta_cbor_skip(struct nta_reader *r);
