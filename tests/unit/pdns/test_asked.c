/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory/area.h"
#include "pdns/asked.h"
#include "unit.h"

#define SECOND INT64_C(1000000000)
#define HOUR   (3600 * SECOND)

static struct nta_asked *asked;

static int setup(void **state)
{
    (void)state;
    asked = nta_area_new(sizeof(*asked), NTA_AREA_GROWS);
    assert_non_null(asked);
    asked->key = (struct nta_hash_key){1, 2};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    nta_area_free(asked, sizeof(*asked));
    return 0;
}

static void what_one_asked_for_another_did_not(void **state)
{
    (void)state;
    nta_asked_note(asked, 1, nta_span_of("a.example"), HOUR);
    assert_true(nta_asked_has(asked, 1, nta_span_of("a.example")));
    assert_false(nta_asked_has(asked, 1, nta_span_of("b.example")));
    assert_false(nta_asked_has(asked, 2, nta_span_of("a.example")));
}

static void dns_is_seen_from_its_first_question_until_an_hour_after_the_last(void **state)
{
    (void)state;
    assert_false(nta_asked_is_seen(asked, 1, HOUR));
    nta_asked_note(asked, 1, nta_span_of("a.example"), HOUR);
    nta_asked_note(asked, 1, nta_span_of("b.example"), 2 * HOUR);
    assert_false(nta_asked_is_seen(asked, 1, HOUR - 1));
    assert_true(nta_asked_is_seen(asked, 1, HOUR));
    assert_true(nta_asked_is_seen(asked, 1, 3 * HOUR));
    assert_false(nta_asked_is_seen(asked, 1, 3 * HOUR + 1));
    assert_false(nta_asked_is_seen(asked, 2, 2 * HOUR));
    /* a long break: what was before is another time */
    nta_asked_note(asked, 1, nta_span_of("c.example"), 9 * HOUR);
    assert_false(nta_asked_is_seen(asked, 1, 8 * HOUR));
}

static void however_many_are_asked_for_the_last_ones_are_known(void **state)
{
    char name[32];

    (void)state;
    for (int i = 0; i < 300000; i++) {
        (void)snprintf(name, sizeof(name), "n%d.example", i);
        nta_asked_note(asked, 1, nta_span_of(name), HOUR + i);
        assert_true(nta_asked_has(asked, 1, nta_span_of(name)));
    }
    assert_true(nta_asked_is_seen(asked, 1, 2 * HOUR));
}

int main(void)
{
#define FRESH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        FRESH(what_one_asked_for_another_did_not),
        FRESH(dns_is_seen_from_its_first_question_until_an_hour_after_the_last),
        FRESH(however_many_are_asked_for_the_last_ones_are_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
