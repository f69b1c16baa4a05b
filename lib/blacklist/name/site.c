/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/name/site.h"

#include "base/addr.h"
#include "base/scratch.h"
#include "base/url.h"

enum
{
    SITE_MAX = 253,     ///< As of host names: a longer one is looked up nowhere.
    ESCAPED_MAX = 1024, ///< A host of more bytes than this is not unescaped.
};

/* How many bytes of `wire`, from `i` on, are one byte of a name. */
static size_t unit(struct nta_span wire, enum nta_site_form form, size_t i)
{
    return form == NTA_SITE_DNS && wire.ptr[i] == '\\' && wire.len - i > 1 ? 2 : 1;
}

/* As how many bytes that is written. */
static size_t written(struct nta_span wire, size_t i)
{
    return wire.ptr[i] == '\\' ? 2 : 1;
}

static struct nta_span without_dot(struct nta_span wire, enum nta_site_form form)
{
    size_t last = wire.len;

    for (size_t i = 0; i < wire.len; i += unit(wire, form, i))
        last = i;
    if (wire.len > 1 && last == wire.len - 1 && wire.ptr[last] == '.')
        wire.len--;
    return wire;
}

/* Where the part of it begins that there is space for. */
static size_t right_end(struct nta_span wire, enum nta_site_form form)
{
    size_t len = 0, i = 0;

    for (size_t at = 0; at < wire.len; at += unit(wire, form, at))
        len += written(wire, at);
    for (; len > SITE_MAX; i += unit(wire, form, i))
        len -= written(wire, i);
    return i;
}

static size_t fold(struct nta_span wire, enum nta_site_form form, char buf[NTA_NAME_SIZE])
{
    size_t n = 0;

    wire = without_dot(wire, form);
    for (size_t i = right_end(wire, form); i < wire.len; i += unit(wire, form, i)) {
        const bool is_pair = unit(wire, form, i) == 2;

        if (wire.ptr[i] == '\\')
            buf[n++] = '\\';
        buf[n++] = (char)nta_lower(is_pair ? wire.ptr[i + 1] : wire.ptr[i]);
    }
    buf[n] = '\0';
    return n;
}

/* As clients read the host of a URL: "%41" is "A", and "0xc0000242" an IPv4 address. */
static size_t read_host(struct nta_span wire, char buf[NTA_NAME_SIZE])
{
    NTA_SCRATCH uint8_t plain[ESCAPED_MAX];
    struct nta_addr addr;

    if (wire.len > sizeof(plain))
        return 0;
    if (nta_span_has(wire, '%'))
        wire = (struct nta_span){.ptr = plain, .len = nta_url_unescape(wire, plain, sizeof(plain))};
    if (nta_url_ends_in_number(wire) && nta_url_ipv4(wire, &addr))
        return strlen(nta_addr_text(&addr, buf));
    return wire.ptr == plain ? nta_blacklist_name(wire, buf) : 0;
}

struct nta_span nta_site_text(struct nta_span wire, enum nta_site_form form,
                              char buf[NTA_NAME_SIZE])
{
    size_t len = nta_blacklist_name(wire, buf);

    if (len == 0 && form == NTA_SITE_HOST)
        len = read_host(wire, buf);
    if (len == 0)
        len = fold(wire, form, buf);
    return (struct nta_span){(const uint8_t *)buf, len};
}

struct nta_span nta_site_labels(struct nta_span site, char buf[NTA_NAME_SIZE])
{
    if (!nta_span_has(site, '\\') || site.len >= NTA_NAME_SIZE)
        return site;
    for (size_t i = 0; i < site.len; i++) {
        buf[i] = (char)site.ptr[i];
        if (site.ptr[i] == '\\' && ++i < site.len)
            buf[i] = (char)(site.ptr[i] == '.' ? '_' : site.ptr[i]);
    }
    return (struct nta_span){(const uint8_t *)buf, site.len};
}
