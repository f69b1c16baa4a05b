/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The page of a case: what a judge reads, in one language.  HTML without programs, which fetches
 * nothing and prints well; texts of records are escaped.  Private to evidence/archive.h.
 */

#include "evidence/view.h"
#include "evidence/words.h"

/** Append the page.  As the calls of evidence/files.h. */
int nta_case_put_page(const struct nta_case_view *view, enum nta_language language,
                      struct nta_buf *out);
