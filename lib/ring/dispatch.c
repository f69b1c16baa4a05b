/* SPDX-License-Identifier: Apache-2.0 */
#include "ring/dispatch.h"

#include "base/memory/area.h"
#include "base/memory/memory.h"
#include "base/own.h"
#include "base/runtime/clock.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#define TICK_NS (100 * NTA_NS_PER_MS)

enum
{
    BLOCKS_MIN = 3,     ///< One being filled, one on its way, one being read.
    WORKERS_MAX = 4096, ///< Keeps sizes from overflowing; far above any machine.
    BLOCKS_MAX = 65536,
    /** When this part of the blocks is filled from a file, its worker is woken. */
    LENT_WAKE_PART = 4,
};

/** Between this capture thread and one worker. */
struct lane
{
    struct nta_ring filled; ///< Capture to worker.
    struct nta_ring empty;  ///< Worker to capture.

    /* capture thread's own */
    _Alignas(64) struct nta_block *current; ///< Being filled, or NULL.
    /** Free blocks; the last one given back is used first, while in cache. */
    struct nta_block **spare;
    size_t n_spare;
    struct nta_block *lent; ///< Somebody still reads a file into its back, or NULL.
    bool lent_is_back;      ///< Its packets are done, and it is in neither ring.
    int64_t last_clock;     ///< When the worker last got a block, by flush's clock.

    struct nta_wake *wake; ///< Worker's, borrowed, or NULL.
};

struct nta_dispatch
{
    uint32_t capture;
    uint32_t n_workers;
    uint32_t n_blocks; ///< Of one lane.
    struct nta_block *blocks;
    struct lane *lanes;
    struct nta_wake space;     ///< The capture thread sleeps here.
    _Atomic int64_t passed_ns; ///< Order of time that it has passed.
};

static int init_lane(struct nta_dispatch *dispatch, uint32_t worker)
{
    struct lane *lane = &dispatch->lanes[worker];
    struct nta_block *blocks = dispatch->blocks + (size_t)worker * dispatch->n_blocks;

    if (nta_ring_init(&lane->filled, dispatch->n_blocks) < 0 ||
        nta_ring_init(&lane->empty, dispatch->n_blocks) < 0)
        return -ENOMEM;
    lane->spare = calloc(dispatch->n_blocks, sizeof(struct nta_block *));
    if (!lane->spare)
        return -ENOMEM;
    for (uint32_t i = dispatch->n_blocks; i > 0; i--) {
        blocks[i - 1].capture = dispatch->capture;
        lane->spare[lane->n_spare++] = &blocks[i - 1];
    }
    return 0;
}

static size_t blocks_bytes(const struct nta_dispatch *dispatch)
{
    return (size_t)dispatch->n_workers * dispatch->n_blocks * NTA_BLOCK_SIZE;
}

static int init_lanes(struct nta_dispatch *dispatch)
{
    dispatch->blocks = nta_area_new(blocks_bytes(dispatch), NTA_AREA_ROAMS);
    dispatch->lanes =
        nta_memory_array(dispatch->n_workers, sizeof(struct lane), _Alignof(struct lane));
    if (!dispatch->blocks || !dispatch->lanes)
        return -ENOMEM;
    for (uint32_t i = 0; i < dispatch->n_workers; i++)
        if (init_lane(dispatch, i) < 0)
            return -ENOMEM;
    return 0;
}

int nta_dispatch_new(uint32_t capture, uint32_t n_workers, uint32_t n_blocks,
                     struct nta_dispatch **ret_dispatch, struct nta_err *err)
{
    NTA_AUTO(nta_dispatch_free) struct nta_dispatch *dispatch = NULL;

    if (n_workers == 0 || n_workers > WORKERS_MAX || n_blocks < BLOCKS_MIN || n_blocks > BLOCKS_MAX)
        return nta_err_set(err, -EINVAL,
                           "cannot dispatch to %u workers with %u blocks each: at least 1 worker "
                           "and %d blocks, at most %d and %d",
                           n_workers, n_blocks, BLOCKS_MIN, WORKERS_MAX, BLOCKS_MAX);
    dispatch = nta_memory_new(sizeof(*dispatch), _Alignof(struct nta_dispatch));
    if (dispatch) {
        *dispatch =
            (struct nta_dispatch){.capture = capture, .n_workers = n_workers, .n_blocks = n_blocks};
        atomic_init(&dispatch->passed_ns, INT64_MIN);
        if (init_lanes(dispatch) == 0) {
            *ret_dispatch = NTA_TAKE(dispatch);
            return 0;
        }
    }
    return nta_err_set(err, -ENOMEM, "no memory for %u blocks of %d KiB for each of %u workers",
                       n_blocks, NTA_BLOCK_SIZE / 1024, n_workers);
}

void nta_dispatch_free(struct nta_dispatch **dispatch)
{
    struct nta_dispatch *d = *dispatch;

    if (!d)
        return;
    for (uint32_t i = 0; d->lanes && i < d->n_workers; i++) {
        nta_ring_done(&d->lanes[i].filled);
        nta_ring_done(&d->lanes[i].empty);
        free(d->lanes[i].spare);
    }
    free(d->lanes);
    nta_area_free(d->blocks, blocks_bytes(d));
    free(d);
    *dispatch = NULL;
}

uint32_t nta_dispatch_n_workers(const struct nta_dispatch *dispatch)
{
    return dispatch->n_workers;
}

void nta_dispatch_set_wake(struct nta_dispatch *dispatch, uint32_t worker, struct nta_wake *wake)
{
    dispatch->lanes[worker].wake = wake;
}

/** A free block, emptied, or NULL.  Never the lent one. */
static struct nta_block *free_block(struct lane *lane)
{
    struct nta_block *block;

    while ((block = nta_ring_pop(&lane->empty))) {
        if (block == lane->lent)
            lane->lent_is_back = true;
        else
            lane->spare[lane->n_spare++] = block;
    }
    if (lane->n_spare == 0)
        return NULL;
    block = lane->spare[--lane->n_spare];
    nta_block_reset(block);
    return block;
}

/** Make sure there is a block to fill; false if none is free. */
static bool have_block(struct lane *lane)
{
    if (!lane->current)
        lane->current = free_block(lane);
    return lane->current != NULL;
}

/** Give the current block to the worker, who may not know it yet. */
static void push(struct lane *lane, int64_t wall_ns)
{
    struct nta_block *block = NTA_TAKE(lane->current);
    bool pushed;

    block->now_wall_ns = wall_ns;
    pushed = nta_ring_push(&lane->filled, block);
    assert(pushed); /* a ring has space for all blocks of its lane */
    (void)pushed;
}

static void wake(const struct lane *lane)
{
    if (lane->wake)
        nta_wake_signal(lane->wake);
}

static void hand_over(struct lane *lane, int64_t wall_ns)
{
    push(lane, wall_ns);
    wake(lane);
}

static bool put(struct lane *lane, const struct nta_packet *packet, const uint8_t *bytes,
                int64_t mono_ns)
{
    struct nta_block *block = lane->current;

    if (!nta_block_put(block, packet, bytes))
        return false;
    if (block->n_packets == 1)
        block->mono_ns = mono_ns;
    return true;
}

static int64_t last_wall_ns(struct nta_block *block)
{
    return nta_block_packets(block)[block->n_packets - 1].wall_ns;
}

/** The current block has no space.  If it is empty, too much of it is lent: then it stays here. */
static void put_away(struct lane *lane)
{
    if (lane->current->n_packets > 0) {
        hand_over(lane, last_wall_ns(lane->current));
        return;
    }
    assert(lane->current == lane->lent);
    lane->lent_is_back = true;
    lane->current = NULL;
}

enum nta_put nta_dispatch_put(struct nta_dispatch *dispatch, uint32_t worker,
                              const struct nta_packet *packet, const uint8_t *bytes,
                              int64_t mono_ns)
{
    struct lane *lane = &dispatch->lanes[worker];

    assert(worker < dispatch->n_workers && packet->cap_len <= NTA_BLOCK_PACKET_MAX);
    if (!have_block(lane))
        return NTA_PUT_NO_BLOCK;
    if (put(lane, packet, bytes, mono_ns))
        return NTA_PUT_OK;
    put_away(lane);
    if (!have_block(lane))
        return NTA_PUT_NO_BLOCK;
    return put(lane, packet, bytes, mono_ns) ? NTA_PUT_OK : NTA_PUT_NO_BLOCK;
}

bool nta_dispatch_lends(const struct nta_dispatch *dispatch)
{
    return dispatch->n_workers == 1;
}

/**
 * Entries to leave space for: an eighth more than the last lent block had, since packets of a file
 * are alike.
 */
static size_t entries_to_come(const struct lane *lane)
{
    size_t n = lane->lent ? lane->lent->n_packets + lane->lent->n_packets / 8 : 0;

    if (n < NTA_BLOCK_ENTRIES_MAX / 8)
        return NTA_BLOCK_ENTRIES_MAX / 8;
    return n < NTA_BLOCK_ENTRIES_MAX ? n : NTA_BLOCK_ENTRIES_MAX;
}

/** The lent block is a block like any other from now on. */
static void end_lending(struct lane *lane)
{
    if (lane->lent_is_back)
        lane->spare[lane->n_spare++] = lane->lent;
    lane->lent_is_back = false;
    lane->lent = NULL;
}

uint8_t *nta_dispatch_lend(struct nta_dispatch *dispatch, size_t *ret_len)
{
    struct lane *lane = &dispatch->lanes[0];
    size_t n_entries = entries_to_come(lane);
    struct nta_block *fresh;

    assert(nta_dispatch_lends(dispatch));
    if (lane->current && lane->current->n_packets > 0) {
        push(lane, last_wall_ns(lane->current));
        /* more is on its way, and a worker that is quicker than the file need not be woken for each
         * block */
        if (nta_ring_len(&lane->filled) >= dispatch->n_blocks / LENT_WAKE_PART)
            wake(lane);
    }
    fresh = free_block(lane);
    if (!fresh)
        return NULL;
    end_lending(lane);
    if (lane->current)
        lane->spare[lane->n_spare++] = lane->current;
    lane->current = lane->lent = fresh;
    return nta_block_lend(fresh, n_entries, ret_len);
}

/** Sleep until the lane has enough free blocks, `timeout_ns` at most. */
static void wait_space(struct nta_dispatch *dispatch, struct lane *lane, int64_t timeout_ns)
{
    uint32_t key = nta_wake_prepare(&dispatch->space);

    if (lane->n_spare == 0 && nta_ring_len(&lane->empty) == 0)
        nta_wake_sleep(&dispatch->space, key, timeout_ns);
}

void nta_dispatch_wait_space(struct nta_dispatch *dispatch, uint32_t worker, int64_t timeout_ns)
{
    wait_space(dispatch, &dispatch->lanes[worker], timeout_ns);
}

/** True if the worker has waited for long enough to be told the time. */
static bool tick_is_due(const struct lane *lane, int64_t clock)
{
    int64_t since;

    if (nta_ring_len(&lane->filled) > 0)
        return false;
    /* a clock that jumped far, in either direction, is due as well */
    return __builtin_sub_overflow(clock, lane->last_clock, &since) || since >= TICK_NS ||
           since <= -TICK_NS;
}

void nta_dispatch_flush(struct nta_dispatch *dispatch, int64_t older_than_mono_ns, int64_t wall_ns)
{
    int64_t clock = older_than_mono_ns == INT64_MAX ? wall_ns : older_than_mono_ns;

    for (uint32_t i = 0; i < dispatch->n_workers; i++) {
        struct lane *lane = &dispatch->lanes[i];
        bool filled = lane->current && lane->current->n_packets > 0;

        if (filled ? lane->current->mono_ns < older_than_mono_ns
                   : tick_is_due(lane, clock) && have_block(lane)) {
            hand_over(lane, wall_ns);
            lane->last_clock = clock;
        }
    }
}

void nta_dispatch_end(struct nta_dispatch *dispatch, int64_t wall_ns)
{
    for (uint32_t i = 0; i < dispatch->n_workers; i++) {
        struct lane *lane = &dispatch->lanes[i];

        end_lending(lane);
        while (!have_block(lane))
            wait_space(dispatch, lane, 10 * NTA_NS_PER_MS);
        lane->current->flags |= NTA_BLOCK_LAST;
        hand_over(lane, wall_ns);
    }
    nta_dispatch_pass(dispatch, INT64_MAX);
}

struct nta_block *nta_dispatch_take(struct nta_dispatch *dispatch, uint32_t worker)
{
    return nta_ring_pop(&dispatch->lanes[worker].filled);
}

void nta_dispatch_give_back(struct nta_dispatch *dispatch, uint32_t worker, struct nta_block *block)
{
    struct lane *lane = &dispatch->lanes[worker];
    bool pushed = nta_ring_push(&lane->empty, block);

    assert(pushed);
    (void)pushed;
    if (nta_ring_len(&lane->empty) >= dispatch->n_blocks / 2)
        nta_wake_signal(&dispatch->space);
}

bool nta_dispatch_wait_any(struct nta_dispatch *const *dispatches, size_t n_dispatches,
                           uint32_t worker, struct nta_wake *wake, int64_t timeout_ns)
{
    uint32_t key = nta_wake_prepare(wake);

    for (int look = 0; look < 2; look++) {
        for (size_t i = 0; i < n_dispatches; i++)
            if (nta_dispatch_waiting(dispatches[i], worker) > 0)
                return true;
        if (look == 0)
            nta_wake_sleep(wake, key, timeout_ns);
    }
    return false;
}

void nta_dispatch_pass(struct nta_dispatch *dispatch, int64_t order_ns)
{
    atomic_store_explicit(&dispatch->passed_ns, order_ns, memory_order_release);
}

int64_t nta_dispatch_passed(const struct nta_dispatch *dispatch)
{
    return atomic_load_explicit(&dispatch->passed_ns, memory_order_acquire);
}

bool nta_dispatch_is_tight(const struct nta_dispatch *dispatch, uint32_t worker)
{
    return nta_dispatch_waiting(dispatch, worker) >= dispatch->n_blocks / 2;
}

size_t nta_dispatch_waiting(const struct nta_dispatch *dispatch, uint32_t worker)
{
    return nta_ring_len(&dispatch->lanes[worker].filled);
}
