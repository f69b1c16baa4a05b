/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Parts of URLs in the form in which clients send them (WHATWG URL Standard).
 *
 * Two spellings of one place get one text, so that they can be compared as bytes.  Nothing here allocates.
 */

#include "base/addr.h"
#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>

/** True if a host's last label is a number, decimal or hexadecimal: it is an IPv4 address then or nothing. */
bool nta_url_ends_in_number(struct nta_span host);

/**
 * "0xc0000242", "0300.0.0x242", "3221226050": one to four numbers, decimal, octal or hexadecimal, the last one filling
 * what the others leave ("IPv4 parser").  False: it is none.
 */
bool nta_url_ipv4(struct nta_span host, struct nta_addr *ret_addr);
