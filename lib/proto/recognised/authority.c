/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/recognised/authority.h"

void nta_authority_read(struct nta_span text, struct nta_transfer *transfer)
{
    const bool is_v6 = text.len > 0 && text.ptr[0] == '[';
    const size_t closed = is_v6 ? nta_span_find_byte(text, ']') : 0;
    const size_t colon = closed + nta_span_find_byte(nta_span_from(text, closed), ':');
    uint32_t port = 0;

    for (size_t i = colon + 1; i < text.len && port <= UINT16_MAX; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return;
        port = port * 10 + (text.ptr[i] - (uint32_t)'0');
    }
    if (port > UINT16_MAX)
        return;
    transfer->host = nta_span_first(text, colon);
    transfer->port = (uint16_t)port;
}

bool nta_authority_of_url(struct nta_span url, struct nta_transfer *transfer)
{
    const size_t scheme = nta_span_find(url, "://");

    if (scheme == 0 || scheme == url.len)
        return false;
    const struct nta_span rest = nta_span_from(url, scheme + 3);
    size_t end = 0;

    while (end < rest.len && rest.ptr[end] != '/' && rest.ptr[end] != '?' && rest.ptr[end] != '#')
        end++;
    const struct nta_span all = nta_span_first(rest, end);
    const size_t user = nta_span_find_last(all, '@');

    nta_authority_read(user < all.len ? nta_span_from(all, user + 1) : all, transfer);
    transfer->path = nta_span_from(rest, end);
    return transfer->host.len > 0;
}
