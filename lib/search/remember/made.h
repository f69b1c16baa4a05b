/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Up to where the indexes of each trusted sensor were made again and are those that it notes:
 * before this walk, and with it.  An index that nobody could make again (it is not there, or no
 * walk was for it) is not taken for one that holds: it may be put there later.
 */

#include "chain/chain.h"

struct nta_made_of
{
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    uint64_t before; ///< Those that headers up to this number note were made again before.
    uint64_t left;   ///< The first one behind that notes one that was not; 0: none does.
};

struct nta_made
{
    struct nta_made_of *all; ///< Owned.
    size_t n;
};

/** Of these sensors, nothing before.  0, or -ENOMEM. */
int nta_made_init(struct nta_made *made, const struct nta_trust *trust);
/** Free what it owns. */
void nta_made_done(struct nta_made *made);

/** NULL: it is not trusted.  Borrows. */
struct nta_made_of *nta_made_find(const struct nta_made *made,
                                  const uint8_t sensor[NTA_SENSOR_ID_LEN]);

/** An index that this header notes was not made again. */
void nta_made_leave(const struct nta_made *made, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                    uint64_t number);

/** Up to which header they are made now, of a chain that was looked through up to `number`. */
uint64_t nta_made_to(const struct nta_made *made, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                     uint64_t number);
