/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One end of what a record tells: who, where, and by which frames it came.  Values whose texts are borrowed. */

#include "base/addr.h"
#include "base/bytes.h"
#include "geo/place.h"

#include <stdbool.h>
#include <stdint.h>

/** VLAN tags of a frame, outer first. */
struct nta_record_tags
{
    uint16_t ids[2];
    uint8_t n;
};

struct nta_record_side
{
    struct nta_addr addr;
    uint16_t port;
    bool has_mac;
    uint8_t mac[6];
    struct nta_record_tags
        vlan; ///< Peers only, if its frames have others than the user's; 0: none.
    struct nta_span name, login, source; ///< Users only; empty: not known.
    struct nta_span software;            ///< What it says that it runs; empty: nothing.
    struct nta_place place;
};
