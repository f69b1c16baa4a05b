/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What of capture.* is text with a meaning: interfaces with filters, and processors. */

#include "config/config.h"

enum
{
    NTA_INTERFACE_SIZE = 256, ///< Space for a name: some of libpcap's are long.
    NTA_CPUS_MAX = 1024,      ///< The kernel's.
};

/**
 * One of capture.interfaces, "NAME" or "NAME: FILTER": its name, and its own filter, or
 * capture.filter; NULL: none.  Borrows from the configuration.  0, or -EINVAL with a sentence.
 */
int nta_config_get_interface(const struct nta_config *config, size_t i,
                             char ret_name[NTA_INTERFACE_SIZE], const char **ret_filter,
                             struct nta_err *err);

/**
 * A list of processors, "0,4-7": their numbers, in that order.  0, or -EINVAL with a sentence.
 */
int nta_config_get_cpus(const char *text, unsigned ret_cpus[NTA_CPUS_MAX], size_t *ret_n,
                        struct nta_err *err);
