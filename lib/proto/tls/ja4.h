/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * JA4: a text that names how a TLS client speaks, by what its ClientHello offers (FoxIO's public
 * description of JA4, version of 2023, BSD licence).
 *
 *     t13d1516h2_8daaf6152771_e5627efa2ab1
 *     |`-version |                `- hash of sorted extensions and the signature algorithms
 *     transport  `- hash of sorted cipher suites
 *
 * The one who parses the hello fills the lists, GREASE included (RFC 8701); this module leaves it
 * out.  Memory is the caller's struct; nothing is allocated.
 */

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_JA4_LIST_MAX = 256, ///< Longer lists give no fingerprint.
    NTA_JA4_TEXT_SIZE = 40,
};

/** A list of 16-bit code points as offered. */
struct nta_ja4_list
{
    uint16_t codes[NTA_JA4_LIST_MAX];
    size_t n; ///< May pass the maximum: then not all are in `codes`.
};

struct nta_ja4
{
    char transport;       ///< 't' TCP, 'q' QUIC, 'd' DTLS.
    uint16_t version;     ///< The highest offered.
    bool has_name;        ///< A server_name extension is there.
    struct nta_span alpn; ///< The first ALPN value, empty if none; borrows.
    struct nta_ja4_list ciphers, extensions, signatures;
};

/** An empty one; the lists' codes are not touched. */
static inline void nta_ja4_init(struct nta_ja4 *ja4, char transport)
{
    ja4->transport = transport;
    ja4->version = 0;
    ja4->has_name = false;
    ja4->alpn = (struct nta_span){0};
    ja4->ciphers.n = ja4->extensions.n = ja4->signatures.n = 0;
}

/** True for a value reserved by RFC 8701: 0x0a0a, 0x1a1a, ... 0xfafa. */
static inline bool nta_ja4_is_grease(uint16_t code)
{
    return (code & 0x0f0f) == 0x0a0a && code >> 8 == (code & 0xff);
}

/** Append a code, unless it is reserved; what has no space is counted only. */
static inline void nta_ja4_add(struct nta_ja4_list *list, uint16_t code)
{
    if (nta_ja4_is_grease(code))
        return;
    if (list->n < NTA_JA4_LIST_MAX)
        list->codes[list->n] = code;
    list->n++;
}

/** Write the fingerprint, NUL-terminated; "" if a list is too long.  Sorts the lists in place. */
void nta_ja4_text(struct nta_ja4 *ja4, char ret_text[NTA_JA4_TEXT_SIZE]);
