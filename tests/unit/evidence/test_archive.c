/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/archive.h"
#include "evidence/made_case.h"
#include "evidence/zip.h"

static struct nta_buf written(const struct nta_case *kase)
{
    struct nta_buf archive = {0};
    struct nta_err err = {0};

    if (nta_case_write(kase, NULL, &archive, &err) < 0)
        fail_msg("%s", err.text);
    return archive;
}

static void the_same_case_makes_the_same_bytes(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    NTA_AUTO(nta_buf_done) struct nta_buf one = written(made.kase), other = written(made.kase);
    struct nta_case_report report;

    (void)state;
    assert_true(nta_span_equal(nta_buf_span(&one), nta_buf_span(&other)));
    assert_int_equal(made_judge(nta_buf_span(&one), &made.trust, &report), NTA_CASE_HOLDS);
    assert_non_null(strstr(report.steps[NTA_CASE_INCIDENT].text, "4 of 6 records"));
}

static void every_byte_that_is_changed_is_found(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    NTA_AUTO(nta_buf_done) struct nta_buf archive = written(made.kase);
    struct nta_case_report report;

    (void)state;
    for (size_t i = 0; i < archive.len; i++) {
        const uint8_t bit = (uint8_t)(1U << i % 8);

        archive.ptr[i] ^= bit;
        if (made_judge(nta_buf_span(&archive), &made.trust, &report) != NTA_CASE_WRONG)
            fail_msg("byte %zu", i);
        archive.ptr[i] ^= bit;
    }
}

/** Whoever changes case.cbor and makes all other files anew, checksums and hashes with them. */
static void a_case_that_is_made_anew_is_found(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    NTA_AUTO(nta_buf_done) struct nta_buf cbor = {0};
    struct nta_case_report report;
    size_t n_taken = 0, n_program = 0;

    (void)state;
    nta_case_encode(made.kase, &cbor);
    for (size_t i = 0; i < cbor.len; i++) {
        NTA_AUTO(nta_case_free) struct nta_case *kase = NULL;

        cbor.ptr[i] ^= 1;
        if (nta_case_decode(nta_buf_span(&cbor), &kase, &made.err) == 0) {
            NTA_AUTO(nta_buf_done) struct nta_buf archive = written(kase);
            const enum nta_case_state result =
                made_judge(nta_buf_span(&archive), &made.trust, &report);

            n_taken++;
            if (result == NTA_CASE_HOLDS)
                fail_msg("byte %zu", i);
            n_program += result == NTA_CASE_UNSEEN;
        }
        cbor.ptr[i] ^= 1;
    }
    assert_true(n_taken > cbor.len / 2);
    /* the program's version is its own word, and nothing holds by it */
    assert_int_equal(n_program, made.kase->program.len);
}

enum change
{
    REMOVED,
    DOUBLED,
    ADDED,
    CUT,
    N_CHANGES
};

/** One of the members is changed, and the archive written anew. */
static enum nta_case_state changed(const struct made *made, struct nta_span archive, size_t which,
                                   enum change change, struct nta_case_report *report)
{
    NTA_AUTO(nta_buf_done) struct nta_buf again = {0};
    struct nta_zip_member members[NTA_ZIP_MEMBERS];
    struct nta_err err;
    size_t n = 0;

    assert_int_equal(nta_zip_read(archive, members, &n, &err), 0);
    assert_true(which < n);
    if (change == REMOVED) {
        memmove(&members[which], &members[which + 1], (n - which - 1) * sizeof(*members));
        n--;
    } else if (change == CUT) {
        members[which].data.len--;
    } else {
        memmove(&members[which + 1], &members[which], (n - which) * sizeof(*members));
        n++;
        if (change == ADDED) /* a name just before it */
            members[which].name.len--;
    }
    if (nta_zip_write(&again, members, n) < 0) /* two of one name */
        return NTA_CASE_WRONG;
    return made_judge(nta_buf_span(&again), &made->trust, report);
}

static void members_are_these_and_no_others(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    NTA_AUTO(nta_buf_done) struct nta_buf archive = written(made.kase);
    struct nta_zip_member members[NTA_ZIP_MEMBERS];
    struct nta_case_report report;
    size_t n = 0;

    (void)state;
    assert_int_equal(nta_zip_read(nta_buf_span(&archive), members, &n, &made.err), 0);
    assert_true(n >= 4);
    for (size_t i = 0; i < n; i++)
        for (int change = 0; change < N_CHANGES; change++)
            if (changed(&made, nta_buf_span(&archive), i, (enum change)change, &report) !=
                NTA_CASE_WRONG)
                fail_msg("member %zu, change %d", i, change);
}

static void what_another_version_wrote_is_not_vouched_for(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    struct nta_case_report report;

    (void)state;
    made.kase->program = nta_span_of("nta 99.0.0");
    NTA_AUTO(nta_buf_done) struct nta_buf archive = written(made.kase);

    assert_int_equal(made_judge(nta_buf_span(&archive), &made.trust, &report), NTA_CASE_UNSEEN);
    assert_int_equal(report.steps[NTA_CASE_PAGES].state, NTA_CASE_UNSEEN);
    assert_int_equal(report.steps[NTA_CASE_RECORDS].state, NTA_CASE_HOLDS);
}

/** The other user's address is in the same batches. */
static void nothing_of_others_is_in_it(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    NTA_AUTO(nta_buf_done) struct nta_buf archive = written(made.kase);

    (void)state;
    assert_non_null(memmem(archive.ptr, archive.len, "10.0.0.5", 8));
    assert_non_null(memmem(archive.ptr, archive.len, "\x44\x0a\0\0\5", 5));
    assert_null(memmem(archive.ptr, archive.len, "10.0.0.9", 8));
    assert_null(memmem(archive.ptr, archive.len, "\x44\x0a\0\0\11", 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_case_makes_the_same_bytes),
        cmocka_unit_test(every_byte_that_is_changed_is_found),
        cmocka_unit_test(a_case_that_is_made_anew_is_found),
        cmocka_unit_test(members_are_these_and_no_others),
        cmocka_unit_test(what_another_version_wrote_is_not_vouched_for),
        cmocka_unit_test(nothing_of_others_is_in_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
