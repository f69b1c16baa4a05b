/* SPDX-License-Identifier: Apache-2.0 */
/* Languages by the names that locales and browsers have for them. */
#include "base/language.h"
#include "unit.h"

static bool finds(const char *name, enum nta_language wanted)
{
    enum nta_language language = NTA_N_LANGUAGES;

    return nta_language_find(nta_span_of(name), &language) && language == wanted;
}

static void a_locale_is_of_its_language(void **state)
{
    (void)state;
    assert_true(finds("de", NTA_LANGUAGE_DE));
    assert_true(finds("de_AT.UTF-8", NTA_LANGUAGE_DE));
    assert_true(finds("fr-CA", NTA_LANGUAGE_FR));
    assert_true(finds("nl.UTF-8", NTA_LANGUAGE_NL));
    assert_true(finds("en@euro", NTA_LANGUAGE_EN));
}

static void what_there_are_no_words_in_is_none(void **state)
{
    static const char *const names[] = {"", "C", "C.UTF-8", "POSIX", "d", "deu", "den_DE", "_de"};
    enum nta_language language;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_false(nta_language_find(nta_span_of(names[i]), &language));
}

static void nothing_is_one_in_french_alone(void **state)
{
    (void)state;
    assert_true(nta_language_is_one(NTA_LANGUAGE_FR, 0));
    assert_false(nta_language_is_one(NTA_LANGUAGE_EN, 0));
    assert_true(nta_language_is_one(NTA_LANGUAGE_DE, 1));
    assert_false(nta_language_is_one(NTA_LANGUAGE_FR, 2));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_locale_is_of_its_language),
        cmocka_unit_test(what_there_are_no_words_in_is_none),
        cmocka_unit_test(nothing_is_one_in_french_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
