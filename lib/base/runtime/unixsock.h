/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A Unix socket that others connect to, by its path. */

#include "base/err.h"

/**
 * Listen at `path`, open to its owner and its group (0660), with a queue of so many.  A socket that
 * nobody listens on is replaced, since a run that was killed left it; a file or one that is in use
 * never.  Gives the descriptor, which does not block, or negative errno with a sentence:
 * -EINVAL: too long a path; -EADDRINUSE.
 */
int nta_unixsock_listen(const char *path, int queue, struct nta_err *err);
