/* SPDX-License-Identifier: Apache-2.0 */
#include "session/state/pings.h"

enum
{
    HEAD_LEN = 8,
    REPLY_V4 = 0,
    REQUEST_V4 = 8,
    REQUEST_V6 = 128,
    REPLY_V6 = 129,
    OTHER_MIN = 16,         ///< Replies; a broken machine or a lost packet makes fewer.
    OTHER_BYTES_MIN = 1024, ///< Data in them.
};

bool nta_pings_is_echo(struct nta_span message)
{
    if (message.len < HEAD_LEN || message.ptr[1] != 0)
        return false;
    switch (message.ptr[0]) {
    case REPLY_V4:
    case REQUEST_V4:
    case REQUEST_V6:
    case REPLY_V6: return true;
    default: return false;
    }
}

static void ask(struct nta_pings *pings, uint32_t which, uint64_t data)
{
    pings->asked[pings->next].which = which;
    pings->asked[pings->next].data = data;
    pings->asked[pings->next].is_open = true;
    pings->next = (uint8_t)((pings->next + 1) % NTA_PINGS_OPEN);
}

/** The reply to a request that is not known says nothing: it may have been lost, or forgotten. */
static void answer(struct nta_pings *pings, uint32_t which, uint64_t data, size_t len)
{
    for (size_t i = 0; i < NTA_PINGS_OPEN; i++) {
        if (!pings->asked[i].is_open || pings->asked[i].which != which)
            continue;
        if (pings->asked[i].data != data) {
            pings->n_other++;
            pings->n_other_bytes += (uint32_t)len;
        }
        return;
    }
}

void nta_pings_see(struct nta_pings *pings, struct nta_span message)
{
    static const struct nta_hash_key key;
    struct nta_reader r = nta_reader_of(message.ptr, message.len);
    const uint8_t type = nta_read_u8(&r);

    nta_reader_skip(&r, 3);
    const uint32_t which = nta_read_be32(&r);
    const struct nta_span data = nta_read_rest(&r);
    const uint64_t hash = nta_hash_bytes(&key, data.ptr, data.len);

    if (pings->is_tunnel)
        return;
    if (type == REQUEST_V4 || type == REQUEST_V6)
        ask(pings, which, hash);
    else
        answer(pings, which, hash, data.len);
    pings->is_tunnel = pings->n_other >= OTHER_MIN && pings->n_other_bytes >= OTHER_BYTES_MIN;
}
