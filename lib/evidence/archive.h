/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A case as one file: `case.cbor`, which proves, and what people read, which is made of it and of
 * nothing else; `manifest.json` names every file with its SHA-256.  So the same case makes the same
 * bytes, and whoever checks one writes the whole archive again and compares.
 *
 * Files for people are the words of one version of the program.  Another version cannot write them
 * again, and says so; the proof does not hang on it.
 */

#include "evidence/proof/case.h"
#include "evidence/proof/report.h"

#define NTA_CASE_CBOR      "case.cbor"
#define NTA_CASE_SEAL_CBOR "seal.cbor"

/**
 * The program's version and that of the list of public suffixes, which decides what a site is:
 * whoever has the same of both makes the same files of a case.  Static.
 */
struct nta_span nta_case_program(void);

/**
 * Append the archive of a case, with a seal of it (evidence/seal.h) or NULL.  0; -EFBIG with the
 * sentence: it is too large; -ENOMEM.
 */
int nta_case_write(const struct nta_case *kase, const struct nta_case *seal, struct nta_buf *out,
                   struct nta_err *err);

/** The SHA-256 that the manifest has where the case is sealed.  0, -EFBIG or -ENOMEM. */
int nta_case_manifest(const struct nta_case *kase, uint8_t ret_hash[NTA_HASH_LEN]);

/** What was read; it borrows from the archive. */
struct nta_case_file
{
    struct nta_case *kase;          ///< Owned; NULL: the archive is not of our form.
    struct nta_case *seal;          ///< Owned; NULL: there is none.
    uint8_t manifest[NTA_HASH_LEN]; ///< The manifest's SHA-256.
};

/** Free what it owns. */
void nta_case_file_done(struct nta_case_file *file);

/**
 * Read an archive of any origin into `file`, which is zeroed, and tell the steps ARCHIVE, INCIDENT
 * and PAGES.  0, or -ENOMEM.
 */
int nta_case_read(struct nta_span archive, struct nta_case_file *file,
                  struct nta_case_report *report);
