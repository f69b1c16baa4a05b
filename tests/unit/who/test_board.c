/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/runtime/thread.h"
#include "unit.h"
#include "who/beside/board.h"

enum
{
    N_READERS = 3,
    N_FACTS = 100000,
};

static struct nta_who_board board;

struct reading
{
    struct nta_who_sheet *place;
    int64_t n;
    bool is_wrong;
};

/* All facts, in their order, each with its own name. */
static void *run(void *arg)
{
    struct reading *reading = arg;
    char name[32];

    while (reading->n < N_FACTS) {
        const struct nta_who_sheet *sheet = nta_who_board_next(&board, &reading->place);

        for (size_t i = 0; sheet && i < sheet->n; i++, reading->n++) {
            const struct nta_who_fact *fact = &sheet->posted[i].fact;

            (void)snprintf(name, sizeof(name), "host-%lld", (long long)reading->n);
            if (fact->wall_ns != reading->n || !nta_span_is(fact->name, name))
                reading->is_wrong = true;
        }
    }
    return NULL;
}

static void all_read_all_in_order(void **state)
{
    struct nta_who_sheet *start, *places[N_READERS];
    struct nta_thread threads[N_READERS] = {{0}};
    struct reading readings[N_READERS];
    char name[32];

    (void)state;
    assert_int_equal(nta_who_board_init(&board, N_READERS, &start), 0);
    for (size_t i = 0; i < N_READERS; i++) {
        readings[i] = (struct reading){.place = start};
        assert_int_equal(nta_thread_start(&(struct nta_thread_options){.name = "reader"}, run,
                                          &readings[i], &threads[i]),
                         0);
    }
    for (int64_t i = 0; i < N_FACTS; i++) {
        const int len = snprintf(name, sizeof(name), "host-%lld", (long long)i);
        const struct nta_who_fact fact = {.wall_ns = i,
                                          .name = {(const uint8_t *)name, (size_t)len}};

        while (!nta_who_board_has_space(&board))
            ;
        assert_int_equal(nta_who_board_add(&board, &fact, false), 0);
    }
    nta_who_board_flush(&board);
    for (size_t i = 0; i < N_READERS; i++) {
        nta_thread_join(&threads[i]);
        assert_false(readings[i].is_wrong);
        places[i] = readings[i].place;
    }
    nta_who_board_done(&board, places, N_READERS);
}

static void who_reads_nothing_holds_up_who_posts(void **state)
{
    struct nta_who_sheet *start, *places[2];
    const struct nta_who_fact fact = {.name = nta_span_of("a")};
    size_t n = 0;

    (void)state;
    assert_int_equal(nta_who_board_init(&board, 2, &start), 0);
    places[0] = places[1] = start;
    while (nta_who_board_has_space(&board)) {
        assert_int_equal(nta_who_board_add(&board, &fact, true), 0);
        n++;
    }
    assert_int_equal(n, NTA_WHO_SHEETS * NTA_WHO_SHEET_FACTS);
    while (nta_who_board_next(&board, &places[0]))
        ;
    assert_false(nta_who_board_has_space(&board));
    assert_non_null(nta_who_board_next(&board, &places[1]));
    assert_non_null(nta_who_board_next(&board, &places[1]));
    assert_true(nta_who_board_has_space(&board));
    assert_int_equal(nta_who_board_add(&board, &fact, true), 0); /* never posted */
    nta_who_board_done(&board, places, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_read_all_in_order),
        cmocka_unit_test(who_reads_nothing_holds_up_who_posts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
