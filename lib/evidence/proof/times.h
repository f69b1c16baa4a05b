/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whether the times in a case can be believed, as far as it can show: whoever has the present
 * signing key can seal what he likes, and date it back; but not to before the batches in front of
 * it, whose keys are gone.  Pure.
 */

#include "evidence/proof/case.h"
#include "evidence/proof/report.h"

/**
 * Tell the step TIMES: each header was sealed after those in front of it, and records soon after
 * what they tell of.  0, or -ENOMEM.
 */
int nta_case_prove_times(const struct nta_case *kase, struct nta_case_report *report);

/** Where what the records tell of comes from.  0, or -ENOMEM. */
int nta_case_count_origin(const struct nta_case *kase, struct nta_case_origin *ret_origin);
