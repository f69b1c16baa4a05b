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

void nta_cbor_put_uint(struct nta_buf *out, uint64_t value);

/** A map's key: a number that is small, as a rule below 24, and then one byte. */
static inline void nta_cbor_put_key(struct nta_buf *out, unsigned key)
{
    if (key < 24 && out->len < out->size && !out->failed)
        out->ptr[out->len++] = (uint8_t)key;
    else
        nta_cbor_put_uint(out, key);
}

void nta_cbor_put_int(struct nta_buf *out, int64_t value);
void nta_cbor_put_bytes(struct nta_buf *out, struct nta_span bytes);
/** UTF-8 text; bytes that are not valid UTF-8 are written as a byte string instead. */
void nta_cbor_put_text(struct nta_buf *out, struct nta_span text);
void nta_cbor_put_bool(struct nta_buf *out, bool value);
void nta_cbor_put_double(struct nta_buf *out, double value);
void nta_cbor_put_array(struct nta_buf *out, uint64_t n_items);
void nta_cbor_put_map(struct nta_buf *out, uint64_t n_pairs);

/** Each takes one item of that type from the reader; a wrong type or a missing byte makes the reader overrun. */
uint64_t nta_cbor_get_uint(struct nta_reader *r);
int64_t nta_cbor_get_int(struct nta_reader *r);
struct nta_span nta_cbor_get_bytes(struct nta_reader *r);
/** Text or byte string. */
struct nta_span nta_cbor_get_text(struct nta_reader *r);
bool nta_cbor_get_bool(struct nta_reader *r);
double nta_cbor_get_double(struct nta_reader *r);
uint64_t nta_cbor_get_array(struct nta_reader *r);
uint64_t nta_cbor_get_map(struct nta_reader *r);
/** Pass over one whole item, nested to a bounded depth. */
void nta_cbor_skip(struct nta_reader *r);
