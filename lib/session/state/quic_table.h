/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Connections of QUIC by the id that the server chose: what is known of one that goes on from other
 * ports (RFC 9000 section 9; also a NAT that gave it others).
 *
 * A short header does not say how long the id in it is, so entries are found by its first bytes.
 * Bounded: a set-associative table of fixed size; the entry written first goes first.  One
 * worker's.
 */

#include "base/addr.h"
#include "base/hash.h"
#include "blacklist/blacklist.h"
#include "proto/quic/quic_ids.h"

enum
{
    NTA_QUIC_TABLE_ID_LEAST = 4, ///< Shorter ids could be anybody's.
};

/** What is known of a connection. */
struct nta_quic_known
{
    struct nta_addr client, server;
    struct nta_quic_id id;     ///< The server's.
    struct nta_quic_ids begun; ///< Of the client's first packet.
    uint64_t order;            ///< Of writing; 0: free.
    uint16_t tls_version;
    uint8_t basis; ///< enum nta_basis.
    bool hidden;
    char alpn[16], ja4[40];
    uint16_t site_len;
    char site[NTA_NAME_SIZE];
};

struct nta_quic_table
{
    struct nta_quic_known *entries; ///< Owned.
    struct nta_hash_key key;
    uint64_t n_written;
};

/** 0 or -ENOMEM. */
int nta_quic_table_init(struct nta_quic_table *table, const struct nta_hash_key *key);
/** A zeroed one is fine. */
void nta_quic_table_done(struct nta_quic_table *table);

/** Remember it, unless its id is too short. */
void nta_quic_table_put(struct nta_quic_table *table, const struct nta_quic_known *known);

/**
 * The connection of a datagram with a short header from `client` to `server`, whatever the ports;
 * NULL: none that is known.  Borrows until the next nta_quic_table_put().
 */
const struct nta_quic_known *nta_quic_table_find(const struct nta_quic_table *table,
                                                 const struct nta_addr *client,
                                                 const struct nta_addr *server,
                                                 struct nta_span datagram);
