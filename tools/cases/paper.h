/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A sheet of paper that proves one record of a case (evidence/proof/sheet.h), as PDF: what the
 * record says, in words, and the codes that prove it.  The same record and head make the same
 * bytes.
 */

#include "base/language.h"
#include "cases/noted.h"
#include "evidence/proof/each.h"
#include "evidence/proof/sheet.h"

/** What a sheet is made of; its spans borrow from the case and from what is owned here. */
struct nta_paper
{
    struct nta_sheet sheet;
    struct nta_buf note, path, cbor; ///< Owned.
    char id[NTA_CASE_ID_SIZE];       ///< Of its record.
};

/** Free what it owns. */
void nta_paper_done(struct nta_paper *paper);

/**
 * Choose the record that `id` names, else (NULL) the one that says most (what was done, how much of
 * it was seen), and a head that it lies in: of those given the first that somebody cosigned, else
 * that of the chain's own state, which may be some seconds old, and then of the records in front
 * of it; and prove it.  0; -ENODATA with the sentence: no record can be proved so, or not that one;
 * -EFBIG: it does not fit on a sheet; or what reading failed with.
 */
int nta_paper_choose(const struct nta_case *kase, const char *id,
                     const struct nta_case_given_heads *given, struct nta_stores *stores,
                     struct nta_paper *paper, struct nta_err *err);
/** True if `given` is that id of a record or an incident, or its end from a number on. */
bool nta_paper_names(const char *given, const char *id);

/** Append the PDF of the sheet whose CBOR is there.  0, or negative errno with the sentence. */
int nta_paper_draw(const struct nta_paper *paper, enum nta_language language, struct nta_buf *out,
                   struct nta_err *err);
