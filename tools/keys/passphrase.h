/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The passphrase of a protected auditor's key: the first line of a file that was named
 * (--passphrase-file, or $NTA_PASSPHRASE_FILE), else of systemd's credential auditor-passphrase,
 * else what is typed on the terminal, once for each program.  It never stands among the arguments,
 * where every user of the machine could see it.
 */

#include "base/err.h"
#include "vault/open/auditor_key.h"

/** Have it asked for when a key needs it; `file` is what was named, or NULL.  Borrows. */
void nta_passphrase_init(const char *file);
/** Wipe what was given. */
void nta_passphrase_done(void);

/** A new one: of this file, or NULL: typed twice.  The caller wipes it.  0, or negative errno. */
int nta_passphrase_new(const char *file, char ret_passphrase[NTA_PASSPHRASE_SIZE],
                       struct nta_err *err);
