/* SPDX-License-Identifier: Apache-2.0 */
/* The whole way, from `nta incidents --status` to the record, is that of tests/e2e/live.sh. */
#include "base/runtime/clock.h"
#include "note.h"
#include "unit.h"

#include <stdlib.h>

#define SENSOR "00112233445566778899aabbccddeeff"

static struct nta_told_note note;

static const char *said(const char *rest)
{
    memset(&note, 0, sizeof(note));
    return nta_note_read(rest, SENSOR, &note);
}

static void a_note_has_incident_status_and_text(void **state)
{
    (void)state;
    assert_null(said("I-" SENSOR "-12-3 closed 74616c6b65640a"));
    assert_string_equal(note.incident, "I-" SENSOR "-12-3");
    assert_int_equal(note.status, NTA_STATUS_CLOSED);
    assert_int_equal(note.text_len, 7);
    assert_memory_equal(note.text, "talked\n", 7);
}

static void a_note_may_have_no_text(void **state)
{
    (void)state;
    assert_null(said("I-" SENSOR "-12-3 false "));
    assert_int_equal(note.text_len, 0);
}

static void another_sensor_is_refused(void **state)
{
    (void)state;
    assert_non_null(
        strstr(said("I-ff112233445566778899aabbccddeeff-12-3 open "), "another sensor"));
    assert_non_null(said("I-" SENSOR "00-12-3 open "));
}

static void what_is_no_note_is_refused_and_nothing_is_filled(void **state)
{
    static const char *const wrong[] = {
        "",
        " ",
        "  ",
        "I-" SENSOR "-12-3",
        "I-" SENSOR "-12-3 open",
        "I-" SENSOR "-12-3 shut ",
        SENSOR "-12-3 open ",
        "I-" SENSOR "-12 open ",
        "I-" SENSOR "-12- open ",
        "I-" SENSOR "-1x-3 open ",
        "I-" SENSOR "-12-3-4 open ",
        "I-" SENSOR "-12-3 open 7",
        "I-" SENSOR "-12-3 open zz",
        "I-" SENSOR "-12-3 open 74 61",
        "I-" SENSOR "-12-3 a-status-that-is-longer-than-any 74",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_non_null(said(wrong[i]));
        assert_string_equal(note.incident, "");
    }
}

static void a_text_has_a_longest_form(void **state)
{
    char *line = malloc(NTAD_NOTE_LINE + 8);
    int n = snprintf(line, 128, "I-" SENSOR "-12-3 open ");

    (void)state;
    memset(line + n, 'a', 2 * NTAD_NOTE_MAX + 2);
    line[n + 2 * NTAD_NOTE_MAX + 2] = '\0';
    assert_non_null(said(line));
    line[n + 2 * NTAD_NOTE_MAX] = '\0';
    assert_null(said(line));
    assert_int_equal(note.text_len, NTAD_NOTE_MAX);
    free(line);
}

static void a_trace_has_a_number_and_a_question(void **state)
{
    struct nta_told_audit audit;

    (void)state;
    assert_null(nta_audit_read("- 18446744073709551615 77686f20616e6e -", &audit));
    assert_true(audit.n_records == UINT64_MAX && audit.is_over && audit.began_ns == 0);
    assert_int_equal(audit.question_len, 7);
    assert_memory_equal(audit.question, "who ann", 7);
    assert_int_equal(audit.person_len, 0);
}

static void a_trace_may_have_begun_and_be_for_somebody(void **state)
{
    struct nta_told_audit audit;

    (void)state;
    assert_null(nta_audit_read("- - 77 626f", &audit));
    assert_false(audit.is_over);
    assert_int_equal(audit.person_len, 2);
    assert_memory_equal(audit.person, "bo", 2);
    assert_null(nta_audit_read("9223372036854775807 0 77 626f", &audit));
    assert_true(audit.is_over && audit.n_records == 0 && audit.began_ns == INT64_MAX);
}

static void what_is_no_trace_is_refused_and_nothing_is_filled(void **state)
{
    static const char *const wrong[] = {"",
                                        " ",
                                        "-",
                                        "- 7",
                                        "- 7 ",
                                        "- 7 77",
                                        "- 7 77 ",
                                        "- 7  77 -",
                                        " - 7 77 -",
                                        "- 7 77 - -",
                                        "- 7 77 - ",
                                        "- 7 - -",
                                        "- 7 7 -",
                                        "- 7 zz -",
                                        "- 7 77 7",
                                        "- 7 77 zz",
                                        "- -7 77 -",
                                        "- 7x 77 -",
                                        "x 7 77 -",
                                        "0 7 77 -",
                                        "5 - 77 -",
                                        "9223372036854775808 7 77 -",
                                        "- 18446744073709551616 77 -"};
    struct nta_told_audit audit = {.n_records = 99};

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_non_null(nta_audit_read(wrong[i], &audit));
    assert_int_equal(audit.n_records, 99);
}

static bool has_ended(struct nta_readings *readings, uid_t user, int64_t began_ns, const char *line)
{
    struct nta_told_audit audit;

    assert_null(nta_audit_read(line, &audit));
    audit.began_ns = began_ns;
    return nta_readings_end(readings, user, &audit);
}

static void a_begin_is_believed_once_of_whom_it_was_told_by(void **state)
{
    static struct nta_readings readings;
    struct nta_told_audit audit;

    (void)state;
    assert_null(nta_audit_read("- - 77 -", &audit));
    assert_false(has_ended(&readings, 7, 0, "- 1 77 -"));
    assert_false(has_ended(&readings, 7, 1000, "- 1 77 -"));
    nta_readings_begin(&readings, 7, &audit, 1000);
    nta_readings_begin(&readings, 8, &audit, 2000);
    assert_false(has_ended(&readings, 8, 1000, "- 1 77 -"));
    assert_false(has_ended(&readings, 7, 999, "- 1 77 -"));
    assert_false(has_ended(&readings, 7, 1000, "- 1 78 -"));  /* another question, */
    assert_false(has_ended(&readings, 7, 1000, "- 1 77 77")); /* or for another one */
    assert_true(has_ended(&readings, 7, 1000, "- 1 77 -"));
    assert_false(has_ended(&readings, 7, 1000, "- 1 77 -"));
    assert_true(has_ended(&readings, 8, 2000, "- 1 77 -"));
    nta_readings_begin(&readings, 7, &audit, 1000);
    for (int64_t i = 0; i < NTA_READINGS; i++)
        nta_readings_begin(&readings, 9, &audit, 5000 + i);
    assert_false(has_ended(&readings, 7, 1000, "- 1 77 -"));
    assert_true(has_ended(&readings, 9, 5000, "- 1 77 -"));
}

static void who_tells_too_much_waits_and_others_do_not(void **state)
{
    static struct nta_readings readings;
    const int64_t start_ns = 5 * NTA_NS_PER_S;

    (void)state;
    for (unsigned i = 0; i < NTA_READER_BURST; i++)
        assert_true(nta_readings_may(&readings, 7, start_ns));
    assert_false(nta_readings_may(&readings, 7, start_ns));
    assert_false(nta_readings_may(&readings, 7, start_ns + NTA_NS_PER_S - 1));
    assert_true(nta_readings_may(&readings, 0, start_ns));
    assert_true(nta_readings_may(&readings, 8, start_ns));
    assert_true(nta_readings_may(&readings, 7, start_ns + NTA_NS_PER_S));
    assert_false(nta_readings_may(&readings, 7, start_ns + NTA_NS_PER_S));
    for (uid_t user = 100; user < 100 + NTA_READERS; user++) /* others push out who is idle */
        assert_true(nta_readings_may(&readings, user, start_ns + NTA_NS_PER_S));
}

static void a_question_has_a_longest_form(void **state)
{
    char *line = malloc(NTAD_NOTE_LINE + 8);
    struct nta_told_audit audit;

    (void)state;
    memcpy(line, "- 7 ", 4);
    memset(line + 4, 'a', 2 * NTAD_NOTE_MAX + 2);
    memcpy(line + 4 + 2 * NTAD_NOTE_MAX + 2, " -", 3);
    assert_non_null(nta_audit_read(line, &audit));
    memcpy(line + 4 + 2 * NTAD_NOTE_MAX, " -", 3);
    assert_null(nta_audit_read(line, &audit));
    assert_int_equal(audit.question_len, NTAD_NOTE_MAX);
    free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_note_has_incident_status_and_text),
        cmocka_unit_test(a_note_may_have_no_text),
        cmocka_unit_test(another_sensor_is_refused),
        cmocka_unit_test(what_is_no_note_is_refused_and_nothing_is_filled),
        cmocka_unit_test(a_text_has_a_longest_form),
        cmocka_unit_test(a_trace_has_a_number_and_a_question),
        cmocka_unit_test(a_trace_may_have_begun_and_be_for_somebody),
        cmocka_unit_test(a_begin_is_believed_once_of_whom_it_was_told_by),
        cmocka_unit_test(who_tells_too_much_waits_and_others_do_not),
        cmocka_unit_test(a_question_has_a_longest_form),
        cmocka_unit_test(what_is_no_trace_is_refused_and_nothing_is_filled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
