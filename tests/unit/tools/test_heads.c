/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "chain/heads.h"
#include "unit.h"

#define SENSOR "00112233445566778899aabbccddeeff"
#define HASH   "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static void a_line_of_the_log_is_found_anywhere_in_it(void **state)
{
    static const struct
    {
        const char *line;
        bool is_there;
    } lines[] = {
        {"chain head of sensor " SENSOR ": batch 7, " HASH, true},
        {"Nov 29 04:30:34 gate ntad[77]: chain head of sensor " SENSOR ": batch 7, " HASH "\n",
         true},
        {"chain head of sensor " SENSOR ": batch 7, " HASH "00", false},
        {"chain head of sensor " SENSOR ": batch 0, " HASH, false},
        {"chain head of sensor " SENSOR "0: batch 7, " HASH, false},
        {"chain head of sensor " SENSOR ": batch -7, " HASH, false},
        {"chain head of sensor " SENSOR ": batch 99999999999999999999999, " HASH, false},
        {"chain head of sensor " SENSOR ": batch 7, 0001", false},
        {"chain head of sensor ", false},
        {"", false},
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(lines); i++) {
        struct nta_noted_head head = {.number = 0};

        assert_int_equal(nta_heads_find(lines[i].line, &head), lines[i].is_there);
        if (!lines[i].is_there)
            continue;
        assert_true(head.has_sensor);
        assert_int_equal(head.number, 7);
        assert_int_equal(head.sensor[1], 0x11);
        assert_int_equal(head.hash[31], 0x1f);
    }
}

static void a_head_is_named_with_or_without_its_sensor(void **state)
{
    static const char *const bad[] = {"",
                                      "7",
                                      "7:",
                                      HASH,
                                      "x:" HASH,
                                      "7:" HASH "0",
                                      "0:" HASH,
                                      SENSOR ":" HASH,
                                      "zz" SENSOR ":7:" HASH};
    NTA_AUTO(nta_heads_done) struct nta_heads heads = {.n = 0};
    struct nta_err err;

    (void)state;
    assert_int_equal(nta_heads_add(&heads, "7:" HASH, &err), 0);
    assert_int_equal(nta_heads_add(&heads, SENSOR ":8:" HASH, &err), 0);
    assert_int_equal(heads.n, 2);
    assert_false(heads.all[0].has_sensor);
    assert_int_equal(heads.all[0].number, 7);
    assert_true(heads.all[1].has_sensor);
    assert_int_equal(heads.all[1].number, 8);
    for (size_t i = 0; i < NTA_N_ELEMENTS(bad); i++)
        assert_true(nta_heads_add(&heads, bad[i], &err) < 0);
    assert_int_equal(heads.n, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_of_the_log_is_found_anywhere_in_it),
        cmocka_unit_test(a_head_is_named_with_or_without_its_sensor),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
