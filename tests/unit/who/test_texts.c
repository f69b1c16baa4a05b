/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"
#include "who/texts.h"

static void a_text_is_kept_once(void **state)
{
    struct nta_texts texts;

    (void)state;
    assert_int_equal(nta_texts_init(&texts, 8, &(struct nta_hash_key){1, 2}), 0);
    const uint32_t first = nta_texts_hold(&texts, nta_span_of("laptop"));

    assert_int_equal(nta_texts_hold(&texts, nta_span_of("laptop")), first);
    nta_texts_drop(&texts, first);
    assert_int_equal(nta_texts_get(&texts, first).len, 6);
    nta_texts_drop(&texts, first);
    assert_int_equal(nta_texts_hold(&texts, nta_span_of("printer")), first); /* its place */
    nta_texts_done(&texts);
}

static void what_is_too_long_is_not_cut(void **state)
{
    struct nta_texts texts;
    char text[NTA_TEXTS_LONG_MAX + 2];

    (void)state;
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(nta_texts_init(&texts, 8, &(struct nta_hash_key){1, 2}), 0);
    assert_int_equal(nta_texts_hold(&texts, nta_span_of(text)), 0);
    assert_int_equal(nta_texts_hold(&texts, nta_span_of("")), 0);
    text[NTA_TEXTS_LONG_MAX] = '\0';
    const uint32_t number = nta_texts_hold(&texts, nta_span_of(text));

    assert_int_equal(nta_texts_get(&texts, number).len, NTA_TEXTS_LONG_MAX);
    nta_texts_done(&texts);
}

static void there_is_an_end_to_space(void **state)
{
    struct nta_texts texts;
    char text[32];
    uint32_t numbers[8];

    (void)state;
    assert_int_equal(nta_texts_init(&texts, 8, &(struct nta_hash_key){1, 2}), 0);
    for (int i = 0; i < 8; i++) {
        (void)snprintf(text, sizeof(text), "name %d", i);
        numbers[i] = nta_texts_hold(&texts, nta_span_of(text));
        assert_int_not_equal(numbers[i], 0);
    }
    assert_true(nta_texts_is_full(&texts, 6));
    assert_int_equal(nta_texts_hold(&texts, nta_span_of("one more")), 0);
    for (int i = 0; i < 8; i++)
        nta_texts_drop(&texts, numbers[i]);
    assert_false(nta_texts_is_full(&texts, 6));
    assert_int_not_equal(nta_texts_hold(&texts, nta_span_of("one more")), 0);
    nta_texts_done(&texts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_kept_once),
        cmocka_unit_test(what_is_too_long_is_not_cut),
        cmocka_unit_test(there_is_an_end_to_space),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
