/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The pager between standard output and the terminal. */

#include <stdbool.h>

/**
 * Send standard output through NTA_PAGER, PAGER or less, if it is a terminal: as git does, with
 * LESS=FRX unless set.  An empty pager or "cat" is none.  A pager that cannot be started is none
 * either.
 */
void nta_pager_start(void);

/** Close standard output and wait until the pager was left.  Without one: nothing. */
void nta_pager_end(void);

/** True while one runs: nothing may write to the terminal beside it. */
bool nta_pager_runs(void);

/** True once one was started, also when it has ended: standard output is gone then. */
bool nta_pager_was_there(void);
