/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store of made-up records through the real sealer, for tests of what shows records.
 *
 *     make_store DIR RECORDS plain|hostile [SPOTS]
 *
 * DIR gets keys, state and a journal.  Records go from 2026-10-01 on, of 60 users, to servers at
 * SPOTS places (default: the towns below) or in countries of which no place is known, or nowhere; a
 * fifth is forbidden by one of four lists.  "hostile" puts what an attacker would into every name.
 */
#include "base/own.h"
#include "base/text.h"
#include "store/sealed_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum
{
    BATCH = 400,
    N_USERS = 60,
    N_SITES = 4000
};

#define BEGIN_NS INT64_C(1790812800000000000)

static const struct town
{
    const char *city, *country, *code, *org;
    double lat, lon;
    unsigned km;
} towns[] = {
    {"Amsterdam", "Netherlands", "NL", "Example Hosting", 52.374, 4.8897, 10},
    {"Reykjavík", "Iceland", "IS", "Example Far Hosting", 64.1466, -21.9426, 20},
    {"Singapore", "Singapore", "SG", "Example Cloud", 1.2897, 103.8501, 5},
    {"San Jose", "United States", "US", "Example West", 37.3382, -121.8863, 50},
    {"Ashburn", "United States", "US", "Example East", 39.0438, -77.4874, 20},
    {"São Paulo", "Brazil", "BR", "Exemplo", -23.5505, -46.6333, 50},
    {"Suva", "Fiji", "FJ", "Example Islands", -18.1416, 178.4419, 50},
    {"Auckland", "New Zealand", "NZ", "Example South", -36.8485, 174.7633, 20},
    {"Tōkyō", "Japan", "JP", "Example Nippon", 35.6895, 139.6917, 10},
    {"Frankfurt am Main", "Germany", "DE", "Example Main", 50.1109, 8.6821, 5},
    {"Nairobi", "Kenya", "KE", "Example East Africa", -1.2921, 36.8219, 100},
    {"Sydney", "Australia", "AU", "Example Down", -33.8688, 151.2093, 20},
    {"", "Russia", "RU", "Example Federal", 55.7386, 37.6068, 1000},
    {"", "Canada", "CA", "Example North", 60.0, -95.0, 1000},
    {"", "Belgium", "BE", "Example Be", 50.85, 4.35, 0},
    {"", "", "", "", 0, 0, 0},
};

static const char *const hostile[] = {
    "<script>document.title='owned'</script>",
    "</script><script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'-alert(1)-'",
    "]]><Placemark>",
    "=cmd|' /C calc'!A0",
    "line\xe2\x80\xa8separator\xe2\x80\xa9",
    "\xe2\x80\xaegnp.exe",
    "\x1b[31mred\x07",
    "bad\xff\xfe\xc3(utf8",
    "&lt;b&gt; &amp; <!-- --> \\x41",
    "{{7*7}} ${7*7} `",
};

static const struct nta_span nul_name = {.ptr = (const uint8_t *)"nul\0byte.example", .len = 16};

static uint64_t random_state = 88172645463325252U;

static uint32_t below(uint32_t n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state % n);
}

struct texts
{
    char site[96], name[96], login[32], url[160], file[64], city[64];
};

static void set_place(struct nta_place *place, struct texts *texts, unsigned n_spots)
{
    const struct town *town = &towns[below(NTA_N_ELEMENTS(towns))];
    unsigned spot = n_spots ? below(n_spots) : 0;

    if (spot) {
        (void)snprintf(texts->city, sizeof(texts->city), "Town %u", spot);
        *place = (struct nta_place){.city = nta_span_of(texts->city),
                                    .has_position = true,
                                    .lat = (double)(spot * 7919 % 1400) / 10 - 60,
                                    .lon = (double)(spot * 104729 % 36000) / 100 - 180,
                                    .accuracy_km = 20};
        memcpy(place->country_code, "US", 3);
        return;
    }
    *place =
        (struct nta_place){.city = nta_span_of(town->city),
                           .country = nta_span_of(town->country),
                           .has_position = town->code[0] != '\0' && strcmp(town->code, "BE") != 0,
                           .lat = town->lat,
                           .lon = town->lon,
                           .accuracy_km = town->km,
                           .asn = 64496 + below(12),
                           .as_org = nta_span_of(town->org)};
    (void)snprintf(place->country_code, sizeof(place->country_code), "%s", town->code);
}

static void set_match(struct nta_record *record)
{
    static const char *const lists[] = {"example-malware", "example-video", "phishing", "adult"};
    static const uint8_t sha256[32] = {0xb8, 0xff, 0xc9};
    unsigned list = below(4);

    record->match = (struct nta_record_match){.list = nta_span_of(lists[list]),
                                              .category = nta_span_of(list ? "policy" : "malware"),
                                              .entry = record->site,
                                              .line = 1 + below(5000),
                                              .weak = below(8) == 0,
                                              .list_sha256 = {sha256, sizeof(sha256)}};
    if (record->event == NTA_RECORD_FLOW && below(3) == 0)
        record->event = NTA_RECORD_ALERT;
    record->download = record->event != NTA_RECORD_ALERT && record->down.bytes > 100000;
}

static void set_names(struct texts *texts, unsigned user, bool is_hostile)
{
    unsigned site = below(N_SITES) * below(N_SITES) / N_SITES;

    (void)snprintf(texts->site, sizeof(texts->site), "www%u.host-%u.example", site % 3, site);
    (void)snprintf(texts->name, sizeof(texts->name), "laptop-%u", user);
    (void)snprintf(texts->login, sizeof(texts->login), "%s%u", "user", user);
    (void)snprintf(texts->file, sizeof(texts->file), "file-%u.zip", below(50));
    if (is_hostile) {
        const char *text = hostile[below(NTA_N_ELEMENTS(hostile))];

        (void)snprintf(texts->site, sizeof(texts->site), "%s", text);
        (void)snprintf(texts->name, sizeof(texts->name), "%s", text);
        (void)snprintf(texts->file, sizeof(texts->file), "%s", text);
    }
    (void)snprintf(texts->url, sizeof(texts->url), "http://%.80s/%.40s", texts->site, texts->file);
}

static void make_record(struct nta_record *record, struct texts *texts, bool is_hostile,
                        int64_t time_ns, unsigned n_spots)
{
    unsigned user = below(N_USERS);

    set_names(texts, user, is_hostile);
    *record = (struct nta_record){
        .event = below(4) ? NTA_RECORD_FLOW : NTA_RECORD_REQUEST,
        .time_ns = time_ns,
        .end_ns = time_ns + (int64_t)below(2000000000),
        .user = {.addr = nta_addr_v4((const uint8_t[]){10, 9, 0, (uint8_t)user}),
                 .port = 40000,
                 .has_mac = true,
                 .mac = {2, 0, 0, 0, 0, (uint8_t)user},
                 .place = {.site = nta_span_of(user % 3 ? "Leuven office" : "Boston office"),
                           .has_position = true,
                           .lat = user % 3 ? 50.8792 : 42.36,
                           .lon = user % 3 ? 4.7009 : -71.06}},
        .peer = {.addr = nta_addr_v4((const uint8_t[]){198, 51, 100, (uint8_t)below(200)}),
                 .port = 443},
        .ip_proto = 6,
        .app = NTA_APP_TLS,
        .site = nta_span_of(texts->site),
        .basis = (enum nta_basis)(1 + below(5)),
        .seen = NTA_SEEN_ANSWERED,
        .agrees = NTA_AGREES_DNS,
        .disagrees = below(12) == 0 ? NTA_AGREES_CERT : 0,
        .up = {.bytes = below(5000), .packets = below(20)},
        .down = {.bytes = (uint64_t)below(2000) * below(2000), .packets = below(400)},
    };
    if (user % 2)
        record->user.name = nta_span_of(texts->name);
    if (user % 4 == 0)
        record->user.login = nta_span_of(texts->login);
    if (is_hostile && below(9) == 0)
        record->site = nul_name;
    if (record->event == NTA_RECORD_REQUEST) {
        record->app = NTA_APP_HTTP;
        record->basis = NTA_BASIS_URL;
        record->url = nta_span_of(texts->url);
        record->method = nta_span_of("GET");
        record->file = (struct nta_record_file){.name = nta_span_of(texts->file),
                                                .type = nta_span_of("application/zip"),
                                                .bytes = record->down.bytes};
    }
    set_place(&record->peer.place, texts, n_spots);
    if (below(5) == 0)
        set_match(record);
}

static int fill(struct sealed_store *sealed, const char *dir, uint64_t n, bool is_hostile,
                unsigned n_spots)
{
    int64_t step_ns = INT64_C(30) * 86400 * INT64_C(1000000000) / (int64_t)n;
    int r = sealed_store_open(sealed, dir, BEGIN_NS);

    sealed->n_each = BATCH;
    for (uint64_t i = 0; i < n && r == 0; i++) {
        struct nta_record record;
        struct texts texts;

        make_record(&record, &texts, is_hostile, BEGIN_NS + (int64_t)i * step_ns, n_spots);
        r = sealed_store_add(sealed, &record);
    }
    return r < 0 ? r : sealed_store_flush_all(sealed);
}

int main(int argc, char **argv)
{
    struct sealed_store sealed = {.err.text = "out of memory"};

    if (argc < 4) {
        (void)fprintf(stderr, "usage: make_store DIR RECORDS plain|hostile [SPOTS]\n");
        return 2;
    }
    uint64_t n = strtoull(argv[2], NULL, 10);
    unsigned n_spots = argc > 4 ? (unsigned)strtoul(argv[4], NULL, 10) : 0;

    int r = n ? fill(&sealed, argv[1], n, strcmp(argv[3], "hostile") == 0, n_spots) : -1;

    if (r < 0)
        (void)fprintf(stderr, "make_store: %s\n", sealed.err.text);
    sealed_store_close(&sealed);
    return r < 0 ? 3 : 0;
}
