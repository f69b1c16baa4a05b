/* SPDX-License-Identifier: Apache-2.0 */
/* One message for each incident and window; more proof at once; bounded, and kept over restarts. */
#include "base/runtime/clock.h"
#include "notify/book.h"
#include "unit.h"

#define S   NTA_NS_PER_S
#define NOW (1796061600 * S) /* a Monday, 10:00 UTC */

static struct nta_notify_book book;
static struct nta_notify_receiver receiver;
static struct nta_notify_event event;

static int setup(void **state)
{
    (void)state;
    receiver = (struct nta_notify_receiver){.gather_ns = 60 * S,
                                            .window_ns = 3600 * S,
                                            .per_hour = 8,
                                            .loud_from = NTA_NOTIFY_CRITICAL};
    nta_notify_event_init(&event);
    event.kind = NTA_NOTIFY_ALERT;
    event.severity = NTA_NOTIFY_MEDIUM;
    nta_notify_event_set(&event, NTA_NOTIFY_USER, nta_span_of("10.0.0.5"));
    nta_notify_event_set(&event, NTA_NOTIFY_ENTRY, nta_span_of("bad.example"));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    nta_notify_book_done(&book);
    return 0;
}

static void take(int64_t wall_ns)
{
    assert_int_equal(nta_notify_book_take(&book, &receiver, &event, wall_ns), 0);
}

/** An incident of its own. */
static void take_other(unsigned n, int64_t wall_ns)
{
    char entry[32];

    (void)snprintf(entry, sizeof(entry), "e%u.example", n);
    nta_notify_event_set(&event, NTA_NOTIFY_ENTRY, nta_span_of(entry));
    take(wall_ns);
}

/** The message that is made now, alone; its alerts.  0: none. */
static uint64_t sent_at(int64_t wall_ns)
{
    uint64_t n;

    (void)nta_notify_book_turn(&book, &receiver, wall_ns);
    const struct nta_notify_item *item = nta_notify_book_find(&book, &receiver, wall_ns);

    if (!item)
        return 0;
    n = item->n;
    assert_int_equal(strlen(item->id), NTA_NOTIFY_ID_SIZE - 1);
    nta_notify_book_drop(&book, item);
    assert_null(nta_notify_book_find(&book, &receiver, wall_ns));
    return n;
}

static void what_waits_waits_on_when_the_clock_is_set_back(void **state)
{
    (void)state;
    take_other(1, NOW);
    (void)nta_notify_book_turn(&book, &receiver, NOW + 3600 * S);
    struct nta_notify_item *item = nta_notify_book_find(&book, &receiver, NOW + 3600 * S);

    assert_non_null(item);
    item->due_ns = NOW + 3660 * S; /* it was not taken */
    item = nta_notify_book_find(&book, &receiver, NOW);
    assert_non_null(item); /* at once, once */
    item->due_ns = NOW + 60 * S;
    assert_null(nta_notify_book_find(&book, &receiver, NOW + 1 * S));
    assert_non_null(nta_notify_book_find(&book, &receiver, NOW + 60 * S));
}

static void a_clock_that_is_set_makes_nothing_older_or_younger(void **state)
{
    static const int64_t jumps[] = {30 * 24 * 3600 * S, -3600 * S};
    const int64_t later = NOW + 3600 * S;

    (void)state;
    take_other(1, NOW);
    (void)nta_notify_book_turn(&book, &receiver, later);
    struct nta_notify_item *item = nta_notify_book_find(&book, &receiver, later);

    assert_non_null(item);
    item->due_ns = later + 60 * S; /* it was not taken */
    for (int i = 0; i < 2; i++) {
        const int64_t made_ns = item->made_ns, due_ns = item->due_ns;

        nta_notify_book_shift(&book, jumps[i]);
        assert_true(item->made_ns == made_ns + jumps[i]);
        assert_null(nta_notify_book_find(&book, &receiver, due_ns + jumps[i] - 1 * S));
        assert_ptr_equal(nta_notify_book_find(&book, &receiver, due_ns + jumps[i]), item);
    }
    item->due_ns = INT64_MAX - 1; /* read from a file: nothing overflows */
    nta_notify_book_shift(&book, jumps[0]);
    assert_ptr_equal(nta_notify_book_find(&book, &receiver, later + 40 * 24 * 3600 * S), item);
}

static void alerts_of_one_incident_are_one_message(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++)
        take(NOW + i * S);
    assert_int_equal(sent_at(NOW + 59 * S), 0);
    assert_int_equal(sent_at(NOW + 60 * S), 10);
    take(NOW + 70 * S);
    assert_int_equal(sent_at(NOW + 3000 * S), 0);
    assert_int_equal(sent_at(NOW + 3660 * S), 1); /* the window's end */
    assert_int_equal(sent_at(NOW + 2 * 3660 * S), 0);
}

static void what_proves_more_is_told_at_once(void **state)
{
    (void)state;
    take(NOW);
    assert_int_equal(sent_at(NOW + 60 * S), 1);
    take(NOW + 100 * S);
    event.download = true;
    take(NOW + 101 * S);
    assert_int_equal(sent_at(NOW + 160 * S), 0);
    assert_int_equal(sent_at(NOW + 161 * S), 2);
    take(NOW + 200 * S); /* not more than that */
    assert_int_equal(sent_at(NOW + 300 * S), 0);
}

static void repeats_count_for_their_incident(void **state)
{
    (void)state;
    take(NOW);
    assert_int_equal(sent_at(NOW + 60 * S), 1);
    event.kind = NTA_NOTIFY_REPEATS;
    event.severity = NTA_NOTIFY_UNKNOWN;
    event.n = 12;
    assert_true(nta_notify_book_has(&book, &event));
    take(NOW + 3650 * S);
    assert_int_equal(sent_at(NOW + 3651 * S), 0);
    assert_int_equal(sent_at(NOW + 3660 * S), 12);
}

static void in_quiet_hours_it_waits_unless_it_is_urgent(void **state)
{
    struct nta_err err;

    (void)state;
    assert_int_equal(nta_hours_parse("00:00-24:00", &receiver.quiet_hours, &err), 0);
    take(NOW);
    assert_int_equal(sent_at(NOW + 60 * S), 0);
    event.severity = NTA_NOTIFY_CRITICAL;
    take_other(1, NOW);
    assert_int_equal(sent_at(NOW + 61 * S), 1);
    receiver.quiet_hours.n = 0; /* they are over */
    assert_int_equal(sent_at(NOW + 62 * S), 1);
}

static void beyond_the_limit_incidents_are_told_together(void **state)
{
    uint64_t n_messages = 0, n_alerts = 0;

    (void)state;
    (void)nta_notify_book_turn(&book, &receiver, NOW);
    for (unsigned i = 0; i < 50; i++)
        take_other(i, NOW);
    (void)nta_notify_book_turn(&book, &receiver, NOW + 60 * S);
    assert_int_equal(nta_notify_book_n_ready(&book), 6); /* a quarter of 8 is kept */
    event.severity = NTA_NOTIFY_HIGH;
    take_other(99, NOW + 60 * S);
    (void)nta_notify_book_turn(&book, &receiver, NOW + 120 * S);
    assert_int_equal(nta_notify_book_n_ready(&book), 7);
    (void)nta_notify_book_turn(&book, &receiver, NOW + 3600 * S);
    for (struct nta_notify_item *item;
         (item = nta_notify_book_find(&book, &receiver, NOW + 3600 * S));) {
        n_messages++;
        n_alerts += item->n;
        if (item->n_incidents)
            assert_int_equal(item->n_incidents, 44);
        nta_notify_book_drop(&book, item);
    }
    assert_int_equal(n_messages, 8);
    assert_int_equal(n_alerts, 51);
}

static void any_number_of_incidents_is_bounded_and_counted(void **state)
{
    uint64_t n_alerts = 0;

    (void)state;
    for (unsigned i = 0; i < 3 * NTA_NOTIFY_OPEN_MAX; i++)
        take_other(i, NOW);
    assert_true(book.n <= NTA_NOTIFY_ITEMS_MAX);
    for (size_t i = 0; i < book.n; i++)
        n_alerts += book.items[i]->n;
    assert_int_equal(n_alerts, 3 * NTA_NOTIFY_OPEN_MAX);
}

static void a_clock_that_was_set_back_holds_nothing_up(void **state)
{
    (void)state;
    take(NOW + INT64_C(1000000) * S);
    assert_int_equal(sent_at(NOW), 0);
    assert_int_equal(sent_at(NOW + 3660 * S), 1);
}

static void a_book_is_the_same_when_it_is_read_again(void **state)
{
    struct nta_buf text = {0}, again = {0};
    struct nta_notify_book other = {0};

    (void)state;
    (void)snprintf(book.place, sizeof(book.place), "cs=1;i=2");
    for (unsigned i = 0; i < 5; i++)
        take_other(i, NOW);
    nta_notify_event_set(&event, NTA_NOTIFY_SITE, nta_span_of("tab\there\nand \\x0a"));
    take_other(9, NOW);
    (void)nta_notify_book_turn(&book, &receiver, NOW + 60 * S);
    nta_notify_book_put(&book, &text);
    assert_int_equal(nta_notify_book_read(&other, nta_buf_span(&text)), 0);
    nta_notify_book_put(&other, &again);
    assert_true(nta_span_equal(nta_buf_span(&text), nta_buf_span(&again)));
    for (size_t len = 0; len < text.len; len++) { /* a part of it is none */
        assert_true(nta_notify_book_read(&other, nta_span_first(nta_buf_span(&text), len)) < 0);
        assert_int_equal(other.n, 0);
    }
    nta_notify_book_done(&other);
    nta_buf_done(&text);
    nta_buf_done(&again);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(alerts_of_one_incident_are_one_message),
        TEST(what_proves_more_is_told_at_once),
        TEST(repeats_count_for_their_incident),
        TEST(in_quiet_hours_it_waits_unless_it_is_urgent),
        TEST(beyond_the_limit_incidents_are_told_together),
        TEST(any_number_of_incidents_is_bounded_and_counted),
        TEST(a_clock_that_was_set_back_holds_nothing_up),
        TEST(what_waits_waits_on_when_the_clock_is_set_back),
        TEST(a_clock_that_is_set_makes_nothing_older_or_younger),
        TEST(a_book_is_the_same_when_it_is_read_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
