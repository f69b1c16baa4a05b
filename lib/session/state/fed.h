/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * While a parser is shown bytes of a stream: what is so for all that it says of them, looked up
 * once.  A segment may hold a hundred requests.  One worker's; a turn of the sides forgets it.
 */

#include "base/bytes.h"
#include "blacklist/blacklist.h"
#include "flow/flow.h"

#include <stdbool.h>
#include <stdint.h>

struct nta_fed
{
    const struct nta_flow *flow; ///< NULL: none is shown anything.
    bool has_ends, user_is_client;
    bool is_fine;      ///< No list has anything to say of `site`, as a site that is asked for.
    uint16_t site_len; ///< Of the newest request; normal form.
    char site[NTA_NAME_SIZE];
};

/** From here on this flow's bytes are shown to its parser; NULL: no more. */
static inline void nta_fed_begin(struct nta_fed *fed, const struct nta_flow *flow)
{
    fed->flow = flow;
    fed->has_ends = fed->is_fine = false;
}
