/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/table/ports.h"

#include "blacklist/table/names_fill.h"

#include <stdio.h>
#include <string.h>

enum
{
    KEY_LEN = NTA_ADDR_LEN + 2,
    VALUES_MAX = 64 ///< Of one address with one port, more than these are not told.
};

/** Bit 0 of the label counts: a name has one label at least. */
#define HAS_PORTS UINT64_C(1)

static struct nta_name_hash hash_of(const struct nta_names *names, const struct nta_addr *addr,
                                    uint16_t port)
{
    char key[KEY_LEN];

    memcpy(key, addr->bytes, NTA_ADDR_LEN);
    key[NTA_ADDR_LEN] = (char)(port >> 8);
    key[NTA_ADDR_LEN + 1] = (char)(port & 0xff);
    return nta_names_hash(names, key, sizeof(key));
}

int nta_ports_add(struct nta_name_items *items, const struct nta_names *names,
                  const struct nta_addr *addr, uint16_t port, uint32_t value)
{
    items->label_counts |= HAS_PORTS;
    return nta_name_items_put(items, hash_of(names, addr, port),
                              value & ~(NTA_VALUE_SELF | NTA_VALUE_SUBS));
}

void nta_ports_each(const struct nta_names *names, const struct nta_addr *addr, uint16_t port,
                    void (*each)(void *owner, uint32_t value), void *owner)
{
    if (port != 0 && (names->label_counts & HAS_PORTS))
        nta_names_each(names, hash_of(names, addr, port), each, owner);
}

size_t nta_ports_find(const struct nta_names *names, const struct nta_addr *addr, uint16_t port,
                      uint32_t *values, size_t size)
{
    size_t n = 0, n_found;

    if (port == 0 || !(names->label_counts & HAS_PORTS))
        return 0;
    n_found = nta_names_find(names, hash_of(names, addr, port), values, size);
    for (size_t i = 0; i < n_found; i++) {
        if (nta_ports_is_value(values[i]))
            values[n++] = values[i];
    }
    return n;
}

uint32_t nta_ports_decide(const struct nta_names *names, const struct nta_addr *addr, uint16_t port)
{
    uint32_t values[VALUES_MAX], best = 0;
    size_t n = nta_ports_find(names, addr, port, values, VALUES_MAX);

    for (size_t i = 0; i < n; i++) {
        if (!best || nta_value_rank(values[i]) > nta_value_rank(best))
            best = values[i];
    }
    return best;
}

size_t nta_ports_text(const struct nta_addr *addr, uint16_t port, char *buf, size_t size)
{
    char text[NTA_ADDR_TEXT_SIZE];
    bool is_v6 = !nta_addr_is_v4(addr);

    return (size_t)snprintf(buf, size, "%s%s%s:%u", is_v6 ? "[" : "", nta_addr_text(addr, text),
                            is_v6 ? "]" : "", port);
}
