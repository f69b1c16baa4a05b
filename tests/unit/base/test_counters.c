/* SPDX-License-Identifier: Apache-2.0 */
#include "base/runtime/counters.h"
#include "names.h"
#include "unit.h"

#include <pthread.h>
#include <stdbool.h>

static struct nta_counters counters;

static void each_counter_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (unsigned i = 0; i < NTA_N_COUNTERS; i++) {
        const struct nta_counter_info *info = &nta_counter_infos[i];

        assert_true(info->name[0] && info->unit[0] && info->help[0]);
        assert_true(strspn(info->name, "abcdefghijklmnopqrstuvwxyz._") == strlen(info->name));
        for (unsigned k = 0; k < i; k++)
            assert_string_not_equal(info->name, nta_counter_infos[k].name);
    }
    assert_int_equal(nta_counter_infos[NTA_COUNTER_DROP_RING].place, NTA_LOST_BLOCK);
    assert_int_equal(nta_counter_infos[NTA_COUNTER_RECEIVED].place, NTA_LOST_NONE);
}

enum
{
    N_ADDS = 200000
};

static void *add(void *arg)
{
    (void)arg;
    for (unsigned i = 0; i < N_ADDS; i++)
        nta_count(&counters, NTA_COUNTER_RECEIVED_BYTES, UINT64_C(0x100000001));
    return NULL;
}

static void a_reader_sees_each_number_whole_and_never_falling(void **state)
{
    pthread_t thread;
    uint64_t last = 0;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, add, NULL), 0);
    while (last < N_ADDS * UINT64_C(0x100000001)) {
        uint64_t n = nta_counted(&counters, NTA_COUNTER_RECEIVED_BYTES);

        assert_int_equal(n >> 32, n & 0xffffffff);
        assert_true(n >= last);
        last = n;
    }
    (void)pthread_join(thread, NULL);
    assert_int_equal(nta_counted(&counters, NTA_COUNTER_RECEIVED), 0);
}

static void numbers_not_known_are_counted_by_kind_and_number(void **state)
{
    static struct nta_unknowns unknowns;

    (void)state;
    nta_unknown_add(&unknowns, NTA_UNKNOWN_ETHER_TYPE, 0x88cc);
    nta_unknown_add(&unknowns, NTA_UNKNOWN_IP_PROTO, 0x88cc);
    nta_unknown_add(&unknowns, NTA_UNKNOWN_ETHER_TYPE, 0x88cc);
    nta_unknown_add(&unknowns, NTA_UNKNOWN_LINK_TYPE, 0);
    assert_int_equal(unknowns.slots[0].key, 0x020088cc);
    assert_int_equal(unknowns.slots[0].n, 2);
    assert_int_equal(unknowns.slots[1].n, 1);
    assert_int_equal(unknowns.slots[2].n, 1);
    assert_string_equal(nta_unknown_kind_name(NTA_UNKNOWN_LINK_TYPE), "link type");
}

static void too_many_numbers_go_into_one_count(void **state)
{
    static struct nta_unknowns unknowns;
    uint64_t sum = 0;

    (void)state;
    for (uint32_t i = 0; i < 100; i++)
        nta_unknown_add(&unknowns, NTA_UNKNOWN_ETHER_TYPE, i);
    for (size_t i = 0; i < NTA_UNKNOWN_SLOTS; i++)
        sum += unknowns.slots[i].n;
    assert_int_equal(sum, NTA_UNKNOWN_SLOTS);
    assert_int_equal(unknowns.other, 100 - NTA_UNKNOWN_SLOTS);
    nta_unknown_add(&unknowns, NTA_UNKNOWN_ETHER_TYPE, 3);
    assert_int_equal(unknowns.slots[3].n, 2);
}

static uint64_t reported, reported_further;

static void report(void *owner, const char *kind, uint32_t number, uint64_t n)
{
    (void)owner;
    if (strcmp(kind, "further numbers") == 0)
        reported_further += n;
    else if (strcmp(kind, "EtherType") == 0 && number == 3)
        reported = reported ? UINT64_MAX : n; /* once only */
}

static void numbers_of_several_threads_are_reported_once(void **state)
{
    static struct nta_unknowns first, second, sum;

    (void)state;
    for (uint32_t i = 0; i < 100; i++)
        nta_unknown_add(&first, NTA_UNKNOWN_ETHER_TYPE, i);
    nta_unknown_add(&second, NTA_UNKNOWN_IP_PROTO, 99);
    nta_unknown_add(&second, NTA_UNKNOWN_ETHER_TYPE, 3);
    nta_unknowns_join(&sum, &second);
    nta_unknowns_join(&sum, &first);
    nta_unknowns_each(&sum, report, NULL);
    assert_int_equal(reported, 2);
    assert_int_equal(reported_further, 37); /* two slots are the second's; 3 is in both */
}

#define COUNTER_NAME(i) ((i) < NTA_N_COUNTERS ? nta_counter_infos[i].name : "")

static void each_counter_and_each_unknown_has_a_name_of_its_own(void **state)
{
    (void)state;
    NAMES_ARE_TOTAL(COUNTER_NAME, 0, NTA_N_COUNTERS);
    NAMES_ARE_TOTAL(nta_unknown_kind_name, NTA_UNKNOWN_LINK_TYPE, NTA_UNKNOWN_IP_PROTO + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_counter_and_each_unknown_has_a_name_of_its_own),
        cmocka_unit_test(each_counter_has_a_name_of_its_own),
        cmocka_unit_test(a_reader_sees_each_number_whole_and_never_falling),
        cmocka_unit_test(numbers_not_known_are_counted_by_kind_and_number),
        cmocka_unit_test(too_many_numbers_go_into_one_count),
        cmocka_unit_test(numbers_of_several_threads_are_reported_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
