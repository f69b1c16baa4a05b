/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Is an address one of the public Internet?  Not: this machine, private networks, links, multicast,
 * documentation and other special purposes (IANA's registries of special-purpose addresses, RFC
 * 6890), however they are dressed: an address of IPv4 inside one of IPv6 is looked at itself.
 */

#include "base/addr.h"

#include <stdbool.h>

/** True if a server may have it that anybody's name points to. */
bool nta_addr_is_public(const struct nta_addr *addr);
