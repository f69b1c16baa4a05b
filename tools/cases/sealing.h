/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A case sealed: the sensor notes in an audit record which case was made, with the hash of its
 * manifest, and that record with its proof is what this gives (evidence/seal.h).
 */

#include "cases/wanted.h"
#include "evidence/proof/case.h"

/**
 * 0 and `ret_seal`; or negative errno with a sentence: nobody can note it here, or it was not
 * stored, or it is another sensor's chain than the case's.
 */
int nta_case_make_seal(const struct nta_filters *filters, const struct nta_wanted *wanted,
                       const struct nta_case *kase, struct nta_case **ret_seal,
                       struct nta_err *err);
