/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A configuration file on its way into a struct nta_config.  A fault is noted, and what is behind
 * it is still read, so that one run names all of them.  Private to the module.
 */

#include "base/buf.h"
#include "base/err.h"
#include "config/config.h"
#include "config/options.h"

#include <libconfig.h>
#include <stddef.h>

struct nta_loading
{
    const char *path, *shown; ///< Of the file.
    struct nta_config *config;
    struct nta_buf *faults; ///< A sentence a line.
    int n_faults;
};

enum
{
    NTA_PLACE_SIZE = 256
};

/** "file:line" of a setting; the file name is ours or an included one. */
const char *nta_loading_place(const struct nta_loading *loading, const config_setting_t *setting,
                              char buf[NTA_PLACE_SIZE]);

/** Note a fault: its sentence, which names the place. */
void nta_loading_fault(struct nta_loading *loading, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Take a list, or a database that is fetched, given as a group of the keys of list_keys.inc. */
void nta_loading_list(struct nta_loading *loading, const config_setting_t *group,
                      const struct nta_option *option);

/**
 * The files that a file includes, and those that they do, are looked at before libconfig opens
 * them: it waits for a FIFO and reads whatever there is.  0, or negative errno with a sentence.
 */
int nta_include_check(const char *path, struct nta_err *err);

/** A configuration file is not larger. */
#define NTA_CONFIG_FILE_MAX (1U << 20)
