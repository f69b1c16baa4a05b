/* SPDX-License-Identifier: Apache-2.0 */
#include "session/role/role.h"

#include "decode/service.h"
#include "policy/evasion.h"
#include "session/role/resolvers.h"

#include <string.h>

enum
{
    SSH_PORT = 22,
    HTTP_PORT = 80,
    MADE_UP_MIN = 4, /* letters and digits between "www." and ".com" */
    MADE_UP_MAX = 25,
    SURE_MIN = 8, /* that many tell words from random ones */
};

/** Between "www." and `ending`: base32, in which Tor writes random bytes; empty: it is none. */
static struct nta_span made_up_part(struct nta_span name, const char *ending)
{
    const struct nta_span www = nta_span_of("www."), tail = nta_span_of(ending);

    if (name.len < www.len + MADE_UP_MIN + tail.len ||
        name.len > www.len + MADE_UP_MAX + tail.len || !nta_span_begins(name, www) ||
        memcmp(name.ptr + name.len - tail.len, tail.ptr, tail.len) != 0)
        return (struct nta_span){0};
    const struct nta_span part = {name.ptr + www.len, name.len - www.len - tail.len};

    for (size_t i = 0; i < part.len; i++) {
        const uint8_t c = part.ptr[i];

        if (!((c >= 'a' && c <= 'z') || (c >= '2' && c <= '7')))
            return (struct nta_span){0};
    }
    return part;
}

bool nta_role_is_tor(const struct nta_tls_certificate *certificate)
{
    return certificate->n_names == 0 && made_up_part(certificate->common_name, ".net").len > 0 &&
           made_up_part(certificate->issuer, ".com").len > 0;
}

bool nta_role_is_made_up(struct nta_span name)
{
    const struct nta_span part = made_up_part(name, ".com");
    size_t n_vowels = 0, n_inner_digits = 0;

    for (size_t i = 0; i < part.len; i++) {
        n_vowels += memchr("aeiou", part.ptr[i], 5) != NULL;
        n_inner_digits += i + 1 < part.len && part.ptr[i] <= '9' && part.ptr[i + 1] > '9';
    }
    return part.len >= SURE_MIN && n_inner_digits >= 2 && 3 * n_vowels <= part.len;
}

const char *nta_role_of(const struct nta_flow *flow, const struct nta_conn *conn)
{
    const enum nta_app service = nta_resolvers_service(flow, conn);
    const uint16_t port = flow->server_port;

    if (service != NTA_APP_NONE) {
        const char *resolver = nta_evasion_find_resolver(conn->site);

        return resolver ? resolver : nta_app_name(service);
    }
    if (conn->pings && conn->pings->is_tunnel)
        return "icmp-tunnel";
    if (conn->is_tor || (conn->may_be_tor && !(conn->agrees & NTA_AGREES_DNS)))
        return "tor";
    if (conn->app == NTA_APP_SSH &&
        (conn->handed_over || (port != SSH_PORT && nta_port_is_service(port))))
        return "ssh-tunnel";
    if (conn->proxies &&
        (conn->handed_over || port != HTTP_PORT || conn->disagrees & NTA_AGREES_DNS) &&
        !(conn->agrees & NTA_AGREES_DNS))
        return "http-proxy";
    return "";
}
