/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/public.h"

#include "base/own.h"

#include <string.h>

/* of IPv4, what is not of the public Internet */
static const char *const special_v4[] = {
    "0.0.0.0/8",     "10.0.0.0/8",      "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16",
    "172.16.0.0/12", "192.0.0.0/24",    "192.0.2.0/24",   "192.88.99.0/24", "192.168.0.0/16",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4",
};

/* of IPv6, what is not, in the part that is assigned */
static const char *const special_v6[] = {
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
};

static bool lies_in(const struct nta_addr *addr, const char *text)
{
    struct nta_prefix prefix;

    return nta_prefix_parse(text, strlen(text), &prefix, NULL) == 0 &&
           nta_prefix_has(&prefix, addr);
}

static bool lies_in_any(const struct nta_addr *addr, const char *const *texts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (lies_in(addr, texts[i]))
            return true;
    }
    return false;
}

bool nta_addr_is_public(const struct nta_addr *addr)
{
    const struct nta_addr last = nta_addr_v4(addr->bytes + 12);

    /* NAT64 (RFC 6052): as good as what is inside */
    if (nta_addr_is_v4(addr) || lies_in(addr, "64:ff9b::/96"))
        return !lies_in_any(&last, special_v4, NTA_N_ELEMENTS(special_v4));
    return lies_in(addr, "2000::/3") && !lies_in_any(addr, special_v6, NTA_N_ELEMENTS(special_v6));
}
