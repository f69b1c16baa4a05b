/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Deterministic CBOR (RFC 8949 section 4.2.1), the few calls we need, over libcbor's streaming encoder and decoder:
 * shortest heads, definite lengths, maps by integer keys in growing order (the caller writes them so).  The reader is
 * pull style over borrowed bytes, sticky on error like base/bytes.h, bounded in depth, and never allocates.
 */

#include "base/buf.h"
#include "base/bytes.h"

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

/** Each takes one item of that type from the reader; a wrong type or a missing byte makes the reader overrun. */
uint64_t nta_cbor_get_uint(struct nta_reader *r);
/** A number with or without a sign. */
int64_t nta_cbor_get_int(struct nta_reader *r);
/** A byte string of definite length, borrowed from the reader's bytes. */
struct nta_span nta_cbor_get_bytes(struct nta_reader *r);
/** Text or byte string. */
struct nta_span nta_cbor_get_text(struct nta_reader *r);
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
