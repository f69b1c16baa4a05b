/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A view as one JSON object: the data part of the report's page, whether it lies in the page or
 * comes from a server (docs/architecture.md has its members).  Texts are in the shown form; every
 * `<` is written as an escape, so that the object may stand in an HTML script element.
 */

#include "base/buf.h"
#include "export/view/view.h"

/** Whether the batch that a record lies in is as the sensor signed it. */
enum nta_proof_state
{
    NTA_PROOF_UNCHECKED, ///< No public key to check with.
    NTA_PROOF_HOLDS,     ///< Signed, complete, and in its place in the chain.
    NTA_PROOF_BROKEN,
};

/** What is known beside the records.  All texts are borrowed; any may be NULL. */
struct nta_view_about
{
    const char *title, *version;
    const char *question; ///< The filters, in words.
    int64_t made_ns;
    uint64_t n_rows;            ///< Rows of the longest tables; 0: NTA_VIEW_ROWS.
    uint64_t n_unreadable;      ///< Batches that did not open.
    bool is_interrupted;        ///< Not all records were read.
    enum nta_proof_state proof; ///< Of the chain as a whole.
    const char *proof_text;     ///< One sentence.
    /**
     * Incidents are counted and not shown, nor is what is said of them, which names who it was.
     * The view's records are to be ones that name nobody.
     */
    bool sums_only;
    const char *role; ///< Whose page it is.
};

enum
{
    NTA_VIEW_ROWS = 2000,
    NTA_VIEW_ROWS_MAX = 8000
};

/** Append the object.  Sorts the view's tables.  A failure of memory is sticky in `out`. */
void nta_view_json(struct nta_buf *out, struct nta_view *view, const struct nta_view_about *about);

/** "unchecked", "holds", "broken". */
const char *nta_proof_state_name(enum nta_proof_state state);
