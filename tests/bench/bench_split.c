/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What it would cost to have records made in one process and kept in another (docs/decisions.md):
 * chunks that go over as they do, by pointer, against chunks that are copied into shared memory,
 * where whoever takes them believes nothing.  One core, processor time, figures on standard output.
 *
 *     bench_split [BATCHES]
 */
#include "base/own.h"
#include "record/batch.h"
#include "ring/ring.h"
#include "traffic.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum
{
    CHUNK = 256,
    CHUNKS = 14, ///< In a batch: what fits into NTA_BATCH_BYTES.
    SLOT_BYTES = 512 * 1024,
    N_PARTS = 4,
};

/** What a chunk in shared memory says of itself. */
struct head
{
    uint32_t n_records, class;
    uint32_t len[N_PARTS];
};

/** The four buffers of a batch, one behind the other. */
struct slot
{
    struct head head;
    _Alignas(8) uint8_t bytes[SLOT_BYTES];
};

struct bench
{
    struct nta_record records[CHUNK];
    struct traffic_texts texts[CHUNK];
    struct nta_batch chunk, borrowed, made, batch;
    struct nta_record_buf buf;
    struct slot *slot;
    struct nta_ring ring;
    int event;
    int64_t make_ns, pass_ns, join_ns, copy_ns, wake_ns, bounds_ns, again_ns;
    size_t n;
};

static int64_t cpu_ns(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static const struct nta_buf *part_of(const struct nta_batch *batch, size_t i)
{
    const struct nta_buf *const parts[N_PARTS] = {&batch->records, &batch->ends, &batch->notes,
                                                  &batch->values};

    return parts[i];
}

/* ---- as it is ---- */

static int make_chunk(struct bench *bench)
{
    static int64_t time_ns = INT64_C(1769860800000000000);
    int r = 0;

    for (size_t i = 0; i < CHUNK; i++)
        bench->records[i] = traffic_flow(&bench->texts[i], time_ns += 2000);
    const int64_t start = cpu_ns();

    nta_batch_clear(&bench->chunk);
    for (size_t i = 0; i < CHUNK && r == 0; i++)
        r = nta_batch_add(&bench->chunk, &bench->records[i]);
    bench->make_ns += cpu_ns() - start;
    bench->n += CHUNK;
    return r;
}

static int pass_pointer(struct bench *bench)
{
    const int64_t start = cpu_ns();

    (void)nta_ring_push(&bench->ring, &bench->chunk);
    const struct nta_batch *taken = nta_ring_pop(&bench->ring);
    const int64_t passed = cpu_ns();
    int r = nta_batch_join(&bench->batch, taken);

    bench->pass_ns += passed - start;
    bench->join_ns += cpu_ns() - passed;
    return r;
}

/* ---- as it would be ---- */

static void copy_over(struct bench *bench)
{
    const int64_t start = cpu_ns();
    struct slot *slot = bench->slot;
    size_t at = 0;

    for (size_t i = 0; i < N_PARTS; i++) {
        const struct nta_buf *part = part_of(&bench->chunk, i);

        memcpy(slot->bytes + at, part->ptr, part->len);
        slot->head.len[i] = (uint32_t)part->len;
        at += part->len;
    }
    slot->head.n_records = (uint32_t)bench->chunk.n_records;
    slot->head.class = (uint32_t)bench->chunk.class;
    bench->copy_ns += cpu_ns() - start;
}

static void wake(struct bench *bench)
{
    const int64_t start = cpu_ns();
    uint64_t n = 1;

    (void)!write(bench->event, &n, sizeof(n));
    (void)!read(bench->event, &n, sizeof(n));
    bench->wake_ns += cpu_ns() - start;
}

/** Lengths, ends and values lie where they may: nothing is said of what is in them. */
static bool check_bounds(const struct slot *slot, uint8_t *own, struct nta_batch *ret_batch)
{
    size_t all = 0, at[N_PARTS + 1] = {0};
    uint32_t end = 0, before = 0;
    struct head head;

    memcpy(&head, (const void *)&slot->head, sizeof(head)); /* its maker may still change it */
    for (size_t i = 0; i < N_PARTS; i++) {
        all += head.len[i];
        at[i + 1] = all;
    }
    if (all > SLOT_BYTES || head.n_records > NTA_BATCH_RECORDS ||
        at[2] - at[1] != head.n_records * sizeof(end) || at[3] - at[2] != head.n_records)
        return false;
    memcpy(own, slot->bytes, all);
    for (size_t i = 0; i < head.n_records; i++, before = end) {
        memcpy(&end, own + at[1] + i * sizeof(end), sizeof(end));
        if (end < before || end > at[1])
            return false;
    }
    for (size_t i = at[3]; i < at[4];) {
        uint16_t len;

        if (at[4] - i < 3)
            return false;
        memcpy(&len, own + i + 1, sizeof(len));
        if (len > at[4] - i - 3)
            return false;
        i += 3U + len;
    }
    nta_batch_init(ret_batch);
    ret_batch->records = (struct nta_buf){.ptr = own, .len = at[1]};
    ret_batch->ends = (struct nta_buf){.ptr = own + at[1], .len = at[2] - at[1]};
    ret_batch->n_records = head.n_records;
    return end == at[1];
}

/** Each record is read, and put in again: so are its values, its times and its class. */
static int make_again(struct bench *bench)
{
    int r = 0;

    nta_batch_clear(&bench->made);
    for (size_t i = 0; i < bench->borrowed.n_records && r == 0; i++) {
        struct nta_record record;

        r = nta_record_decode(nta_batch_record(&bench->borrowed, i), &bench->buf, &record)
                ? nta_batch_add(&bench->made, &record)
                : -1;
    }
    return r;
}

static int take_over(struct bench *bench)
{
    static uint8_t own[SLOT_BYTES];
    const int64_t start = cpu_ns();

    if (!check_bounds(bench->slot, own, &bench->borrowed))
        return -1;
    const int64_t checked = cpu_ns();
    int r = make_again(bench);

    bench->bounds_ns += checked - start;
    bench->again_ns += cpu_ns() - checked;
    return r;
}

static int run(struct bench *bench, size_t n_batches)
{
    int r = 0;

    for (size_t i = 0; i < n_batches && r == 0; i++) {
        nta_batch_clear(&bench->batch);
        for (size_t j = 0; j < CHUNKS && r == 0; j++) {
            r = make_chunk(bench);
            if (r == 0)
                r = pass_pointer(bench);
            copy_over(bench);
            wake(bench);
            if (r == 0)
                r = take_over(bench);
        }
    }
    return r;
}

static void print(const struct bench *bench, const char *what, int64_t took_ns)
{
    (void)printf("%-52s %7.1f ns a record\n", what, (double)took_ns / (double)bench->n);
}

int main(int argc, char **argv)
{
    const size_t n_batches = argc > 1 ? strtoul(argv[1], NULL, 10) : 100;
    static struct bench bench;

    bench.slot =
        mmap(NULL, sizeof(*bench.slot), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    bench.event = eventfd(0, EFD_CLOEXEC);
    if (bench.slot == MAP_FAILED || bench.event < 0 || nta_ring_init(&bench.ring, 2) < 0)
        return 3;
    if (run(&bench, n_batches ? n_batches : 1) < 0) {
        (void)fputs("bench_split: a chunk did not come over\n", stderr);
        return 3;
    }
    print(&bench, "worker: encode, and gather values", bench.make_ns);
    print(&bench, "hand over by pointer", bench.pass_ns);
    print(&bench, "recorder: join", bench.join_ns);
    print(&bench, "worker: copy into shared memory", bench.copy_ns);
    print(&bench, "wake by eventfd, a chunk a time", bench.wake_ns);
    print(&bench, "keeper: copy out, check bounds", bench.bounds_ns);
    print(&bench, "keeper: read each record, gather its values again", bench.again_ns);
    nta_batch_done(&bench.chunk);
    nta_batch_done(&bench.made);
    nta_batch_done(&bench.batch);
    nta_ring_done(&bench.ring);
    return 0;
}
