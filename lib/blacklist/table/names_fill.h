/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Names on their way into the table: noted as items, then put in their places (names.h). */

#include "blacklist/table/names.h"

/** Called with each item that goes. */
typedef void nta_name_twice_fn(void *owner, uint32_t value);

/**
 * Make the table out of the items, in their order: the first of two with the same name and flags
 * stays, and the other goes if `goes` says so (NULL: always), which `twice` is told.  0, or
 * -ENOMEM.
 */
int nta_names_fill(struct nta_names *names, const struct nta_name_items *items,
                   nta_value_goes_fn *goes, nta_name_twice_fn *twice, void *owner);

/** Note an entry of `n_labels` labels under its line and flags.  0, or -ENOMEM. */
int nta_name_items_add(struct nta_name_items *items, const struct nta_names *names,
                       struct nta_span name, unsigned n_labels, uint32_t value);
/** Note an entry that is no name (ports.h) under its hash.  0, or -ENOMEM. */
int nta_name_items_put(struct nta_name_items *items, struct nta_name_hash hash, uint32_t value);
/** Take out the entries of which `drops` says so; their parents stay as ways. */
void nta_name_items_drop(struct nta_name_items *items, bool (*drops)(void *owner, uint32_t value),
                         void *owner);
/** Free what they own; they are empty afterwards. */
void nta_name_items_done(struct nta_name_items *items);
