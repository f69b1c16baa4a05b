/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/made_case.h"
#include "evidence/seal.h"
#include "evidence/view.h"
#include "evidence/zip.h"

/** A header of the case, without its records. */
static void copy_head(struct made *made, const struct nta_case_head *from)
{
    struct nta_case_head *head = nta_case_add_head(made->sensor);

    *head = (struct nta_case_head){.sealed = from->sealed, .header = from->header};
}

/**
 * The sensor notes `question` in batch 7.  The case is given; `made` has the seal from then on, and
 * lends it bytes.
 */
static struct nta_case *seal_as(struct made *made, const char *question, int64_t end_ns)
{
    struct nta_case *kase = made->kase;
    const struct nta_record_log log = {.question = nta_span_of(question),
                                       .actor = nta_span_of("ann")};
    const struct nta_record audit = {
        .event = NTA_RECORD_AUDIT,
        .time_ns = MADE_NS + 20 * NTA_NS_PER_S,
        .end_ns = end_ns,
        .log = &log,
    };
    const struct nta_seal_options options = {
        .class = NTA_CLASS_LOG, .wall_ns = MADE_NS + 21 * NTA_NS_PER_S, .clock = 1};

    made->kase = nta_case_new();
    made->kase->program = kase->program;
    made->sensor = nta_case_add_sensor(made->kase);
    memcpy(made->sensor->identity, kase->sensors[0].identity, NTA_KEY_LEN);
    copy_head(made, &kase->sensors[0].heads[0]);
    copy_head(made, &kase->sensors[0].heads[2]);
    assert_int_equal(nta_batch_add(&made->batch, &audit), 0);
    made_seal(made, &options, 1, true);
    return kase;
}

static struct nta_case *seal(struct made *made, const char *question)
{
    return seal_as(made, question, 0);
}

/** What the audit record of this case has to say. */
static const char *question_of(const struct nta_case *kase, char text[NTA_CASE_SEAL_SIZE])
{
    struct nta_case_view view;
    uint8_t manifest[NTA_HASH_LEN];

    assert_int_equal(nta_case_manifest(kase, manifest), 0);
    assert_int_equal(nta_case_view_init(&view, kase), 0);
    (void)nta_case_seal_text(view.incident->id, manifest, text);
    nta_case_view_done(&view);
    return text;
}

static enum nta_case_state judge(const struct made *made, const struct nta_case *kase,
                                 struct nta_case_report *report)
{
    NTA_AUTO(nta_buf_done) struct nta_buf archive = {0};
    struct nta_err err = {0};

    if (nta_case_write(kase, made->kase, &archive, &err) < 0)
        fail_msg("%s", err.text);
    return made_judge(nta_buf_span(&archive), &made->trust, report);
}

static void a_sealed_case_holds(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    char text[NTA_CASE_SEAL_SIZE];
    NTA_AUTO(nta_case_free) struct nta_case *kase = seal(&made, question_of(made.kase, text));
    struct nta_case_report report;

    (void)state;
    assert_int_equal(judge(&made, kase, &report), NTA_CASE_HOLDS);
    assert_int_equal(report.steps[NTA_CASE_SEAL].state, NTA_CASE_HOLDS);
    assert_non_null(strstr(report.steps[NTA_CASE_SEAL].text, "ann made on 2026-11-25T"));
}

/** As the end of a reading is told, whose begin is a time that who asks has named. */
static void a_seal_that_is_dated_back_is_none(void **state)
{
    struct nta_case_report report;

    (void)state;
    for (int is_back = 0; is_back < 2; is_back++) {
        NTA_AUTO(made_done) struct made made = made_new();
        char text[NTA_CASE_SEAL_SIZE];
        NTA_AUTO(nta_case_free)
        struct nta_case *kase =
            seal_as(&made, question_of(made.kase, text), MADE_NS + 20 * NTA_NS_PER_S + is_back);

        assert_int_equal(judge(&made, kase, &report), is_back ? NTA_CASE_WRONG : NTA_CASE_HOLDS);
    }
}

/** That is what a seal is for. */
static void pages_of_another_version_are_their_makers_words(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    char text[NTA_CASE_SEAL_SIZE];

    (void)state;
    made.kase->program = nta_span_of("nta 99.0.0");
    NTA_AUTO(nta_case_free) struct nta_case *kase = seal(&made, question_of(made.kase, text));
    struct nta_case_report report;

    assert_int_equal(judge(&made, kase, &report), NTA_CASE_UNSEEN);
    assert_int_equal(report.steps[NTA_CASE_SEAL].state, NTA_CASE_HOLDS);
    assert_int_equal(report.steps[NTA_CASE_PAGES].state, NTA_CASE_UNSEEN);
}

static void a_seal_of_something_else_is_found(void **state)
{
    static const char *const questions[] = {"", "case I-1, manifest 00", "who ann"};
    struct nta_case_report report;

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(questions); i++) {
        NTA_AUTO(made_done) struct made made = made_new();
        NTA_AUTO(nta_case_free) struct nta_case *kase = seal(&made, questions[i]);

        assert_int_equal(judge(&made, kase, &report), NTA_CASE_WRONG);
        assert_int_equal(report.steps[NTA_CASE_SEAL].state, NTA_CASE_WRONG);
    }
}

/** Whoever has another sensor, even one that is trusted, has it say the very words. */
static void a_seal_of_another_sensor_is_none(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new(), other = made_new();
    char text[NTA_CASE_SEAL_SIZE];
    NTA_AUTO(nta_buf_done) struct nta_buf archive = {0};
    struct nta_case_report report;

    (void)state;
    NTA_AUTO(nta_case_free)
    struct nta_case *kase = seal(&other, question_of(made.kase, text));
    assert_non_null(kase);
    assert_int_equal(nta_trust_add(&made.trust, &other.trust.all[0], &made.err), 0);
    assert_int_equal(nta_case_write(made.kase, other.kase, &archive, &made.err), 0);
    assert_int_equal(made_judge(nta_buf_span(&archive), &made.trust, &report), NTA_CASE_WRONG);
    assert_int_equal(report.steps[NTA_CASE_SEAL].state, NTA_CASE_WRONG);
    assert_non_null(strstr(report.steps[NTA_CASE_SEAL].text, "of a sensor that the case is not"));
}

/** Whoever changes it, and writes the archive anew. */
static void every_byte_of_a_seal_counts(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    char text[NTA_CASE_SEAL_SIZE];
    NTA_AUTO(nta_case_free) struct nta_case *kase = seal(&made, question_of(made.kase, text));
    NTA_AUTO(nta_buf_done) struct nta_buf cbor = {0};
    struct nta_case *sealed = made.kase;
    struct nta_case_report report;

    (void)state;
    nta_case_encode(sealed, &cbor);
    for (size_t i = 0; i < cbor.len; i++) {
        cbor.ptr[i] ^= 1;
        made.kase = NULL;
        if (nta_case_decode(nta_buf_span(&cbor), &made.kase, &made.err) == 0 &&
            judge(&made, kase, &report) != NTA_CASE_WRONG)
            fail_msg("byte %zu", i);
        nta_case_free(&made.kase);
        cbor.ptr[i] ^= 1;
    }
    made.kase = sealed;
}

/** A manifest says whether there is a seal, so one that is taken away is missed. */
static void a_seal_that_is_gone_is_missed(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    char text[NTA_CASE_SEAL_SIZE];
    NTA_AUTO(nta_case_free) struct nta_case *kase = seal(&made, question_of(made.kase, text));
    NTA_AUTO(nta_buf_done) struct nta_buf archive = {0}, again = {0};
    struct nta_zip_member members[NTA_ZIP_MEMBERS];
    struct nta_case_report report;
    size_t n = 0;

    (void)state;
    assert_int_equal(nta_case_write(kase, made.kase, &archive, &made.err), 0);
    assert_int_equal(nta_zip_read(nta_buf_span(&archive), members, &n, &made.err), 0);
    assert_true(nta_span_equal(members[n - 1].name, nta_span_of(NTA_CASE_SEAL_CBOR)));
    assert_int_equal(nta_zip_write(&again, members, n - 1), 0);
    assert_int_equal(made_judge(nta_buf_span(&again), &made.trust, &report), NTA_CASE_WRONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sealed_case_holds),
        cmocka_unit_test(a_seal_that_is_dated_back_is_none),
        cmocka_unit_test(pages_of_another_version_are_their_makers_words),
        cmocka_unit_test(a_seal_of_something_else_is_found),
        cmocka_unit_test(a_seal_of_another_sensor_is_none),
        cmocka_unit_test(every_byte_of_a_seal_counts),
        cmocka_unit_test(a_seal_that_is_gone_is_missed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
