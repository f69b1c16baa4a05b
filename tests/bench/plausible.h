/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* For benchmarks: records like those of a network. */

#include "record/record.h"

#include <stdio.h>
#include <string.h>

enum
{
    PLAUSIBLE_SITES = 7 * 5000 ///< From there on the sites' names come again.
};

/** Name of the site of flow `i`. */
static inline void plausible_site(unsigned i, char site[64])
{
    (void)snprintf(site, 64, "host%u.site%u.example", i % 7, i * 31 % 5000);
}

/** Flow `i`, to the site with this name: 1,000 users, 5,000 sites. */
static inline void plausible_flow_to(struct nta_record *record, unsigned i, const char *site)
{
    const uint8_t user[4] = {10, 0, (uint8_t)(i * 7 % 1000 / 250), (uint8_t)(i * 7 % 250)};
    const uint8_t peer[4] = {203, 0, (uint8_t)(i * 31 % 5000 / 250), (uint8_t)(i * 31 % 250)};

    *record = (struct nta_record){
        .event = NTA_RECORD_FLOW,
        .time_ns = INT64_C(1760000000000000000) + (int64_t)i * 1000,
        .end_ns = INT64_C(1760000001000000000) + (int64_t)i * 1000,
        .user = {.addr = nta_addr_v4(user), .port = (uint16_t)(40000 + i % 20000)},
        .peer = {.addr = nta_addr_v4(peer), .port = 443},
        .ip_proto = 6,
        .opened_by = NTA_OPENED_BY_USER,
        .seen = NTA_SEEN_ANSWERED + (i % 5 == 0),
        .act = NTA_ACT_CONTACTED + (i % 5 == 0),
        .policy = UINT64_C(0x77845bb289d6efc3),
        .app = NTA_APP_TLS,
        .site = nta_span_of(site),
        .basis = NTA_BASIS_SNI,
        .up = {.bytes = 1000 + i % 977, .packets = 12},
        .down = {.bytes = 20000 + i % 9973, .packets = 31},
        .alpn = nta_span_of("h2"),
        .tls_version = nta_span_of("TLS 1.3"),
    };
    record->peer.place.country = nta_span_of("Netherlands");
    record->peer.place.city = nta_span_of("Amsterdam");
    memcpy(record->peer.place.country_code, "NL", 2);
}

/** The same with its name, which the record borrows. */
static inline void plausible_flow(struct nta_record *record, unsigned i, char site[64])
{
    plausible_site(i, site);
    plausible_flow_to(record, i, site);
}
