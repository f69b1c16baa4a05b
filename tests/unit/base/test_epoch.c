/* SPDX-License-Identifier: Apache-2.0 */
#include "base/runtime/epoch.h"
#include "unit.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

enum
{
    N_READERS = 3,
    N_PUBLICATIONS = 1000,
    MAGIC = 0x6f6b6179
};

/**
 * `check` follows from `number`; freeing spoils it, so a reader of a freed object is seen without a
 * sanitizer too.
 */
struct object
{
    unsigned number, check;
};

struct reader
{
    pthread_t thread;
    struct nta_epoch *epoch;
    _Atomic bool *stop;
    size_t slot;
    uint64_t n_bad, n_back, n_seen;
};

static struct object *object_new(unsigned number)
{
    struct object *object = malloc(sizeof(*object));

    assert_non_null(object);
    *object = (struct object){.number = number, .check = number ^ MAGIC};
    return object;
}

static void object_end(struct object *object)
{
    object->check = 0;
    free(object);
}

static void *read_on(void *arg)
{
    struct reader *reader = arg;
    unsigned last = 0;

    while (!atomic_load_explicit(reader->stop, memory_order_relaxed)) {
        const struct object *object = nta_epoch_enter(reader->epoch, reader->slot);

        for (unsigned i = 0; i < 8; i++)
            reader->n_bad += (object->number ^ MAGIC) != object->check;
        reader->n_back += object->number < last;
        last = object->number;
        reader->n_seen++;
        nta_epoch_leave(reader->epoch, reader->slot);
        if (reader->n_seen % 16 == 0)
            (void)sched_yield();
    }
    return NULL;
}

static void readers_never_see_a_freed_object(void **state)
{
    static struct nta_epoch epoch;
    struct reader readers[N_READERS] = {0};
    _Atomic bool stop = false;

    (void)state;
    nta_epoch_init(&epoch, object_new(1));
    for (size_t i = 0; i < N_READERS; i++) {
        readers[i] = (struct reader){.epoch = &epoch, .stop = &stop, .slot = i * 60};
        assert_int_equal(pthread_create(&readers[i].thread, NULL, read_on, &readers[i]), 0);
    }
    for (unsigned n = 0; n < N_PUBLICATIONS; n++) {
        struct object *old = nta_epoch_publish(&epoch, object_new(n + 2));

        assert_int_equal(old->number, n + 1);
        object_end(old);
    }
    atomic_store(&stop, true);
    for (size_t i = 0; i < N_READERS; i++) {
        (void)pthread_join(readers[i].thread, NULL);
        assert_int_equal(readers[i].n_bad, 0);
        assert_int_equal(readers[i].n_back, 0);
    }
    object_end(atomic_load(&epoch.current));
}

static void idle_readers_hold_nobody_up(void **state)
{
    static struct nta_epoch epoch;
    int a = 1, b = 2;

    (void)state;
    nta_epoch_init(&epoch, &a);
    assert_ptr_equal(nta_epoch_enter(&epoch, 0), &a);
    nta_epoch_leave(&epoch, 0); /* and never again */
    assert_ptr_equal(nta_epoch_publish(&epoch, &b), &a);
    assert_ptr_equal(nta_epoch_enter(&epoch, NTA_EPOCH_READERS - 1), &b);
    nta_epoch_leave(&epoch, NTA_EPOCH_READERS - 1);
    assert_ptr_equal(nta_epoch_publish(&epoch, NULL), &b);
    assert_null(nta_epoch_enter(&epoch, 0));
}

struct writer
{
    struct nta_epoch *epoch;
    void *next;
    _Atomic bool done;
};

static void *publish(void *arg)
{
    struct writer *writer = arg;
    void *old = nta_epoch_publish(writer->epoch, writer->next);

    atomic_store(&writer->done, true);
    return old;
}

static void the_writer_waits_for_a_reader_inside(void **state)
{
    static struct nta_epoch epoch;
    int a = 1, b = 2;
    struct writer writer = {.epoch = &epoch, .next = &b};
    const struct timespec while_ns = {.tv_nsec = 20000000};
    pthread_t thread;
    void *old = NULL;

    (void)state;
    nta_epoch_init(&epoch, &a);
    assert_ptr_equal(nta_epoch_enter(&epoch, 7), &a);
    assert_int_equal(pthread_create(&thread, NULL, publish, &writer), 0);
    (void)nanosleep(&while_ns, NULL);
    assert_false(atomic_load(&writer.done));
    nta_epoch_leave(&epoch, 7);
    (void)pthread_join(thread, &old);
    assert_ptr_equal(old, &a);
}

static void a_reader_that_came_after_the_swap_is_not_waited_for(void **state)
{
    static struct nta_epoch epoch;
    int a = 1, b = 2;
    struct writer writer = {.epoch = &epoch, .next = &b};
    pthread_t thread;
    void *old = NULL;

    (void)state;
    nta_epoch_init(&epoch, &a);
    (void)nta_epoch_enter(&epoch, 1);
    assert_int_equal(pthread_create(&thread, NULL, publish, &writer), 0);
    while (atomic_load(&epoch.generation) == 1)
        (void)sched_yield();
    assert_ptr_equal(nta_epoch_enter(&epoch, 2), &b); /* stays inside */
    nta_epoch_leave(&epoch, 1);
    (void)pthread_join(thread, &old);
    assert_ptr_equal(old, &a);
    nta_epoch_leave(&epoch, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readers_never_see_a_freed_object),
        cmocka_unit_test(idle_readers_hold_nobody_up),
        cmocka_unit_test(the_writer_waits_for_a_reader_inside),
        cmocka_unit_test(a_reader_that_came_after_the_swap_is_not_waited_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
