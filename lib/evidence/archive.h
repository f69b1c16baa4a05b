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

#include "evidence/case.h"
#include "evidence/report.h"

#define NTA_CASE_CBOR "case.cbor"

/** The program's version, as cases have it.  Static. */
struct nta_span nta_case_program(void);

/** Append the archive of a case.  0; -EFBIG with the sentence: it is too large; -ENOMEM. */
int nta_case_write(const struct nta_case *kase, struct nta_buf *out, struct nta_err *err);

/**
 * Read an archive of any origin and tell the steps ARCHIVE, INCIDENT and PAGES.  `ret_case` borrows
 * from the archive; it stays NULL where that is not of our form (the step ARCHIVE is WRONG then).
 * 0, or -ENOMEM.
 */
int nta_case_read(struct nta_span archive, struct nta_case **ret_case,
                  struct nta_case_report *report);
