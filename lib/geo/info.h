/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a database file says of itself (part of geo.h). */

#include <stdint.h>

/** What was opened, for `--check`, the log and records. */
struct nta_geo_info
{
    const char *path, *type; ///< Borrow from the nta_geo.
    int64_t built_wall_ns;
    uint64_t bytes;
    unsigned ip_version;
};
