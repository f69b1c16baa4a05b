/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The command line of nta read: a configuration, from a file or the defaults, with what is said
 * beside it.
 */

#include "config/config.h"

#include <stdbool.h>
#include <stddef.h>

struct nta_read_options
{
    struct nta_config *config; ///< Owned.
    const char *filter, *store_dir;
    bool wait; ///< For another writer of the store.
    bool json, pace, stats;
    const char *const *files; ///< Of argv.
    size_t n_files;           ///< At least one.
};

/** -1: go on; else the status to exit with, all being said. */
int nta_read_options_take(struct nta_read_options *read, int argc, char **argv);
/** Free what they own. */
void nta_read_options_done(struct nta_read_options *read);
