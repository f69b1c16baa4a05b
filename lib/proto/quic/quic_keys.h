/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Initial packets of QUIC, opened: their keys come from the connection id on the wire, so everyone
 * who sees the first packet can read it (RFC 9001 section 5, RFC 9369 section 3.3).
 *
 * Each thread has its own ciphers and one buffer for what was opened, made at its first packet and
 * freed with the thread; after that nothing is allocated.
 */

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_QUIC_CID_MAX = 20,     ///< RFC 9000 section 17.2.
    NTA_QUIC_PLAIN_MAX = 16384 ///< Longer packets are not opened.
};

/** Where a version differs; one row each in quic_keys.c. */
struct nta_quic_version
{
    uint32_t first, last;   ///< Version numbers, inclusive.
    uint8_t salt[20];       ///< RFC 9001 section 5.2.
    bool is_v2;             ///< Labels and packet types of RFC 9369.
    bool has_google_frames; ///< Frame types of Google's own versions.
};

struct nta_quic_keys
{
    uint8_t key[16], iv[12], hp[16];
};

/** RFC 9000 section 15: versions that ask for a version negotiation. */
static inline bool nta_quic_is_reserved(uint32_t version)
{
    return (version & 0x0f0f0f0f) == 0x0a0a0a0a;
}

/*
 * Reserved versions have no keys of their own: clients use those of the version that they hope for,
 * mostly one of these.
 */
#define NTA_QUIC_HOPED_FOR    UINT32_C(0x00000001)
#define NTA_QUIC_HOPED_BEFORE UINT32_C(0xff00001d)

/**
 * The row of a version whose Initial packets can be opened, or NULL; of a reserved one that of
 * NTA_QUIC_HOPED_FOR.
 */
const struct nta_quic_version *nta_quic_version_find(uint32_t version);

/** The server's keys for the Destination Connection ID of the client's first packet, likewise. */
void nta_quic_server_keys_make(const struct nta_quic_version *version, struct nta_span cid,
                               struct nta_quic_keys *ret_keys);

/**
 * The client's keys for the Destination Connection ID of its first packet, `cid.len` at most
 * NTA_QUIC_CID_MAX.
 */
void nta_quic_keys_make(const struct nta_quic_version *version, struct nta_span cid,
                        struct nta_quic_keys *ret_keys);

/**
 * Remove both protections from a long header packet.  `packet` goes from its first byte to the end
 * that its Length says; `number_offset` is where its packet number is.  False: not sealed with
 * these keys, or too short or long, or no memory for the thread's ciphers.  `ret_plain` borrows
 * from the thread's buffer, until the next call.
 */
bool nta_quic_open(const struct nta_quic_keys *keys, struct nta_span packet, size_t number_offset,
                   struct nta_span *ret_plain);
