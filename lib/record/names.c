/* SPDX-License-Identifier: Apache-2.0 */
#include "record/names.h"

#include "base/own.h"
#include "record/record.h"

#include <stdio.h>

const char *nta_record_event_name(enum nta_record_event event)
{
    switch (event) {
#define EVENT_NAME(symbol, name, number)                                                           \
    case NTA_RECORD_##symbol: return (name);
        NTA_RECORD_EVENTS(EVENT_NAME)
#undef EVENT_NAME
    }
    return "";
}

const char *nta_basis_name(enum nta_basis basis)
{
    switch (basis) {
    case NTA_BASIS_NONE: return "";
    case NTA_BASIS_ADDRESS: return "address";
    case NTA_BASIS_DNS: return "dns";
    case NTA_BASIS_CERT: return "cert";
    case NTA_BASIS_SNI: return "sni";
    case NTA_BASIS_URL: return "url";
    }
    return "";
}

struct name_row
{
    unsigned number;
    const char *name;
};

static const struct name_row dns_types[] = {
    {1, "A"},      {2, "NS"},    {5, "CNAME"},  {6, "SOA"},    {12, "PTR"},   {13, "HINFO"},
    {15, "MX"},    {16, "TXT"},  {28, "AAAA"},  {33, "SRV"},   {35, "NAPTR"}, {39, "DNAME"},
    {41, "OPT"},   {43, "DS"},   {44, "SSHFP"}, {46, "RRSIG"}, {47, "NSEC"},  {48, "DNSKEY"},
    {50, "NSEC3"}, {52, "TLSA"}, {64, "SVCB"},  {65, "HTTPS"}, {99, "SPF"},   {251, "IXFR"},
    {252, "AXFR"}, {255, "ANY"}, {256, "URI"},  {257, "CAA"},
};

static const struct name_row rcodes[] = {
    {0, "NOERROR"}, {1, "FORMERR"}, {2, "SERVFAIL"}, {3, "NXDOMAIN"},
    {4, "NOTIMP"},  {5, "REFUSED"}, {6, "YXDOMAIN"}, {7, "YXRRSET"},
    {8, "NXRRSET"}, {9, "NOTAUTH"}, {10, "NOTZONE"}, {16, "BADVERS"},
};

static const struct name_row transports[] = {{6, "tcp"}, {17, "udp"}, {132, "sctp"}};

static const char *find(const struct name_row *rows, size_t n_rows, unsigned number,
                        const char *prefix, char *buf)
{
    for (size_t i = 0; i < n_rows; i++) {
        if (rows[i].number == number) {
            (void)snprintf(buf, NTA_RECORD_NAME_SIZE, "%s", rows[i].name);
            return buf;
        }
    }
    (void)snprintf(buf, NTA_RECORD_NAME_SIZE, "%s%u", prefix, number);
    return buf;
}

const char *nta_record_dns_type(uint16_t type, char buf[NTA_RECORD_NAME_SIZE])
{
    return find(dns_types, NTA_N_ELEMENTS(dns_types), type, "TYPE", buf);
}

const char *nta_record_rcode(uint8_t rcode, char buf[NTA_RECORD_NAME_SIZE])
{
    return find(rcodes, NTA_N_ELEMENTS(rcodes), rcode, "RCODE", buf);
}

const char *nta_record_transport(uint8_t ip_proto, char buf[NTA_RECORD_NAME_SIZE])
{
    return find(transports, NTA_N_ELEMENTS(transports), ip_proto, "", buf);
}

const char *nta_record_match_kind(uint8_t kind)
{
    static const char *const names[] = {"domain", "address",     "cidr",    "url",    "hash",
                                        "ja4",    "certificate", "pattern", "program"};

    return kind < NTA_N_ELEMENTS(names) ? names[kind] : "";
}

const char *nta_record_severity(uint8_t severity)
{
    static const char *const names[] = {"", "low", "medium", "high", "critical"};

    return severity < NTA_N_ELEMENTS(names) ? names[severity] : "";
}

const char *nta_record_app(unsigned number)
{
    return nta_app_name((enum nta_app)number);
}

struct nta_span nta_record_called(const struct nta_record_side *side)
{
    if (side->person.len)
        return side->person;
    return side->login.len ? side->login : side->name;
}
