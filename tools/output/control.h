/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The running ntad, asked over its control socket. */

#include "base/buf.h"
#include "base/err.h"

/**
 * One question (a line), one answer.  0, or negative errno with a sentence: nobody listens there
 * (-ENOENT, -ECONNREFUSED), this user may not ask (-EACCES), no answer in time.
 */
int nta_control_ask(const char *path, const char *line, struct nta_buf *answer,
                    struct nta_err *err);

/** Lists were changed: have ntad load them, if one runs, and say on stdout what came of it. */
void nta_control_reload(const char *path);
