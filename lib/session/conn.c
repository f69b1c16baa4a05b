/* SPDX-License-Identifier: Apache-2.0 */
#include "session/conn.h"

#include "base/hash.h"

enum
{
    ABOUT_BITS = 52
};

bool nta_conn_is_encrypted(const struct nta_conn *conn)
{
    return conn->app == NTA_APP_TLS || conn->app == NTA_APP_QUIC || conn->app == NTA_APP_DTLS;
}

/** Protocols without credentials, whose messages are shown as they are. */
static bool is_plain(enum nta_app app, bool is_tcp)
{
    if (is_tcp)
        return app == NTA_APP_DNS || app == NTA_APP_BITTORRENT;
    return app == NTA_APP_DNS || app == NTA_APP_MDNS || app == NTA_APP_LLMNR ||
           app == NTA_APP_NETBIOS || app == NTA_APP_QUIC || app == NTA_APP_DTLS ||
           app == NTA_APP_TFTP || app == NTA_APP_DHCP || app == NTA_APP_BITTORRENT;
}

bool nta_conn_is_plain(const struct nta_conn *conn, bool is_tcp)
{
    /* a connection that FTP announced carries a file and nothing else */
    return !conn->handed_over && (is_plain((enum nta_app)conn->app, is_tcp) ||
                                  (is_tcp && conn->expected_by == NTA_APP_FTP));
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
