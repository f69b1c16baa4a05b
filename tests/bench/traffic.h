/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Made-up records that vary as on a wire, for benchmarks: 200 users, 20,000 sites, 4,000 peers,
 * positions, about 260 bytes each; few of each are met much.  The same each run.
 */

#include "record/record.h"

#include <stdio.h>
#include <string.h>

enum
{
    N_USERS = 200,
    N_SITES = 20000,
    N_PEERS = 4000
};

static uint64_t traffic_state = 88172645463325252U;

static inline uint64_t traffic_next(void)
{
    traffic_state ^= traffic_state << 13;
    traffic_state ^= traffic_state >> 7;
    traffic_state ^= traffic_state << 17;
    return traffic_state;
}

/** Small numbers often, as people visit few sites much. */
static inline uint32_t traffic_below(uint32_t n)
{
    uint64_t a = traffic_next() % n, b = traffic_next() % n;

    return (uint32_t)(a * b / n);
}

struct traffic_texts
{
    char site[64], name[32], login[32];
};

static inline struct nta_span traffic_text(const char *text)
{
    return (struct nta_span){.ptr = (const uint8_t *)text, .len = strlen(text)};
}

static inline struct nta_record traffic_flow(struct traffic_texts *texts, int64_t time_ns)
{
    static const char *const cities[] = {"Leuven", "Frankfurt am Main", "San Jose", "Amsterdam"};
    static const char *const countries[] = {"Belgium", "Germany", "United States", "Netherlands"};
    static const char *const codes[] = {"BE", "DE", "US", "NL"};
    uint32_t user = traffic_below(N_USERS), site = traffic_below(N_SITES);
    uint32_t peer = site % N_PEERS, where = peer % 4;

    (void)snprintf(texts->site, sizeof(texts->site), "www%u.host-%u.example.com", site % 3, site);
    (void)snprintf(texts->name, sizeof(texts->name), "laptop-%u", user);
    (void)snprintf(texts->login, sizeof(texts->login), "user%u", user);
    struct nta_record record = {
        .event = NTA_RECORD_FLOW,
        .time_ns = time_ns,
        .end_ns = time_ns + (int64_t)(traffic_next() % 5000000000U),
        .user = {.addr = nta_addr_v4((const uint8_t[]){10, 0, (uint8_t)(user >> 8), (uint8_t)user}),
                 .port = (uint16_t)traffic_next(),
                 .has_mac = true,
                 .mac = {2, 0, 0, 0, (uint8_t)(user >> 8), (uint8_t)user},
                 .name = traffic_text(texts->name),
                 .login = traffic_text(texts->login),
                 .source = traffic_text("dhcp")},
        .peer = {.addr =
                     nta_addr_v4((const uint8_t[]){198, 18, (uint8_t)(peer >> 8), (uint8_t)peer}),
                 .port = 443,
                 .place = {.city = traffic_text(cities[where]),
                           .country = traffic_text(countries[where]),
                           .has_position = true,
                           .lat = 50.8 + where,
                           .lon = 4.7 - peer / 100.0,
                           .accuracy_km = 20,
                           .asn = 64496 + where,
                           .as_org = traffic_text("Example Network Operations")}},
        .ip_proto = 6,
        .opened_by = NTA_OPENED_BY_USER,
        .seen = NTA_SEEN_DELIVERED,
        .act = NTA_ACT_DOWNLOADED,
        .policy = UINT64_C(0x77845bb289d6efc3),
        .app = NTA_APP_TLS,
        .site = traffic_text(texts->site),
        .basis = NTA_BASIS_SNI,
        .agrees = NTA_AGREES_DNS,
        .up = {.bytes = traffic_next() % 5000, .packets = traffic_next() % 20},
        .down = {.bytes = traffic_next() % 500000, .packets = traffic_next() % 400},
        .alpn = traffic_text("h2"),
        .tls_version = traffic_text("1.3"),
        .ja4 = traffic_text("t13d1516h2_8daaf6152771_b186095e22b6"),
    };

    memcpy(record.peer.place.country_code, codes[where], 3);
    return record;
}

/** The same user asks for the name that a flow leads to. */
static inline struct nta_record traffic_lookup(const struct nta_record *flow,
                                               struct nta_record_answer answers[2])
{
    struct nta_record record = {
        .event = NTA_RECORD_LOOKUP,
        .time_ns = flow->time_ns,
        .end_ns = flow->time_ns + 20000000,
        .user = flow->user,
        .peer = {.addr = nta_addr_v4((const uint8_t[]){192, 0, 2, 53}), .port = 53},
        .ip_proto = 17,
        .opened_by = NTA_OPENED_BY_USER,
        .seen = NTA_SEEN_ANSWERED,
        .act = NTA_ACT_ASKED,
        .policy = UINT64_C(0x77845bb289d6efc3),
        .app = NTA_APP_DNS,
        .site = flow->site,
        .basis = NTA_BASIS_DNS,
        .query_type = 1,
        .answered = true,
        .answers = answers,
        .n_answers = 2,
    };

    answers[0] = (struct nta_record_answer){
        .type = 5, .ttl_s = 300, .target = traffic_text("edge.cdn.example.net")};
    answers[1] = (struct nta_record_answer){.type = 1, .ttl_s = 60, .addr = flow->peer.addr};
    return record;
}

/** A file fetched in clear from the site of a flow. */
static inline struct nta_record traffic_request(const struct nta_record *flow, char url[160])
{
    static const char *const types[] = {"text/html", "image/png", "video/mp4", "application/zip"};
    struct nta_record record = *flow;

    (void)snprintf(url, 160, "http://%.*s/pub/file-%u.bin", (int)flow->site.len,
                   (const char *)flow->site.ptr, traffic_below(500));
    record.event = NTA_RECORD_REQUEST;
    record.app = NTA_APP_HTTP;
    record.basis = NTA_BASIS_URL;
    record.method = traffic_text("GET");
    record.url = traffic_text(url);
    record.status = 200;
    record.file = (struct nta_record_file){.name = traffic_text("file.bin"),
                                           .type = traffic_text(types[traffic_below(4)]),
                                           .bytes = flow->down.bytes};
    record.alpn = record.tls_version = record.ja4 = (struct nta_span){0};
    return record;
}

/** A flow to a forbidden site. */
static inline void traffic_match(struct nta_record *record)
{
    static const uint8_t sha256[32] = {1, 2, 3};

    record->match = (struct nta_record_match){.list = traffic_text("example-malware"),
                                              .category = traffic_text("malware"),
                                              .entry = record->site,
                                              .line = 7,
                                              .list_sha256 = {sha256, sizeof(sha256)}};
}
