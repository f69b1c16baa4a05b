/* SPDX-License-Identifier: Apache-2.0 */
/* The examples that C2SP publishes of what is passed between logs and witnesses. */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "unit.h"
#include "vault/checkpoint.h"
#include "vault/cosign.h"
#include "vault/signed_note.h"
#include "witness/request.h"

#define DASH "\xe2\x80\x94 "
#define LOG  "example.com/behind-the-sofa"
#define TEXT LOG "\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
/* c2sp.org/tlog-checkpoint */
#define NOTE                                                                                       \
    TEXT                                                                                           \
        "\n" DASH LOG                                                                              \
        " Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTO" \
        "AYQ8=\n"
/* c2sp.org/tlog-cosignature, whose time is 2023-03-20T12:25:47Z */
#define COSIGNED                                                                                   \
    DASH "witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJ"  \
         "sX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
#define COSIGNED_S 1679315147
/* c2sp.org/tlog-witness */
#define REQUEST                                                                                    \
    "old 20852014\n"                                                                               \
    "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n"                                               \
    "jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n"                                               \
    "5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n"                                               \
    "/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n"                                               \
    "\n" NOTE DASH LOG                                                                             \
    " opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q" \
    "=\n"

/** How many lines of signatures a note has, and the time of the last cosignature; 0: none is. */
static size_t count_lines(const char *note, int64_t *ret_time_s)
{
    struct nta_span text, lines;
    struct nta_note_line line;
    size_t n = 0;

    *ret_time_s = 0;
    assert_true(nta_note_split(nta_span_of(note), &text, &lines));
    assert_true(nta_span_is(text, TEXT));
    while (nta_note_next(&lines, &line)) {
        if (nta_cosign_claim(&line, ret_time_s))
            *ret_time_s /= NTA_NS_PER_S;
        n++;
    }
    assert_int_equal(lines.len, 0);
    return n;
}

static void a_checkpoint_is_a_note(void **state)
{
    int64_t time_s;

    (void)state;
    assert_int_equal(count_lines(NOTE, &time_s), 1);
    assert_int_equal(time_s, 0);
}

/** Logs are named after their sensors: of this one it could not be said whose key signs. */
static void and_none_of_a_sensor(void **state)
{
    struct nta_checkpoint checkpoint;

    (void)state;
    assert_false(nta_checkpoint_text(nta_span_of(TEXT), &checkpoint));
}

static void a_cosignature_says_when(void **state)
{
    int64_t time_s;

    (void)state;
    assert_int_equal(count_lines(NOTE COSIGNED, &time_s), 2);
    assert_int_equal(time_s, COSIGNED_S);
}

static void what_is_posted_is_read_and_written_again(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf again = {0};
    struct nta_witness_request request;
    int64_t time_s;

    (void)state;
    assert_true(nta_witness_request_read(nta_span_of(REQUEST), &request));
    assert_int_equal(request.old, 20852014);
    assert_int_equal(request.n_path, 4);
    assert_int_equal(count_lines((const char *)request.note.ptr, &time_s), 2);
    nta_witness_request_put(&again, &request);
    assert_true(nta_span_is(nta_buf_span(&again), REQUEST));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_checkpoint_is_a_note),
        cmocka_unit_test(and_none_of_a_sensor),
        cmocka_unit_test(a_cosignature_says_when),
        cmocka_unit_test(what_is_posted_is_read_and_written_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
