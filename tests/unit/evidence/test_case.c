/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/made_case.h"
#include "evidence/proof/case.h"

#include <errno.h>

/** What is taken is written again, byte for byte. */
static bool is_taken(struct nta_span cbor)
{
    NTA_AUTO(nta_case_free) struct nta_case *kase = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf again = {0};
    struct nta_err err = {0};
    const int r = nta_case_decode(cbor, &kase, &err);

    assert_true(r == 0 || (r == -EBADMSG && err.text[0] && !kase));
    if (r < 0)
        return false;
    nta_case_encode(kase, &again);
    assert_true(nta_span_equal(nta_buf_span(&again), cbor));
    return true;
}

static void what_is_written_is_read(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    NTA_AUTO(nta_case_free) struct nta_case *kase = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf cbor = {0};

    (void)state;
    nta_case_encode(made.kase, &cbor);
    assert_int_equal(nta_case_decode(nta_buf_span(&cbor), &kase, &made.err), 0);
    assert_int_equal(kase->n_sensors, 1);
    assert_int_equal(kase->sensors[0].n_heads, MADE_BATCHES - 1);
    assert_int_equal(kase->sensors[0].heads[1].n_records, MADE_WANTED);
    assert_int_equal(kase->n_lines, 1);
    assert_true(is_taken(nta_buf_span(&cbor)));
}

static void bytes_of_any_kind_are_read_with_suspicion(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    NTA_AUTO(nta_buf_done) struct nta_buf cbor = {0};

    (void)state;
    nta_case_encode(made.kase, &cbor);
    for (size_t i = 0; i < cbor.len; i++) {
        NTA_AUTO_FREE uint8_t *exact = malloc(i ? i : 1);

        memcpy(exact, cbor.ptr, i);
        assert_false(is_taken((struct nta_span){exact, i}));
        for (unsigned bit = 0; bit < 8; bit++) {
            cbor.ptr[i] ^= (uint8_t)(1U << bit);
            (void)is_taken(nta_buf_span(&cbor));
            cbor.ptr[i] ^= (uint8_t)(1U << bit);
        }
    }
    nta_buf_put_u8(&cbor, 0);
    assert_false(is_taken(nta_buf_span(&cbor)));
}

static void sorting_leaves_out_what_is_there_twice(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    NTA_AUTO(nta_buf_done) struct nta_buf before = {0}, after = {0};
    struct nta_case_head *again;

    (void)state;
    nta_case_encode(made.kase, &before);
    again = nta_case_add_head(made.sensor); /* the header alone of a batch that has records */
    again->sealed = made.sensor->heads[1].sealed;
    again->header = made.sensor->heads[1].header;
    *nta_case_add_line(made.kase) = made.kase->lines[0];
    nta_case_sort(made.kase);
    nta_case_encode(made.kase, &after);
    assert_true(nta_span_equal(nta_buf_span(&before), nta_buf_span(&after)));
}

/** A header without records, keys or notes in the midst proves nothing and has no place. */
static void what_proves_nothing_is_refused(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    NTA_AUTO(nta_buf_done) struct nta_buf cbor = {0};

    (void)state;
    free(made.sensor->heads[1].records);
    made.sensor->heads[1].records = NULL;
    made.sensor->heads[1].n_records = 0;
    made.sensor->heads[1].path.len = 0;
    nta_case_encode(made.kase, &cbor);
    assert_false(is_taken(nta_buf_span(&cbor)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(bytes_of_any_kind_are_read_with_suspicion),
        cmocka_unit_test(sorting_leaves_out_what_is_there_twice),
        cmocka_unit_test(what_proves_nothing_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
