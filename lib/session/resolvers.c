/* SPDX-License-Identifier: Apache-2.0 */
#include "session/resolvers.h"

#include "base/own.h"

#include <stdlib.h>
#include <string.h>

enum
{
    PORT = 853 ///< RFC 7858 section 3.1, RFC 9250 section 4.1.1.
};

/*
 * Public resolvers over HTTPS, in the order of strcmp(); each stands for the names below it, too.
 */
static const char *const resolvers[] = {
    "1dot1dot1dot1.cloudflare-dns.com",
    "adblock.dns.mullvad.net",
    "anycast.dns.nextdns.io",
    "basic.rethinkdns.com",
    "cloudflare-dns.com",
    "cloudflare-gateway.com",
    "dns.aa.net.uk",
    "dns.adguard-dns.com",
    "dns.adguard.com",
    "dns.alidns.com",
    "dns.cloudflare.com",
    "dns.comss.one",
    "dns.controld.com",
    "dns.digitale-gesellschaft.ch",
    "dns.digitalsize.net",
    "dns.google",
    "dns.google.com",
    "dns.hostux.net",
    "dns.mullvad.net",
    "dns.nextdns.io",
    "dns.njal.la",
    "dns.pub",
    "dns.quad9.net",
    "dns.sb",
    "dns.switch.ch",
    "dns.twnic.tw",
    "dns.umbrella.com",
    "dns0.eu",
    "dns10.quad9.net",
    "dns11.quad9.net",
    "dns9.quad9.net",
    "dnsforge.de",
    "doh.360.cn",
    "doh.applied-privacy.net",
    "doh.cleanbrowsing.org",
    "doh.cox.net",
    "doh.dns.sb",
    "doh.dnswarden.com",
    "doh.familyshield.opendns.com",
    "doh.ffmuc.net",
    "doh.la.ahadns.net",
    "doh.libredns.gr",
    "doh.mullvad.net",
    "doh.opendns.com",
    "doh.powerdns.org",
    "doh.pub",
    "doh.sandbox.opendns.com",
    "doh.securedns.eu",
    "doh.tiar.app",
    "doh.umbrella.com",
    "doh.xfinity.com",
    "family.adguard-dns.com",
    "family.dns.mullvad.net",
    "firefox.dns.nextdns.io",
    "freedns.controld.com",
    "jp.tiar.app",
    "odvr.nic.cz",
    "one.one.one.one",
    "ordns.he.net",
    "public.dns.iij.jp",
    "sky.rethinkdns.com",
    "unfiltered.adguard-dns.com",
    "wikimedia-dns.org",
};

static int compare(const void *name, const void *row)
{
    return strcmp(name, *(const char *const *)row);
}

static bool is_resolver(const struct nta_conn *conn)
{
    for (const char *name = conn->site, *dot; (dot = strchr(name, '.')) != NULL; name = dot + 1) {
        if (bsearch(name, resolvers, NTA_N_ELEMENTS(resolvers), sizeof(resolvers[0]), compare))
            return true;
    }
    return false;
}

enum nta_app nta_resolvers_service(const struct nta_flow *flow, const struct nta_conn *conn)
{
    if (conn->app == NTA_APP_QUIC && (flow->server_port == PORT || strcmp(conn->alpn, "doq") == 0))
        return NTA_APP_DOQ;
    if (conn->app == NTA_APP_TLS && (flow->server_port == PORT || strcmp(conn->alpn, "dot") == 0))
        return NTA_APP_DOT;
    if (conn->asked_resolver)
        return NTA_APP_DOH;
    if ((conn->app == NTA_APP_TLS || conn->app == NTA_APP_QUIC) && is_resolver(conn))
        return NTA_APP_DOH;
    return NTA_APP_NONE;
}

bool nta_resolvers_is_query(struct nta_span target)
{
    const struct nta_span path = nta_span_of("/dns-query");

    return nta_span_begins(target, path) &&
           (target.len == path.len || target.ptr[path.len] == '?' || target.ptr[path.len] == '/');
}
