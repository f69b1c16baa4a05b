/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "chain/finding.h"
#include "chain/set/prints.h"
#include "names.h"
#include "unit.h"

#include <time.h>

static const uint8_t sensor[NTA_SENSOR_ID_LEN] = {0xab};

static void neighbours_are_one_finding_and_all_are_counted(void **state)
{
    NTA_AUTO(nta_findings_free) struct nta_findings *findings = nta_findings_new();
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    struct nta_finding finding;

    (void)state;
    for (uint64_t i = 7; i < 10; i++) {
        const struct nta_finding_at at = {.sensor = sensor, .number = i};

        nta_findings_add(findings, NTA_FINDING_BODY, &at, NULL);
    }
    assert_int_equal(nta_findings_of_kind(findings, NTA_FINDING_BODY), 3);
    assert_int_equal(nta_findings_kept(findings, NULL), 1);
    assert_true(nta_findings_get(findings, 0, &finding));
    nta_finding_put(&text, &finding);
    nta_buf_put_u8(&text, 0);
    assert_string_equal(text.ptr, "batches 7 to 9 of sensor ab000000000000000000000000000000: the "
                                  "body is not the signed one");
}

static void nothing_is_found_twice(void **state)
{
    NTA_AUTO(nta_findings_free) struct nta_findings *findings = nta_findings_new();
    const struct nta_finding_at one = {.sensor = sensor, .number = 7, .print = 1},
                                two = {.sensor = sensor, .number = 7, .print = 2};

    (void)state;
    for (int i = 0; i < 3; i++) {
        nta_findings_add(findings, NTA_FINDING_SIGNATURE, &one, NULL);
        nta_findings_add(findings, NTA_FINDING_SIGNATURE, &two, NULL);
    }
    assert_int_equal(nta_findings_of(findings, NTA_WRONG), 2);
    assert_int_equal(nta_findings_of(findings, NTA_UNSEEN), 0);
}

static void more_than_are_kept_are_counted(void **state)
{
    NTA_AUTO(nta_findings_free) struct nta_findings *findings = nta_findings_new();
    uint64_t n_more;

    (void)state;
    for (uint64_t i = 1; i <= 200000; i++) {
        const struct nta_finding_at at = {.sensor = sensor, .number = 2 * i};

        nta_findings_add(findings, NTA_FINDING_SIGNATURE, &at, NULL);
    }
    assert_int_equal(nta_findings_kept(findings, &n_more), NTA_FINDINGS_KEPT);
    assert_int_equal(n_more, 200000 - NTA_FINDINGS_KEPT);
    assert_int_equal(nta_findings_of(findings, NTA_WRONG), 200000);
}

/** What is no fault leaves room for what is. */
static void what_is_told_hides_no_fault(void **state)
{
    NTA_AUTO(nta_findings_free) struct nta_findings *findings = nta_findings_new();
    struct nta_finding finding;
    uint64_t n_more;
    bool is_there = false;

    (void)state;
    for (uint64_t i = 1; i <= 1000; i++)
        nta_findings_add(findings, NTA_FINDING_CLOCK, &(struct nta_finding_at){.number = 2 * i},
                         NULL);
    nta_findings_add(findings, NTA_FINDING_BODY, &(struct nta_finding_at){.number = 5}, NULL);
    for (size_t i = 0; nta_findings_get(findings, i, &finding); i++)
        is_there = is_there || finding.kind == NTA_FINDING_BODY;
    assert_true(is_there);
    assert_int_equal(nta_findings_of(findings, NTA_TOLD), 1000);
    assert_int_equal(nta_findings_of(findings, NTA_WRONG), 1);
    assert_int_equal(nta_findings_kept(findings, &n_more) + n_more, 1001);
}

static void every_kind_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (unsigned i = 0; i < NTA_FINDING_N_KINDS; i++) {
        const struct nta_finding_form *one = nta_finding_form((enum nta_finding_kind)i);

        assert_true(one->name[0] && one->reason[0]);
        assert_int_equal(one->todo != NULL, one->weight != NTA_TOLD);
        for (unsigned j = 0; j < i; j++)
            assert_string_not_equal(one->name, nta_finding_form((enum nta_finding_kind)j)->name);
    }
}

/**
 * Ids of data keys are anybody's choice: these lay in a row when the place was their product with a
 * known number.
 */
static void whoever_chooses_prints_chooses_no_places(void **state)
{
    const uint64_t inverse = UINT64_C(0xf1de83e19937733d); /* of 2^64 / phi, modulo 2^64 */
    struct nta_prints prints = {.n = 0};
    clock_t before = clock();

    (void)state;
    for (uint64_t i = 1; i <= 150000; i++)
        assert_true(nta_prints_put(&prints, i * inverse, SIZE_MAX));
    assert_true(clock() - before < 4 * CLOCKS_PER_SEC);
    for (uint64_t i = 1; i <= 1000; i++)
        assert_true(nta_prints_has(&prints, i * inverse));
    assert_false(nta_prints_has(&prints, 12345));
    nta_prints_done(&prints);
}

static void add_what_is_held(void *owner)
{
    struct nta_findings **held = owner;
    const struct nta_finding_at at = {.sensor = sensor, .number = 3};
    struct nta_findings *findings = *held;

    *held = NULL;
    if (findings)
        nta_findings_add(findings, NTA_FINDING_OPENED, &at, NULL);
}

static void what_is_held_back_is_added_first(void **state)
{
    NTA_AUTO(nta_findings_free) struct nta_findings *findings = nta_findings_new();
    const struct nta_finding_at at = {.sensor = sensor, .number = 7};
    struct nta_findings *held = findings;
    struct nta_finding finding;

    (void)state;
    nta_findings_before(findings, add_what_is_held, &held);
    nta_findings_add(findings, NTA_FINDING_BODY, &at, NULL);
    nta_findings_before(findings, NULL, NULL);
    held = findings;
    nta_findings_add(findings, NTA_FINDING_TOKENS, &at, NULL);
    assert_int_equal(nta_findings_kept(findings, NULL), 3);
    assert_true(nta_findings_get(findings, 0, &finding));
    assert_int_equal(finding.number, 3);
    assert_true(nta_findings_get(findings, 1, &finding));
    assert_int_equal(finding.kind, NTA_FINDING_BODY);
}

#define KIND_NAME(i)                                                                               \
    ((i) < NTA_FINDING_N_KINDS ? nta_finding_form((enum nta_finding_kind)(i))->name : "")

static void each_kind_has_a_name_of_its_own(void **state)
{
    (void)state;
    NAMES_ARE_TOTAL(KIND_NAME, 0, NTA_FINDING_N_KINDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_has_a_name_of_its_own),
        cmocka_unit_test(whoever_chooses_prints_chooses_no_places),
        cmocka_unit_test(neighbours_are_one_finding_and_all_are_counted),
        cmocka_unit_test(nothing_is_found_twice),
        cmocka_unit_test(what_is_held_back_is_added_first),
        cmocka_unit_test(more_than_are_kept_are_counted),
        cmocka_unit_test(what_is_told_hides_no_fault),
        cmocka_unit_test(every_kind_has_a_name_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
