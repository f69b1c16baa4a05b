/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "ring/dispatch.h"
#include "unit.h"

#include <pthread.h>
#include <string.h>

static const uint8_t payload[NTA_BLOCK_PACKET_MAX] = {1, 2, 3, 4};

static struct nta_dispatch *made(uint32_t n_workers, uint32_t n_blocks)
{
    struct nta_dispatch *dispatch = NULL;

    assert_int_equal(nta_dispatch_new(7, n_workers, n_blocks, &dispatch, NULL), 0);
    return dispatch;
}

static enum nta_put put(struct nta_dispatch *dispatch, uint32_t worker, uint32_t cap_len,
                        int64_t wall_ns)
{
    struct nta_packet packet = {
        .cap_len = cap_len, .wire_len = cap_len + 1, .data_off = 12345, .wall_ns = wall_ns};

    return nta_dispatch_put(dispatch, worker, &packet, payload, wall_ns);
}

static struct nta_block *taken(struct nta_dispatch *dispatch, uint32_t worker)
{
    struct nta_block *block = nta_dispatch_take(dispatch, worker);

    assert_non_null(block);
    return block;
}

static void entries_and_bytes_fill_a_block_until_they_meet(void **state)
{
    NTA_AUTO_FREE struct nta_block *block = aligned_alloc(64, sizeof(*block));
    struct nta_packet packet = {.cap_len = 100};
    uint8_t bytes[100];
    uint32_t n = 0;

    (void)state;
    assert_non_null(block);
    nta_block_reset(block);
    for (;; n++) {
        memset(bytes, (int)(n & 0xff), sizeof(bytes));
        packet.wall_ns = n;
        if (!nta_block_put(block, &packet, bytes))
            break;
    }
    assert_int_equal(n, NTA_BLOCK_AREA / (100 + sizeof(packet)));
    assert_int_equal(block->n_packets, n);
    assert_true(n * sizeof(packet) <= block->data_off);
    for (uint32_t i = 0; i < n; i++) {
        const struct nta_packet *entry = &nta_block_packets(block)[i];

        assert_int_equal(entry->wall_ns, i);
        assert_int_equal(entry->cap_len, 100);
        for (size_t k = 0; k < 100; k++)
            assert_int_equal(nta_block_bytes(block, entry)[k], i & 0xff);
    }
}

static bool fits(struct nta_block *block, uint32_t cap_len)
{
    return nta_block_put(block, &(struct nta_packet){.cap_len = cap_len}, payload);
}

static void space_is_exact_to_the_byte(void **state)
{
    NTA_AUTO_FREE struct nta_block *block = aligned_alloc(64, sizeof(*block));
    uint32_t rest = NTA_BLOCK_PACKET_MAX - 1000 - (uint32_t)sizeof(struct nta_packet);

    (void)state;
    assert_non_null(block);
    nta_block_reset(block);
    assert_true(fits(block, NTA_BLOCK_PACKET_MAX));
    assert_false(fits(block, 0));
    nta_block_reset(block);
    assert_true(fits(block, 1000));
    assert_false(fits(block, rest + 1));
    assert_true(fits(block, rest));
    assert_false(fits(block, 0));
}

static void what_lies_in_a_lent_place_is_not_copied(void **state)
{
    NTA_AUTO_FREE struct nta_block *block = aligned_alloc(64, sizeof(*block));
    struct nta_packet packet = {.cap_len = 50};
    const struct nta_packet *entries;
    size_t len;

    (void)state;
    assert_non_null(block);
    nta_block_reset(block);
    entries = nta_block_packets(block);
    uint8_t *lent = nta_block_lend(block, 3, &len);

    assert_ptr_equal(lent + len, block->area + NTA_BLOCK_AREA);
    memset(lent, 0xee, len);
    assert_true(nta_block_put(block, &packet, lent));
    assert_true(nta_block_put(block, &packet, lent + len - 50));
    assert_ptr_equal(nta_block_bytes(block, &entries[0]), lent);
    assert_ptr_equal(nta_block_bytes(block, &entries[1]), lent + len - 50);
    /* from elsewhere: into what is left in front of the lent place, and only there */
    assert_false(nta_block_put(block, &(struct nta_packet){.cap_len = 1000}, payload));
    packet.cap_len = 4;
    assert_true(nta_block_put(block, &packet, payload));
    assert_memory_equal(nta_block_bytes(block, &entries[2]), payload, 4);
    assert_true(nta_block_bytes(block, &entries[2]) + 4 <= lent);
    assert_false(nta_block_put(block, &packet, lent));
    for (size_t i = 0; i < len; i++)
        assert_int_equal(lent[i], 0xee);
}

static void sizes_that_make_no_sense_are_refused(void **state)
{
    struct nta_dispatch *dispatch = NULL;
    struct nta_err err = {0};

    (void)state;
    assert_true(nta_dispatch_new(0, 0, 8, &dispatch, &err) < 0);
    assert_true(strlen(err.text) > 0);
    assert_true(nta_dispatch_new(0, 1, 2, &dispatch, &err) < 0);
    assert_true(nta_dispatch_new(0, UINT32_MAX, UINT32_MAX, &dispatch, &err) < 0);
    assert_null(dispatch);
    nta_dispatch_free(&dispatch);
}

static void each_worker_gets_its_packets_in_order(void **state)
{
    NTA_AUTO(nta_dispatch_free) struct nta_dispatch *dispatch = made(3, 4);

    (void)state;
    for (uint32_t i = 0; i < 300; i++)
        assert_int_equal(put(dispatch, i % 3, i, i), NTA_PUT_OK);
    nta_dispatch_flush(dispatch, INT64_MAX, 4711);
    for (uint32_t worker = 0; worker < 3; worker++) {
        struct nta_block *block = taken(dispatch, worker);

        assert_int_equal(block->n_packets, 100);
        assert_int_equal(block->now_wall_ns, 4711);
        assert_int_equal(block->capture, 7);
        assert_int_equal(block->flags, 0);
        for (uint32_t i = 0; i < 100; i++) {
            const struct nta_packet *packet = &nta_block_packets(block)[i];

            assert_int_equal(packet->wall_ns, 3 * i + worker);
            assert_int_equal(packet->cap_len, 3 * i + worker);
            assert_memory_equal(nta_block_bytes(block, packet), payload, packet->cap_len);
        }
        assert_null(nta_dispatch_take(dispatch, worker));
        nta_dispatch_give_back(dispatch, worker, block);
    }
}

static void without_free_blocks_nothing_is_copied(void **state)
{
    NTA_AUTO(nta_dispatch_free) struct nta_dispatch *dispatch = made(1, 3);
    struct nta_block *block;

    (void)state;
    for (int64_t i = 0; i < 3; i++)
        assert_int_equal(put(dispatch, 0, NTA_BLOCK_PACKET_MAX, i), NTA_PUT_OK);
    assert_int_equal(put(dispatch, 0, 1, 3), NTA_PUT_NO_BLOCK);
    assert_int_equal(put(dispatch, 0, 1, 3), NTA_PUT_NO_BLOCK);
    assert_int_equal(nta_dispatch_waiting(dispatch, 0), 3);
    for (int64_t i = 0; i < 3; i++) {
        block = taken(dispatch, 0);
        assert_int_equal(block->n_packets, 1);
        assert_int_equal(block->now_wall_ns, i);
        assert_int_equal(nta_block_packets(block)[0].wall_ns, i);
        nta_dispatch_give_back(dispatch, 0, block);
    }
    assert_int_equal(put(dispatch, 0, 1, 4), NTA_PUT_OK);
    nta_dispatch_flush(dispatch, INT64_MAX, 5);
    block = taken(dispatch, 0);
    assert_int_equal(block->n_packets, 1);
    assert_int_equal(nta_block_packets(block)[0].wall_ns, 4);
}

static void flush_hands_over_only_what_is_old(void **state)
{
    NTA_AUTO(nta_dispatch_free) struct nta_dispatch *dispatch = made(2, 4);

    (void)state;
    assert_int_equal(put(dispatch, 0, 1, 1000), NTA_PUT_OK);
    assert_int_equal(put(dispatch, 1, 1, 2000), NTA_PUT_OK);
    assert_int_equal(put(dispatch, 0, 1, 3000), NTA_PUT_OK);
    nta_dispatch_flush(dispatch, 1000, 1);
    assert_int_equal(nta_dispatch_waiting(dispatch, 0), 0);
    nta_dispatch_flush(dispatch, 1001, 2);
    assert_int_equal(nta_dispatch_waiting(dispatch, 0), 1);
    assert_int_equal(nta_dispatch_waiting(dispatch, 1), 0);
    assert_int_equal(taken(dispatch, 0)->n_packets, 2);
    nta_dispatch_flush(dispatch, 2001, 3);
    assert_int_equal(nta_dispatch_waiting(dispatch, 1), 1);
}

static void an_idle_worker_gets_a_tick_now_and_then(void **state)
{
    NTA_AUTO(nta_dispatch_free) struct nta_dispatch *dispatch = made(1, 4);
    const int64_t ms = 1000000;
    struct nta_block *block;

    (void)state;
    nta_dispatch_flush(dispatch, 1000 * ms, 77);
    block = taken(dispatch, 0);
    assert_int_equal(block->n_packets, 0);
    assert_int_equal(block->now_wall_ns, 77);
    nta_dispatch_give_back(dispatch, 0, block);

    nta_dispatch_flush(dispatch, 1099 * ms, 78);
    assert_null(nta_dispatch_take(dispatch, 0));
    nta_dispatch_flush(dispatch, 1100 * ms, 79);
    assert_int_equal(nta_dispatch_waiting(dispatch, 0), 1);
    nta_dispatch_flush(dispatch, 1300 * ms, 80); /* it has one unread */
    assert_int_equal(nta_dispatch_waiting(dispatch, 0), 1);
    assert_int_equal(taken(dispatch, 0)->now_wall_ns, 79);
}

static void ticks_never_take_a_block_that_is_not_there(void **state)
{
    NTA_AUTO(nta_dispatch_free) struct nta_dispatch *dispatch = made(1, 3);

    (void)state;
    for (int64_t i = 0; i < 10; i++) {
        nta_dispatch_flush(dispatch, INT64_MAX, i * 1000000000);
        (void)nta_dispatch_take(dispatch, 0); /* kept */
    }
    assert_int_equal(put(dispatch, 0, 1, 1), NTA_PUT_NO_BLOCK);
}

static enum nta_put put_lent(struct nta_dispatch *dispatch, const uint8_t *bytes)
{
    return nta_dispatch_put(dispatch, 0, &(struct nta_packet){.cap_len = 10, .wire_len = 10}, bytes,
                            0);
}

static void only_one_worker_is_lent_blocks(void **state)
{
    NTA_AUTO(nta_dispatch_free) struct nta_dispatch *one = made(1, 3);
    NTA_AUTO(nta_dispatch_free) struct nta_dispatch *two = made(2, 3);

    (void)state;
    assert_true(nta_dispatch_lends(one));
    assert_false(nta_dispatch_lends(two));
}

static void lending_hands_over_what_was_filled(void **state)
{
    NTA_AUTO(nta_dispatch_free) struct nta_dispatch *dispatch = made(1, 3);
    uint8_t *first, *second;
    size_t len;

    (void)state;
    first = nta_dispatch_lend(dispatch, &len);
    assert_non_null(first);
    memset(first, 1, len);
    assert_int_equal(put_lent(dispatch, first), NTA_PUT_OK);
    assert_int_equal(nta_dispatch_waiting(dispatch, 0), 0);
    second = nta_dispatch_lend(dispatch, &len);
    assert_int_equal(nta_dispatch_waiting(dispatch, 0), 1);
    struct nta_block *block = taken(dispatch, 0);

    assert_ptr_equal(nta_block_bytes(block, nta_block_packets(block)), first);
    assert_true(second < block->area || second >= block->area + NTA_BLOCK_AREA);
    nta_dispatch_give_back(dispatch, 0, block);
}

/** A block whose packets are done may still hold bytes of the file that were not put. */
static void a_lent_block_is_not_filled_anew_while_it_is_read(void **state)
{
    NTA_AUTO(nta_dispatch_free) struct nta_dispatch *dispatch = made(1, 3);
    size_t len;

    (void)state;
    uint8_t *lent = nta_dispatch_lend(dispatch, &len);

    memset(lent, 7, len);
    assert_int_equal(put_lent(dispatch, lent), NTA_PUT_OK);
    nta_dispatch_flush(dispatch, INT64_MAX, 1);
    nta_dispatch_give_back(dispatch, 0, taken(dispatch, 0));
    for (int i = 0; i < 2; i++) /* large ones fill the two other blocks */
        assert_int_equal(put(dispatch, 0, NTA_BLOCK_PACKET_MAX, 2), NTA_PUT_OK);
    assert_int_equal(put(dispatch, 0, NTA_BLOCK_PACKET_MAX, 2), NTA_PUT_NO_BLOCK);
    assert_null(nta_dispatch_lend(dispatch, &len));
    for (size_t i = 0; i < len; i++)
        assert_int_equal(lent[i], 7);
    nta_dispatch_give_back(dispatch, 0, taken(dispatch, 0));
    assert_non_null(nta_dispatch_lend(dispatch, &len));
    nta_dispatch_give_back(dispatch, 0, taken(dispatch, 0));
    assert_int_equal(put(dispatch, 0, NTA_BLOCK_PACKET_MAX, 3), NTA_PUT_OK); /* now it is */
}

/** However small packets are, all entries fit, or the rest is copied. */
static void small_packets_leave_more_space_for_entries(void **state)
{
    NTA_AUTO(nta_dispatch_free) struct nta_dispatch *dispatch = made(1, 3);
    size_t len[2];

    (void)state;
    for (int round = 0; round < 2; round++) {
        uint8_t *lent = nta_dispatch_lend(dispatch, &len[round]);

        assert_non_null(lent);
        for (size_t i = 0; i < 400; i++)
            assert_int_equal(put_lent(dispatch, lent + 10 * i), NTA_PUT_OK);
        while (nta_dispatch_waiting(dispatch, 0) > 0)
            nta_dispatch_give_back(dispatch, 0, taken(dispatch, 0));
    }
    assert_true(len[1] < len[0]);
}

static void the_end_marks_the_last_block_of_each_worker(void **state)
{
    NTA_AUTO(nta_dispatch_free) struct nta_dispatch *dispatch = made(2, 3);
    struct nta_block *block;

    (void)state;
    assert_int_equal(put(dispatch, 1, 5, 1), NTA_PUT_OK);
    nta_dispatch_end(dispatch, 99);
    block = taken(dispatch, 0);
    assert_int_equal(block->n_packets, 0);
    assert_int_equal(block->flags, NTA_BLOCK_LAST);
    assert_int_equal(block->now_wall_ns, 99);
    block = taken(dispatch, 1);
    assert_int_equal(block->n_packets, 1);
    assert_int_equal(block->flags, NTA_BLOCK_LAST);
    assert_null(nta_dispatch_take(dispatch, 0));
    assert_null(nta_dispatch_take(dispatch, 1));
}

enum
{
    CAPTURES = 2,
    WORKERS = 2,
    PACKETS = 200000
};

/** Two capture threads feed two workers; the order within a capture and a worker must hold. */
struct plant
{
    struct nta_dispatch *dispatches[CAPTURES];
    struct nta_wake wakes[WORKERS];
};

struct job
{
    struct plant *plant;
    uint32_t number;
    uint64_t n_packets, n_wrong;
};

static void *produce(void *arg)
{
    struct job *job = arg;
    struct nta_dispatch *dispatch = job->plant->dispatches[job->number];

    for (uint32_t i = 0; i < PACKETS; i++) {
        uint8_t bytes[1500];
        struct nta_packet packet = {.cap_len = 60 + i % 1400, .wall_ns = i, .tcp_seq = i};

        memset(bytes, (int)(i & 0xff), packet.cap_len);
        while (nta_dispatch_put(dispatch, i % WORKERS, &packet, bytes, 0) == NTA_PUT_NO_BLOCK)
            nta_dispatch_wait_space(dispatch, i % WORKERS, 1000000);
    }
    nta_dispatch_end(dispatch, PACKETS);
    return NULL;
}

static void check_block(struct job *job, struct nta_block *block, uint32_t *next)
{
    for (uint32_t i = 0; i < block->n_packets; i++) {
        const struct nta_packet *packet = &nta_block_packets(block)[i];
        const uint8_t *bytes = nta_block_bytes(block, packet);
        uint8_t want = (uint8_t)packet->tcp_seq;

        if (packet->tcp_seq != *next || bytes[0] != want || bytes[packet->cap_len - 1] != want)
            job->n_wrong++;
        *next = packet->tcp_seq + WORKERS;
        job->n_packets++;
    }
}

static void *work(void *arg)
{
    struct job *job = arg;
    struct plant *plant = job->plant;
    uint32_t next[CAPTURES] = {job->number, job->number};
    int n_open = CAPTURES;

    while (n_open > 0) {
        nta_dispatch_wait_any(plant->dispatches, CAPTURES, job->number, &plant->wakes[job->number],
                              INT64_C(100000000000));
        for (uint32_t c = 0; c < CAPTURES; c++) {
            struct nta_block *block = nta_dispatch_take(plant->dispatches[c], job->number);

            if (!block)
                continue;
            check_block(job, block, &next[c]);
            n_open -= (block->flags & NTA_BLOCK_LAST) != 0;
            nta_dispatch_give_back(plant->dispatches[c], job->number, block);
        }
    }
    return NULL;
}

static void captures_and_workers_keep_order_and_content(void **state)
{
    struct plant plant = {0};
    struct job jobs[CAPTURES + WORKERS];
    pthread_t threads[CAPTURES + WORKERS];

    (void)state;
    for (uint32_t c = 0; c < CAPTURES; c++) {
        assert_int_equal(nta_dispatch_new(c, WORKERS, 4, &plant.dispatches[c], NULL), 0);
        for (uint32_t w = 0; w < WORKERS; w++)
            nta_dispatch_set_wake(plant.dispatches[c], w, &plant.wakes[w]);
    }
    for (uint32_t i = 0; i < CAPTURES + WORKERS; i++) {
        jobs[i] = (struct job){.plant = &plant, .number = i % CAPTURES};
        assert_int_equal(pthread_create(&threads[i], NULL, i < CAPTURES ? produce : work, &jobs[i]),
                         0);
    }
    for (uint32_t i = 0; i < CAPTURES + WORKERS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (uint32_t i = CAPTURES; i < CAPTURES + WORKERS; i++) {
        assert_int_equal(jobs[i].n_wrong, 0);
        assert_int_equal(jobs[i].n_packets, PACKETS / WORKERS * CAPTURES);
    }
    for (uint32_t c = 0; c < CAPTURES; c++)
        nta_dispatch_free(&plant.dispatches[c]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_and_bytes_fill_a_block_until_they_meet),
        cmocka_unit_test(space_is_exact_to_the_byte),
        cmocka_unit_test(sizes_that_make_no_sense_are_refused),
        cmocka_unit_test(small_packets_leave_more_space_for_entries),
        cmocka_unit_test(a_lent_block_is_not_filled_anew_while_it_is_read),
        cmocka_unit_test(lending_hands_over_what_was_filled),
        cmocka_unit_test(only_one_worker_is_lent_blocks),
        cmocka_unit_test(what_lies_in_a_lent_place_is_not_copied),
        cmocka_unit_test(each_worker_gets_its_packets_in_order),
        cmocka_unit_test(without_free_blocks_nothing_is_copied),
        cmocka_unit_test(flush_hands_over_only_what_is_old),
        cmocka_unit_test(an_idle_worker_gets_a_tick_now_and_then),
        cmocka_unit_test(ticks_never_take_a_block_that_is_not_there),
        cmocka_unit_test(the_end_marks_the_last_block_of_each_worker),
        cmocka_unit_test(captures_and_workers_keep_order_and_content),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
