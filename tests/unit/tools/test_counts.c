/* SPDX-License-Identifier: Apache-2.0 */
/* Sums by key: exact while there is space, honest beyond; and users, counted and estimated. */
#include "base/text.h"
#include "stats/counts.h"
#include "stats/users.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static void add(struct nta_counts *counts, unsigned key, unsigned user, uint64_t bytes)
{
    char key_text[32], user_text[32];

    (void)snprintf(key_text, sizeof(key_text), "key-%u", key);
    (void)snprintf(user_text, sizeof(user_text), "user-%u", user);
    const struct nta_sum one = {
        .n = 1, .up = 1, .down = bytes, .first_ns = 1000 + key, .last_ns = 2000 + user};

    assert_int_equal(nta_counts_add(counts, nta_span_of(key_text), nta_span_of(user_text), &one),
                     0);
}

static struct nta_count find(const struct nta_counts *counts, unsigned key)
{
    struct nta_count count = {0};
    char text[32];

    (void)snprintf(text, sizeof(text), "key-%u", key);
    (void)nta_counts_find(counts, nta_span_of(text), &count);
    return count;
}

static void sums_are_exact(void **state)
{
    struct nta_counts *counts = NULL;

    (void)state;
    assert_int_equal(nta_counts_new(0, NTA_ORDER_BYTES, &counts), 0);
    for (unsigned i = 0; i < 10000; i++)
        add(counts, i % 100, i % 7, i);
    assert_int_equal(nta_counts_n(counts), 100);
    for (unsigned key = 0; key < 100; key++) {
        struct nta_count count = find(counts, key);

        assert_int_equal(count.sum.n, 100);
        assert_int_equal(count.sum.up, 100);
        assert_int_equal(count.sum.down, 100 * key + 100 * (100 * 99 / 2));
        assert_int_equal(count.n_users, 7);
        assert_int_equal(count.sum.first_ns, 1000 + key);
        assert_int_equal(count.sum.last_ns, 2006);
    }
    assert_int_equal(nta_counts_total(counts).sum.n, 10000);
    assert_int_equal(nta_counts_total(counts).n_users, 7);
    assert_true(nta_counts_is_exact(counts) && nta_counts_total_is_exact(counts));
    assert_int_equal(nta_counts_others(counts).sum.n, 0);
    nta_counts_free(&counts);
}

/** Each key is called by who says most of it, also once some were folded. */
static void keys_are_called_by_who_says_most(void **state)
{
    struct nta_counts *counts = NULL;
    struct nta_count count;

    (void)state;
    assert_int_equal(nta_counts_new(64, NTA_ORDER_BYTES, &counts), 0);
    for (unsigned i = 0; i < 5000; i++) {
        add(counts, 100000 + i, 1, 10);
        assert_int_equal(nta_counts_call(counts, 1, nta_span_of("light")), 0);
        add(counts, i % 8, 1, 100000);
        assert_int_equal(nta_counts_call(counts, 2, nta_span_of("heavy")), 0);
        assert_false(nta_counts_wants_name(counts, 2));
        assert_int_equal(nta_counts_call(counts, 1, nta_span_of("worse")), 0);
    }
    for (size_t i = 0; i < nta_counts_n(counts); i++) {
        const struct nta_span key = nta_counts_get(counts, i, &count);

        assert_true(nta_span_is(nta_counts_name(counts, i), key.len == 5 ? "heavy" : "light"));
    }
    nta_counts_free(&counts);
}

/** A name that is bettered again and again costs no more space. */
static void names_are_bounded(void **state)
{
    struct nta_counts *counts = NULL;
    uint8_t name[255];

    (void)state;
    memset(name, 'x', sizeof(name));
    assert_int_equal(nta_counts_new(0, NTA_ORDER_BYTES, &counts), 0);
    for (unsigned i = 0; i < 110000; i++) { /* 28 MB of names: the last have none */
        add(counts, i, 1, 1);
        assert_int_equal(nta_counts_call(counts, 1, (struct nta_span){name, sizeof(name)}), 0);
    }
    assert_int_equal(nta_counts_name(counts, 0).len, 255);
    assert_int_equal(nta_counts_name(counts, 109999).len, 0);
    assert_int_equal(nta_counts_n(counts), 110000);
    nta_counts_free(&counts);
}

static void what_is_heavy_stays_when_there_are_too_many_keys(void **state)
{
    struct nta_counts *counts = NULL;
    struct nta_count sum = {0}, count;

    (void)state;
    assert_int_equal(nta_counts_new(64, NTA_ORDER_BYTES, &counts), 0);
    for (unsigned i = 0; i < 5000; i++) {
        add(counts, 100000 + i, i, 10);    /* each once */
        add(counts, i % 8, i % 3, 100000); /* eight heavy ones */
    }
    assert_true(nta_counts_n(counts) <= 64);
    for (unsigned key = 0; key < 8; key++) {
        assert_int_equal(find(counts, key).sum.n, 625);
        assert_int_equal(find(counts, key).n_users, 3);
    }
    for (size_t i = 0; i < nta_counts_n(counts); i++) {
        (void)nta_counts_get(counts, i, &count);
        sum.sum.n += count.sum.n;
        sum.sum.down += count.sum.down;
    }
    /* nothing is lost: rows and others make the total */
    assert_int_equal(sum.sum.n + nta_counts_others(counts).sum.n, 10000);
    assert_int_equal(sum.sum.down + nta_counts_others(counts).sum.down,
                     nta_counts_total(counts).sum.down);
    assert_true(nta_counts_others(counts).sum.n > 4000);
    nta_counts_free(&counts);
}

static void by_act_what_was_downloaded_stays(void **state)
{
    const struct nta_sum taken = {.n = 1, .act = NTA_ACT_DOWNLOADED, .down = 1};
    struct nta_counts *counts = NULL;
    struct nta_count count;

    (void)state;
    assert_int_equal(nta_counts_new(64, NTA_ORDER_ACT, &counts), 0);
    assert_int_equal(nta_counts_add(counts, nta_span_of("taken"), nta_span_of("ann"), &taken), 0);
    for (unsigned i = 0; i < 5000; i++)
        add(counts, i, i, 100000);
    assert_true(nta_counts_find(counts, nta_span_of("taken"), &count));
    assert_int_equal(count.sum.act, NTA_ACT_DOWNLOADED);
    nta_counts_free(&counts);
}

static void too_many_users_are_estimated_and_that_is_said(void **state)
{
    struct nta_counts *counts = NULL;

    (void)state;
    assert_int_equal(nta_counts_new(0, NTA_ORDER_BYTES, &counts), 0);
    for (unsigned user = 0; user < 800000; user++) {
        add(counts, 0, user, 1);
        add(counts, 1 + user % 2, user, 1);
    }
    assert_false(nta_counts_is_exact(counts));
    assert_true(nta_counts_total_is_exact(counts));
    assert_int_equal(nta_counts_total(counts).n_users, 800000);
    assert_int_equal(find(counts, 0).sum.n, 800000);
    /* a standard error is 9 %, hashing is by a random key: five of them */
    assert_in_range(find(counts, 0).n_users, 440000, 1160000);
    assert_in_range(find(counts, 1).n_users, 220000, 580000);
    nta_counts_free(&counts);
}

static void hostile_keys_are_keys(void **state)
{
    static const char nul[] = "a\0b";
    struct nta_counts *counts = NULL;
    struct nta_count count;
    char longest[1000];

    (void)state;
    memset(longest, 'x', sizeof(longest));
    assert_int_equal(nta_counts_new(0, NTA_ORDER_BYTES, &counts), 0);
    const struct nta_span keys[] = {{(const uint8_t *)nul, 3},
                                    {(const uint8_t *)nul, 1},
                                    {NULL, 0},
                                    {(const uint8_t *)longest, sizeof(longest)},
                                    {(const uint8_t *)"\xff\xfe", 2}};

    const struct nta_sum one = {.n = 1};

    for (size_t i = 0; i < 5; i++)
        assert_int_equal(nta_counts_add(counts, keys[i], keys[i], &one), 0);
    assert_int_equal(nta_counts_n(counts), 5);
    assert_int_equal(nta_counts_get(counts, 0, &count).len, 3);
    assert_int_equal(nta_counts_get(counts, 3, &count).len, 255);
    assert_int_equal(count.n_users, 1);
    assert_int_equal(nta_counts_total(counts).n_users, 4); /* nobody is not a user */
    nta_counts_free(&counts);
}

static void sketches_count_small_numbers_well(void **state)
{
    static const unsigned sizes[] = {0, 1, 10, 100, 1000, 100000};

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        uint8_t sketch[NTA_SKETCH_SIZE] = {0};
        uint64_t hash = 88172645463325252U;

        for (unsigned k = 0; k < sizes[i]; k++) {
            hash ^= hash << 13;
            hash ^= hash >> 7;
            hash ^= hash << 17;
            nta_sketch_add(sketch, hash * UINT64_C(0x2545f4914f6cdd1d));
            nta_sketch_add(sketch, hash * UINT64_C(0x2545f4914f6cdd1d)); /* again: no difference */
        }
        assert_in_range(nta_sketch_count(sketch), sizes[i] - sizes[i] / 4,
                        sizes[i] + sizes[i] / 4 + (sizes[i] > 1));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_exact),
        cmocka_unit_test(keys_are_called_by_who_says_most),
        cmocka_unit_test(names_are_bounded),
        cmocka_unit_test(what_is_heavy_stays_when_there_are_too_many_keys),
        cmocka_unit_test(by_act_what_was_downloaded_stays),
        cmocka_unit_test(too_many_users_are_estimated_and_that_is_said),
        cmocka_unit_test(hostile_keys_are_keys),
        cmocka_unit_test(sketches_count_small_numbers_well),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
