/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker has for all its sessions: pools and tables, each of a size that does not grow. */
#include "session/parts.h"

#include <errno.h>

enum
{
    STATE_BYTES = 64 * 1024 * 1024, ///< Parser states of one protocol, at most.
    NAMES_MAX = 65536,              ///< Names learnt from DNS.
    HITS_MAX = 65536,               ///< Forbidden connections at a time.
    ASSOCS_MAX = 16384,             ///< SCTP associations whose content is read.
    WEBSOCKETS_MAX = 65536,         ///< Connections whose frames are looked into.
    CONTENTS_MAX = 65536,           ///< Files that are hashed at a time.
};

void nta_session_parts_done(struct nta_session_parts *parts)
{
    nta_flows_free(&parts->flows);
    nta_told_done(&parts->told);
    nta_pool_done(&parts->conns);
    nta_pool_done(&parts->hits);
    nta_pool_done(&parts->assocs);
    nta_pool_done(&parts->websockets);
    nta_pool_done(&parts->contents);
    for (size_t i = 0; i < NTA_N_PROTOS; i++)
        nta_pool_done(&parts->states[i]);
    nta_transfers_done(&parts->transfers);
    nta_geo_cache_free(&parts->places);
    nta_watch_free(&parts->watch);
    nta_section_free(&parts->section);
    nta_buf_done(&parts->about);
}

/** A pool of parser states for each protocol, each bounded in bytes and by the number of flows. */
static int init_states(struct nta_session_parts *parts, size_t n_flows)
{
    for (size_t i = 0; nta_protos[i]; i++) {
        size_t size = nta_protos[i]->state_size;
        size_t n = STATE_BYTES / size;
        int r = nta_pool_init(&parts->states[i], size, n < n_flows ? n : n_flows);

        if (r < 0)
            return r;
    }
    return 0;
}

int nta_session_parts_init_tables(struct nta_session_parts *parts,
                                  const struct nta_session_options *options)
{
    size_t n_flows = options->flow.n_flows;

    parts->whose = options->whose;
    parts->put = options->put;
    parts->owner = options->owner;
    int r = nta_told_init(&parts->told, NAMES_MAX, &options->key, NULL);

    if (r == 0)
        r = nta_pool_init(&parts->conns, sizeof(struct nta_conn), n_flows);
    if (r == 0)
        r = nta_pool_init(&parts->hits, sizeof(struct nta_conn_hit), HITS_MAX);
    if (r == 0)
        r = nta_pool_init(&parts->assocs, sizeof(struct nta_assoc), ASSOCS_MAX);
    if (r == 0)
        r = nta_pool_init(&parts->websockets, sizeof(struct nta_websocket), WEBSOCKETS_MAX);
    if (r == 0)
        r = nta_pool_init(&parts->contents, sizeof(struct nta_content_state), CONTENTS_MAX);
    if (r == 0)
        r = init_states(parts, n_flows);
    if (r == 0)
        r = nta_transfers_init(&parts->transfers, &options->key);
    if (r == 0)
        r = nta_geo_cache_new(&options->key, &parts->places);
    return r;
}
