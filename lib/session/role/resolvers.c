/* SPDX-License-Identifier: Apache-2.0 */
#include "session/role/resolvers.h"

#include "policy/evasion.h"

#include <string.h>

enum
{
    PORT = 853 ///< RFC 7858 section 3.1, RFC 9250 section 4.1.1.
};

enum nta_app nta_resolvers_service(const struct nta_flow *flow, const struct nta_conn *conn)
{
    if (conn->app == NTA_APP_QUIC && (flow->server_port == PORT || strcmp(conn->alpn, "doq") == 0))
        return NTA_APP_DOQ;
    if (conn->app == NTA_APP_TLS && (flow->server_port == PORT || strcmp(conn->alpn, "dot") == 0))
        return NTA_APP_DOT;
    if (conn->asked_resolver)
        return NTA_APP_DOH;
    if ((conn->app == NTA_APP_TLS || conn->app == NTA_APP_QUIC) &&
        nta_evasion_find_resolver(conn->site))
        return NTA_APP_DOH;
    return NTA_APP_NONE;
}

bool nta_resolvers_is_query(struct nta_span target)
{
    const struct nta_span path = nta_span_of("/dns-query");

    return nta_span_begins(target, path) &&
           (target.len == path.len || target.ptr[path.len] == '?' || target.ptr[path.len] == '/');
}
