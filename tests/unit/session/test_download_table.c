/* SPDX-License-Identifier: Apache-2.0 */
#include "session/state/download_table.h"
#include "unit.h"

static struct nta_downloads downloads;

static int begin(void **state)
{
    (void)state;
    return nta_downloads_init(&downloads, &(struct nta_hash_key){.k0 = 1, .k1 = 2});
}

static int end(void **state)
{
    (void)state;
    nta_downloads_done(&downloads);
    return 0;
}

static void what_has_the_same_hash_keeps_apart(void **state)
{
    struct nta_download *all[3];

    (void)state;
    for (uint64_t i = 0; i < 3; i++)
        all[i] = nta_download_take(&downloads, 5 + i * NTA_DOWNLOADS_MAX);
    for (uint64_t i = 0; i < 3; i++)
        assert_ptr_equal(nta_download_find(&downloads, 5 + i * NTA_DOWNLOADS_MAX), all[i]);
    assert_null(nta_download_find(&downloads, 5 + 3 * NTA_DOWNLOADS_MAX));
    nta_download_release(&downloads, all[1]);
    assert_null(nta_download_find(&downloads, 5 + NTA_DOWNLOADS_MAX));
    assert_ptr_equal(nta_download_find(&downloads, 5), all[0]);
    assert_ptr_equal(nta_download_find(&downloads, 5 + 2 * NTA_DOWNLOADS_MAX), all[2]);
}

static void an_id_is_of_one_download_and_not_of_its_slot(void **state)
{
    struct nta_download *download = nta_download_take(&downloads, 1);
    const uint32_t id = download->id;

    (void)state;
    assert_ptr_equal(nta_download_get(&downloads, id), download);
    nta_download_release(&downloads, download);
    assert_null(nta_download_get(&downloads, id));
    assert_ptr_equal(nta_download_take(&downloads, 1), download);
    assert_null(nta_download_get(&downloads, id));
    assert_null(nta_download_get(&downloads, 0));
}

static void the_one_that_waited_longest_is_the_oldest(void **state)
{
    struct nta_download *first = nta_download_take(&downloads, 1);
    struct nta_download *second = nta_download_take(&downloads, 2);
    struct nta_download *third = nta_download_take(&downloads, 3);

    (void)state;
    assert_ptr_equal(nta_download_oldest(&downloads, NTA_DOWNLOAD_ANY), first);
    nta_download_touch(&downloads, first);
    assert_ptr_equal(nta_download_oldest(&downloads, NTA_DOWNLOAD_ANY), second);
    nta_download_release(&downloads, second);
    assert_ptr_equal(nta_download_oldest(&downloads, NTA_DOWNLOAD_ANY), third);
    nta_download_release(&downloads, third);
    nta_download_release(&downloads, first);
    assert_null(nta_download_oldest(&downloads, NTA_DOWNLOAD_ANY));
}

static void a_full_table_refuses_until_one_goes(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < NTA_DOWNLOADS_MAX; i++)
        assert_non_null(nta_download_take(&downloads, i));
    assert_null(nta_download_take(&downloads, NTA_DOWNLOADS_MAX));
    assert_int_equal(nta_download_oldest(&downloads, NTA_DOWNLOAD_ANY)->key, 0);
    nta_download_release(&downloads, nta_download_oldest(&downloads, NTA_DOWNLOAD_ANY));
    assert_non_null(nta_download_take(&downloads, NTA_DOWNLOADS_MAX));
    assert_int_equal(nta_download_oldest(&downloads, NTA_DOWNLOAD_ANY)->key, 1);
}

/* Who gives up what it holds is found without a walk over those that hold nothing. */
static void those_that_hold_blocks_have_orders_of_their_own(void **state)
{
    (void)state;
    struct nta_download *first = nta_download_take(&downloads, 1);
    struct nta_download *second = nta_download_take(&downloads, 2);

    assert_null(nta_download_oldest(&downloads, NTA_DOWNLOAD_WITH_HELD));
    second->pieces.n = 1;
    nta_download_sort(&downloads, second);
    first->pieces.n = first->pieces.n_tail = 1;
    nta_download_sort(&downloads, first);
    assert_ptr_equal(nta_download_oldest(&downloads, NTA_DOWNLOAD_WITH_HELD), second);
    assert_ptr_equal(nta_download_oldest(&downloads, NTA_DOWNLOAD_WITH_TAIL), first);
    nta_download_touch(&downloads, second);
    assert_ptr_equal(nta_download_oldest(&downloads, NTA_DOWNLOAD_WITH_HELD), first);
    first->pieces.n = 0;
    nta_download_sort(&downloads, first);
    assert_ptr_equal(nta_download_oldest(&downloads, NTA_DOWNLOAD_WITH_HELD), second);
    assert_ptr_equal(nta_download_oldest(&downloads, NTA_DOWNLOAD_WITH_TAIL), first);
    nta_download_release(&downloads, second);
    nta_download_release(&downloads, first);
    assert_null(nta_download_oldest(&downloads, NTA_DOWNLOAD_WITH_HELD));
    assert_null(nta_download_oldest(&downloads, NTA_DOWNLOAD_WITH_TAIL));
    assert_null(nta_download_oldest(&downloads, NTA_DOWNLOAD_ANY));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_has_the_same_hash_keeps_apart, begin, end),
        cmocka_unit_test_setup_teardown(an_id_is_of_one_download_and_not_of_its_slot, begin, end),
        cmocka_unit_test_setup_teardown(the_one_that_waited_longest_is_the_oldest, begin, end),
        cmocka_unit_test_setup_teardown(those_that_hold_blocks_have_orders_of_their_own, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_full_table_refuses_until_one_goes, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
