/* SPDX-License-Identifier: Apache-2.0 */
#include "base/runtime/clock.h"
#include "unit.h"
#include "vault/crypto/pseudonym.h"

#define DAY_NS (86400 * NTA_NS_PER_S)

static struct nta_pseudonyms *names;

static uint64_t of(enum nta_pseudonym_kind kind, int64_t wall_ns, const char *text)
{
    return nta_pseudonyms_of(names, kind, wall_ns, nta_span_of(text));
}

static void the_same_is_the_same_all_day(void **state)
{
    (void)state;
    const uint64_t ann = of(NTA_PSEUDONYM_LOGIN, 20000 * DAY_NS, "ann");

    assert_int_equal(of(NTA_PSEUDONYM_LOGIN, 20000 * DAY_NS + DAY_NS - 1, "ann"), ann);
    assert_int_not_equal(of(NTA_PSEUDONYM_LOGIN, 20001 * DAY_NS, "ann"), ann);
    assert_int_not_equal(of(NTA_PSEUDONYM_LOGIN, 20000 * DAY_NS - 1, "ann"), ann);
}

static void others_are_others(void **state)
{
    (void)state;
    const uint64_t ann = of(NTA_PSEUDONYM_LOGIN, DAY_NS, "ann");

    assert_int_not_equal(of(NTA_PSEUDONYM_LOGIN, DAY_NS, "anna"), ann);
    assert_int_not_equal(of(NTA_PSEUDONYM_LOGIN, DAY_NS, ""), ann);
    assert_int_not_equal(of(NTA_PSEUDONYM_NAME, DAY_NS, "ann"), ann);
}

static void times_before_1970_have_days_too(void **state)
{
    (void)state;
    const uint64_t before = of(NTA_PSEUDONYM_LOGIN, -1, "ann");

    assert_int_equal(of(NTA_PSEUDONYM_LOGIN, -DAY_NS, "ann"), before);
    assert_int_not_equal(of(NTA_PSEUDONYM_LOGIN, 0, "ann"), before);
    (void)of(NTA_PSEUDONYM_LOGIN, INT64_MIN, "ann");
    (void)of(NTA_PSEUDONYM_LOGIN, INT64_MAX, "ann");
}

static void another_run_has_another_key(void **state)
{
    struct nta_pseudonyms *others = NULL;
    struct nta_err err;

    (void)state;
    assert_int_equal(nta_pseudonyms_new(&others, &err), 0);
    assert_int_not_equal(nta_pseudonyms_of(others, NTA_PSEUDONYM_LOGIN, 0, nta_span_of("ann")),
                         of(NTA_PSEUDONYM_LOGIN, 0, "ann"));
    nta_pseudonyms_free(&others);
    nta_pseudonyms_free(&others);
    assert_null(others);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_is_the_same_all_day),
        cmocka_unit_test(others_are_others),
        cmocka_unit_test(times_before_1970_have_days_too),
        cmocka_unit_test(another_run_has_another_key),
    };
    struct nta_err err;

    if (nta_pseudonyms_new(&names, &err) < 0)
        return 1;
    int r = cmocka_run_group_tests(tests, NULL, NULL);

    nta_pseudonyms_free(&names);
    return r;
}
