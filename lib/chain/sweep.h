/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What follows from the heads that a timeline has.  Private to it. */

#include "chain/change.h"
#include "chain/signers.h"

/** One more place behind `n`.  0, or -ENOMEM. */
int nta_make_space(void **array, size_t n, size_t *size, size_t each);

/** One more head, behind all that have their place and all that was adopted. */
void nta_timeline_place(struct nta_timeline *timeline, struct nta_change *change);

/** All of it anew, from the first head on.  0, or -ENOMEM. */
int nta_timeline_sweep(struct nta_timeline *timeline);
