/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/made_case.h"
#include "evidence/proof/prove.h"

static enum nta_case_state prove(const struct made *made, struct nta_case_report *report)
{
    memset(report, 0, sizeof(*report));
    nta_case_tell(report, NTA_CASE_ARCHIVE, NTA_CASE_HOLDS, "it is in memory");
    nta_case_tell(report, NTA_CASE_INCIDENT, NTA_CASE_HOLDS, "not looked at here");
    nta_case_tell(report, NTA_CASE_SEAL, NTA_CASE_HOLDS, "not looked at here");
    nta_case_tell(report, NTA_CASE_PAGES, NTA_CASE_HOLDS, "not looked at here");
    assert_int_equal(nta_case_prove(made->kase, &made->trust, NULL, report), 0);
    return nta_case_result(report);
}

static void a_case_holds(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    struct nta_case_report report;

    (void)state;
    assert_int_equal(prove(&made, &report), NTA_CASE_HOLDS);
    for (size_t i = 0; i < NTA_CASE_N_STEPS; i++) {
        assert_int_equal(report.steps[i].state,
                         i == NTA_CASE_NOTED_HEADS ? NTA_CASE_NONE : NTA_CASE_HOLDS);
        assert_true(report.steps[i].text[0]);
        assert_true(nta_case_step_name((enum nta_case_step)i)[0]);
    }
}

static void without_a_key_nobody_vouches(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    struct nta_case_report report;

    (void)state;
    made.trust.n = 0;
    assert_int_equal(prove(&made, &report), NTA_CASE_UNSEEN);
    assert_int_equal(report.steps[NTA_CASE_KEY].state, NTA_CASE_UNSEEN);
    assert_int_equal(report.steps[NTA_CASE_RECORDS].state, NTA_CASE_HOLDS);
}

static void another_key_proves_nothing(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new(), other = made_new();
    struct nta_case_report report;

    (void)state;
    made.trust.all[0] = other.trust.all[0];
    assert_int_equal(prove(&made, &report), NTA_CASE_WRONG);
    assert_int_equal(report.steps[NTA_CASE_KEY].state, NTA_CASE_WRONG);
    assert_int_equal(report.steps[NTA_CASE_BATCHES].state, NTA_CASE_WRONG);
    assert_int_equal(report.steps[NTA_CASE_RECORDS].state, NTA_CASE_WRONG);
}

/** Header `i` is taken out of the case. */
static void take_out(struct made *made, size_t i)
{
    struct nta_case_sensor *sensor = made->sensor;

    free(sensor->heads[i].records);
    memmove(&sensor->heads[i], &sensor->heads[i + 1],
            (sensor->n_heads - i - 1) * sizeof(*sensor->heads));
    sensor->n_heads--;
}

static void without_the_header_that_names_a_key_nothing_behind_it_holds(void **state)
{
    struct nta_case_report report;

    (void)state;
    for (size_t i = 0; i < 3; i += 2) { /* batches 1 and 4 */
        NTA_AUTO(made_done) struct made made = made_new();

        take_out(&made, i);
        assert_int_equal(prove(&made, &report), NTA_CASE_WRONG);
        assert_int_equal(report.steps[NTA_CASE_BATCHES].state, NTA_CASE_WRONG);
        assert_int_equal(report.steps[NTA_CASE_CHANGES].state, NTA_CASE_WRONG);
    }
}

/** Every byte that is neither signed nor hashed would be one that somebody can change. */
static void each_byte_counts(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    struct nta_case_head *head = &made.sensor->heads[1];
    const struct nta_span spans[] = {head->sealed.signature,  head->path,
                                     head->records[0].salt,   head->records[0].path,
                                     head->records[0].bytes,  made.kase->lines[0].path,
                                     made.kase->lines[0].tree};
    struct nta_case_report report;

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(spans); i++)
        for (size_t at = 0; at < spans[i].len; at++) {
            const uint8_t *const_byte = &spans[i].ptr[at];
            uint8_t *byte; /* the case's own copy */

            memcpy(&byte, &const_byte, sizeof(byte));
            *byte ^= 1;
            if (prove(&made, &report) != NTA_CASE_WRONG)
                fail_msg("byte %zu of %zu", at, i);
            *byte ^= 1;
        }
    assert_int_equal(prove(&made, &report), NTA_CASE_HOLDS);
}

static void a_record_is_where_it_says(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    struct nta_case_record *records = made.sensor->heads[1].records;
    struct nta_case_report report;

    (void)state;
    records[0].index = 2;
    assert_int_equal(prove(&made, &report), NTA_CASE_WRONG);
    records[0].index = 0;
    made.sensor->heads[3].records[0].bytes = records[0].bytes;
    assert_int_equal(prove(&made, &report), NTA_CASE_WRONG);
    assert_non_null(strstr(report.steps[NTA_CASE_RECORDS].text, "batch 5"));
}

static void a_path_that_is_missing_is_said(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    struct nta_case_report report;

    (void)state;
    made.sensor->heads[1].path.len = 0;
    assert_int_equal(prove(&made, &report), NTA_CASE_UNSEEN);
    assert_int_equal(report.steps[NTA_CASE_LOG].state, NTA_CASE_UNSEEN);
}

static void a_policy_that_is_missing_is_said(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    struct nta_case_report report;

    (void)state;
    made.sensor->heads[0].n_records = 0;
    assert_int_equal(prove(&made, &report), NTA_CASE_WRONG); /* nor has the line a list */
    assert_int_equal(report.steps[NTA_CASE_POLICY].state, NTA_CASE_UNSEEN);
    assert_int_equal(report.steps[NTA_CASE_LINES].state, NTA_CASE_WRONG);
    made.kase->n_lines = 0;
    assert_int_equal(prove(&made, &report), NTA_CASE_UNSEEN);
    assert_int_equal(report.steps[NTA_CASE_LINES].state, NTA_CASE_NONE);
}

/** It is in the list that forbade it, with its path; but no record names it. */
static void another_line_of_the_list_forbade_nothing(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    struct nta_case_line *line = &made.kase->lines[0];
    uint8_t leaves[3][NTA_HASH_LEN], path[NTA_MERKLE_PATH_MAX][NTA_HASH_LEN];
    struct nta_case_report report;

    (void)state;
    made_leaves(leaves);
    line->number = 1;
    line->text = nta_span_of("line a");
    line->path = (struct nta_span){path[0], NTA_HASH_LEN * nta_merkle_path(leaves, 3, 0, path)};
    assert_int_equal(prove(&made, &report), NTA_CASE_WRONG);
    assert_int_equal(report.steps[NTA_CASE_LINES].state, NTA_CASE_WRONG);
}

static void the_list_is_named(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    struct nta_case_report report;

    (void)state;
    (void)prove(&made, &report);
    assert_non_null(strstr(report.steps[NTA_CASE_LINES].text, "of list: malware"));
}

/** Then only its own signature stands for it, and no path is looked at. */
static void a_log_of_nothing_is_no_log(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    struct nta_case_report report;

    (void)state;
    while (made.sensor->n_heads > 1)
        take_out(&made, made.sensor->n_heads - 1);
    made.sensor->heads[0].path.len = 0;
    made.kase->n_lines = 0;
    (void)prove(&made, &report);
    assert_int_equal(report.steps[NTA_CASE_LOG].state, NTA_CASE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_case_holds),
        cmocka_unit_test(without_a_key_nobody_vouches),
        cmocka_unit_test(another_key_proves_nothing),
        cmocka_unit_test(without_the_header_that_names_a_key_nothing_behind_it_holds),
        cmocka_unit_test(each_byte_counts),
        cmocka_unit_test(a_record_is_where_it_says),
        cmocka_unit_test(a_path_that_is_missing_is_said),
        cmocka_unit_test(a_policy_that_is_missing_is_said),
        cmocka_unit_test(another_line_of_the_list_forbade_nothing),
        cmocka_unit_test(the_list_is_named),
        cmocka_unit_test(a_log_of_nothing_is_no_log),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
