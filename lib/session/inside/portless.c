/* SPDX-License-Identifier: Apache-2.0 */
#include "session/inside/portless.h"

enum
{
    ESP_INDEX_MIN = 256 ///< Those below are reserved (RFC 4303 section 2.1).
};

/** What pings carry is looked at as a whole only. */
static bool take_ping(const struct nta_session *session, struct nta_span message)
{
    struct nta_conn *conn = session->conn;

    if (session->io.cut > 0 || !nta_pings_is_echo(message))
        return false;
    if (!conn->pings)
        conn->pings = nta_pool_take(&session->parts->pings);
    if (!conn->pings)
        return false;
    const bool was_tunnel = conn->pings->is_tunnel;

    nta_pings_see(conn->pings, message);
    return conn->pings->is_tunnel && !was_tunnel;
}

static bool take_esp(const struct nta_session *session, struct nta_span packet)
{
    struct nta_reader r = nta_reader_of(packet.ptr, packet.len);

    if (nta_read_be32(&r) < ESP_INDEX_MIN)
        return false;
    session->conn->app = NTA_APP_IPSEC;
    return true;
}

bool nta_portless_packet(const struct nta_session *session, struct nta_span packet)
{
    return session->flow->ip_proto == NTA_PACKET_PROTO_ESP ? take_esp(session, packet)
                                                           : take_ping(session, packet);
}
