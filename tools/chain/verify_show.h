/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What nta verify says: in lines for people, or as one JSON object (docs/verify.md). */

#include "chain/chain.h"
#include "chain/witnesses.h"
#include "coverage/told.h"
#include "search/resume.h"

#include <stdbool.h>

struct nta_verified
{
    struct nta_findings *findings;
    const struct nta_chain *chain;         ///< NULL: nothing could be walked through.
    uint64_t n_opened;                     ///< Batches.
    bool opens;                            ///< An auditor's key is there.
    bool resumes;                          ///< It was to begin behind what was verified before,
    const struct nta_resume *resume;       ///< and this says where; NULL: at the first.
    const struct nta_told *told;           ///< NULL: none was opened.
    const struct nta_witnesses *witnesses; ///< NULL: none was given.
    bool has_identity;                     ///< An identity's secret lies in the key folder.
};

/** Is the result HOLDS? */
bool nta_verify_holds(const struct nta_verified *verified);

/** Say it on standard output.  Gives the exit status. */
int nta_verify_show(const struct nta_verified *verified, bool as_json);
