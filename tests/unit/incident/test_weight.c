/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "incident/weight.h"
#include "record/record.h"
#include "unit.h"

#include <string.h>

static const struct nta_weight small = {.act = NTA_ACT_DOWNLOADED, .severity = 1, .bytes = 10};
static const struct nta_weight large = {.act = NTA_ACT_CONTACTED, .severity = 1, .bytes = 1000};
static const struct nta_weight grave = {.act = NTA_ACT_CONTACTED, .severity = 4, .bytes = 1};

static bool is_before(enum nta_order by, const struct nta_weight *a, const struct nta_weight *b)
{
    const int order = nta_weight_order(by, a, b);

    assert_int_equal(nta_weight_order(by, b, a), -order);
    return order < 0;
}

static void what_is_asked_for_comes_first_then_act_severity_and_bytes(void **state)
{
    (void)state;
    assert_true(is_before(NTA_ORDER_ACT, &small, &grave));
    assert_true(is_before(NTA_ORDER_ACT, &grave, &large));
    assert_true(is_before(NTA_ORDER_SEVERITY, &grave, &small));
    assert_true(is_before(NTA_ORDER_SEVERITY, &small, &large));
    assert_true(is_before(NTA_ORDER_BYTES, &large, &small));
    assert_true(is_before(NTA_ORDER_GRADE, &small, &grave)); /* none has one */
    assert_int_equal(nta_weight_order(NTA_ORDER_ACT, &small, &small), 0);
}

static void evidence_and_time_are_orders_too(void **state)
{
    struct nta_weight better = large, later = large;

    (void)state;
    better.grade = 2;
    assert_true(is_before(NTA_ORDER_GRADE, &better, &small));
    better.grade = 0;
    better.seen = NTA_SEEN_DELIVERED;
    assert_true(is_before(NTA_ORDER_SEEN, &better, &small));
    later.time_ns = 1;
    assert_true(is_before(NTA_ORDER_TIME, &later, &small));
    later.time_ns = INT64_MIN;
    assert_true(is_before(NTA_ORDER_TIME, &small, &later));
}

static void each_order_has_its_word(void **state)
{
    static const char *const words[] = {"act", "severity", "grade", "seen", "bytes", "time"};

    (void)state;
    for (unsigned i = 0; i < NTA_N_ELEMENTS(words); i++) {
        assert_int_equal(nta_order_find(words[i]), i);
        assert_non_null(strstr(NTA_ORDER_WORDS, words[i]));
    }
    assert_int_equal(NTA_N_ELEMENTS(words), NTA_N_ORDERS);
    assert_int_equal(nta_order_find("name"), NTA_N_ORDERS);
    assert_int_equal(nta_order_find(""), NTA_N_ORDERS);
}

static void of_two_acts_the_weightier_counts(void **state)
{
    (void)state;
    assert_int_equal(nta_act_weightier(NTA_ACT_UPLOADED, NTA_ACT_DOWNLOADED), NTA_ACT_DOWNLOADED);
    assert_int_equal(nta_act_weightier(NTA_ACT_ASKED, NTA_ACT_UPLOADED), NTA_ACT_UPLOADED);
    assert_int_equal(nta_act_weightier(0, NTA_ACT_ASKED), NTA_ACT_ASKED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_asked_for_comes_first_then_act_severity_and_bytes),
        cmocka_unit_test(evidence_and_time_are_orders_too),
        cmocka_unit_test(each_order_has_its_word),
        cmocka_unit_test(of_two_acts_the_weightier_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
