/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/text.h"
#include "unit.h"
#include "vault/tokens.h"

#include <stdio.h>
#include <stdlib.h>

enum
{
    N_VALUES = 50000 ///< More than the table of tokens has slots.
};

struct kit
{
    struct nta_tokens *tokens;
    struct nta_hmac_key key;
    struct nta_batch batch;
    struct nta_buf out;
};

static int set_up(void **state)
{
    struct kit *kit = calloc(1, sizeof(*kit));

    assert_non_null(kit);
    assert_int_equal(nta_tokens_new(&kit->tokens), 0);
    nta_hmac_key_init(&kit->key, nta_span_of("a key of tests"));
    nta_batch_init(&kit->batch);
    *state = kit;
    return 0;
}

static int tear_down(void **state)
{
    struct kit *kit = *state;

    nta_tokens_free(&kit->tokens);
    nta_batch_done(&kit->batch);
    nta_buf_done(&kit->out);
    free(kit);
    return 0;
}

/** The i-th value, a host name, in a record that has no other. */
static void count_in(struct kit *kit, size_t i)
{
    char name[16];
    struct nta_record record = {.event = NTA_RECORD_FLOW, .time_ns = 1};

    (void)snprintf(name, sizeof(name), "host-%zu", i);
    record.user.name = nta_span_of(name);
    assert_int_equal(nta_batch_count(&kit->batch, &record), 0);
}

static void make(struct kit *kit)
{
    const struct nta_token_keys keys = {.keys = &kit->key, .n = 1};

    assert_int_equal(nta_tokens_of(kit->tokens, &keys, &kit->batch, &kit->out), 0);
}

static bool has(const struct kit *kit, size_t i)
{
    char name[16];
    uint8_t token[NTA_TOKEN_LEN];

    (void)snprintf(name, sizeof(name), "host-%zu", i);
    nta_token_of(&kit->key, NTA_VALUE_USER_NAME, nta_span_of(name), token);
    return nta_tokens_have(nta_buf_span(&kit->out), token);
}

static void assert_in_order(const struct kit *kit)
{
    for (size_t at = NTA_TOKEN_LEN; at < kit->out.len; at += NTA_TOKEN_LEN)
        assert_true(memcmp(kit->out.ptr + at - NTA_TOKEN_LEN, kit->out.ptr + at, NTA_TOKEN_LEN) <
                    0);
}

static void each_value_has_one_token_however_often_it_comes(void **state)
{
    struct kit *kit = *state;

    for (size_t round = 0; round < 3; round++)
        for (size_t i = 0; i < N_VALUES; i++)
            count_in(kit, i * (2 * round + 1) % N_VALUES);
    make(kit);
    assert_int_equal(kit->out.len, (size_t)N_VALUES * NTA_TOKEN_LEN);
    assert_in_order(kit);
    for (size_t i = 0; i < N_VALUES; i++)
        assert_true(has(kit, i));
    assert_false(has(kit, N_VALUES));
}

static void each_batch_has_its_own_though_the_last_had_them_too(void **state)
{
    struct kit *kit = *state;

    for (size_t batch = 0; batch < 20; batch++) {
        nta_batch_clear(&kit->batch);
        for (size_t i = 0; i < 100; i++)
            count_in(kit, 50 * batch + i % 75);
        make(kit);
        assert_int_equal(kit->out.len, 75 * NTA_TOKEN_LEN);
        assert_in_order(kit);
        assert_true(has(kit, 50 * batch) && has(kit, 50 * batch + 74));
        assert_false(has(kit, 50 * batch + 75));
    }
}

static void none_gives_none(void **state)
{
    struct kit *kit = *state;

    make(kit);
    assert_int_equal(kit->out.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_value_has_one_token_however_often_it_comes, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(each_batch_has_its_own_though_the_last_had_them_too, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(none_gives_none, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
