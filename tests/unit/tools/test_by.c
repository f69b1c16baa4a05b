/* SPDX-License-Identifier: Apache-2.0 */
/* What a record counts under. */
#include "base/runtime/clock.h"
#include "base/text.h"
#include "stats/stats_by.h"
#include "unit.h"

#include <stdlib.h>
#include <time.h>

static void check(const char *by_name, const struct nta_record *record, const char *expected)
{
    struct nta_err err = {0};
    const struct nta_by *by = nta_by_find(by_name, &err);
    struct nta_keyer *keyer = nta_keyer_new();
    struct nta_buf out = {0};

    assert_non_null(by);
    assert_non_null(keyer);
    for (int i = 0; i < 2; i++) { /* the second time out of what it remembers */
        struct nta_span key = by->key(keyer, record);

        nta_buf_clear(&out);
        if (by->call)
            key = by->call(keyer, record);
        if (by->show && !by->call)
            by->show(&out, key);
        else
            nta_buf_put(&out, key.ptr, key.len);
        nta_buf_put_u8(&out, 0);
        assert_string_equal((const char *)out.ptr, expected);
    }
    nta_buf_done(&out);
    nta_keyer_free(&keyer);
}

static void users_are_called_by_their_best_name(void **state)
{
    struct nta_record record = {.user.addr = nta_addr_v4((const uint8_t[]){10, 0, 0, 5})};
    const struct nta_by *by = nta_by_find("user", NULL);
    struct nta_buf out = {0};

    (void)state;
    check("user", &record, "10.0.0.5");
    record.user.name = nta_span_of("laptop");
    check("user", &record, "laptop (10.0.0.5)");
    record.user.login = nta_span_of("ann");
    check("user", &record, "ann (10.0.0.5)");
    record.user.person = nta_span_of("Ann Example");
    check("user", &record, "Ann Example (10.0.0.5)");
    by->show(&out, nta_span_of("\2ann")); /* of those for whose names there is no space */
    assert_true(nta_span_is(nta_buf_span(&out), "ann"));
    nta_buf_done(&out);
}

static void a_name_of_any_length_has_its_address(void **state)
{
    struct nta_record record = {.user.addr = nta_addr_v4((const uint8_t[]){10, 0, 0, 5})};
    struct nta_keyer *keyer = nta_keyer_new();
    char name[1000];

    (void)state;
    assert_non_null(keyer);
    memset(name, 'x', sizeof(name));
    record.user.name = (struct nta_span){(const uint8_t *)name, sizeof(name)};
    const struct nta_span text = nta_by_find("user", NULL)->call(keyer, &record);

    assert_true(text.len < 600 && memcmp(text.ptr + text.len - 11, " (10.0.0.5)", 11) == 0);
    nta_keyer_free(&keyer);
}

static void domains_are_what_somebody_registered(void **state)
{
    static const char *const rows[][2] = {
        {"www.example.com", "example.com"},
        {"WWW.Example.CO.uk.", "example.co.uk"},
        {"a.b.c.example.org", "example.org"},
        {"example.com", "example.com"},
        {"co.uk", "co.uk"},
        {"com", "com"},
        {"localhost", "localhost"},
        {"192.0.2.80", "192.0.2.80"},
        {"2001:db8::1", "2001:db8::1"},
        {"with space.example.com", "with space.example.com"},
        {"www.b\xc3\xbc"
         "cher.example",
         "www.b\xc3\xbc"
         "cher.example"}, /* no host name: those are ASCII */
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct nta_record record = {.site = nta_span_of(rows[i][0])};

        check("registrable-domain", &record, rows[i][1]);
    }
}

static void places_networks_and_types(void **state)
{
    struct nta_record record = {.peer.place = {.city = nta_span_of("Leuven"),
                                               .country_code = "BE",
                                               .asn = 64496,
                                               .as_org = nta_span_of("Example Net")},
                                .file.type = nta_span_of("Text/HTML ; charset=utf-8"),
                                .app = NTA_APP_HTTP,
                                .match.list = nta_span_of("Evil")};

    (void)state;
    check("country", &record, "BE");
    check("city", &record, "Leuven, BE");
    check("asn", &record, "AS64496 Example Net");
    check("type", &record, "text/html");
    check("app", &record, "http");
    check("list", &record, "Evil");
    record = (struct nta_record){.event = NTA_RECORD_FLOW};
    check("city", &record, "");
    check("asn", &record, "");
    check("type", &record, "");
}

static void what_was_done_and_how_well_it_is_known(void **state)
{
    struct nta_record record = {.event = NTA_RECORD_REQUEST,
                                .act = NTA_ACT_UPLOADED,
                                .seen = NTA_SEEN_ANSWERED,
                                .basis = NTA_BASIS_URL,
                                .match = {.list = nta_span_of("Evil"), .severity = 3}};

    (void)state;
    check("act", &record, "uploaded");
    check("seen", &record, "answered");
    check("grade", &record, "strong");
    check("severity", &record, "high");
    record = (struct nta_record){.event = NTA_RECORD_FLOW, .download = true};
    check("act", &record, "downloaded"); /* format 1 */
    check("seen", &record, "");
    check("severity", &record, "");
    record.event = NTA_RECORD_LEASE;
    check("grade", &record, "");
}

static void a_resolver_is_not_where_a_site_is(void **state)
{
    struct nta_record record = {
        .event = NTA_RECORD_LOOKUP,
        .peer.place = {.city = nta_span_of("Leuven"), .country_code = "BE", .asn = 64496}};

    (void)state;
    check("country", &record, "");
    check("city", &record, "");
    check("asn", &record, "");
}

static void times_are_local_also_when_clocks_change(void **state)
{
    /* 29 March 2026, 00:59:59Z and 01:00:00Z: 01:59 and then 03:00 in central Europe */
    struct nta_record record = {.time_ns = INT64_C(1774745999) * NTA_NS_PER_S};

    (void)state;
    (void)setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    tzset();
    check("hour", &record, "01:00");
    check("weekday", &record, "Sunday");
    check("day", &record, "2026-03-29");
    check("month", &record, "2026-03");
    record.time_ns += NTA_NS_PER_S;
    check("hour", &record, "03:00");
    record.time_ns = -1;
    check("day", &record, "1970-01-01");
}

static void unknown_words_are_refused(void **state)
{
    struct nta_err err = {0};

    (void)state;
    assert_null(nta_by_find("colour", &err));
    assert_non_null(strstr(err.text, "registrable-domain"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(users_are_called_by_their_best_name),
        cmocka_unit_test(a_name_of_any_length_has_its_address),
        cmocka_unit_test(domains_are_what_somebody_registered),
        cmocka_unit_test(places_networks_and_types),
        cmocka_unit_test(what_was_done_and_how_well_it_is_known),
        cmocka_unit_test(a_resolver_is_not_where_a_site_is),
        cmocka_unit_test(times_are_local_also_when_clocks_change),
        cmocka_unit_test(unknown_words_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
