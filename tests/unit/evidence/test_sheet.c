/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/made_case.h"
#include "evidence/proof/sheet.h"
#include "vault/cosign.h"

#include <errno.h>

#define HASH  "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define HASH8 HASH HASH HASH HASH HASH HASH HASH HASH
#define EXTRA                                                                                      \
    "link " HASH "\nsigning " HASH "\nfrontier " HASH8                                             \
    "\nempty \nacknowledged 7\nkept 12\nodd 123\n"

struct paper
{
    struct made made;
    struct nta_cosigner *witness;
    struct nta_buf note, cbor;
    struct nta_log_proof proof;
    struct nta_sheet sheet;
};

static void paper_done(struct paper *paper)
{
    nta_cosigner_free(&paper->witness);
    nta_buf_done(&paper->note);
    nta_buf_done(&paper->cbor);
    made_done(&paper->made);
}

/** A head of all batches, with lines behind its hash, cosigned. */
static void make_head(struct paper *paper)
{
    NTA_AUTO(nta_buf_done) struct nta_buf line = {0};
    struct nta_log_tree tree = {.n = 0};
    struct nta_span text, lines;
    char dir[128];

    for (uint64_t i = 0; i < MADE_BATCHES; i++)
        nta_log_add(&tree, paper->made.links[i]);
    assert_int_equal(
        nta_sealer_put_checkpoint(paper->made.sealer, &tree, nta_span_of(EXTRA), &paper->note), 0);
    (void)snprintf(dir, sizeof(dir), "%s/witness", paper->made.dir);
    assert_int_equal(
        nta_cosigner_open(dir, "witness.example/one", &paper->witness, &paper->made.err), 0);
    assert_true(nta_note_split(nta_buf_span(&paper->note), &text, &lines));
    assert_int_equal(nta_cosigner_sign(paper->witness, text, 1795600100, &line), 0);
    nta_buf_put(&paper->note, line.ptr, line.len);
}

static void paper_make(struct paper *paper)
{
    *paper = (struct paper){.made = made_new()};
    const struct nta_case_sensor *sensor = &paper->made.kase->sensors[0];
    const struct nta_case_head *head = NULL;

    make_head(paper);
    for (size_t i = 0; i < sensor->n_heads; i++)
        if (sensor->heads[i].header.number == 5)
            head = &sensor->heads[i];
    assert_non_null(head);
    assert_true(nta_log_prove_inclusion(&paper->proof, 4, MADE_BATCHES));
    for (size_t i = 0; i < MADE_BATCHES; i++)
        nta_log_proof_add(&paper->proof, paper->made.links[i]);
    paper->sheet.first = sensor->heads[0].sealed;
    paper->sheet.sealed = head->sealed;
    paper->sheet.record = head->records[0];
    paper->sheet.note = nta_buf_span(&paper->note);
    paper->sheet.path = (struct nta_span){paper->proof.hashes[0], paper->proof.n * NTA_HASH_LEN};
    memcpy(paper->sheet.identity, sensor->identity, NTA_KEY_LEN);
    assert_true(nta_sheet_settle(&paper->sheet));
    assert_int_equal(nta_sheet_encode(&paper->sheet, &paper->cbor), 0);
}

/** What comes of these codes; `key`: a witness's. */
static enum nta_case_state judge(const struct paper *paper, struct nta_span codes,
                                 const struct nta_note_key *key, struct nta_case_report *report)
{
    const struct nta_case_witnesses witnesses = {.keys = key, .n = key ? 1 : 0};
    NTA_AUTO(nta_buf_done) struct nta_buf cbor = {0}, note = {0};
    struct nta_err err = {0};
    struct nta_sheet sheet;

    memset(report, 0, sizeof(*report));
    if (nta_sheet_join(codes, &cbor, &err) < 0)
        return NTA_CASE_WRONG;
    if (nta_sheet_decode(nta_buf_span(&cbor), &note, &sheet) < 0)
        return NTA_CASE_WRONG;
    nta_case_tell(report, NTA_CASE_ARCHIVE, NTA_CASE_HOLDS, "as its codes say");
    nta_sheet_prove(&sheet, &paper->made.trust, &witnesses, report);
    return nta_case_result(report);
}

static void put_codes(struct nta_span cbor, struct nta_buf *out)
{
    for (size_t i = 0; i < nta_sheet_n_codes(cbor.len); i++)
        nta_sheet_put_code(cbor, i, out);
}

static void it_holds_with_the_witness_s_key_alone(void **state)
{
    NTA_AUTO(paper_done) struct paper paper;
    NTA_AUTO(nta_buf_done) struct nta_buf codes = {0};
    struct nta_case_report report;

    (void)state;
    paper_make(&paper);
    put_codes(nta_buf_span(&paper.cbor), &codes);
    assert_int_equal(judge(&paper, nta_buf_span(&codes), nta_cosigner_key(paper.witness), &report),
                     NTA_CASE_HOLDS);
    assert_string_equal(report.steps[NTA_CASE_NOTED_HEADS].text,
                        "witness.example/one cosigned the head at 2026-11-25T09:48:20Z: the record "
                        "was there by then");
    assert_int_equal(judge(&paper, nta_buf_span(&codes), NULL, &report), NTA_CASE_UNSEEN);
    assert_int_equal(report.steps[NTA_CASE_NOTED_HEADS].state, NTA_CASE_UNSEEN);
    assert_int_equal(report.steps[NTA_CASE_KEY].state, NTA_CASE_HOLDS);
    paper.made.trust.n = 0;
    assert_int_equal(judge(&paper, nta_buf_span(&codes), nta_cosigner_key(paper.witness), &report),
                     NTA_CASE_UNSEEN);
}

static void of_another_sensor_it_is_wrong(void **state)
{
    NTA_AUTO(paper_done) struct paper paper;
    NTA_AUTO(paper_done) struct paper other;
    NTA_AUTO(nta_buf_done) struct nta_buf codes = {0};
    struct nta_case_report report;

    (void)state;
    paper_make(&paper);
    paper_make(&other);
    put_codes(nta_buf_span(&paper.cbor), &codes);
    assert_int_equal(judge(&other, nta_buf_span(&codes), NULL, &report), NTA_CASE_WRONG);
    assert_int_equal(report.steps[NTA_CASE_KEY].state, NTA_CASE_WRONG);
    /* nor with parts of both */
    paper.sheet.first = other.sheet.first;
    assert_false(nta_sheet_settle(&paper.sheet));
}

/** Whoever can write a sheet anew, with the frames that fit: each part is proved by itself. */
static void each_flipped_bit_is_found(void **state)
{
    NTA_AUTO(paper_done) struct paper paper;
    struct nta_case_report report;
    size_t n = 0;

    (void)state;
    paper_make(&paper);
    for (size_t i = 0; i < paper.cbor.len; i++)
        for (unsigned bit = 0; bit < 8; bit += 3) {
            NTA_AUTO(nta_buf_done) struct nta_buf codes = {0};

            paper.cbor.ptr[i] ^= (uint8_t)(1U << bit);
            put_codes(nta_buf_span(&paper.cbor), &codes);
            n += judge(&paper, nta_buf_span(&codes), nta_cosigner_key(paper.witness), &report) ==
                 NTA_CASE_HOLDS;
            paper.cbor.ptr[i] ^= (uint8_t)(1U << bit);
        }
    assert_int_equal(n, 0);
}

static void codes_come_in_any_order_and_all_or_none(void **state)
{
    NTA_AUTO(paper_done) struct paper paper;
    NTA_AUTO(nta_buf_done) struct nta_buf one = {0}, two = {0}, all = {0};
    struct nta_case_report report;

    (void)state;
    paper_make(&paper);
    assert_int_equal(nta_sheet_n_codes(paper.cbor.len), 2);
    nta_sheet_put_code(nta_buf_span(&paper.cbor), 0, &one);
    nta_sheet_put_code(nta_buf_span(&paper.cbor), 1, &two);
    nta_buf_put(&all, two.ptr, two.len);
    nta_buf_puts(&all, "\n");
    nta_buf_put(&all, one.ptr, one.len);
    nta_buf_puts(&all, "\n");
    assert_true(nta_sheet_is_one(nta_buf_span(&all)));
    assert_int_equal(judge(&paper, nta_buf_span(&all), nta_cosigner_key(paper.witness), &report),
                     NTA_CASE_HOLDS);
    assert_int_equal(judge(&paper, nta_buf_span(&one), NULL, &report), NTA_CASE_WRONG);
    assert_int_equal(judge(&paper, nta_buf_span(&two), NULL, &report), NTA_CASE_WRONG);
    nta_buf_put(&all, one.ptr, one.len);
    assert_int_equal(judge(&paper, nta_buf_span(&all), NULL, &report), NTA_CASE_WRONG);
    for (size_t n = 0; n < all.len; n++) {
        uint8_t *exact = malloc(n ? n : 1);
        NTA_AUTO(nta_buf_done) struct nta_buf cbor = {0};
        struct nta_err err = {0};

        memcpy(exact, all.ptr, n);
        if (nta_sheet_join((struct nta_span){exact, n}, &cbor, &err) == 0)
            assert_true(n == all.len - one.len || n == all.len - one.len - 1);
        free(exact);
    }
}

static void one_of_few_bytes_has_one_code(void **state)
{
    uint8_t bytes[NTA_SHEET_MAX] = {1};

    (void)state;
    for (size_t len = 1; len <= sizeof(bytes); len++) {
        const size_t n = nta_sheet_n_codes(len);
        size_t sum = 0;

        for (size_t i = 0; i < n; i++) {
            NTA_AUTO(nta_buf_done) struct nta_buf code = {0};

            nta_sheet_put_code((struct nta_span){bytes, len}, i, &code);
            assert_true(code.len <= NTA_SHEET_CODE_MAX);
            sum += code.len - NTA_SHEET_FRAME_LEN;
        }
        assert_int_equal(sum, len);
        assert_true(n == (len > NTA_SHEET_CODE_FINE - NTA_SHEET_FRAME_LEN ? 2 : 1));
    }
}

static void one_that_is_too_large_is_refused(void **state)
{
    NTA_AUTO(paper_done) struct paper paper;
    NTA_AUTO(nta_buf_done) struct nta_buf cbor = {0};
    uint8_t *large = calloc(1, NTA_SHEET_MAX);

    (void)state;
    paper_make(&paper);
    paper.sheet.record.bytes = (struct nta_span){large, NTA_SHEET_MAX};
    assert_int_equal(nta_sheet_encode(&paper.sheet, &cbor), -EFBIG);
    free(large);
}

/** A head that says less than the record's batch proves nothing of it. */
static void a_head_in_front_of_the_record_is_refused(void **state)
{
    NTA_AUTO(paper_done) struct paper paper;
    NTA_AUTO(nta_buf_done) struct nta_buf note = {0};
    struct nta_log_tree tree = {.n = 0};

    (void)state;
    paper_make(&paper);
    for (uint64_t i = 0; i < 4; i++)
        nta_log_add(&tree, paper.made.links[i]);
    assert_int_equal(
        nta_sealer_put_checkpoint(paper.made.sealer, &tree, (struct nta_span){0}, &note), 0);
    paper.sheet.note = nta_buf_span(&note);
    assert_false(nta_sheet_settle(&paper.sheet));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_holds_with_the_witness_s_key_alone),
        cmocka_unit_test(of_another_sensor_it_is_wrong),
        cmocka_unit_test(each_flipped_bit_is_found),
        cmocka_unit_test(codes_come_in_any_order_and_all_or_none),
        cmocka_unit_test(one_of_few_bytes_has_one_code),
        cmocka_unit_test(one_that_is_too_large_is_refused),
        cmocka_unit_test(a_head_in_front_of_the_record_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
