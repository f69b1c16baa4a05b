/* SPDX-License-Identifier: Apache-2.0 */
#include "alert/suppress.h"
#include "alert_kit.h"

#include <stdio.h>

#define S NTA_NS_PER_S

static struct nta_suppress *suppress;

static void open_with(int64_t window_ns, unsigned per_minute)
{
    assert_int_equal(nta_suppress_new(window_ns, per_minute, &suppress), 0);
}

static bool pass(const char *site, int64_t mono_ns)
{
    struct nta_record record = kit_record();

    record.site = nta_span_of(site);
    return nta_suppress_pass(suppress, &record, mono_ns);
}

static void the_first_passes_and_repeats_are_counted(void **state)
{
    struct nta_alert_repeat repeat;

    (void)state;
    open_with(10 * S, 0);
    assert_true(pass("a", 0));
    assert_true(pass("b", 1));
    for (int i = 0; i < 5; i++)
        assert_false(pass("a", 2 + i));
    assert_false(nta_suppress_due(suppress, 9 * S, false, &repeat));
    assert_true(nta_suppress_next_ns(suppress) == 10 * S);
    assert_true(nta_suppress_due(suppress, 10 * S, false, &repeat));
    assert_string_equal(repeat.site, "a");
    assert_string_equal(repeat.list, "malware");
    assert_string_equal(repeat.who, "10.0.0.5 (ann, laptop-7)");
    assert_int_equal(repeat.n, 5);
    /* of b there is nothing to say */
    assert_false(nta_suppress_due(suppress, 11 * S, false, &repeat));
    assert_true(nta_suppress_next_ns(suppress) == INT64_MAX);
    assert_true(pass("a", 11 * S));
    nta_suppress_free(&suppress);
}

static void user_list_and_site_make_the_difference(void **state)
{
    struct nta_record record = kit_record();

    (void)state;
    open_with(10 * S, 0);
    assert_true(nta_suppress_pass(suppress, &record, 0));
    record.user.addr.bytes[15] = 6;
    assert_true(nta_suppress_pass(suppress, &record, 0));
    record.match.list = nta_span_of("phishing");
    assert_true(nta_suppress_pass(suppress, &record, 0));
    record.site = nta_span_of("worse.example");
    assert_true(nta_suppress_pass(suppress, &record, 0));
    record.url = nta_span_of("http://worse.example/x");
    assert_false(nta_suppress_pass(suppress, &record, 0));
    nta_suppress_free(&suppress);
}

static void without_a_window_all_pass(void **state)
{
    (void)state;
    open_with(0, 0);
    for (int i = 0; i < 10; i++)
        assert_true(pass("a", i));
    nta_suppress_free(&suppress);
}

static void a_full_table_gives_the_oldest_with_its_count(void **state)
{
    struct nta_alert_repeat repeat;
    unsigned n_reported = 0;
    char site[32];

    (void)state;
    open_with(1000 * S, 0);
    for (int i = 0; i < 3 * NTA_SUPPRESS_KEYS; i++) {
        (void)snprintf(site, sizeof(site), "site-%d", i);
        while (nta_suppress_due(suppress, i, false, &repeat)) {
            char expected[32];

            (void)snprintf(expected, sizeof(expected), "site-%u", n_reported++);
            assert_string_equal(repeat.site, expected);
            assert_int_equal(repeat.n, 1);
        }
        assert_true(pass(site, i));
        assert_false(pass(site, i));
    }
    while (nta_suppress_due(suppress, 0, true, &repeat))
        n_reported++;
    assert_int_equal(n_reported, 3 * NTA_SUPPRESS_KEYS);
    nta_suppress_free(&suppress);
}

static void the_minute_limit_counts_what_it_keeps_back(void **state)
{
    (void)state;
    open_with(0, 3);
    for (int i = 0; i < 3; i++)
        assert_true(nta_suppress_line(suppress, 1, 100 * S));
    assert_false(nta_suppress_line(suppress, 1, 101 * S));
    assert_false(nta_suppress_line(suppress, 7, 102 * S));
    assert_int_equal(nta_suppress_capped(suppress, 159 * S, false), 0);
    assert_true(nta_suppress_next_ns(suppress) == 160 * S);
    assert_int_equal(nta_suppress_capped(suppress, 160 * S, false), 8);
    assert_int_equal(nta_suppress_capped(suppress, 160 * S, true), 0);
    assert_true(nta_suppress_line(suppress, 1, 161 * S));
    nta_suppress_free(&suppress);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_passes_and_repeats_are_counted),
        cmocka_unit_test(user_list_and_site_make_the_difference),
        cmocka_unit_test(without_a_window_all_pass),
        cmocka_unit_test(a_full_table_gives_the_oldest_with_its_count),
        cmocka_unit_test(the_minute_limit_counts_what_it_keeps_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
