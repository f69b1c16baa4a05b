/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/made_case.h"
#include "evidence/proof/prove.h"
#include "vault/cosign.h"

#include <errno.h>

/** The proof that a head of size `n` has in the case. */
static void prove_head(const struct made *made, uint64_t n, struct nta_log_proof *proof)
{
    const uint64_t signs = MADE_BATCHES - 1;

    if (n > signs)
        assert_true(nta_log_prove_inclusion(proof, MADE_BATCHES - 1, n));
    else
        assert_true(nta_log_prove_consistency(proof, n, signs));
    for (uint64_t i = 0; i < (n > signs ? n : signs); i++)
        nta_log_proof_add(proof, made->links[i]);
}

/** A head of size `n`, signed by the sensor and cosigned at that time. */
static struct nta_case_noted *note(struct made *made, const struct nta_cosigner *witness,
                                   uint64_t n, uint64_t time_s)
{
    NTA_AUTO(nta_buf_done) struct nta_buf bytes = {0};
    struct nta_case_noted *noted = nta_case_add_noted(made->sensor);
    struct nta_log_tree tree = {.n = 0};
    struct nta_log_proof proof = {.n = 0};
    struct nta_span text, lines;
    uint8_t sensor[NTA_SENSOR_ID_LEN];

    nta_sensor_id(made->sensor->identity, sensor);
    for (uint64_t i = 0; i < n; i++)
        nta_log_add(&tree, made->links[i]);
    assert_int_equal(nta_sealer_put_checkpoint(made->sealer, &tree, (struct nta_span){0}, &bytes),
                     0);
    assert_true(nta_note_split(nta_buf_span(&bytes), &text, &lines));
    if (witness) {
        NTA_AUTO(nta_buf_done) struct nta_buf line = {0};

        assert_int_equal(nta_cosigner_sign(witness, text, time_s, &line), 0);
        nta_buf_put(&bytes, line.ptr, line.len);
    }
    if (n != MADE_BATCHES - 1)
        prove_head(made, n, &proof);
    noted->note = nta_buf_span(&bytes);
    noted->path = (struct nta_span){proof.hashes[0], proof.n * NTA_HASH_LEN};
    assert_int_equal(nta_case_keep(made->kase, &noted->note), 0);
    assert_int_equal(nta_case_keep(made->kase, &noted->path), 0);
    assert_true(nta_case_take_note(noted, sensor));
    return noted;
}

/** Written, read again and proved: the step NOTED_HEADS. */
static const struct nta_case_told *judge(const struct made *made, const struct nta_note_key *key,
                                         struct nta_case_report *report)
{
    const struct nta_case_witnesses witnesses = {.keys = key, .n = key ? 1 : 0};
    NTA_AUTO(nta_case_free) struct nta_case *again = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf cbor = {0};
    struct nta_err err = {0};

    memset(report, 0, sizeof(*report));
    nta_case_sort(made->kase);
    nta_case_encode(made->kase, &cbor);
    if (nta_case_decode(nta_buf_span(&cbor), &again, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(nta_case_prove(again, &made->trust, &witnesses, report), 0);
    return &report->steps[NTA_CASE_NOTED_HEADS];
}

static struct nta_cosigner *witness_of(const struct made *made, const char *name)
{
    struct nta_cosigner *witness = NULL;
    struct nta_err err = {0};
    char dir[128];

    (void)snprintf(dir, sizeof(dir), "%s/%s", made->dir, name);
    if (nta_cosigner_open(dir, name, &witness, &err) < 0)
        fail_msg("%s", err.text);
    return witness;
}

static void heads_of_each_size_lie_in_the_log(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    NTA_AUTO(nta_cosigner_free) struct nta_cosigner *witness = witness_of(&made, "one");
    struct nta_case_report report;

    (void)state;
    for (uint64_t n = 1; n <= MADE_BATCHES; n++)
        (void)note(&made, witness, n, 1795600000 + n);
    const struct nta_case_told *told = judge(&made, nta_cosigner_key(witness), &report);

    assert_int_equal(told->state, NTA_CASE_HOLDS);
    assert_non_null(strstr(told->text, "one has cosigned"));
    /* batch 5 is the last with records: the first head behind it counts */
    assert_non_null(strstr(told->text, "2026-11-25T09:46:45"));
    told = judge(&made, NULL, &report);
    assert_int_equal(told->state, NTA_CASE_HOLDS);
    assert_non_null(strstr(told->text, "was not looked at"));
}

static void a_head_in_front_of_the_records_proves_nothing_of_them(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    NTA_AUTO(nta_cosigner_free) struct nta_cosigner *witness = witness_of(&made, "one");
    NTA_AUTO(nta_cosigner_free) struct nta_cosigner *other = witness_of(&made, "two");
    struct nta_case_report report;

    (void)state;
    assert_int_equal(judge(&made, nta_cosigner_key(witness), &report)->state, NTA_CASE_UNSEEN);
    (void)note(&made, witness, 4, 1795600000);
    assert_int_equal(judge(&made, nta_cosigner_key(witness), &report)->state, NTA_CASE_UNSEEN);
    (void)note(&made, other, 5, 1795600001);
    assert_int_equal(judge(&made, nta_cosigner_key(witness), &report)->state, NTA_CASE_UNSEEN);
    assert_int_equal(judge(&made, nta_cosigner_key(other), &report)->state, NTA_CASE_HOLDS);
}

static void a_head_that_is_not_of_this_log_is_found(void **state)
{
    struct nta_case_report report;

    (void)state;
    for (uint64_t n = 2; n <= MADE_BATCHES; n++) {
        NTA_AUTO(made_done) struct made made = made_new();
        NTA_AUTO(nta_cosigner_free) struct nta_cosigner *witness = witness_of(&made, "one");

        memset(made.links[1], 7, NTA_HASH_LEN); /* another past, as its tree has it */
        (void)note(&made, witness, n, 1795600000);
        assert_int_equal(judge(&made, nta_cosigner_key(witness), &report)->state, NTA_CASE_WRONG);
    }
}

static void each_bit_of_a_proof_counts(void **state)
{
    struct nta_case_report report;

    (void)state;
    for (uint64_t n = 1; n <= MADE_BATCHES; n++) {
        NTA_AUTO(made_done) struct made made = made_new();
        struct nta_case_noted *noted = note(&made, NULL, n, 0);
        uint8_t path[NTA_LOG_PROOF_MAX * NTA_HASH_LEN];

        if (noted->path.len)
            memcpy(path, noted->path.ptr, noted->path.len);
        noted->path.ptr = path;
        for (size_t i = 0; i < noted->path.len; i++) {
            path[i] ^= 1;
            assert_int_equal(judge(&made, NULL, &report)->state, NTA_CASE_WRONG);
            path[i] ^= 1;
        }
        assert_int_equal(judge(&made, NULL, &report)->state, NTA_CASE_HOLDS);
    }
}

static void what_the_sensor_did_not_sign_is_found(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    struct nta_case_report report;
    uint8_t bytes[1024];

    (void)state;
    struct nta_case_noted *noted = note(&made, NULL, 5, 0);

    memcpy(bytes, noted->note.ptr, noted->note.len);
    bytes[noted->note.len - 8] = bytes[noted->note.len - 8] == 'A' ? 'B' : 'A';
    noted->note.ptr = bytes;
    const struct nta_case_told *told = judge(&made, NULL, &report);

    assert_int_equal(told->state, NTA_CASE_WRONG);
    assert_non_null(strstr(told->text, "did not sign"));
}

static void a_case_without_is_as_it_was_before_there_were_any(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    NTA_AUTO(nta_buf_done) struct nta_buf cbor = {0};
    struct nta_case_report report;

    (void)state;
    nta_case_encode(made.kase, &cbor);
    assert_int_equal(cbor.ptr[1], NTA_CASE_VERSION);
    nta_buf_clear(&cbor);
    (void)note(&made, NULL, 5, 0);
    nta_case_encode(made.kase, &cbor);
    assert_int_equal(cbor.ptr[1], NTA_CASE_VERSION_NOTED);
    assert_int_equal(judge(&made, NULL, &report)->state, NTA_CASE_HOLDS);
}

static void each_prefix_and_each_flip_is_refused_or_another_case(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    NTA_AUTO(nta_buf_done) struct nta_buf cbor = {0};
    struct nta_err err = {0};

    (void)state;
    (void)note(&made, NULL, 5, 0);
    nta_case_encode(made.kase, &cbor);
    for (size_t i = 0; i < cbor.len; i++) {
        NTA_AUTO(nta_case_free) struct nta_case *again = NULL;
        NTA_AUTO_FREE uint8_t *exact = malloc(i ? i : 1);

        memcpy(exact, cbor.ptr, i);
        assert_int_equal(nta_case_decode((struct nta_span){exact, i}, &again, &err), -EBADMSG);
    }
    for (size_t i = 0; i < cbor.len; i++) {
        NTA_AUTO(nta_case_free) struct nta_case *again = NULL;
        NTA_AUTO(nta_buf_done) struct nta_buf written = {0};

        cbor.ptr[i] ^= 1;
        if (nta_case_decode(nta_buf_span(&cbor), &again, &err) == 0) {
            nta_case_encode(again, &written);
            assert_true(nta_span_equal(nta_buf_span(&written), nta_buf_span(&cbor)));
        }
        cbor.ptr[i] ^= 1;
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_of_each_size_lie_in_the_log),
        cmocka_unit_test(a_head_in_front_of_the_records_proves_nothing_of_them),
        cmocka_unit_test(a_head_that_is_not_of_this_log_is_found),
        cmocka_unit_test(each_bit_of_a_proof_counts),
        cmocka_unit_test(what_the_sensor_did_not_sign_is_found),
        cmocka_unit_test(a_case_without_is_as_it_was_before_there_were_any),
        cmocka_unit_test(each_prefix_and_each_flip_is_refused_or_another_case),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
