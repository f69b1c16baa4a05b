/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The seal of a case: an `audit` record of a sensor that says which incident was handed out, with
 * the SHA-256 of the manifest, and so of every file for people; and its own proof, which is a case
 * of that one record (`seal.cbor`).  It lets another version of the program, which words pages
 * otherwise, tell that they are those that were made.
 */

#include "evidence/archive.h"
#include "evidence/proof/prove.h"

enum
{
    NTA_CASE_SEAL_SIZE = 256
};

/** What the audit record has as its question.  Gives `text`. */
const char *nta_case_seal_text(const char *incident, const uint8_t manifest[NTA_HASH_LEN],
                               char text[NTA_CASE_SEAL_SIZE]);

/**
 * All steps that need keys: nta_case_prove(), and SEAL; of pages that another version wrote PAGES,
 * too.  0, or -ENOMEM.
 */
int nta_case_prove_file(const struct nta_case_file *file, const struct nta_trust *trust,
                        const struct nta_case_witnesses *witnesses, struct nta_case_report *report);
