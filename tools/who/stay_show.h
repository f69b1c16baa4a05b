/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A stay at an address (who/ledger.h) as it is shown; what others said in it is escaped. */

#include "base/buf.h"
#include "who/ledger.h"

/** Append it as one JSON object, a line. */
void nta_stay_put_json(struct nta_buf *out, const struct nta_stay *stay);

/** Append it as a sentence and a line's end. */
void nta_stay_put_line(struct nta_buf *out, const struct nta_stay *stay);
