/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A page as PDF, printed by a Chromium of this machine, which runs without a screen, in a folder of
 * its own that is gone afterwards, and can reach no network.
 *
 * One thread; SIGCHLD must not be ignored.
 */

#include "base/bytes.h"
#include "base/err.h"

#include <stdio.h>

/** 0, or -ENOENT with `err`: there is no such browser, so nothing needs to be begun. */
int nta_pdf_check(struct nta_err *err);

/** Write the page, printed, to `out`.  0, or negative errno with `err`. */
int nta_pdf_print(struct nta_span page, FILE *out, struct nta_err *err);
