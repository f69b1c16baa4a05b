/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/overlap.h"
#include "lists.h"

#include <errno.h>

static void add(struct nta_overlap *overlap, const char *text)
{
    const char *path = list_file(text, strlen(text));
    const struct nta_list_source source = {.path = path};
    struct nta_err err = {0};

    if (nta_overlap_add(overlap, &source, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(unlink(path), 0);
}

static void what_lists_share_is_counted_after_normalising(void **state)
{
    NTA_AUTO(nta_overlap_free) struct nta_overlap *overlap = NULL;
    struct nta_err err = {0};

    (void)state;
    assert_int_equal(nta_overlap_new(&overlap, &err), 0);
    add(overlap, "a.example\nb.example\nA.EXAMPLE.\n192.0.2.0/24\n192.0.2.1\nx.example/y\n");
    add(overlap, "||b.example^\n0.0.0.0 a.example\n192.0.2.0-192.0.2.255\nhttp://x.example/y\n");
    add(overlap, "@@||a.example^\n=b.example\nc.example\n");
    nta_overlap_count(overlap);
    assert_int_equal(nta_overlap_n(overlap, 0), 5);
    assert_int_equal(nta_overlap_pair(overlap, 0, 0), 1); /* said twice */
    assert_int_equal(nta_overlap_pair(overlap, 0, 1), 4);
    assert_int_equal(nta_overlap_pair(overlap, 1, 0), 4);
    assert_int_equal(nta_overlap_pair(overlap, 0, 2), 1); /* an exception for the same */
    assert_int_equal(nta_overlap_pair(overlap, 1, 1), 0);
    assert_int_equal(nta_overlap_others(overlap, 0), 4);
    assert_int_equal(nta_overlap_others(overlap, 1), 4);
    assert_int_equal(nta_overlap_others(overlap, 2), 1); /* exactly b.example is another entry */
}

static void nothing_overlaps_with_nothing(void **state)
{
    NTA_AUTO(nta_overlap_free) struct nta_overlap *overlap = NULL;
    const struct nta_list_source missing = {.path = "/nowhere/list"};
    struct nta_err err = {0};

    (void)state;
    assert_int_equal(nta_overlap_new(&overlap, &err), 0);
    nta_overlap_count(overlap);
    assert_int_equal(nta_overlap_pair(overlap, 3, 7), 0);
    assert_int_equal(nta_overlap_add(overlap, &missing, &err), -ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_lists_share_is_counted_after_normalising),
        cmocka_unit_test(nothing_overlaps_with_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
