/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The incidents of a view as a table of the page's data, the weightiest first. */

#include "base/buf.h"
#include "export/view/view.h"

/** `"incidents":{"rows":[...],"all":N,"folded":N}`: `n_max` rows at most. */
void nta_view_put_incidents(struct nta_buf *out, struct nta_view *view, size_t n_max);
