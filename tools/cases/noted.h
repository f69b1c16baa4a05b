/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Heads that somebody noted, as they go into a case: of each who signed any, the last before the
 * batches with records and the first at or behind them, with the proof that it lies in the log.
 */

#include "chain/heads.h"
#include "evidence/proof/case.h"
#include "search/stores.h"

struct nta_case_given_heads
{
    struct nta_heads heads; ///< Owned.
    size_t n_wrong;         ///< Of them, those that were to be taken and do not lie in the chain.
};

/**
 * Those of `sensor`, whose headers are there.  One that does not lie in the chain of the stores is
 * said, counted, and left out.  0, or negative errno with the sentence.
 */
int nta_case_collect_noted(struct nta_case *kase, struct nta_case_sensor *sensor,
                           struct nta_stores *stores, struct nta_case_given_heads *given,
                           struct nta_err *err);
