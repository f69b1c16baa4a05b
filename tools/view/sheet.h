/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A view as a spreadsheet (Office Open XML, by libxlsxwriter): incidents, their files, users, sites
 * and what was asked, a sheet each, with heads that filter, local times as dates and columns as
 * wide as their cells.  Texts are text cells in shown form: none is a formula or a link.
 *
 * One thread.  All cells are in memory until the end: as many as the view and `about` allow.
 */

#include "base/err.h"
#include "export/view/view_json.h"

#include <stdio.h>

/** Write it to `out`, which may be a pipe.  Sorts the view's tables.  0, or negative errno. */
int nta_sheet_write(struct nta_view *view, const struct nta_view_about *about, FILE *out,
                    struct nta_err *err);
