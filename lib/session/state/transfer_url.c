/* SPDX-License-Identifier: Apache-2.0 */
#include "session/state/transfer_url.h"

#include "base/text.h"
#include "base/url.h"

#include <stdio.h>
#include <string.h>

struct url
{
    char *buf;
    size_t len;
};

static void put_byte(struct url *url, char byte)
{
    if (url->len < NTA_TRANSFER_URL_SIZE)
        url->buf[url->len++] = byte;
}

static void put_text(struct url *url, struct nta_span text)
{
    for (size_t i = 0; i < text.len; i++)
        put_byte(url, (char)text.ptr[i]);
}

/**
 * A path may hold anything: what would end it or break the line is coded; bytes above 0x7f stay
 * (RFC 3987).
 */
static void put_path(struct url *url, struct nta_span path)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < path.len; i++) {
        const uint8_t c = path.ptr[i];

        if (c > ' ' && c != 0x7f && !strchr("\"#%<>?[\\]^`{|}", c)) {
            put_byte(url, (char)c);
            continue;
        }
        put_byte(url, '%');
        put_byte(url, digits[c >> 4]);
        put_byte(url, digits[c & 15]);
    }
}

struct nta_span nta_transfer_url(enum nta_app app, struct nta_span site,
                                 const struct nta_transfer *transfer,
                                 char buf[NTA_TRANSFER_URL_SIZE])
{
    struct url url = {.buf = buf};
    const bool is_v6 = nta_span_has(site, ':');
    char port[8] = "";

    if (nta_app_has(app, NTA_TRAIT_INFO_HASH)) {
        put_text(&url, nta_span_of("magnet:?xt=urn:btih:"));
        put_text(&url, transfer->path);
        return (struct nta_span){(const uint8_t *)buf, url.len};
    }
    if (site.len == 0)
        return (struct nta_span){0};
    put_text(&url, nta_span_of(nta_app_name(app)));
    put_text(&url, nta_span_of(is_v6 ? "://[" : "://"));
    put_text(&url, site);
    if (transfer->port)
        (void)snprintf(port, sizeof(port), ":%u", transfer->port);
    put_text(&url, nta_span_of(is_v6 ? "]" : ""));
    put_text(&url, nta_span_of(port));
    put_path(&url, transfer->path);
    url.len = nta_url_drop_users((uint8_t *)buf, url.len, url.len == NTA_TRANSFER_URL_SIZE);
    return (struct nta_span){(const uint8_t *)buf, url.len};
}
