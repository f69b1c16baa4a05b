/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/outbox.h"

#include "base/runtime/clock.h"

#include <errno.h>

enum
{
    CHUNK_RECORDS = 512,      ///< A chunk this full is handed over.
    CHUNK_BYTES = 128 * 1024, ///< As above.
    /** An alert is not handed over while so many wait: it would not be read sooner. */
    URGENT_WAITING = 4,
};

#define CHUNK_AGE_NS (100 * NTA_NS_PER_MS)

int nta_outbox_init(struct nta_outbox *outbox, const struct nta_outbox_options *options,
                    struct nta_err *err)
{
    *outbox = (struct nta_outbox){
        .wake = options->wake, .patient = options->patient, .is_one = options->is_one};
    int r = nta_ring_init(&outbox->full, NTA_OUTBOX_CHUNKS);

    if (r == 0)
        r = nta_ring_init(&outbox->empty, NTA_OUTBOX_CHUNKS);
    if (r < 0)
        return nta_err_sys(err, r, "ring of records");
    for (size_t i = 0; i < NTA_OUTBOX_CHUNKS; i++) {
        nta_batch_init(&outbox->chunks[i]);
        nta_batch_be_secret(&outbox->chunks[i]);
        (void)nta_ring_push(&outbox->empty, &outbox->chunks[i]);
    }
    return 0;
}

void nta_outbox_done(struct nta_outbox *outbox)
{
    for (size_t i = 0; i < NTA_OUTBOX_CHUNKS; i++)
        nta_batch_done(&outbox->chunks[i]);
    nta_ring_done(&outbox->full);
    nta_ring_done(&outbox->empty);
}

static void hand_over(struct nta_outbox *outbox, enum nta_class class)
{
    /* there are as many slots as chunks: there is always space */
    (void)nta_ring_push(&outbox->full, outbox->open[class]);
    outbox->open[class] = NULL;
    nta_wake_signal(outbox->wake);
}

/**
 * No empty one is left, and the recorder waits for nothing: what is open of other classes, and may
 * be nearly empty, is what it can work on.
 */
static void hand_over_others(struct nta_outbox *outbox)
{
    for (unsigned class = 0; class < NTA_N_CLASSES; class ++)
        if (outbox->open[class] && outbox->open[class]->n_records > 0)
            hand_over(outbox, (enum nta_class) class);
}

static bool open_chunk(struct nta_outbox *outbox, enum nta_class class, int64_t mono_ns)
{
    struct nta_backoff backoff = {0};
    struct nta_batch *chunk = nta_ring_pop(&outbox->empty);

    if (!chunk)
        hand_over_others(outbox);
    while (!chunk && outbox->patient &&
           !atomic_load_explicit(&outbox->hurried, memory_order_relaxed)) {
        nta_backoff_wait(&backoff);
        chunk = nta_ring_pop(&outbox->empty);
    }
    if (!chunk)
        return false;
    chunk->class = class;
    outbox->open[class] = chunk;
    outbox->open_mono_ns[class] = mono_ns;
    return true;
}

/**
 * An alert is handed over at once, but not so that alerts in a row use up all chunks while the
 * recorder is busy.
 */
static bool is_urgent(const struct nta_outbox *outbox, const struct nta_batch *chunk)
{
    return !outbox->patient && chunk->has_alert && nta_ring_len(&outbox->full) < URGENT_WAITING;
}

void nta_outbox_be_patient(struct nta_outbox *outbox)
{
    outbox->patient = true;
}

void nta_outbox_hurry(struct nta_outbox *outbox)
{
    atomic_store_explicit(&outbox->hurried, true, memory_order_relaxed);
}

void nta_outbox_add(struct nta_outbox *outbox, const struct nta_record *record, int64_t mono_ns,
                    struct nta_counters *counters)
{
    const enum nta_class class = outbox->is_one ? NTA_CLASS_NONE : nta_record_class(record);

    if (!outbox->open[class] && !open_chunk(outbox, class, mono_ns)) {
        nta_count(counters, NTA_COUNTER_RECORD_DROP, 1);
        return;
    }
    struct nta_batch *chunk = outbox->open[class];
    int r = nta_batch_add(chunk, record);

    if (r == -E2BIG && chunk->n_records > 0) {
        hand_over(outbox, class);
        chunk = open_chunk(outbox, class, mono_ns) ? outbox->open[class] : NULL;
        r = chunk ? nta_batch_add(chunk, record) : -EAGAIN;
    }
    if (r < 0) {
        nta_count(counters, NTA_COUNTER_RECORD_DROP, 1);
        return;
    }
    nta_count(counters, NTA_COUNTER_RECORDS, 1);
    if (is_urgent(outbox, chunk) || chunk->n_records >= CHUNK_RECORDS ||
        chunk->records.len >= CHUNK_BYTES)
        hand_over(outbox, class);
}

void nta_outbox_flush(struct nta_outbox *outbox, int64_t mono_ns, bool in_any_case)
{
    for (unsigned class = 0; class < NTA_N_CLASSES; class ++) {
        const struct nta_batch *chunk = outbox->open[class];

        if (chunk && chunk->n_records > 0 &&
            (in_any_case || is_urgent(outbox, chunk) ||
             mono_ns - outbox->open_mono_ns[class] >= CHUNK_AGE_NS))
            hand_over(outbox, (enum nta_class) class);
    }
}

struct nta_batch *nta_outbox_take(struct nta_outbox *outbox)
{
    return nta_ring_pop(&outbox->full);
}

void nta_outbox_give_back(struct nta_outbox *outbox, struct nta_batch *chunk)
{
    nta_batch_clear(chunk);
    (void)nta_ring_push(&outbox->empty, chunk);
}

bool nta_outbox_has_full(const struct nta_outbox *outbox)
{
    return nta_ring_len(&outbox->full) > 0;
}

bool nta_outbox_is_short(const struct nta_outbox *outbox)
{
    return nta_ring_len(&outbox->empty) == 0;
}
