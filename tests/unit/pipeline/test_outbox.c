/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When records leave a worker: at once for an alert, but never so that a storm of alerts uses up
 * what there is.
 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "pipeline/outbox.h"
#include "unit.h"

#include <pthread.h>
#include <time.h>

enum
{
    FULL_CHUNK = 512 ///< Records; a chunk this large is handed over in any case.
};

struct post
{
    struct nta_wake wake;
    struct nta_outbox outbox;
    struct nta_counters counters;
};

static struct post *opened_as(bool files, bool is_one)
{
    struct post *post = aligned_alloc(64, (sizeof(*post) + 63) & ~(size_t)63);

    assert_non_null(post);
    memset(post, 0, sizeof(*post));
    const struct nta_outbox_options options = {
        .wake = &post->wake, .patient = files, .is_one = is_one};

    assert_int_equal(nta_outbox_init(&post->outbox, &options, NULL), 0);
    return post;
}

static struct post *opened(bool files)
{
    return opened_as(files, false);
}

static void closed(struct post **post)
{
    nta_outbox_done(&(*post)->outbox);
    free(*post);
}

static void add(struct post *post, enum nta_record_event event, size_t n)
{
    const struct nta_record record = {.event = event, .time_ns = 1};

    for (size_t i = 0; i < n; i++)
        nta_outbox_add(&post->outbox, &record, 0, &post->counters);
}

/** All that was handed over; gives how many records, and in `ret_n_chunks` in how many chunks. */
static size_t taken(struct post *post, size_t *ret_n_chunks)
{
    struct nta_batch *chunk;
    size_t n = 0;

    *ret_n_chunks = 0;
    while ((chunk = nta_outbox_take(&post->outbox))) {
        n += chunk->n_records;
        ++*ret_n_chunks;
        nta_outbox_give_back(&post->outbox, chunk);
    }
    return n;
}

static void an_alert_leaves_at_once_and_takes_along_what_was_there_of_its_class(void **state)
{
    NTA_AUTO(closed) struct post *post = opened(false);
    size_t n_chunks;

    (void)state;
    add(post, NTA_RECORD_PACKETS, 3);
    add(post, NTA_RECORD_FLOW, 3);
    assert_int_equal(taken(post, &n_chunks), 0);
    add(post, NTA_RECORD_ALERT, 1);
    assert_int_equal(taken(post, &n_chunks), 4);
    assert_int_equal(n_chunks, 1);
    nta_outbox_flush(&post->outbox, 0, true);
    assert_int_equal(taken(post, &n_chunks), 3);
}

static void a_chunk_is_of_one_class(void **state)
{
    static const struct
    {
        enum nta_record_event event;
        enum nta_class class;
    } rows[] = {
        {NTA_RECORD_ALERT, NTA_CLASS_EVIDENCE},
        {NTA_RECORD_FLOW, NTA_CLASS_TRAFFIC},
        {NTA_RECORD_LEASE, NTA_CLASS_WHO},
        {NTA_RECORD_CANARY, NTA_CLASS_LOG},
    };
    NTA_AUTO(closed) struct post *post = opened(true);
    unsigned n[NTA_N_CLASSES] = {0};
    struct nta_batch *chunk;

    (void)state;
    for (size_t round = 0; round < 5; round++)
        for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++)
            add(post, rows[i].event, i + 1);
    nta_outbox_flush(&post->outbox, 0, true);
    while ((chunk = nta_outbox_take(&post->outbox))) {
        assert_int_equal(chunk->n_records, 5 * (chunk->class == NTA_CLASS_EVIDENCE  ? 1
                                                : chunk->class == NTA_CLASS_TRAFFIC ? 2
                                                : chunk->class == NTA_CLASS_WHO     ? 3
                                                                                    : 4));
        n[chunk->class]++;
        nta_outbox_give_back(&post->outbox, chunk);
    }
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++)
        assert_int_equal(n[rows[i].class], 1);
}

static void without_a_store_the_order_stays(void **state)
{
    NTA_AUTO(closed) struct post *post = opened_as(true, true);
    size_t n_chunks;

    (void)state;
    add(post, NTA_RECORD_FLOW, 2);
    add(post, NTA_RECORD_ALERT, 1);
    add(post, NTA_RECORD_LEASE, 2);
    add(post, NTA_RECORD_FLOW, 2);
    nta_outbox_flush(&post->outbox, 0, true);
    assert_int_equal(taken(post, &n_chunks), 7);
    assert_int_equal(n_chunks, 1);
}

/** Nearly empty ones of the other classes are not kept while the recorder has nothing to do. */
static void a_worker_without_a_chunk_gives_what_it_has(void **state)
{
    NTA_AUTO(closed) struct post *post = opened(false);
    size_t n_chunks;

    (void)state;
    add(post, NTA_RECORD_LEASE, 1);
    add(post, NTA_RECORD_PACKETS, 1);
    add(post, NTA_RECORD_FLOW, (size_t)(NTA_OUTBOX_CHUNKS - 2) * FULL_CHUNK + 1);
    assert_int_equal(nta_counted(&post->counters, NTA_COUNTER_RECORD_DROP), 1);
    assert_int_equal(taken(post, &n_chunks), (size_t)(NTA_OUTBOX_CHUNKS - 2) * FULL_CHUNK + 2);
    assert_int_equal(n_chunks, NTA_OUTBOX_CHUNKS);
}

/** Whoever reads the process's memory later finds nothing of them. */
static void what_a_chunk_held_is_wiped(void **state)
{
    static const uint8_t url[] = "http://a-very-long-url-that-nobody-else-has.example/";
    const struct nta_record record = {
        .event = NTA_RECORD_REQUEST, .time_ns = 1, .url = {url, sizeof(url)}};
    NTA_AUTO(closed) struct post *post = opened(true);

    (void)state;
    for (size_t i = 0; i < 100; i++)
        nta_outbox_add(&post->outbox, &record, 0, &post->counters);
    nta_outbox_flush(&post->outbox, 0, true);
    struct nta_batch *chunk = nta_outbox_take(&post->outbox);
    const uint8_t *bytes = chunk->records.ptr;
    const size_t len = chunk->records.len;

    assert_non_null(memmem(bytes, len, url, sizeof(url)));
    nta_outbox_give_back(&post->outbox, chunk);
    for (size_t i = 0; i < len; i++)
        assert_int_equal(bytes[i], 0);
}

static void alerts_in_a_row_share_chunks_and_none_is_lost(void **state)
{
    NTA_AUTO(closed) struct post *post = opened(false);
    const size_t n = (NTA_OUTBOX_CHUNKS - 8) * FULL_CHUNK;
    size_t n_chunks, n_left;

    (void)state;
    add(post, NTA_RECORD_ALERT, n);
    assert_int_equal(nta_counted(&post->counters, NTA_COUNTER_RECORD_DROP), 0);
    n_left = n - taken(post, &n_chunks);
    assert_in_range(n_chunks, 4, NTA_OUTBOX_CHUNKS);
    assert_in_range(n_left, 0, FULL_CHUNK - 1);
    /* the recorder has caught up: what is left follows with the next look at the clock */
    nta_outbox_flush(&post->outbox, 0, false);
    assert_int_equal(taken(post, &n_chunks), n_left);
}

static void what_is_no_alert_leaves_when_it_is_old_or_much(void **state)
{
    NTA_AUTO(closed) struct post *post = opened(false);
    size_t n_chunks;

    (void)state;
    add(post, NTA_RECORD_FLOW, 1);
    nta_outbox_flush(&post->outbox, 99 * NTA_NS_PER_MS, false);
    assert_int_equal(taken(post, &n_chunks), 0);
    nta_outbox_flush(&post->outbox, 100 * NTA_NS_PER_MS, false);
    assert_int_equal(taken(post, &n_chunks), 1);
    add(post, NTA_RECORD_FLOW, FULL_CHUNK + 1);
    assert_int_equal(taken(post, &n_chunks), FULL_CHUNK);
    nta_outbox_flush(&post->outbox, 0, true);
    assert_int_equal(taken(post, &n_chunks), 1);
}

/* The chunk that is open lets it no space: it leaves first. */
static void a_record_too_large_for_what_is_open_begins_a_chunk(void **state)
{
    NTA_AUTO(closed) struct post *post = opened(true);
    static const uint8_t large[NTA_BATCH_BYTES - 200];
    const struct nta_record record = {
        .event = NTA_RECORD_PACKETS, .time_ns = 1, .packets = {large, sizeof(large)}};
    size_t n_chunks;

    (void)state;
    add(post, NTA_RECORD_PACKETS, 100);
    nta_outbox_add(&post->outbox, &record, 0, &post->counters);
    assert_int_equal(nta_counted(&post->counters, NTA_COUNTER_RECORD_DROP), 0);
    assert_int_equal(taken(post, &n_chunks), 101);
    assert_int_equal(n_chunks, 2);
}

static void of_files_an_alert_can_wait(void **state)
{
    NTA_AUTO(closed) struct post *post = opened(true);
    size_t n_chunks;

    (void)state;
    add(post, NTA_RECORD_ALERT, FULL_CHUNK - 1);
    nta_outbox_flush(&post->outbox, 0, false);
    assert_int_equal(taken(post, &n_chunks), 0);
    add(post, NTA_RECORD_ALERT, 1);
    assert_int_equal(taken(post, &n_chunks), FULL_CHUNK);
}

static void live_records_without_a_chunk_are_counted_as_lost(void **state)
{
    NTA_AUTO(closed) struct post *post = opened(false);
    const size_t space = (size_t)NTA_OUTBOX_CHUNKS * FULL_CHUNK;
    size_t n_chunks;

    (void)state;
    add(post, NTA_RECORD_FLOW, space + 5);
    assert_int_equal(nta_counted(&post->counters, NTA_COUNTER_RECORD_DROP), 5);
    assert_int_equal(taken(post, &n_chunks), space);
}

static void *hurry_later(void *arg)
{
    const struct timespec pause = {.tv_nsec = 100 * NTA_NS_PER_MS};

    (void)nanosleep(&pause, NULL);
    nta_outbox_hurry(arg);
    return NULL;
}

static void at_the_end_it_waits_rather_than_drop_but_not_for_ever(void **state)
{
    struct post *post = opened(false);
    pthread_t thread;

    (void)state;
    add(post, NTA_RECORD_FLOW, (size_t)NTA_OUTBOX_CHUNKS * FULL_CHUNK + 1);
    assert_int_equal(nta_counted(&post->counters, NTA_COUNTER_RECORD_DROP), 1);
    nta_outbox_be_patient(&post->outbox);
    int64_t began_ns = nta_clock_mono_ns(); /* before the thread, which may be the first to run */

    assert_int_equal(pthread_create(&thread, NULL, hurry_later, &post->outbox), 0);
    add(post, NTA_RECORD_FLOW, 1); /* nobody takes any */
    assert_true(nta_clock_mono_ns() - began_ns >= 90 * NTA_NS_PER_MS);
    assert_int_equal(nta_counted(&post->counters, NTA_COUNTER_RECORD_DROP), 2);
    (void)pthread_join(thread, NULL);
    closed(&post);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_alert_leaves_at_once_and_takes_along_what_was_there_of_its_class),
        cmocka_unit_test(a_chunk_is_of_one_class),
        cmocka_unit_test(without_a_store_the_order_stays),
        cmocka_unit_test(a_worker_without_a_chunk_gives_what_it_has),
        cmocka_unit_test(what_a_chunk_held_is_wiped),
        cmocka_unit_test(at_the_end_it_waits_rather_than_drop_but_not_for_ever),
        cmocka_unit_test(alerts_in_a_row_share_chunks_and_none_is_lost),
        cmocka_unit_test(what_is_no_alert_leaves_when_it_is_old_or_much),
        cmocka_unit_test(a_record_too_large_for_what_is_open_begins_a_chunk),
        cmocka_unit_test(of_files_an_alert_can_wait),
        cmocka_unit_test(live_records_without_a_chunk_are_counted_as_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
