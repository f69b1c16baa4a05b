/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a sheet of paper says in words, a row of a word and a value each: the same on the paper and
 * where its codes are checked, so that the two can be compared line by line.
 */

#include "base/language.h"
#include "evidence/proof/sheet.h"

/** `text` is in the shown form of base/text.h, and not empty. */
typedef void nta_sheet_row_fn(void *owner, const char *word, struct nta_span text);

/** 0; -EBADMSG: its record is none of ours; -ENOMEM, and perhaps not all rows were given. */
int nta_sheet_each_row(const struct nta_sheet *sheet, enum nta_language language,
                       nta_sheet_row_fn *row, void *owner);
