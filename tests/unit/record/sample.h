/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Records for tests: one with every field of a flow set, and random ones from a seed.
 */

#include "record/record.h"
#include "record/sample_more.h"

#include <string.h>

static inline struct nta_place sample_place(void)
{
    return (struct nta_place){
        .city = TEXT("Leuven"),
        .region = TEXT("Flanders"),
        .postal = TEXT("3000"),
        .country = TEXT("Belgium"),
        .country_code = "BE",
        .has_position = true,
        .lat = 50.879202,
        .lon = -4.7009,
        .accuracy_km = 20,
        .asn = 64496,
        .as_org = TEXT("Example \"Net\""),
    };
}

/** A typical flow: about twenty fields with text. */
static inline struct nta_record sample_flow(void)
{
    struct nta_record record = {
        .event = NTA_RECORD_FLOW,
        .time_ns = INT64_C(1769860800123456789),
        .end_ns = INT64_C(1769860801000000001),
        .user = {.addr = nta_addr_v4((const uint8_t[]){10, 0, 0, 5}),
                 .port = 51515,
                 .has_mac = true,
                 .mac = {2, 0, 0, 0, 0, 5},
                 .name = TEXT("Laptop-7"),
                 .login = TEXT("ann"),
                 .source = TEXT("dhcp"),
                 .place = {.site = TEXT("Leuven office")}},
        .peer = {.addr = nta_addr_v4((const uint8_t[]){192, 0, 2, 80}),
                 .port = 443,
                 .place = sample_place()},
        .ip_proto = 6,
        .app = NTA_APP_TLS,
        .vlan = {.ids = {10}, .n = 1},
        .site = TEXT("www.Example.com"),
        .basis = NTA_BASIS_SNI,
        .agrees = NTA_AGREES_DNS | NTA_AGREES_CERT,
        .up = {.bytes = 1234, .packets = 12},
        .down = {.bytes = 5000000000, .packets = 3500000},
        .alpn = TEXT("h2"),
        .tls_version = TEXT("1.3"),
        .ja4 = TEXT("t13d1516h2_8daaf6152771_b186095e22b6"),
        .opened_by = NTA_OPENED_BY_USER,
        .seen = NTA_SEEN_ANSWERED,
        .act = NTA_ACT_CONTACTED,
        .policy = UINT64_C(0x00112233445566ff),
    };

    return record;
}
