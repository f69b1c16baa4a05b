/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker has for all its sessions: pools and tables, each of a size that does not grow. */
#include "session/state/parts.h"

#include "base/memory/area.h"
#include "base/own.h"
#include "session/state/channels.h"

#include <errno.h>
#include <stdlib.h>

enum
{
    STATE_BYTES = 64 * 1024 * 1024, ///< Parser states of one protocol, at most.
    EXTRA_BYTES = 16 * 1024 * 1024, ///< What is lent beside them.
    WARM_PART = 8,                  ///< Of what is to be memory beforehand: of each pool at most.
    NAMES_MAX = 65536,              ///< Names learnt from DNS;
    LISTENER_NAMES = 64,            ///< a listener learns none.
};

void nta_session_parts_done(struct nta_session_parts *parts)
{
    nta_flows_free(&parts->flows);
    nta_told_done(&parts->told);
    nta_dns_zones_done(&parts->dns_zones);
    nta_pool_done(&parts->conns);
    nta_hits_done(&parts->hits);
    nta_pool_done(&parts->assocs);
    nta_pool_done(&parts->websockets);
    nta_pool_done(&parts->contents);
    nta_pool_done(&parts->quics);
    nta_pool_done(&parts->channels);
    nta_pool_done(&parts->pings);
    nta_pool_done(&parts->others);
    nta_quic_table_done(&parts->quic_table);
    for (size_t i = 0; i < NTA_N_PROTOS; i++) {
        nta_states_done(&parts->states[i]);
        nta_states_done(&parts->extras[i]);
        free(parts->shared[i]);
    }
    nta_transfers_done(&parts->transfers);
    if (parts->traits)
        nta_area_free(parts->traits, sizeof(*parts->traits));
    parts->traits = NULL;
    nta_downloads_done(&parts->downloads);
    nta_rates_done(&parts->rates);
    nta_pool_done(&parts->blocks);
    nta_geo_cache_free(&parts->places);
    nta_watch_free(&parts->watch);
    nta_section_free(&parts->section);
    nta_buf_done(&parts->about);
    nta_held_done(&parts->held);
}

/** So many of that size, one of each flow at most. */
static size_t within(size_t bytes, size_t size, size_t n_flows)
{
    return nta_smaller(bytes / size, n_flows);
}

/** So many connections have memory for things that go over them side by side: HTTP/2 has them. */
static size_t n_mixed(size_t n_flows)
{
    return within(EXTRA_BYTES, nta_protos[NTA_PROTO_PLACE_http]->extra_size, n_flows) +
           within(EXTRA_BYTES, nta_protos[NTA_PROTO_PLACE_http2]->extra_size, n_flows);
}

/** A pool of parser states for each protocol, each bounded in bytes and by the number of flows. */
static int init_states(struct nta_session_parts *parts, size_t n_flows)
{
    for (size_t i = 0; nta_protos[i]; i++) {
        const struct nta_proto *proto = nta_protos[i];
        int r =
            nta_states_init(&parts->states[i], proto->state_size, proto->zeroed,
                            within(STATE_BYTES, proto->state_size, n_flows), &parts->state_share);

        if (r == 0 && proto->extra_size > 0)
            r = nta_states_init(&parts->extras[i], proto->extra_size, proto->extra_zeroed,
                                within(EXTRA_BYTES, proto->extra_size, n_flows),
                                &parts->state_share);
        if (r < 0)
            return r;
        parts->shared[i] = proto->shared_size > 0 ? calloc(1, proto->shared_size) : NULL;
        if (proto->shared_size > 0 && !parts->shared[i])
            return -ENOMEM;
    }
    return 0;
}

static int init_traits(struct nta_session_parts *parts, const struct nta_hash_key *key)
{
    parts->traits = nta_area_new(sizeof(*parts->traits), NTA_AREA_GROWS);
    if (!parts->traits)
        return -ENOMEM;
    parts->traits->key = *key;
    return 0;
}

int nta_session_parts_init_tables(struct nta_session_parts *parts,
                                  const struct nta_session_options *options)
{
    size_t n_flows = options->flow.n_flows;

    parts->whose = options->whose;
    parts->put = options->put;
    parts->owner = options->owner;
    parts->who = options->who;
    parts->listens = options->listens;
    nta_share_init(&parts->state_share, options->all_states);
    int r = nta_told_init(&parts->told, NAMES_MAX, &options->key, NULL);

    if (r == 0)
        r = nta_dns_zones_init(&parts->dns_zones, &options->key);
    /* as many of each as there are connections: memory is taken when one is used, and nobody is
     * refused */
    if (r == 0)
        r = nta_pool_init(&parts->conns, sizeof(struct nta_conn), n_flows);
    if (r == 0)
        r = nta_hits_init(&parts->hits, n_flows);
    if (r == 0)
        r = nta_pool_init(&parts->assocs, sizeof(struct nta_assoc), n_flows);
    if (r == 0)
        r = nta_pool_init(&parts->websockets, sizeof(struct nta_websocket), n_flows);
    if (r == 0)
        r = nta_pool_init(&parts->contents, sizeof(struct nta_content_state), n_flows);
    if (r == 0)
        r = nta_pool_init(&parts->quics, sizeof(struct nta_quic_conn), n_flows);
    if (r == 0)
        r = nta_pool_init(&parts->channels, sizeof(struct nta_conn_channels), n_mixed(n_flows));
    if (r == 0)
        r = nta_pool_init(&parts->pings, sizeof(struct nta_pings), n_flows);
    if (r == 0)
        r = nta_pool_init(&parts->others, sizeof(struct nta_conn_other), n_flows);
    if (r == 0)
        r = nta_quic_table_init(&parts->quic_table, &options->key);
    if (r == 0)
        r = init_states(parts, n_flows);
    if (r == 0)
        r = nta_transfers_init(&parts->transfers, &options->key);
    if (r == 0)
        r = init_traits(parts, &options->key);
    if (r == 0)
        r = nta_downloads_init(&parts->downloads, &options->key);
    if (r == 0)
        r = nta_rates_init(&parts->rates, &options->key);
    if (r == 0)
        r = nta_pool_init(&parts->blocks, NTA_PIECE_BLOCK_SIZE,
                          options->hash_bytes / NTA_PIECE_BLOCK_SIZE + 1);
    if (r == 0)
        r = nta_geo_cache_new(&options->key, &parts->places);
    return r;
}

void nta_session_parts_warm(struct nta_session_parts *parts, struct nta_warm *warm)
{
    /* what most connections are */
    static const size_t often[] = {NTA_PROTO_PLACE_http, NTA_PROTO_PLACE_tls, NTA_PROTO_PLACE_dns};

    const size_t each = warm->bytes_left / WARM_PART;

    nta_flows_warm(parts->flows, warm, each);
    nta_pool_warm(&parts->conns, warm, each);
    for (size_t i = 0; i < NTA_N_ELEMENTS(often); i++)
        nta_pool_warm(&parts->states[often[i]].pool, warm, each);
    nta_watch_warm(parts->watch, warm);
}

void nta_session_parts_trim(struct nta_session_parts *parts)
{
    struct nta_pool *const pools[] = {
        &parts->conns, &parts->hits.pool, &parts->assocs, &parts->websockets, &parts->contents,
        &parts->quics, &parts->channels,  &parts->pings,  &parts->others,     &parts->blocks};

    nta_flows_trim(parts->flows);
    for (size_t i = 0; i < NTA_N_ELEMENTS(pools); i++)
        nta_pool_trim(pools[i]);
    for (size_t i = 0; i < NTA_N_PROTOS; i++) {
        nta_pool_trim(&parts->states[i].pool);
        nta_pool_trim(&parts->extras[i].pool);
    }
}

static enum nta_ownership ownership(const struct nta_session *session)
{
    const struct nta_flow *flow = session->flow;

    if (flow->of_link)
        return NTA_OWNED_BY_PAIR;
    return nta_owner_of_ends(session->parts->whose, &flow->client, &flow->server, true,
                             flow->client_port, flow->server_port);
}

bool nta_session_owns(const struct nta_session *session, const struct nta_addr *addr)
{
    switch (ownership(session)) {
    case NTA_OWNED_BY_SRC: return nta_addr_equal(addr, &session->flow->client);
    case NTA_OWNED_BY_DST: return nta_addr_equal(addr, &session->flow->server);
    case NTA_OWNED_BY_PAIR: break;
    }
    return false;
}

struct nta_told_asker nta_session_asker(const struct nta_session *session)
{
    const struct nta_flow *flow = session->flow;
    const struct nta_ends ends = nta_session_ends(session);
    const enum nta_dir user = ends.user_is_client ? NTA_DIR_UP : NTA_DIR_DOWN;
    const uint8_t *mac = ends.user_is_client ? flow->client_mac : flow->server_mac;

    return (struct nta_told_asker){
        .user = {.addr = ends.user,
                 .mac = flow->has_macs ? mac : NULL,
                 .network = nta_conn_network(flow, user)},
        .peer = ends.peer,
        .is_pairs = ownership(session) == NTA_OWNED_BY_PAIR,
        .began_wall_ns = flow->first_wall_ns,
    };
}
