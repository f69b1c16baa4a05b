/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/buf.h"
#include "record/record.h"

#include <stdio.h>

/** The head line of nta_csv_row()'s columns. */
void nta_csv_head(FILE *out);

/** Append one record as CSV (RFC 4180) without its line end; cells cannot become formulas. */
void nta_csv_row(struct nta_buf *out, const struct nta_record *record, const char *id);

/** Append one record as a line for people, without its line end. */
void nta_record_line(struct nta_buf *out, const struct nta_record *record, bool colour);
