/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * An IP address as one 16-byte value.  IPv4 is held in its mapped form ::ffff:a.b.c.d (RFC 4291
 * section 2.5.5.2), so that keys, tables and prefixes have one shape.  A value type: compare and
 * copy freely.
 */

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum
{
    NTA_ADDR_LEN = 16,
    NTA_ADDR_TEXT_SIZE = 46, ///< Space for the longest address text with its NUL.
};

struct nta_addr
{
    _Alignas(8) uint8_t bytes[NTA_ADDR_LEN]; ///< Network byte order.
};

/** An address range by prefix; `len` counts in the 128-bit form (an IPv4 /8 is 104). */
struct nta_prefix
{
    struct nta_addr addr; ///< Bits past `len` are zero.
    uint8_t len;          ///< 0 to 128.
};

/** From the four bytes of an IPv4 address in network order: its IPv4-mapped form. */
static inline struct nta_addr nta_addr_v4(const uint8_t *four)
{
    struct nta_addr addr = {.bytes = {[10] = 0xff, [11] = 0xff}};

    memcpy(addr.bytes + 12, four, 4);
    return addr;
}

/** From the sixteen bytes of an IPv6 address in network order. */
static inline struct nta_addr nta_addr_v6(const uint8_t *sixteen)
{
    struct nta_addr addr;

    memcpy(addr.bytes, sixteen, sizeof(addr.bytes));
    return addr;
}

/**
 * The IPv4 address inside an IPv6 one: of NAT64 (64:ff9b::/96, RFC 6052 section 2.1), 6to4
 * (2002::/16, RFC 3056 section 2), Teredo (2001::/32, the client's, RFC 4380 section 4).  False:
 * none is in there that a host could have.
 */
bool nta_addr_inside(const struct nta_addr *addr, struct nta_addr *ret_v4);

/** True for an IPv4-mapped address (::ffff:0:0/96). */
static inline bool nta_addr_is_v4(const struct nta_addr *addr)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

    return memcmp(addr->bytes, mapped, sizeof(mapped)) == 0;
}

/** The same address: an IPv4 address and its mapped form are one. */
static inline bool nta_addr_equal(const struct nta_addr *a, const struct nta_addr *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

/**
 * True if the address lies in the prefix.  No IPv4 address lies in a prefix of IPv6, short as it
 * may be.
 */
bool nta_prefix_has(const struct nta_prefix *prefix, const struct nta_addr *addr);

/** True if the address lies in one of `n_prefixes` prefixes. */
bool nta_prefix_any(const struct nta_prefix *prefixes, size_t n_prefixes,
                    const struct nta_addr *addr);

/** Text form (RFC 5952; IPv4 dotted) into `text`, NUL-terminated; gives `text`. */
const char *nta_addr_text(const struct nta_addr *addr, char text[NTA_ADDR_TEXT_SIZE]);

/** Read exactly `len` bytes of text as an address.  0, or -EINVAL with `ret_addr` untouched. */
int nta_addr_parse(const char *text, size_t len, struct nta_addr *ret_addr);

/**
 * Read "address" or "address/len" (len in the family's own bits).  0, or -EINVAL with the sentence
 * in `err`: no address, a length out of range, or bits set behind the length.  `ret_prefix` is
 * untouched on failure.
 */
int nta_prefix_parse(const char *text, size_t len, struct nta_prefix *ret_prefix,
                     struct nta_err *err);
