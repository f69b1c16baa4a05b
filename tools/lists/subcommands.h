/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the subcommands of `nta lists` share: which lists, how they are shown. */

#include "base/err.h"
#include "config/config.h"
#include "config/whom.h"

#include <stdbool.h>
#include <stdint.h>

/** The lists that were named, or those of the configuration. */
struct nta_lists
{
    const char *config_path;
    struct nta_config *config; ///< Owns; its `blacklist.files` are the lists.
    const char *column;
    bool json, force, named;  ///< named: on the command line.
    struct nta_whom users[8]; ///< explain: what is known of the one user.
    size_t n_users;
    const char *at;          ///< explain, line: a time in words; NULL: now.
    const char *store, *key; ///< line: of which store, whose; NULL: the usual ones.
    const char *reason;      ///< allow: why.
    const char *list_name;   ///< allow, fetch: only this one; NULL: the first one, or all.
    const char *ca_path;     ///< fetch: who signs the servers' certificates; NULL: the system's.
    const char *note_path;   ///< fetch: made if a file was changed, in place of a reload.
    uint64_t seconds;        ///< fetch: for one file.
    bool dry_run;            ///< fetch: change nothing.
};

/** An exit status. */
int nta_lists_check(const struct nta_lists *lists);
/** What the lists say of each of `n` names, addresses or URLs.  Gives an exit status. */
int nta_lists_explain(const struct nta_lists *lists, int n, char **what);
/** Is it forbidden for anybody?  1, 0, or negative errno with `err`: a list cannot be read. */
int nta_lists_forbid(const struct nta_lists *lists, const char *what, struct nta_err *err);
/** Add an exception to the configuration's own list.  Gives an exit status. */
int nta_lists_allow(const struct nta_lists *lists, const char *entry);
/** Fetch what has a url.  Gives an exit status. */
int nta_lists_fetch(const struct nta_lists *lists);
/** Write the compiled set beside the store.  Gives an exit status. */
int nta_lists_compile(const struct nta_lists *lists);

/** What line `number` of the list `name` said when it was in force.  Gives an exit status. */
int nta_lists_line(const struct nta_lists *lists, const char *name, const char *number);

/** Of a compiled set's file (*.ntaset). */
bool nta_lists_is_compiled(const char *path);
/** Is all of it as it was written?  Gives an exit status. */
int nta_lists_check_compiled(const char *path, bool json);
