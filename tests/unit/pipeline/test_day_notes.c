/* SPDX-License-Identifier: Apache-2.0 */
/* What heads of two stores note of days; what one store's say is in test_hold.c, test_destroy.c. */
#include "base/own.h"
#include "pipeline/commit/hold.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

static struct nta_day_note hold(uint64_t number, uint64_t batch, int64_t day, unsigned state)
{
    return (struct nta_day_note){.number = number,
                                 .kind = NTA_HEADER_NOTE_HOLD,
                                 .batch = batch,
                                 .day = day,
                                 .last_day = day,
                                 .reason = state};
}

static void put(struct nta_day_notes *notes, const struct nta_day_note *all, size_t n)
{
    notes->all = reallocarray(notes->all, notes->n + n, sizeof(*notes->all));
    assert_non_null(notes->all);
    memcpy(notes->all + notes->n, all, n * sizeof(*all));
    notes->n += n;
    notes->size = notes->n;
}

static void what_two_stores_say_counts_once_and_in_the_order_of_the_chain(void **state)
{
    /* the journal was put back from before 7, and lacks what it lost; MySQL is behind */
    const struct nta_day_note mysql[] = {hold(3, 1, 100, NTA_HOLD_HELD),
                                         hold(5, 2, 101, NTA_HOLD_HELD),
                                         hold(7, 1, 0, NTA_HOLD_RELEASED)};
    const struct nta_day_note journal[] = {hold(3, 1, 100, NTA_HOLD_HELD),
                                           hold(9, 4, 102, NTA_HOLD_HELD)};
    NTA_AUTO(nta_day_notes_done) struct nta_day_notes notes = {.n = 0};
    NTA_AUTO(nta_holds_done) struct nta_holds holds = {.n = 0};

    (void)state;
    put(&notes, mysql, NTA_N_ELEMENTS(mysql));
    put(&notes, journal, NTA_N_ELEMENTS(journal));
    nta_day_notes_settle(&notes);
    assert_int_equal(notes.n, 4);
    for (size_t i = 1; i < notes.n; i++)
        assert_true(notes.all[i - 1].number < notes.all[i].number);
    assert_int_equal(nta_holds_take(&holds, &notes, &(struct nta_err){0}), 0);
    assert_int_equal(holds.n, 2);
    assert_null(nta_holds_find(&holds, 1, 0)); /* 3 is not held again by the journal */
    assert_int_equal(nta_holds_find(&holds, 2, 0)->noted, 5);
    assert_int_equal(nta_holds_find(&holds, 4, 0)->noted, 9);
}

static void where_a_fork_says_both_it_is_held(void **state)
{
    const struct nta_day_note both[] = {hold(6, 1, 100, NTA_HOLD_HELD),
                                        hold(6, 1, 0, NTA_HOLD_RELEASED)};
    NTA_AUTO(nta_day_notes_done) struct nta_day_notes notes = {.n = 0};
    NTA_AUTO(nta_holds_done) struct nta_holds holds = {.n = 0};

    (void)state;
    put(&notes, both, NTA_N_ELEMENTS(both));
    nta_day_notes_settle(&notes);
    assert_int_equal(nta_holds_take(&holds, &notes, &(struct nta_err){0}), 0);
    assert_true(nta_holds_keep(&holds, NTA_CLASS_EVIDENCE, 100, UINT64_MAX));
}

static void nothing_is_settled_as_nothing(void **state)
{
    struct nta_day_notes notes = {.n = 0};

    (void)state;
    nta_day_notes_settle(&notes);
    assert_int_equal(notes.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_two_stores_say_counts_once_and_in_the_order_of_the_chain),
        cmocka_unit_test(where_a_fork_says_both_it_is_held),
        cmocka_unit_test(nothing_is_settled_as_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
