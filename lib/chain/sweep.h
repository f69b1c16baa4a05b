/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What follows from the heads that a timeline has.  Private to it. */

#include "chain/change.h"
#include "chain/timeline.h"

/** One more place behind `n`.  0, or -ENOMEM. */
int nta_make_space(void **array, size_t n, size_t *size, size_t each);

/** The identity that signs notes of the header with this number; NULL: it is revoked. */
const uint8_t *nta_timeline_identity_of(const struct nta_timeline *timeline, uint64_t number);

/** One more head, behind all that have their place and all that was adopted. */
void nta_timeline_place(struct nta_timeline *timeline, struct nta_change *change);

/** All of it anew, from the first head on.  0, or -ENOMEM. */
int nta_timeline_sweep(struct nta_timeline *timeline);
