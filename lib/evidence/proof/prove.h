/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a case proves to somebody who has nothing but it and a sensor's key on paper: step by step,
 * each with what holds, in words.  The judge of headers is that of stores (chain/chain.h); the rest
 * is hashes.  No secret is needed, neither the auditor's nor any other.
 *
 * A case proves what is in it.  That nothing else was there, nobody can prove from it: numbers that
 * it leaves out are no fault, and steps say so.
 *
 * Pure; one thread.
 */

#include "chain/chain.h"
#include "evidence/proof/case.h"
#include "evidence/proof/noted.h"
#include "evidence/proof/report.h"

/**
 * Hold the case against these identities: the steps from KEY to LINES.  An empty `trust` is
 * nobody's word: then the case is held against the identities that it names itself, and KEY is
 * UNSEEN.  `witnesses`: NULL is nobody.  0, or -ENOMEM.
 */
int nta_case_prove(const struct nta_case *kase, const struct nta_trust *trust,
                   const struct nta_case_witnesses *witnesses, struct nta_case_report *report);
