/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Packets as a pcapng section (draft-ietf-opsawg-pcapng), which Wireshark, tshark and tcpdump open:
 * section header, one interface description a link type, enhanced packet blocks with nanoseconds
 * and comments.  Little-endian.
 *
 * Written by workers into a buffer that is used again (no allocation once it has grown) and, with
 * more comments, by `nta packets`.  What is read back is checked like anything from outside.
 */

#include "base/buf.h"
#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Directions in a packet's flags (section 4.3.1). */
enum
{
    NTA_PCAPNG_INBOUND = 1, ///< Towards the user.
    NTA_PCAPNG_OUTBOUND = 2,
};

/** What a section says of itself; texts are UTF-8, empty ones are left out. */
struct nta_pcapng_head
{
    struct nta_span hardware, os, application;
    const struct nta_span *comments; ///< Borrows.
    size_t n_comments;
};

struct nta_pcapng_packet
{
    uint32_t interface; ///< From 0, in the order of nta_pcapng_interface().
    int64_t wall_ns;
    struct nta_span bytes;
    uint32_t wire_len;
    uint32_t flags;          ///< NTA_PCAPNG_… direction; 0: none.
    struct nta_span comment; ///< Empty: none.
};

/** Append the section header block that begins a file. */
void nta_pcapng_begin(struct nta_buf *out, const struct nta_pcapng_head *head);
/** Append an interface description block; packets refer to them in this order, from 0. */
void nta_pcapng_interface(struct nta_buf *out, uint16_t link_type);
/** Append an enhanced packet block with its comment. */
void nta_pcapng_packet(struct nta_buf *out, const struct nta_pcapng_packet *packet);

/** What a section holds. */
struct nta_pcapng_counts
{
    size_t n_interfaces, n_packets, n_comments;
    size_t n_cut; ///< Packets that were longer on the wire.
};

/**
 * Append a copy of a section to `out` (NULL: only look), with `comments` behind those of its head.
 * False: it is no section as we write them; `out` is then as before.  A failure of memory is sticky
 * in `out`.
 */
bool nta_pcapng_annotate(struct nta_span section, const struct nta_span *comments,
                         size_t n_comments, struct nta_buf *out,
                         struct nta_pcapng_counts *ret_counts);
