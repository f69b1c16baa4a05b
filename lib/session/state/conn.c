/* SPDX-License-Identifier: Apache-2.0 */
#include "session/state/conn.h"

#include "base/hash.h"
#include "redact/options.h"

enum
{
    ABOUT_BITS = 52,
    TAG_BITS = 12, ///< A VLAN's id.
    KIND_BITS = 4,
};

bool nta_conn_is_encrypted(const struct nta_conn *conn)
{
    return nta_app_has((enum nta_app)conn->app, NTA_TRAIT_ENCRYPTED);
}

bool nta_conn_is_plain(const struct nta_conn *conn, bool is_tcp)
{
    const enum nta_app app = (enum nta_app)conn->app;

    return !conn->handed_over && !conn->announced &&
           (is_tcp ? nta_app_has(app, NTA_TRAIT_PLAIN_STREAM)
                   : nta_redact_plain_of(app) != NTA_REDACT_NOT_PLAIN);
}

uint64_t nta_conn_network(const struct nta_flow *flow, enum nta_dir side)
{
    const uint16_t *vlan =
        flow->sides[side].packets ? flow->sides[side].vlan : flow->sides[1 - side].vlan;
    const uint64_t tags = (uint64_t)vlan[0] << TAG_BITS | vlan[1];

    static_assert(2 * TAG_BITS + KIND_BITS + 32 <= 64 && NTA_N_PACKET_NETWORKS <= 1 << KIND_BITS,
                  "they fit beside each other");
    if (!nta_packet_names_network(flow->network_kind))
        return tags;
    return ((uint64_t)flow->network_kind << 2 * TAG_BITS | tags) << 32 | flow->network;
}

uint64_t nta_conn_about(const struct nta_flow *flow)
{
    static const struct nta_hash_key none;
    uint8_t ends[2][NTA_ADDR_LEN + 2];

    memcpy(ends[0], flow->client.bytes, NTA_ADDR_LEN);
    memcpy(ends[0] + NTA_ADDR_LEN, &flow->client_port, 2);
    memcpy(ends[1], flow->server.bytes, NTA_ADDR_LEN);
    memcpy(ends[1] + NTA_ADDR_LEN, &flow->server_port, 2);
    /* the sides may be swapped while the flow lives */
    uint64_t sides = nta_hash_bytes(&none, ends[0], sizeof(ends[0])) +
                     nta_hash_bytes(&none, ends[1], sizeof(ends[1]));
    uint64_t about = nta_hash_words(&none, sides + flow->ip_proto, (uint64_t)flow->first_wall_ns) &
                     ((UINT64_C(1) << ABOUT_BITS) - 1);

    return about ? about : 1;
}
