/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Heads of the chain that somebody noted and that are in the case: checkpoints which the sensor
 * signed, with the cosignatures of witnesses (vault/cosign.h).  Each is held against the log of the
 * case, so that a witness's time is one at which the chain of the case went that far: records up
 * to there were there by then, whatever the sensor's clock says.  Whose cosignatures count, only
 * who checks can say.
 *
 * Pure.  A part of evidence/proof/prove.h.
 */

#include "chain/chain.h"
#include "evidence/proof/case.h"
#include "evidence/proof/report.h"
#include "vault/signed_note.h"

/** Those whose cosignatures count; they borrow. */
struct nta_case_witnesses
{
    const struct nta_note_key *keys;
    size_t n;
};

/** Tell the step NOTED_HEADS; `chain` has judged all headers of the case. */
void nta_case_prove_noted(const struct nta_case *kase, const struct nta_chain *chain,
                          const struct nta_case_witnesses *witnesses,
                          struct nta_case_report *report);
