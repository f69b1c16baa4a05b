/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the subcommands of `nta lists` share: which lists, how they are shown. */

#include "config/config.h"

#include <stdbool.h>

/** The lists that were named, or those of the configuration. */
struct nta_lists
{
    const char *config_path;
    struct nta_config *config; ///< Owns; its `blacklist.files` are the lists.
    const char *column;
    bool json, force, named;      ///< named: on the command line.
    const char *at, *store, *key; ///< Of a line: when, where, whose; NULL: the usual ones.
};

/** An exit status. */
int nta_lists_check(const struct nta_lists *lists);
/** What the lists say of each of `n` names, addresses or URLs.  Gives an exit status. */
int nta_lists_explain(const struct nta_lists *lists, int n, char **what);
/** Write the compiled set beside the store.  Gives an exit status. */
int nta_lists_compile(const struct nta_lists *lists);

/** What line `number` of the list `name` said when it was in force.  Gives an exit status. */
int nta_lists_line(const struct nta_lists *lists, const char *name, const char *number);

/** Of a compiled set's file (*.ntaset). */
bool nta_lists_is_compiled(const char *path);
/** Is all of it as it was written?  Gives an exit status. */
int nta_lists_check_compiled(const char *path);
