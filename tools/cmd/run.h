/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How a subcommand is begun and ended. */

#include "cmd/cmd.h"

/** The program is started: what is shown is UTF-8, and who reads no more ends it. */
void nta_cmd_begin(void);

/** `argv` from the command's name on; gives its exit status. */
int nta_cmd_run(const struct nta_cmd *cmd, int argc, char **argv);

/** What could not be written was not done, whichever command it was.  Gives its status, or 3. */
int nta_cmd_end(int status);
