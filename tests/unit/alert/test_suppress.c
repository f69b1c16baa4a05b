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

    record.site = record.match.entry = nta_span_of(site);
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

static void the_same_address_in_another_network_is_another_user(void **state)
{
    struct nta_record record = kit_record();

    (void)state;
    open_with(10 * S, 0);
    assert_true(nta_suppress_pass(suppress, &record, 0));
    record.vlan = (struct nta_record_tags){.ids = {10}, .n = 1};
    assert_true(nta_suppress_pass(suppress, &record, 0));
    record.network = (struct nta_record_network){.kind = NTA_NETWORK_KIND_VNI, .id = 7};
    assert_true(nta_suppress_pass(suppress, &record, 0));
    assert_false(nta_suppress_pass(suppress, &record, 0));
    record.network.id = 8;
    assert_true(nta_suppress_pass(suppress, &record, 0));
    record.network.kind = NTA_NETWORK_KIND_TEID; /* which changes while one user has it */
    assert_false(nta_suppress_pass(suppress, &record, 0));
    nta_suppress_free(&suppress);
}

static void what_is_answered_is_no_repeat_of_what_was_claimed(void **state)
{
    struct nta_record record = kit_record();

    (void)state;
    open_with(10 * S, 0);
    record.seen = NTA_SEEN_CLAIMED;
    assert_true(nta_suppress_pass(suppress, &record, 0));
    assert_false(nta_suppress_pass(suppress, &record, 0));
    record.seen = NTA_SEEN_ANSWERED;
    assert_true(nta_suppress_pass(suppress, &record, 0));
    record.seen = NTA_SEEN_DELIVERED;
    assert_false(nta_suppress_pass(suppress, &record, 0));
    record.seen = NTA_SEEN_CLAIMED;
    assert_false(nta_suppress_pass(suppress, &record, 0));
    nta_suppress_free(&suppress);
}

static void user_list_and_entry_make_the_difference(void **state)
{
    struct nta_record record = kit_record();

    (void)state;
    open_with(10 * S, 0);
    assert_true(nta_suppress_pass(suppress, &record, 0));
    record.user.addr.bytes[15] = 6;
    assert_true(nta_suppress_pass(suppress, &record, 0));
    record.match.list = nta_span_of("phishing");
    assert_true(nta_suppress_pass(suppress, &record, 0));
    record.match.entry = nta_span_of("worse.example");
    assert_true(nta_suppress_pass(suppress, &record, 0));
    record.url = nta_span_of("http://worse.example/x");
    assert_false(nta_suppress_pass(suppress, &record, 0));
    nta_suppress_free(&suppress);
}

/** A tunnel through DNS asks for another name each time. */
static void many_sites_of_one_entry_are_one(void **state)
{
    struct nta_record record = kit_record();
    struct nta_alert_repeat repeat;
    char site[64];

    (void)state;
    open_with(10 * S, 0);
    assert_true(nta_suppress_pass(suppress, &record, 0));
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(site, sizeof(site), "%u.bad.example", (unsigned)i);
        record.site = nta_span_of(site);
        assert_false(nta_suppress_pass(suppress, &record, 1));
    }
    assert_true(nta_suppress_due(suppress, 0, true, &repeat));
    assert_int_equal(repeat.n, 1000);
    assert_true(repeat.has_others);
    assert_string_equal(repeat.entry, "bad.example");
    assert_string_equal(repeat.site, "bad.example");
    /* without an entry the site tells them apart */
    record.match.entry = (struct nta_span){0};
    assert_true(nta_suppress_pass(suppress, &record, 0));
    record.site = nta_span_of("other.example");
    assert_true(nta_suppress_pass(suppress, &record, 0));
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

/** A line for user 10.0.0.`user`. */
static bool line(uint8_t user, const char *list, uint8_t severity, uint64_t n, int64_t mono_ns)
{
    struct nta_record record = kit_record();

    record.user.addr.bytes[NTA_ADDR_LEN - 1] = user;
    record.match.list = nta_span_of(list);
    record.match.severity = severity;
    const struct nta_alert_party party = nta_suppress_party(suppress, &record);

    return nta_suppress_line(suppress, &party, n, mono_ns);
}

static void the_minute_limit_counts_what_it_keeps_back(void **state)
{
    (void)state;
    open_with(0, 3);
    for (int i = 0; i < 3; i++)
        assert_true(line(1, "a", 0, 1, 100 * S));
    assert_false(line(1, "a", 0, 1, 101 * S));
    assert_false(line(2, "a", 4, 7, 102 * S));
    nta_suppress_count(suppress, 2);
    assert_int_equal(nta_suppress_capped(suppress, 159 * S, false), 0);
    assert_true(nta_suppress_next_ns(suppress) == 160 * S);
    assert_int_equal(nta_suppress_capped(suppress, 160 * S, false), 10);
    assert_int_equal(nta_suppress_capped(suppress, 160 * S, true), 0);
    assert_true(line(1, "a", 0, 1, 161 * S));
    nta_suppress_free(&suppress);
}

/** How many lines of 1,000 are let through. */
static unsigned lines_of(uint8_t user, const char *list, uint8_t severity)
{
    unsigned n = 0;

    for (int i = 0; i < 1000; i++)
        n += line(user, list, severity, 1, 100 * S);
    return n;
}

static void no_user_mutes_the_others(void **state)
{
    (void)state;
    open_with(0, 100);
    assert_int_equal(lines_of(1, "a", 2), 25);
    assert_int_equal(lines_of(2, "b", 2), 25);
    assert_int_equal(lines_of(3, "c", 2), 25);
    /* what is left is for what is severe, of those too that were loud, but not all of it */
    assert_int_equal(lines_of(4, "d", 2), 0);
    assert_int_equal(lines_of(1, "a", 3), 25);
    assert_int_equal(lines_of(5, "a", 4), 0);
    assert_int_equal(nta_suppress_capped(suppress, 160 * S, true), 6 * 1000 - 100);
    assert_int_equal(lines_of(4, "d", 4), 50);
    nta_suppress_free(&suppress);
}

static void no_list_mutes_the_others(void **state)
{
    unsigned n = 0;

    (void)state;
    open_with(0, 100);
    for (uint8_t user = 1; user < 100; user++)
        n += line(user, "ads", 1, 1, 100 * S);
    assert_int_equal(n, 50);
    assert_true(line(200, "malware", 2, 1, 100 * S));
    assert_true(line(1, "ads", 3, 1, 100 * S));
    nta_suppress_free(&suppress);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_passes_and_repeats_are_counted),
        cmocka_unit_test(the_same_address_in_another_network_is_another_user),
        cmocka_unit_test(what_is_answered_is_no_repeat_of_what_was_claimed),
        cmocka_unit_test(user_list_and_entry_make_the_difference),
        cmocka_unit_test(many_sites_of_one_entry_are_one),
        cmocka_unit_test(without_a_window_all_pass),
        cmocka_unit_test(a_full_table_gives_the_oldest_with_its_count),
        cmocka_unit_test(the_minute_limit_counts_what_it_keeps_back),
        cmocka_unit_test(no_user_mutes_the_others),
        cmocka_unit_test(no_list_mutes_the_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
