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

/** True if a note has a time stamp that counts; its time into `ret_time_s`. */
typedef bool nta_case_stamped_fn(struct nta_span note, const void *owner, uint64_t *ret_time_s);

/** Those whose cosignatures count, and whose time stamps; they borrow. */
struct nta_case_witnesses
{
    const struct nta_note_key *keys;
    size_t n;
    nta_case_stamped_fn *stamped; ///< NULL: time stamps are not looked at.
    const void *owner;            ///< For `stamped`.
};

/** Tell the step NOTED_HEADS; `chain` has judged all headers of the case. */
void nta_case_prove_noted(const struct nta_case *kase, const struct nta_chain *chain,
                          const struct nta_case_witnesses *witnesses,
                          struct nta_case_report *report);
