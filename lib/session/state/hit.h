/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the lists say of a connection, or of something asked for over it. */

#include "blacklist/blacklist.h"
#include "record/record.h"

#include <stdbool.h>
#include <stdint.h>

/** A list's verdict, copied out of the policy, which may be replaced while the connection lives. */
struct nta_conn_hit
{
    char list[NTA_LIST_NAME_SIZE], category[64];
    char entry[NTA_NAME_SIZE];
    uint8_t list_sha256[32];
    uint32_t line;
    uint8_t kind;
    uint8_t severity; ///< enum nta_severity.
    bool weak;
    bool only_recorded;      ///< Of a list that raises no alerts.
    int64_t wall_ns;         ///< Of the packet that showed it.
    char shared[32];         ///< By address alone, in a range of this CDN or cloud; or empty.
    char via[NTA_NAME_SIZE]; ///< The alias of the site that the list names; cut; or empty.
};

/** What the lists say of something that was asked for. */
enum nta_verdict
{
    NTA_VERDICT_NONE,   ///< Nothing.
    NTA_VERDICT_SPARED, ///< An exception for its URL allows it, whatever they say of its site.
    NTA_VERDICT_FORBIDDEN,
};
