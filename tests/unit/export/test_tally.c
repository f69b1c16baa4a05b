/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "export/view/tally.h"
#include "unit.h"

#include <stdio.h>

static struct nta_tally *tally;

static int setup(void **state)
{
    (void)state;
    return nta_tally_new(8, &tally);
}

static int teardown(void **state)
{
    (void)state;
    nta_tally_free(&tally);
    return 0;
}

static void add(const char *key, struct nta_tally_sum sum)
{
    assert_non_null(nta_tally_add(tally, nta_span_of(key), &sum));
}

static void sums_meet_under_one_key(void **state)
{
    (void)state;
    add("a", (struct nta_tally_sum){
                 .base.n = 1, .base.down = 5, .base.first_ns = 20, .base.last_ns = 30});
    add("a",
        (struct nta_tally_sum){
            .base.n = 1, .n_alerts = 1, .base.down = 6, .base.first_ns = 10, .base.last_ns = 11});
    const struct nta_tally_entry *entry = nta_tally_find(tally, nta_span_of("a"));

    assert_non_null(entry);
    assert_int_equal(entry->sum.base.n, 2);
    assert_int_equal(entry->sum.n_alerts, 1);
    assert_int_equal(entry->sum.base.down, 11);
    assert_int_equal(entry->sum.base.first_ns, 10);
    assert_int_equal(entry->sum.base.last_ns, 30);
    assert_null(nta_tally_find(tally, nta_span_of("b")));
}

static void an_empty_key_is_a_key(void **state)
{
    (void)state;
    add("", (struct nta_tally_sum){.base.n = 1});
    add("", (struct nta_tally_sum){.base.n = 1});
    assert_int_equal(nta_tally_count(tally), 1);
}

static void at_the_bound_the_light_half_is_folded(void **state)
{
    struct nta_tally_sum rest;
    char key[16];

    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        (void)snprintf(key, sizeof(key), "k%u", i);
        add(key, (struct nta_tally_sum){.base.n = 1, .base.down = i});
        add("alerted", (struct nta_tally_sum){.base.n = 1, .base.act = NTA_ACT_ASKED});
    }
    assert_true(nta_tally_count(tally) <= 8);
    assert_int_equal(nta_tally_find(tally, nta_span_of("alerted"))->sum.base.n, 1000);
    uint64_t kept = 0;

    for (size_t i = 0; i < nta_tally_count(tally); i++)
        kept += nta_tally_get(tally, i)->sum.base.n;
    assert_int_equal(nta_tally_folded(tally, &rest), 1001 - nta_tally_count(tally));
    assert_int_equal(kept + rest.base.n, 2000); /* nothing is lost */
}

static void sorting_is_by_act_then_severity_then_bytes(void **state)
{
    static const char *const wanted[] = {"taken", "grave", "often", "large", "small"};

    (void)state;
    add("small", (struct nta_tally_sum){.base.n = 1, .base.down = 1});
    add("large", (struct nta_tally_sum){.base.n = 1, .base.down = 1000});
    add("often",
        (struct nta_tally_sum){
            .base.n = 900, .n_alerts = 900, .base.act = NTA_ACT_ASKED, .base.severity = 1});
    add("grave", (struct nta_tally_sum){
                     .base.n = 1, .n_alerts = 1, .base.act = NTA_ACT_ASKED, .base.severity = 3});
    add("taken", (struct nta_tally_sum){.base.n = 1, .base.act = NTA_ACT_DOWNLOADED});
    nta_tally_sort(tally);
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
        assert_memory_equal(nta_tally_get(tally, i)->key, wanted[i], 5);
    nta_tally_sort_by_key(tally);
    assert_memory_equal(nta_tally_get(tally, 0)->key, "grave", 5);
    assert_memory_equal(nta_tally_get(tally, 4)->key, "taken", 5);
    assert_non_null(nta_tally_find(tally, nta_span_of("large"))); /* still found */
}

static void the_better_record_stays(void **state)
{
    struct nta_tally_sum one = {.base.n = 1};
    struct nta_tally_entry *entry = nta_tally_add(tally, nta_span_of("a"), &one);

    (void)state;
    assert_int_equal(nta_sample_offer(&entry->sample, 2, "id-2", nta_span_of("two")), 0);
    assert_int_equal(nta_sample_offer(&entry->sample, 1, "id-1", nta_span_of("one")), 0);
    assert_int_equal(nta_sample_offer(&entry->sample, 2, "id-3", nta_span_of("three")), 0);
    assert_string_equal(entry->sample.id, "id-2");
    assert_int_equal(entry->sample.cbor_len, 3);
    assert_int_equal(nta_sample_offer(&entry->sample, 3, "id-4", nta_span_of("")), 0);
    assert_string_equal(entry->sample.id, "id-4");
}

#define FRESH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH(sums_meet_under_one_key),
        FRESH(an_empty_key_is_a_key),
        FRESH(at_the_bound_the_light_half_is_folded),
        FRESH(sorting_is_by_act_then_severity_then_bytes),
        FRESH(the_better_record_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
