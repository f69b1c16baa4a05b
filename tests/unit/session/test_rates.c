/* SPDX-License-Identifier: Apache-2.0 */
/* Beyond record.user_rate what no list forbids is summed by site; matches never are. */
#include "decode/order.h"
#include "pipeline/kit.h"
#include "session/state/rates.h"

#define ANN  "10.0.0.5"
#define BEN  "10.0.0.6"
#define SITE "198.51.100.7"

#define REQUEST "\"event\":\"request\""

enum
{
    RATE = 10,
    WAITING = 16, ///< Requests that wait for their answers to the end, some seconds later.
    SAVED = RATE * NTA_RATE_SAVED_S,
};

#define START_NS (1000 * NTA_NS_PER_S)

/* ---- the table by itself ---- */

static struct nta_rates rates;
static struct nta_flow flow;
static const struct nta_sum_kind requests = {
    .event = NTA_RECORD_REQUEST, .act = NTA_ACT_CONTACTED, .seen = NTA_SEEN_ANSWERED};

static int setup_table(void **state)
{
    (void)state;
    if (nta_rates_init(&rates, &(struct nta_hash_key){.k0 = 1, .k1 = 2}) < 0)
        return -1;
    rates.now_ns = START_NS;
    return 0;
}

static int teardown_table(void **state)
{
    (void)state;
    nta_rates_done(&rates);
    return 0;
}

static unsigned spend(uint64_t user, unsigned n, int64_t wall_ns)
{
    unsigned n_allowed = 0;

    while (n-- > 0)
        n_allowed += nta_rates_allow(&rates, user, RATE, wall_ns, true);
    return n_allowed;
}

static void credit_is_a_rate_and_what_was_saved(void **state)
{
    (void)state;
    assert_int_equal(spend(1, 2 * SAVED, START_NS), SAVED);
    assert_false(nta_rates_allow(&rates, 1, RATE, START_NS, false));
    assert_int_equal(spend(2, 2 * SAVED, START_NS), SAVED); /* another user has his own */
    rates.now_ns += NTA_NS_PER_S;
    assert_int_equal(spend(1, 2 * SAVED, rates.now_ns), RATE);
    rates.now_ns += 1000 * NTA_NS_PER_S;
    assert_int_equal(spend(1, 2 * SAVED, rates.now_ns), SAVED);
}

/** An old record gives no credit back, and none is worth more than one. */
static void old_times_give_no_credit(void **state)
{
    (void)state;
    assert_int_equal(spend(1, SAVED, START_NS), SAVED);
    for (int64_t i = 0; i < 100; i++)
        assert_int_equal(spend(1, 1, i % 2 ? START_NS : START_NS - i * NTA_NS_PER_S), 0);
    /* a clock that was set back does not stop credit until the old time comes again */
    rates.now_ns = 10 * NTA_NS_PER_S;
    assert_int_equal(spend(1, 1, 10 * NTA_NS_PER_S), 0);
    rates.now_ns = 12 * NTA_NS_PER_S;
    assert_int_equal(spend(1, 100, 12 * NTA_NS_PER_S), 2 * RATE);
}

/** What is told late, as a file whose end was waited for, is of its own time and gains nothing. */
static void late_records_gain_nothing(void **state)
{
    (void)state;
    rates.now_ns = START_NS + 100 * NTA_NS_PER_S;
    assert_int_equal(spend(1, 2 * SAVED, rates.now_ns), SAVED);
    for (int64_t late_s = 1; late_s < 100; late_s++) {
        assert_int_equal(spend(1, 1, rates.now_ns - late_s * NTA_NS_PER_S), 0);
        assert_int_equal(spend(1, 1, rates.now_ns), 0);
    }
    rates.now_ns += NTA_NS_PER_S;
    assert_int_equal(spend(1, 2 * SAVED, rates.now_ns - 50 * NTA_NS_PER_S), 0);
    assert_int_equal(spend(1, 2 * SAVED, rates.now_ns), RATE);
}

static bool add(uint64_t user, const char *site, uint64_t bytes, int64_t wall_ns)
{
    const struct nta_sum_part part = {.kind = requests,
                                      .site = nta_span_of(site),
                                      .begin_ns = nta_order_since(wall_ns, 1),
                                      .end_ns = wall_ns,
                                      .up = {.bytes = bytes, .packets = 1}};

    (void)nta_rates_allow(&rates, user, RATE, wall_ns, true);
    return nta_rates_add(&rates, user, &flow, &part);
}

/** Times off the wire are any number. */
static void no_time_overflows(void **state)
{
    static const int64_t times[] = {INT64_MIN, 0, INT64_MAX - 1, -1, INT64_MAX, INT64_MIN};

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(times); i++) {
        rates.now_ns = times[i];
        assert_true(spend(1, 2 * SAVED, times[i]) <= SAVED);
        assert_true(add(1, "a.example", 1, times[i]));
        for (size_t k = 0; k < NTA_N_ELEMENTS(times); k++)
            (void)nta_rates_due(&rates, times[k]);
    }
}

static void a_sum_has_what_its_records_have_in_common(void **state)
{
    (void)state;
    assert_null(nta_rates_due(&rates, INT64_MAX));
    assert_true(add(1, "a.example", 5, START_NS + 7));
    assert_true(add(1, "a.example", 6, START_NS + 3));
    assert_true(add(1, "b.example", 7, START_NS));
    assert_true(add(2, "a.example", 8, START_NS));
    assert_null(nta_rates_due(&rates, START_NS + NTA_RATE_SUM_NS - 1));
    const struct nta_sum *sum = nta_rates_due(&rates, START_NS + NTA_RATE_SUM_NS);

    assert_non_null(sum);
    assert_int_equal(sum->n, 2);
    assert_int_equal(sum->up.bytes, 11);
    assert_int_equal(sum->up.packets, 2);
    assert_int_equal(sum->begin_ns, START_NS + 2);
    assert_int_equal(sum->end_ns, START_NS + 7);
    assert_memory_equal(sum->site, "a.example", sum->site_len);
    nta_rates_drop(&rates);
    assert_memory_equal(nta_rates_due(&rates, INT64_MAX)->site, "b.example", 9);
    nta_rates_drop(&rates);
    assert_int_equal(nta_rates_due(&rates, INT64_MAX)->up.bytes, 8);
    nta_rates_drop(&rates);
    assert_null(nta_rates_due(&rates, INT64_MAX));
}

/** Who asks for a new site each time fills no table: what is beyond names none and claims least. */
static void sites_of_one_user_are_bounded(void **state)
{
    char site[32];
    unsigned n_named = 0;
    uint64_t n = 0;
    const struct nta_sum *sum;

    (void)state;
    for (unsigned i = 0; i < 10000; i++) {
        (void)snprintf(site, sizeof(site), "x%u.example", i);
        assert_true(add(1, site, 1, START_NS));
    }
    assert_true(add(2, "a.example", 1, START_NS));
    while ((sum = nta_rates_due(&rates, INT64_MAX))) {
        n_named += sum->user == 1 && sum->site_len > 0;
        n += sum->n;
        if (sum->site_len == 0) {
            assert_int_equal(sum->kind.event, NTA_RECORD_REQUEST);
            assert_int_equal(sum->kind.seen, NTA_SEEN_CLAIMED);
            assert_int_equal(sum->kind.act, NTA_ACT_NONE);
            assert_int_equal(sum->n, 10000 - NTA_RATE_SITES);
        }
        nta_rates_drop(&rates);
    }
    assert_int_equal(n_named, NTA_RATE_SITES);
    assert_int_equal(n, 10001);
    assert_true(add(1, "y.example", 1, START_NS)); /* and it names again */
    assert_int_equal(nta_rates_due(&rates, INT64_MAX)->site_len, 9);
}

/** What was named for him before he was forgotten counts for nobody when it is told. */
static void who_was_forgotten_has_no_more_sites_than_others(void **state)
{
    enum
    {
        NEXT_IN_SET = NTA_RATE_USERS / 4
    };

    char site[32];

    (void)state;
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < NTA_RATE_SITES; i++) {
            (void)snprintf(site, sizeof(site), "x%u-%u.example", round, i);
            assert_true(add(1, site, 1, START_NS + round));
        }
        for (uint64_t user = 1 + NEXT_IN_SET; round == 0 && user <= 1 + 4 * NEXT_IN_SET;
             user += NEXT_IN_SET)
            (void)nta_rates_allow(&rates, user, RATE, START_NS + 1, true);
    }
    for (unsigned i = 0; i < NTA_RATE_SITES; i++)
        nta_rates_drop(&rates);
    assert_true(add(1, "y.example", 1, START_NS + 1)); /* and it names no more */
    for (unsigned i = 0; i < NTA_RATE_SITES; i++)
        nta_rates_drop(&rates);
    assert_int_equal(nta_rates_due(&rates, INT64_MAX)->site_len, 0);
}

static void a_full_table_asks_to_tell_the_oldest(void **state)
{
    (void)state;
    for (uint64_t user = 1; user <= NTA_RATE_SUMS; user++)
        assert_true(add(user, "a.example", 1, START_NS));
    assert_true(add(7, "a.example", 1, START_NS)); /* is there */
    assert_false(add(7, "b.example", 1, START_NS));
    assert_int_equal(nta_rates_due(&rates, INT64_MAX)->user, 1);
    nta_rates_drop(&rates);
    assert_true(add(7, "b.example", 1, START_NS));
    assert_int_equal(nta_rates_due(&rates, INT64_MAX)->user, 2);
}

/* ---- from the wire ---- */

static struct kit kit;
static char line[4096];

static int setup(void **state)
{
    (void)state;
    kit_init(&kit);
    kit.config->record.user_rate = RATE;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_done(&kit);
    return 0;
}

/** A connection over which `n` requests are sent at a time. */
static void ask(const char *client, const char *host, unsigned n)
{
    static uint16_t port = 41000;
    struct wire_tcp tcp = {{client, port++}, {SITE, 80}, {1000, 2000}};
    const struct nta_span none = {0};
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};

    while (n-- > 0)
        nta_buf_printf(&text, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", host);
    assert_false(text.failed);
    wire_segment(&kit.wire, &tcp, 0, WIRE_SYN, none);
    wire_segment(&kit.wire, &tcp, 1, WIRE_SYN | WIRE_ACK, none);
    wire_segment(&kit.wire, &tcp, 0, WIRE_ACK, (struct nta_span){text.ptr, text.len});
    wire_segment(&kit.wire, &tcp, 1, WIRE_ACK | WIRE_FIN, none);
    wire_segment(&kit.wire, &tcp, 0, WIRE_ACK | WIRE_FIN, none);
}

static void one_user_costs_others_nothing(void **state)
{
    (void)state;
    ask(ANN, "many.example", SAVED + 400);
    ask(BEN, "one.example", 1);
    kit_run(&kit);
    assert_int_equal(kit_find(&kit, REQUEST, ANN, NULL, 0), SAVED + WAITING + 1);
    kit_says(&kit, "\"count\":", "many.example", "\"count\":384", line, sizeof(line));
    kit_says(&kit, "\"count\":384", ANN, "\"act\":\"contacted\"", line, sizeof(line));
    assert_int_equal(kit_find(&kit, REQUEST, "one.example", NULL, 0), 1);
    assert_int_equal(kit.counters[NTA_COUNTER_RECORD_SUMMED], 400 - WAITING);
}

static void matches_are_never_summed(void **state)
{
    (void)state;
    kit_list(&kit, "bad.example\n", false);
    ask(ANN, "many.example", SAVED + 400);
    ask(ANN, "www.bad.example", 300);
    kit_run(&kit);
    assert_int_equal(kit_find(&kit, REQUEST, "www.bad.example", NULL, 0), 300);
    assert_int_equal(kit_find(&kit, "\"event\":\"alert\"", "www.bad.example", NULL, 0), 300);
    assert_int_equal(kit_find(&kit, "\"count\":", "bad.example", NULL, 0), 0);
}

static void no_rate_sums_nothing(void **state)
{
    (void)state;
    kit.config->record.user_rate = 0;
    ask(ANN, "many.example", SAVED + 400);
    kit_run(&kit);
    assert_int_equal(kit_find(&kit, REQUEST, ANN, NULL, 0), SAVED + 400);
}

/** Sums follow the rules of what they sum. */
static void nobody_is_summed_of_whom_nothing_is_kept(void **state)
{
    (void)state;
    kit.config->record.never[kit.config->record.n_never++] = strdup(ANN);
    ask(ANN, "many.example", SAVED + 400);
    kit_run(&kit);
    assert_int_equal(kit_find(&kit, ANN, "", NULL, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(credit_is_a_rate_and_what_was_saved, setup_table,
                                        teardown_table),
        cmocka_unit_test_setup_teardown(old_times_give_no_credit, setup_table, teardown_table),
        cmocka_unit_test_setup_teardown(late_records_gain_nothing, setup_table, teardown_table),
        cmocka_unit_test_setup_teardown(who_was_forgotten_has_no_more_sites_than_others,
                                        setup_table, teardown_table),
        cmocka_unit_test_setup_teardown(no_time_overflows, setup_table, teardown_table),
        cmocka_unit_test_setup_teardown(a_sum_has_what_its_records_have_in_common, setup_table,
                                        teardown_table),
        cmocka_unit_test_setup_teardown(sites_of_one_user_are_bounded, setup_table, teardown_table),
        cmocka_unit_test_setup_teardown(a_full_table_asks_to_tell_the_oldest, setup_table,
                                        teardown_table),
        cmocka_unit_test_setup_teardown(one_user_costs_others_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(matches_are_never_summed, setup, teardown),
        cmocka_unit_test_setup_teardown(no_rate_sums_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(nobody_is_summed_of_whom_nothing_is_kept, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
