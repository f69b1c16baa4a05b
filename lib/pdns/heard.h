/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Names that a worker hears of although their client is another one's.
 *
 * Each question and answer of DNS over UDP is told to all workers, in its place in the order of
 * time.  As from what a worker sees itself, only an answer that somebody asked for teaches
 * anything.  Two kinds of connections need what it says, and nothing else is kept, under the
 * client's address as in pdns.h:
 *
 * Those that a pair of addresses owns, since their ports do not tell who is the client
 * (decode/owner.h).
 *
 * Those of the same machine from another address: asked over IPv4 where a host is in IPv6, or the
 * other way round, or from another of its addresses of IPv6, it connects from an address under
 * which nobody asked.  Which addresses a machine has its MAC tells (stations.h).
 *
 * All workers hear the same in the same order, so all know the same.  Bounds: a table of names, one
 * of MACs and one of questions, each of fixed size, the oldest first to go.
 */

#include "pdns/pdns.h"
#include "pdns/stations.h"

struct nta_heard; ///< Opaque; one worker's.

/** 0, or negative errno with `err`. */
int nta_heard_new(const struct nta_hash_key *key, struct nta_heard **ret_heard,
                  struct nta_err *err);
/** Takes NULL too. */
void nta_heard_free(struct nta_heard **heard);

/** The names under clients' addresses; borrowed. */
struct nta_pdns *nta_heard_names(struct nta_heard *heard);

/** A question, as its answer will repeat it. */
struct nta_heard_question
{
    const struct nta_addr *client, *server;
    uint16_t client_port, server_port;
    uint16_t id, type;
    struct nta_span name;
};

/** When it was asked, and in which network its client is. */
struct nta_heard_asking
{
    int64_t wall_ns;
    uint64_t network;
};

/** It was asked, so. */
void nta_heard_asked(struct nta_heard *heard, const struct nta_heard_question *question,
                     const struct nta_heard_asking *asking);

/**
 * It is answered: how it was asked, once.  False: it was not asked, for all that is remembered, or
 * was answered before.
 */
bool nta_heard_answered(struct nta_heard *heard, const struct nta_heard_question *question,
                        struct nta_heard_asking *ret_asking);

/** An answer went to `client`, whose MAC is known. */
void nta_heard_client(struct nta_heard *heard, const struct nta_pdns_client *client,
                      int64_t wall_ns);

/** Is it, for all that was heard, the own MAC of one machine?  True of one never heard of, too. */
bool nta_heard_is_own(struct nta_heard *heard, const uint8_t mac[6], int64_t wall_ns);

/** Was it heard of, and with one address of IPv4 at most?  Then it is no router's. */
bool nta_heard_is_alone(struct nta_heard *heard, const uint8_t mac[6], int64_t wall_ns);

/** The other addresses of the client's machine; gives how many, 0 without a MAC. */
size_t nta_heard_others(struct nta_heard *heard, const struct nta_pdns_client *client,
                        int64_t wall_ns, struct nta_addr ret_addrs[NTA_STATION_ADDRS_MAX]);
