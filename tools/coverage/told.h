/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a sensor's own records tell of what it lost, and when it was not told in time: for the end
 * of nta verify, where batches are opened.  Nothing of it is a fault of the chain.
 *
 * A record that ntad makes of what it sees is sealed within minutes.  One that ends more than a day
 * before its batch was sealed waited for a store that took none, or its time is wrong: that is a
 * finding (`dated`).  Records of capture files are as old as these, so only what comes behind a
 * `start` without files is looked at.  One thread.
 */

#include "chain/chain.h"
#include "record/batch.h"

/** Records that a sensor says it lost, and between which times. */
struct nta_told_loss
{
    uint64_t n;
    int64_t first_ns, last_ns;
};

struct nta_told; ///< Opaque.

/** NULL: no memory. */
struct nta_told *nta_told_new(void);
/** Takes NULL too. */
void nta_told_free(struct nta_told **told);

/**
 * An opened batch of a proved header, in order of numbers.  0, or -ENOMEM.
 */
int nta_told_take(struct nta_told *told, const struct nta_header *header,
                  const struct nta_batch *batch, struct nta_chain *chain);

/** What a sensor told; `n` 0: of no loss. */
struct nta_told_loss nta_told_loss(const struct nta_told *told,
                                   const uint8_t sensor[NTA_SENSOR_ID_LEN]);
