/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Echo requests and replies of ICMP between two addresses (RFC 792, RFC 4443 section 4): a reply
 * has to repeat the data of its request.  Who carries traffic in them answers with other data.
 */

#include "base/bytes.h"
#include "base/hash.h"

#include <stdbool.h>
#include <stdint.h>

enum
{
    NTA_PINGS_OPEN = 8, ///< Requests that may be under way; an older one is forgotten.
};

/** All zeros: none was seen. */
struct nta_pings
{
    struct
    {
        uint64_t data;  ///< Hash of it.
        uint32_t which; ///< Identifier and number.
        bool is_open;
    } asked[NTA_PINGS_OPEN];

    uint8_t next;
    bool is_tunnel;
    uint32_t n_other, n_other_bytes; ///< Replies with other data, and how much.
};

/** An echo message of either version of IP?  Others say nothing here. */
bool nta_pings_is_echo(struct nta_span message);

/** One more message that is an echo, all of which was captured. */
void nta_pings_see(struct nta_pings *pings, struct nta_span message);
