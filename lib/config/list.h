/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a configuration says of one list, or of a database that is fetched. */

#include "base/runtime/hours.h"
#include "config/whom.h"

#include <stdbool.h>
#include <stdint.h>

/** Hours as they were written, and what they mean. */
struct nta_config_hours
{
    char *text; ///< NULL: always.
    struct nta_hours hours;
};

/** A list file named in the configuration, or a geo database that is fetched. */
struct nta_config_list
{
    char *path, *name, *category, *column;
    char *severity; ///< "low", "medium", "high", "critical".
    bool allow, force;
    bool any_owner; ///< Named on a command line: whoever owns the file is trusted.
    struct nta_whom_set only_for, not_for;
    struct nta_config_hours hours;
    char *action; ///< "alert" (NULL too) or "record".
    char *url, *sha256_url;
    uint64_t max_bytes; ///< Of what is fetched; 0: the default.
    bool is_private;    ///< It may be fetched from a private address.
};
