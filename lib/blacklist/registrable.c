/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/registrable.h"

#include "blacklist/name/name.h"

#include <libpsl.h>

/**
 * In lower case, NUL-terminated; false: longer than a host name, or with bytes that none has.  It
 * is ASCII, so libpsl converts nothing.
 */
static bool fold(struct nta_span name, char buf[NTA_NAME_SIZE])
{
    if (name.len == 0 || name.len > NTA_NAME_SIZE - 1)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.ptr[i];

        if (c <= ' ' || c == ':' || c >= 0x7f)
            return false;
        buf[i] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    }
    buf[name.len] = '\0';
    return true;
}

struct nta_span nta_registrable(struct nta_span name)
{
    char buf[NTA_NAME_SIZE];
    const char *found;

    if (name.len > 0 && name.ptr[name.len - 1] == '.')
        name.len--;
    if (!fold(name, buf) || (buf[name.len - 1] >= '0' && buf[name.len - 1] <= '9'))
        return name; /* no suffix ends in a digit: an address */
    found = psl_registrable_domain(psl_builtin(), buf);
    if (!found)
        return name;
    return (struct nta_span){.ptr = name.ptr + (found - buf),
                             .len = name.len - (size_t)(found - buf)};
}

const char *nta_registrable_version(void)
{
    const char *sha1 = psl_builtin_sha1sum();

    return sha1 && *sha1 ? sha1 : "none";
}
