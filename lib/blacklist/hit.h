/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A hit out of a value (internal to blacklist/). */

#include "blacklist/blacklist.h"
#include "blacklist/table/set.h"

/** Fill a hit but for its text. */
void nta_hit_fill(const struct nta_blacklist *set, uint32_t value, enum nta_hit_kind kind,
                  struct nta_hit *ret_hit);
