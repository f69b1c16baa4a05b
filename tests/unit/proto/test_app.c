/* SPDX-License-Identifier: Apache-2.0 */
#include "names.h"
#include "proto/app.h"
#include "proto/event.h"
#include "proto/registry.h"
#include "unit.h"

static void each_app_has_a_name_of_its_own_and_is_found_by_it(void **state)
{
    (void)state;
#define CHECK(symbol, name, number, traits)                                                        \
    assert_string_equal(nta_app_name(NTA_APP_##symbol), (name));                                   \
    assert_int_equal(nta_app_find(name), NTA_APP_##symbol);
    NTA_APPS(CHECK)
#undef CHECK
    assert_string_equal(nta_app_name((enum nta_app)NTA_APPS_SIZE), "");
    assert_false(nta_app_has((enum nta_app)NTA_APPS_SIZE, UINT32_MAX));
    assert_int_equal(nta_app_find("nobody's"), NTA_APP_NONE);
}

static void traits_agree_with_each_other(void **state)
{
    (void)state;
    for (unsigned i = 0; i < NTA_APPS_SIZE; i++) {
        const unsigned traits = nta_app_rows[i].traits;

        assert_true(nta_app_rows[i].name || traits == 0);
        if (traits & NTA_TRAIT_PER_REQUEST)
            assert_true(traits & NTA_TRAIT_REQUESTS);
        if (traits & NTA_TRAIT_RESOLVES)
            assert_true(traits & NTA_TRAIT_LOOKUP);
        if (traits & NTA_TRAIT_TUNNEL)
            assert_int_equal(traits, NTA_TRAIT_TUNNEL);
    }
}

/** What the rows of parsers cannot be asked when they are compiled. */
static void each_parser_is_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < NTA_N_PROTOS; i++) {
        const struct nta_proto *proto = nta_protos[i];

        if (!proto->probe || !proto->feed || !proto->turn || proto->state_size == 0)
            fail_msg("%s is not whole", proto->name);
        if (!proto->over_tcp && !proto->over_udp && !proto->over_link)
            fail_msg("%s is over nothing", proto->name);
        if (proto->gap && !proto->over_tcp)
            fail_msg("%s: datagrams have no gaps", proto->name);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(proto->name, nta_protos[k]->name);
    }
    assert_null(nta_protos[NTA_N_PROTOS]);
}

static void each_source_of_a_binding_has_a_name_of_its_own(void **state)
{
    (void)state;
    NAMES_ARE_TOTAL(nta_binding_source_name, 0, NTA_N_BINDING_SOURCES);
}

static void each_state_of_a_binding_has_a_name_of_its_own(void **state)
{
    (void)state;
    NAMES_ARE_TOTAL(nta_binding_state_name, 0, NTA_N_BINDING_STATES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_app_has_a_name_of_its_own_and_is_found_by_it),
        cmocka_unit_test(traits_agree_with_each_other),
        cmocka_unit_test(each_parser_is_whole),
        cmocka_unit_test(each_source_of_a_binding_has_a_name_of_its_own),
        cmocka_unit_test(each_state_of_a_binding_has_a_name_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
