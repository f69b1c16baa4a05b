/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Addresses, networks and ranges in the spellings of lists (part of line.h). */

#include "blacklist/format/line.h"

/** From one address to another, both in it. */
struct nta_list_range
{
    struct nta_addr first, last;
};

/** An address, a prefix or a range, not yet given: ENTRY and the range, or as nta_list_addr(). */
enum nta_line nta_list_range(struct nta_list_reader *reader, struct nta_span text,
                             struct nta_list_range *ret_range);

/** True if it holds all of IPv4, or all of IPv6 that anybody can have. */
bool nta_list_range_is_all(const struct nta_list_range *range);

/**
 * True for "255.255.255.0", and then the network of an address and it; OTHER if the first is no
 * address.
 */
bool nta_list_is_netmask(struct nta_span text);
/** Give the network of an IPv4 address and its netmask; OTHER if `addr` is no such address. */
enum nta_line nta_list_net(struct nta_list_reader *reader, struct nta_span addr,
                           struct nta_span mask, uint32_t flags);

/** Give a range, or refuse one that would cover everything. */
enum nta_line nta_list_put_range(struct nta_list_reader *reader, const struct nta_list_range *range,
                                 uint32_t flags);

/** An address in any spelling: dotted, hexadecimal, filled up with zeros, with a zone. */
bool nta_list_parse_addr(struct nta_span text, struct nta_addr *ret_addr);

/** From one address to another; OTHER if they are none. */
enum nta_line nta_list_span(struct nta_list_reader *reader, struct nta_span left,
                            struct nta_span right, uint32_t flags);
