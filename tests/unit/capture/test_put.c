/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of a packet whose worker has no space. */
#include "base/memory/memory.h"
#include "base/runtime/clock.h"
#include "capture/put.h"
#include "unit.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

enum
{
    BLOCKS = 3,
    LEN = 60000,
    SOON_MS = 20
};

static uint8_t bytes[LEN];
static const struct nta_packet packet = {.cap_len = LEN, .wire_len = LEN, .wall_ns = 1};

/** Of an interface whose ring has so many bytes (0: a file), read to what came just now. */
static struct nta_capture *make(uint64_t ring_bytes, uint32_t n_workers)
{
    struct nta_capture *capture = nta_memory_new(sizeof(*capture), _Alignof(struct nta_capture));
    struct nta_err err;

    assert_non_null(capture);
    assert_int_equal(nta_dispatch_new(0, n_workers, BLOCKS, &capture->dispatch, &err), 0);
    capture->options.interface = ring_bytes ? "eth0" : NULL;
    capture->options.buffer_bytes = ring_bytes;
    capture->n_workers = n_workers;
    capture->last_wall_ns = nta_clock_wall_ns();
    return capture;
}

static void done(struct nta_capture *capture)
{
    nta_dispatch_free(&capture->dispatch);
    free(capture);
}

static int n_lost(const struct nta_capture *capture)
{
    return (int)nta_counted(&capture->counters, NTA_COUNTER_DROP_RING);
}

/** For worker 0, until one is lost, at most `n`: how many were not. */
static int put(struct nta_capture *capture, int n)
{
    int i = 0;

    for (; i < n && n_lost(capture) == 0; i++)
        nta_capture_put_to(capture, 0, &packet, bytes, NTA_COUNTER_DROP_RING);
    return i - n_lost(capture);
}

/** A worker that has time only later. */
static void *work_soon(void *arg)
{
    struct nta_dispatch *dispatch = arg;
    struct nta_block *block;

    (void)poll(NULL, 0, SOON_MS);
    while ((block = nta_dispatch_take(dispatch, 0)))
        nta_dispatch_give_back(dispatch, 0, block);
    return NULL;
}

static void of_an_interface_it_waits_while_the_ring_holds_what_comes(void **state)
{
    struct nta_capture *capture = make(256 << 20, 1);
    pthread_t worker;

    (void)state;
    const int n_full = put(capture, 1000); /* nobody works: it is given up once */
    const int64_t age_ns = nta_clock_wall_ns() - capture->last_wall_ns;

    assert_true(n_full >= BLOCKS && n_full < 1000);
    assert_true(age_ns > 400 * NTA_NS_PER_MS);
    capture->counters = (struct nta_counters){0};
    capture->last_wall_ns = nta_clock_wall_ns();
    assert_int_equal(pthread_create(&worker, NULL, work_soon, capture->dispatch), 0);
    assert_int_equal(put(capture, 1), 1);
    assert_int_equal(pthread_join(worker, NULL), 0);
    done(capture);
}

static void what_is_older_than_the_ring_is_long_is_lost_at_once(void **state)
{
    static const int64_t ages_ns[] = {NTA_NS_PER_S, -NTA_NS_PER_S}; /* a clock that was set, too */

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct nta_capture *capture = make(256 << 20, 1);
        const int64_t began_ns = nta_clock_mono_ns();

        capture->last_wall_ns -= ages_ns[i] * 10;
        assert_true(put(capture, 1000) >= BLOCKS);
        assert_int_equal(n_lost(capture), 1);
        assert_true(nta_clock_mono_ns() - began_ns < 300 * NTA_NS_PER_MS);
        done(capture);
    }
}

static void other_workers_get_theirs_while_one_is_waited_for(void **state)
{
    struct nta_capture *capture = make(64 << 20, 2);

    (void)state;
    nta_capture_put_to(capture, 1, &packet, bytes, NTA_COUNTER_DROP_RING);
    assert_int_equal(nta_dispatch_waiting(capture->dispatch, 1), 0); /* its block is not full */
    (void)put(capture, 1000);
    assert_int_equal(nta_dispatch_waiting(capture->dispatch, 1), 1);
    done(capture);
}

static void of_a_file_it_waits_until_there_is_space_or_a_stop(void **state)
{
    struct nta_capture *capture = make(0, 1);
    pthread_t worker;
    int n = 0;

    (void)state;
    capture->last_wall_ns = 1; /* however old it is */
    assert_int_equal(pthread_create(&worker, NULL, work_soon, capture->dispatch), 0);
    for (; n < BLOCKS * 4 + 1; n++)
        nta_capture_put_to(capture, 0, &packet, bytes, NTA_COUNTER_DROP_RING);
    assert_int_equal(pthread_join(worker, NULL), 0);
    assert_int_equal(n_lost(capture), 0);
    atomic_store(&capture->stop, true);
    assert_true(put(capture, 1000) < 1000);
    done(capture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_an_interface_it_waits_while_the_ring_holds_what_comes),
        cmocka_unit_test(what_is_older_than_the_ring_is_long_is_lost_at_once),
        cmocka_unit_test(other_workers_get_theirs_while_one_is_waited_for),
        cmocka_unit_test(of_a_file_it_waits_until_there_is_space_or_a_stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
