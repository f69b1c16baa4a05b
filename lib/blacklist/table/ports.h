/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Addresses with a port: "192.0.2.66:8080" (part of blacklist.h).
 *
 * They stand in the table of names, under the hash of their bytes, with neither of the flags that
 * names have: so no name is ever taken for one, whatever its bytes.  Bit 0 of the table's label
 * counts, which no name has, says that there are any; without it nothing is looked up.  A look-up
 * reads one cache line.
 */

#include "base/addr.h"
#include "blacklist/table/names.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Note an entry; of `value` the flags of names are ignored.  0, or -ENOMEM. */
int nta_ports_add(struct nta_name_items *items, const struct nta_names *names,
                  const struct nta_addr *addr, uint16_t port, uint32_t value);

/** Whether a value is one of these, not a name's. */
static inline bool nta_ports_is_value(uint32_t value)
{
    return (value & (NTA_VALUE_SELF | NTA_VALUE_SUBS)) == 0;
}

/** The value that decides, 0: none. */
uint32_t nta_ports_decide(const struct nta_names *names, const struct nta_addr *addr,
                          uint16_t port);

/** Call `each` with the values of an address with a port, and of names that have its hash. */
void nta_ports_each(const struct nta_names *names, const struct nta_addr *addr, uint16_t port,
                    void (*each)(void *owner, uint32_t value), void *owner);

/** All values, in no order, as far as there is space; gives how many. */
size_t nta_ports_find(const struct nta_names *names, const struct nta_addr *addr, uint16_t port,
                      uint32_t *values, size_t size);

/** "192.0.2.66:8080", "[2001:db8::1]:8080" into `buf`; gives its length. */
size_t nta_ports_text(const struct nta_addr *addr, uint16_t port, char *buf, size_t size);
