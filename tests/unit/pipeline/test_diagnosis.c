/* SPDX-License-Identifier: Apache-2.0 */
/* What a sensor says about its own sight: a diagnosis from counters, and the worst second. */
#include "pipeline/diagnosis.h"
#include "pipeline/worst_second.h"
#include "unit.h"

#include <stdbool.h>

static uint64_t numbers[NTA_N_COUNTERS];

static uint64_t number(const void *owner, enum nta_counter which)
{
    (void)owner;
    return numbers[which];
}

static int reset(void **state)
{
    (void)state;
    memset(numbers, 0, sizeof(numbers));
    numbers[NTA_COUNTER_RECEIVED] = 100000;
    numbers[NTA_COUNTER_FLOWS] = 1000;
    return 0;
}

/** Exactly these sentences, by words in them. */
static void assert_diagnosis(const char *const *words, size_t n)
{
    struct nta_buf out = {0};
    size_t n_sentences = nta_diagnose(number, NULL, &out);
    const char *at = (const char *)(out.len ? out.ptr : (const uint8_t *)"");

    nta_buf_put_u8(&out, '\0');
    at = (const char *)out.ptr;
    if (n_sentences != n)
        fail_msg("%zu sentences: %s", n_sentences, at);
    for (size_t i = 0; i < n; i++) {
        if (!strstr(at, words[i]))
            fail_msg("\"%s\" is not in %s", words[i], at);
        at = strchr(at, '\n') + 1;
    }
    nta_buf_done(&out);
}

static void a_good_capture_has_no_diagnosis(void **state)
{
    (void)state;
    numbers[NTA_COUNTER_DECODE_UNKNOWN] = 900;
    numbers[NTA_COUNTER_FLOW_HALF] = 99;
    numbers[NTA_COUNTER_DROP_KERNEL] = 9;
    assert_diagnosis(NULL, 0);
    memset(numbers, 0, sizeof(numbers));
    assert_diagnosis(NULL, 0);
}

static void each_trouble_has_its_sentence(void **state)
{
    static const struct
    {
        enum nta_counter which;
        uint64_t n;
        const char *words;
    } troubles[] = {
        {NTA_COUNTER_DROP_INTERFACE, 1000, "1.0 % of packets (1000) were lost by the network card"},
        {NTA_COUNTER_DROP_KERNEL, 100000,
         "50.0 % of packets (100000) were lost because the kernel"},
        {NTA_COUNTER_DROP_RING, 200, "raise capture.workers"},
        {NTA_COUNTER_CUT_SNAPLEN, 5000, "snap length"},
        {NTA_COUNTER_DECODE_UNKNOWN, 1000, "not known here"},
        {NTA_COUNTER_DECODE_BAD, 5000, "contradict"},
        {NTA_COUNTER_DECODE_CHECKSUM, 2000, "wrong checksum"},
        {NTA_COUNTER_STREAM_TWICE, 20000, "came twice"},
        {NTA_COUNTER_DATAGRAM_TWICE, 6000, "in front of a router"},
        {NTA_COUNTER_FLOW_HALF, 400, "40.0 % of flows (400) are TCP connections"},
        {NTA_COUNTER_STREAM_GAP, 100, "holes"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++) {
        (void)reset(state);
        numbers[troubles[i].which] = troubles[i].n;
        assert_diagnosis(&troubles[i].words, 1);
    }
}

static void several_troubles_are_several_lines(void **state)
{
    static const char *const words[] = {"kernel", "one direction"};

    (void)state;
    numbers[NTA_COUNTER_DROP_KERNEL] = 5000;
    numbers[NTA_COUNTER_FLOW_HALF] = 500;
    assert_diagnosis(words, 2);
}

static void the_worst_second_is_kept(void **state)
{
    struct nta_worst_second worst_second = {0};

    (void)state;
    assert_false(nta_worst_second_take(&worst_second, 1, 0, 5000));
    assert_int_equal(worst_second.wall_ns, 0);
    assert_true(nta_worst_second_take(&worst_second, 2, 100, 9900));   /* 100 of 5,000 */
    assert_true(nta_worst_second_take(&worst_second, 3, 2100, 12900)); /* 2,000 of 5,000 */
    assert_false(
        nta_worst_second_take(&worst_second, 4, 4100, 112900)); /* as many, but of 102,000 */
    assert_false(nta_worst_second_take(&worst_second, 5, 4150, 112900)); /* 50 of 50: chance */
    assert_int_equal(worst_second.wall_ns, 3);
    assert_int_equal(worst_second.lost, 2000);
    assert_int_equal(worst_second.seen, 3000);
    assert_true(nta_worst_second_take(&worst_second, 6, 4350, 112900)); /* all of 200 */
    assert_int_equal(worst_second.wall_ns, 6);
}

static void of_each_loss_the_second_with_the_most_is_kept(void **state)
{
    struct nta_worst_losses losses = {0};
    const struct nta_worst_loss *ring = &losses.worst[NTA_COUNTER_DROP_RING];

    reset(state);
    numbers[NTA_COUNTER_DROP_RING] = 10;
    numbers[NTA_COUNTER_RECEIVED] = 1000;
    nta_worst_losses_take(&losses, 1, number, NULL);
    numbers[NTA_COUNTER_DROP_RING] = 15;
    numbers[NTA_COUNTER_RECORD_LOST] = 1;
    nta_worst_losses_take(&losses, 2, number, NULL);
    nta_worst_losses_take(&losses, 3, number, NULL);
    assert_int_equal(ring->n, 10);
    assert_int_equal(ring->wall_ns, 1);
    assert_int_equal(losses.worst[NTA_COUNTER_RECORD_LOST].n, 1);
    assert_int_equal(losses.worst[NTA_COUNTER_RECORD_LOST].wall_ns, 2);
    assert_int_equal(losses.worst[NTA_COUNTER_RECEIVED].n, 0); /* is no loss */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_good_capture_has_no_diagnosis, reset),
        cmocka_unit_test_setup(each_trouble_has_its_sentence, reset),
        cmocka_unit_test_setup(several_troubles_are_several_lines, reset),
        cmocka_unit_test(the_worst_second_is_kept),
        cmocka_unit_test(of_each_loss_the_second_with_the_most_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
