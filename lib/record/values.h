/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The set behind nta_batch.values: private to the batch.
 *
 * Open addressing over 32-bit keyed hashes (SipHash, since names come off the wire), at most half full, one slot a
 * value.  Hashes are kept in order too, so that joining two batches hashes nothing again: both use the key that the
 * process drew once.
 */

#include "base/buf.h"
#include "record/batch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nta_values; ///< Opaque.

/** A value to add; `text` is borrowed. */
struct nta_value
{
    enum nta_value_kind kind;
    struct nta_span bytes; ///< Up to NTA_VALUE_MAX.
};

int nta_values_new(struct nta_values **ret_values);
void nta_values_free(struct nta_values **values);
void nta_values_clear(struct nta_values *values);

/** Room for `n_more` values of `n_bytes` in all: 0 or -ENOMEM.  Then adding that much cannot fail. */
int nta_values_reserve(struct nta_values *values, struct nta_buf *list, size_t n_more,
                       size_t n_bytes);

/** Append the value to `list` unless it is there. */
void nta_values_add(struct nta_values *values, struct nta_buf *list, const struct nta_value *value);

/** Append those of another set.  Reserve first. */
void nta_values_join(struct nta_values *values, struct nta_buf *list, const struct nta_values *from,
                     const struct nta_buf *from_list);

/** How many values are in. */
size_t nta_values_count(const struct nta_values *values);

/** The value at `*at` of a list, and `*at` moved behind it; false at the end. */
bool nta_values_next(const struct nta_buf *list, size_t *at, struct nta_value *ret_value);
