/* SPDX-License-Identifier: Apache-2.0 */
/* Records in an order: the first so many, whatever comes in which order. */
#include "base/own.h"
#include "sort/sorted.h"
#include "unit.h"

#include <stdlib.h>

enum
{
    N = 1000
};

static struct nta_sorted *sorted;
static struct nta_buf cbor;
static uint64_t got[N];
static size_t n_got;

static void add(const struct nta_record *record, uint64_t number)
{
    const struct nta_header header = {.number = number};

    nta_buf_clear(&cbor);
    nta_record_encode(record, &cbor);
    const struct nta_found found = {
        .record = record, .encoded = nta_buf_span(&cbor), .header = &header};

    assert_int_equal(nta_sorted_add(sorted, &found), 0);
}

static int keep(void *owner, const struct nta_found *found, struct nta_err *err)
{
    (void)owner;
    (void)err;
    got[n_got++] = found->header->number;
    return n_got == N;
}

static void end(void)
{
    n_got = 0;
    assert_int_equal(nta_sorted_each(sorted, false, keep, NULL, NULL), 0);
}

static int teardown(void **state)
{
    (void)state;
    nta_sorted_free(&sorted);
    nta_buf_done(&cbor);
    return 0;
}

static struct nta_record of_bytes(uint64_t bytes)
{
    return (struct nta_record){
        .event = NTA_RECORD_FLOW, .time_ns = 1, .down.bytes = bytes, .app = NTA_APP_HTTP};
}

static void turned_round_the_last_of_those_that_stay_comes_first(void **state)
{
    (void)state;
    sorted = nta_sorted_new(NTA_ORDER_TIME, 3, SIZE_MAX);
    assert_non_null(sorted);
    for (uint64_t i = 0; i < N; i++) {
        struct nta_record record = of_bytes(1);

        record.time_ns = 1 + (int64_t)(i * 7919 % N);
        add(&record, i * 7919 % N);
    }
    n_got = 0;
    assert_int_equal(nta_sorted_each(sorted, true, keep, NULL, NULL), 0);
    assert_int_equal(n_got, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(got[i], N - 3 + i);
    assert_int_equal(nta_sorted_left_out(sorted), N - 3);
}

static void the_largest_stay_and_equals_as_they_came(void **state)
{
    (void)state;
    sorted = nta_sorted_new(NTA_ORDER_BYTES, 5, SIZE_MAX);
    assert_non_null(sorted);
    for (uint64_t i = 0; i < N - 1; i++) {
        const struct nta_record record = of_bytes(i * 7919 % 500);

        add(&record, i);
    }
    end();
    assert_int_equal(n_got, 5);
    for (size_t i = 1; i < n_got; i++) {
        const uint64_t before = got[i - 1] * 7919 % 500, now = got[i] * 7919 % 500;

        assert_true(before > now || (before == now && got[i - 1] < got[i]));
    }
    assert_int_equal(got[0] * 7919 % 500, 499);
    assert_int_equal(nta_sorted_left_out(sorted), N - 1 - 5);
}

static void what_was_done_comes_before_what_is_large(void **state)
{
    struct nta_record large = of_bytes(1000000), file = of_bytes(10), asked = of_bytes(500);

    (void)state;
    sorted = nta_sorted_new(NTA_ORDER_ACT, N, SIZE_MAX);
    assert_non_null(sorted);
    file.match.list = asked.match.list = nta_span_of("malware");
    file.act = NTA_ACT_DOWNLOADED;
    asked.act = NTA_ACT_ASKED;
    add(&large, 1); /* which no list forbids */
    add(&asked, 2);
    add(&file, 3);
    end();
    assert_int_equal(n_got, 3);
    assert_int_equal(got[0], 3);
    assert_int_equal(got[1], 2);
    assert_int_equal(got[2], 1);
    assert_int_equal(nta_sorted_left_out(sorted), 0);
}

static void nothing_is_nothing(void **state)
{
    (void)state;
    sorted = nta_sorted_new(NTA_ORDER_TIME, 1, SIZE_MAX);
    assert_non_null(sorted);
    end();
    assert_int_equal(n_got, 0);
}

/** What stays are the first ones of all that came, and as many as said, however large they are. */
static void too_many_bytes_leave_out_the_last_ones(void **state)
{
    (void)state;
    sorted = nta_sorted_new(NTA_ORDER_BYTES, N, 65536);
    assert_non_null(sorted);
    for (uint64_t i = 0; i < N; i++) {
        const struct nta_record record = of_bytes(1 + i * 7919 % N);

        add(&record, 1 + i * 7919 % N);
    }
    end();
    assert_in_range(n_got, 20, N / 2);
    assert_int_equal(nta_sorted_left_out(sorted), N - n_got);
    for (size_t i = 0; i < n_got; i++)
        assert_int_equal(got[i], N - i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(too_many_bytes_leave_out_the_last_ones, teardown),
        cmocka_unit_test_teardown(the_largest_stay_and_equals_as_they_came, teardown),
        cmocka_unit_test_teardown(what_was_done_comes_before_what_is_large, teardown),
        cmocka_unit_test_teardown(turned_round_the_last_of_those_that_stay_comes_first, teardown),
        cmocka_unit_test_teardown(nothing_is_nothing, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
