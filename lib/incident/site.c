/* SPDX-License-Identifier: Apache-2.0 */
#include "incident/site.h"

#include "blacklist/registrable.h"
#include "record/names.h"

#include <string.h>

/** The host of "scheme://host:port/path", with or without scheme; brackets of IPv6 stay off. */
static struct nta_span host_of(struct nta_span url)
{
    const size_t scheme = nta_span_find(url, "://");

    if (scheme < url.len)
        url = nta_span_from(url, scheme + 3);
    url = nta_span_first(url, nta_span_find_byte(url, '/'));
    url = nta_span_first(url, nta_span_find_byte(url, '?'));
    if (url.len && url.ptr[0] == '[') {
        url = nta_span_from(url, 1);
        return nta_span_first(url, nta_span_find_byte(url, ']'));
    }
    return nta_span_first(url, nta_span_find_byte(url, ':'));
}

/** A domain without the sign that says what it covers: "=name", "*.name", ".name". */
static struct nta_span without_sign(struct nta_span name)
{
    while (name.len && memchr("=*.", name.ptr[0], 3))
        name = nta_span_from(name, 1);
    return name;
}

struct nta_span nta_incident_site(const struct nta_record *record)
{
    const struct nta_span entry = record->match.entry;
    const char *kind = nta_record_match_kind(record->match.kind);
    struct nta_span site = entry;

    if (entry.len == 0)
        site = nta_registrable(record->site);
    else if (strcmp(kind, "domain") == 0)
        site = nta_registrable(without_sign(entry));
    else if (strcmp(kind, "url") == 0)
        site = nta_registrable(host_of(entry));
    return site.len ? site : entry;
}
