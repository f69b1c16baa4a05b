/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/buf.h"
#include "record/record.h"

/** Append one record as a line for people, without its line end. */
void nta_record_line(struct nta_buf *out, const struct nta_record *record, bool colour);
