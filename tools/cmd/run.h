/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How a subcommand is begun. */

#include "cmd/cmd.h"

/** The program is started: what is shown is UTF-8, and who reads no more ends it. */
void nta_cmd_begin(void);

/** `argv` from the command's name on; gives its exit status. */
int nta_cmd_run(const struct nta_cmd *cmd, int argc, char **argv);
