/* SPDX-License-Identifier: Apache-2.0 */
/* When each class's batch is closed; and that alerts do not make more batches than are good. */
#include "base/runtime/clock.h"
#include "pipeline/due.h"
#include "unit.h"

#define MS NTA_NS_PER_MS
#define S  NTA_NS_PER_S

#define HOUR_NS (INT64_C(3600) * S)
#define DAY_NS  (24 * HOUR_NS)

static const struct nta_due fresh = {.batch_ns = 5 * S, .alert_ns = 200 * MS};

/** When a batch is due that something came into at this time; it is not before. */
static int64_t due_of(struct nta_due *due, const struct nta_due_added *added, int64_t mono_ns)
{
    int64_t at_ns = mono_ns;

    nta_due_add(due, added, mono_ns);
    while (!nta_due_is(due, added->class, at_ns))
        at_ns += 100 * MS;
    return at_ns - mono_ns;
}

static void each_class_has_its_time(void **state)
{
    static const struct
    {
        struct nta_due_added added;
        int64_t expected_ns;
    } rows[] = {
        {{NTA_CLASS_TRAFFIC, true, false, false}, 5 * S},
        {{NTA_CLASS_EVIDENCE, true, false, false}, 2 * S},
        {{NTA_CLASS_EVIDENCE, true, true, false}, 100 * MS},
        {{NTA_CLASS_NONE, true, false, false}, 2 * S},
        {{NTA_CLASS_NONE, true, true, false}, 100 * MS},
        {{NTA_CLASS_WHO, true, false, false}, 60 * S},
        {{NTA_CLASS_LOG, true, false, false}, 60 * S},
        {{NTA_CLASS_LOG, true, true, false}, 100 * MS}, /* a canary */
        {{NTA_CLASS_LOG, true, false, true}, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct nta_due due = fresh;

        assert_int_equal(due_of(&due, &rows[i].added, 1000 * S), rows[i].expected_ns);
    }
}

static void what_comes_later_moves_nothing_but_an_alert_does(void **state)
{
    const struct nta_due_added first = {.class = NTA_CLASS_EVIDENCE, .is_first = true},
                               more = {.class = NTA_CLASS_EVIDENCE},
                               alert = {.class = NTA_CLASS_EVIDENCE, .has_alert = true};
    struct nta_due due = fresh;

    (void)state;
    nta_due_add(&due, &first, 1000 * S);
    assert_int_equal(due_of(&due, &more, 1001 * S), 1 * S);
    assert_int_equal(due_of(&due, &alert, 1001 * S), 100 * MS);
    assert_int_equal(due_of(&due, &alert, 1001 * S + 50 * MS), 100 * MS); /* not put off */
    assert_true(nta_due_is(&due, NTA_CLASS_EVIDENCE, 1001 * S + 100 * MS));
    nta_due_closed(&due, NTA_CLASS_EVIDENCE, 1001 * S + 100 * MS);
    assert_int_equal(due_of(&due, &first, 1002 * S), 2 * S);
}

/** A day with an alert every 200 ms: 1,000 batches at once, then one every 4 s. */
static void alerts_make_no_more_than_a_thousand_batches_an_hour(void **state)
{
    const struct nta_due_added alert = {
        .class = NTA_CLASS_EVIDENCE, .is_first = true, .has_alert = true};
    struct nta_due due = fresh;
    unsigned n_first = 0, n_last = 0;
    int64_t at_ns = 0, longest_ns = 0;

    (void)state;
    while (at_ns < DAY_NS) {
        int64_t took_ns = due_of(&due, &alert, at_ns);

        at_ns += took_ns;
        nta_due_closed(&due, NTA_CLASS_EVIDENCE, at_ns);
        longest_ns = took_ns > longest_ns ? took_ns : longest_ns;
        n_first += at_ns < HOUR_NS;
        n_last += at_ns >= DAY_NS - HOUR_NS;
        at_ns += 100 * MS;
    }
    assert_in_range(n_first, 1800, 2000); /* what was saved up, and an hour's */
    assert_in_range(n_last, 890, 1010);
    assert_in_range(longest_ns, 3 * S, 4 * S);
    /* and after a quiet hour they are quick again */
    assert_int_equal(due_of(&due, &alert, at_ns + HOUR_NS), 100 * MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_class_has_its_time),
        cmocka_unit_test(what_comes_later_moves_nothing_but_an_alert_does),
        cmocka_unit_test(alerts_make_no_more_than_a_thousand_batches_an_hour),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
