/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The terminal: what is shown there only (its colours are in colour.h, its pager in pager.h), cells
 * of a width (how wide text is: base/prose.h), and a clean end on Ctrl-C.
 */

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/prose.h"
#include "output/colour.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* ---- widths ---- */

/**
 * Append text in shown form, cut to `width` columns with an ellipsis if it is wider, filled with
 * blanks if narrower: at the end, or with `right` at the beginning.
 */
void nta_put_cell(struct nta_buf *out, struct nta_span shown, size_t width, bool right);

/** The same, cut in its middle: both ends are left, the last two thirds of it. */
void nta_put_cell_middle(struct nta_buf *out, struct nta_span shown, size_t width);

/** What is not shown. */
struct nta_more
{
    uint64_t n;
    bool at_least;      ///< There are more than these; `n` may be 0 then.
    const char *what;   ///< "files"; NULL: as those that are shown.
    const char *behind; ///< Where they stand, "lighter than these", or NULL.
    const char *how;    ///< To see all, "--json", or NULL.
};

/** Append it, in the same words everywhere: "and 9 more files, lighter than these; all: --json". */
void nta_put_more(struct nta_buf *out, struct nta_more more);

/** "1.5 MiB" */
void nta_put_size(struct nta_buf *out, uint64_t bytes);

/**
 * "2026-01-31 12:00:00" in the local zone; "2026-10-25 02:30:00+02:00" in an hour that is there
 * twice.
 */
void nta_put_local_time(struct nta_buf *out, int64_t wall_ns);

/* ---- Ctrl-C ---- */

/**
 * From now on SIGINT, SIGTERM and SIGHUP set the flag that this gives, once; a second one ends the
 * program.
 */
const volatile sig_atomic_t *nta_catch_stop(void);

/* ---- progress ---- */

/**
 * A line on standard error that is written over again; on a terminal, and not beside a pager.  At
 * most ten a second.
 */
void nta_progress_show(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Wipe it, if there is one. */
void nta_progress_wipe(void);
