/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "unit.h"
#include "witness/request.h"

#define HASH "SBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I=\n"

static bool is_read(const char *text, struct nta_witness_request *ret_request)
{
    return nta_witness_request_read(nta_span_of(text), ret_request);
}

static void what_is_read_is_written_again(void **state)
{
    static const char *const texts[] = {"old 0\n\nnote\n", "old 7\n" HASH HASH "\nthe\n\nnote\n",
                                        "old 18446744073709551615\n" HASH "\nx"};
    NTA_AUTO(nta_buf_done) struct nta_buf again = {0};
    struct nta_witness_request request;

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(texts); i++) {
        assert_true(is_read(texts[i], &request));
        nta_buf_clear(&again);
        nta_witness_request_put(&again, &request);
        assert_true(nta_span_is(nta_buf_span(&again), texts[i]));
    }
    assert_true(is_read(texts[1], &request));
    assert_true(request.old == 7 && request.n_path == 2 && request.path[1][0] == 0x48);
    assert_true(nta_span_is(request.note, "the\n\nnote\n"));
}

static void other_forms_are_none(void **state)
{
    static const char *const bad[] = {"",
                                      "old",
                                      "old 7",
                                      "old 7\n",
                                      "old 7\n\n",
                                      "old 07\n\nnote\n",
                                      "old +7\n\nnote\n",
                                      "old 7 \n\nnote\n",
                                      "old  7\n\nnote\n",
                                      "old 18446744073709551616\n\nnote\n",
                                      "old 7\nnote\n",
                                      "old 7\n" HASH "note\n", /* no blank line */
                                      HASH,
                                      "Old 7\n\nnote\n",
                                      "old 7\r\n\r\nnote\r\n",
                                      "old 7\nSBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7J=\n\nx",
                                      "old 7\nSBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I\n\nx"};
    struct nta_witness_request request;

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(bad); i++)
        if (is_read(bad[i], &request))
            fail_msg("%s", bad[i]);
}

static void a_proof_has_63_hashes_at_most(void **state)
{
    struct nta_witness_request request;

    (void)state;
    for (unsigned n = NTA_WITNESS_PATH_MAX; n <= NTA_WITNESS_PATH_MAX + 1; n++) {
        NTA_AUTO(nta_buf_done) struct nta_buf text = {0};

        nta_buf_puts(&text, "old 7\n");
        for (unsigned i = 0; i < n; i++)
            nta_buf_puts(&text, HASH);
        nta_buf_puts(&text, "\nnote\n");
        assert_true(nta_witness_request_read(nta_buf_span(&text), &request) ==
                    (n == NTA_WITNESS_PATH_MAX));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_read_is_written_again),
        cmocka_unit_test(other_forms_are_none),
        cmocka_unit_test(a_proof_has_63_hashes_at_most),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
