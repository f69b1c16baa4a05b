/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What was in force: records name the policy record by its hash, and that has the tree hashes of
 * the lists, under which single lines are proved.  Private to evidence/proof/prove.h.
 */

#include "evidence/proof/case.h"
#include "evidence/proof/report.h"

/**
 * Tell the steps POLICY and LINES, and of RECORDS those that are of no form that is known.  0, or
 * -ENOMEM.
 */
int nta_case_prove_policies(const struct nta_case *kase, struct nta_case_report *report);
