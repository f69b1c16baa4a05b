/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/evasion.h"

#include "base/own.h"

#include <stdlib.h>
#include <string.h>

/* What session/evasion.c names, apart from resolvers. */
static const char *const programs[] = {
    "openvpn", "wireguard",  "ipsec", "tor", "ssh-tunnel", "dns-tunnel", "icmp-tunnel",
    "socks",   "http-proxy", "dot",   "doh", "doq",        "zerotier",
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

const char *nta_evasion_find_resolver(const char *name)
{
    for (const char *dot; (dot = strchr(name, '.')) != NULL; name = dot + 1) {
        const char *const *row =
            bsearch(name, resolvers, NTA_N_ELEMENTS(resolvers), sizeof(resolvers[0]), compare);

        if (row)
            return *row;
    }
    return NULL;
}

void nta_evasion_text(struct nta_buf *out)
{
    for (size_t i = 0; i < NTA_N_ELEMENTS(programs); i++)
        nta_buf_printf(out, "program:%s\n", programs[i]);
    for (size_t i = 0; i < NTA_N_ELEMENTS(resolvers); i++)
        nta_buf_printf(out, "program:%s\n", resolvers[i]);
}
