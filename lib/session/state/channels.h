/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What is kept of things that go over one connection side by side; see channel.h. */

#include "session/state/conn.h"

/** What struct nta_conn holds of the channel at work. */
struct nta_channel
{
    uint64_t content_first, content_next;
    uint32_t download;
    uint16_t reading;
    struct nta_content_state *content;
};

struct nta_conn_channels
{
    uint8_t at; ///< The one at work, whose place here is void.
    struct nta_channel all[NTA_EVENT_CHANNELS];
};
