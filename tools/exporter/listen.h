/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Where the exporter listens: on this machine, nowhere else. */

#include "base/err.h"

/**
 * Listen at "ADDRESS:PORT" ("[::1]:9871"), where the address has to be a loopback one, or at a path
 * that begins with "/": a Unix socket that is open to its group.  A socket that nobody listens on
 * is replaced.  Gives the descriptor, or negative errno with a sentence: -EINVAL if `where` is
 * neither.
 */
int nta_exporter_listen(const char *where, struct nta_err *err);
