/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the subcommands of `nta keys` share. */

#include "base/err.h"
#include "search/stores.h"

#include <stdbool.h>

struct nta_keys_command
{
    const char *keys, *state, *store, *config; ///< As given; NULL: not.
    const char *name, *from, *to;              ///< trust: of the sensor.
    const char *identity;                      ///< adopt, rotate, revoke: its secret's file.
    const char *new_identity;                  ///< rotate: the file to be made.
    const char *new_passphrase;                ///< protect, auditor, join: the file that it is in.
    const char *needs, *of;                    ///< split: how many of how many.
    char **arguments;                          ///< Behind the verb.
    int n_arguments;
    char dir[NTA_PATH_SIZE];        ///< The key folder.
    char state_dir[NTA_PATH_SIZE];  ///< Empty: not known.
    char store_path[NTA_PATH_SIZE]; ///< Empty: not known.
};

/** Keys and the sensor's first batch, where there are none yet.  As nta_keys_init(). */
int nta_keys_make(const struct nta_keys_place *place, bool *ret_made, struct nta_err *err);

/** Make what is missing, and say what to take away.  Gives an exit status. */
int nta_keys_cmd_init(const struct nta_keys_command *command);
/** Public keys; `with_stored`: what the store says, too.  Gives an exit status. */
int nta_keys_cmd_show(const struct nta_keys_command *command, bool with_stored);
/** A sensor more in sensors.pub.  Gives an exit status. */
int nta_keys_cmd_trust(const struct nta_keys_command *command);
/** The auditor's key under a passphrase.  Gives an exit status. */
int nta_keys_cmd_protect(const struct nta_keys_command *command);
/** One more auditor.  Gives an exit status. */
int nta_keys_cmd_auditor(const struct nta_keys_command *command);
/** The auditor's key in shares.  Gives an exit status. */
int nta_keys_cmd_split(const struct nta_keys_command *command);
/** And made of them again.  Gives an exit status. */
int nta_keys_cmd_join(const struct nta_keys_command *command);
/** The identity says that the signing key made after a loss is the sensor's.  An exit status. */
int nta_keys_cmd_adopt(const struct nta_keys_command *command);
/** The identity gives its place to a new one.  Gives an exit status. */
int nta_keys_cmd_rotate(const struct nta_keys_command *command);
/** The identity says that nothing is the sensor's any more.  Gives an exit status. */
int nta_keys_cmd_revoke(const struct nta_keys_command *command);
