/* SPDX-License-Identifier: Apache-2.0 */
#include "ring/dispatch.h"

#include "base/clock.h"
#include "base/own.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define TICK_NS (100 * NTA_NS_PER_MS)

enum
{
    BLOCKS_MIN = 3,     ///< One being filled, one on its way, one being read.
    WORKERS_MAX = 4096, ///< Keeps sizes from overflowing; far above any machine.
    BLOCKS_MAX = 65536,
    HUGE_PAGE = 2 * 1024 * 1024,
};

/** Between this capture thread and one worker. */
struct lane
{
    struct nta_ring filled; ///< Capture to worker.
    struct nta_ring empty;  ///< Worker to capture.

    /* capture thread's own */
    _Alignas(64) struct nta_block *current; ///< Being filled, or NULL.
    struct nta_block *
        *spare; ///< Free blocks; the last one given back is used first, while in cache.
    size_t n_spare;
    int64_t last_clock; ///< When the worker last got a block, by flush's clock.

    struct nta_wake *wake; ///< Worker's, borrowed, or NULL.
};

struct nta_dispatch
{
    uint32_t capture;
    uint32_t n_workers;
    uint32_t n_blocks; ///< Of one lane.
    struct nta_block *blocks;
    struct lane *lanes;
    struct nta_wake room; ///< The capture thread sleeps here.
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

/** In large pages where the kernel gives them: blocks are walked through by two threads, far more than a TLB covers. */
static struct nta_block *alloc_blocks(size_t n_blocks)
{
    size_t size = n_blocks * NTA_BLOCK_SIZE;
    size_t alignment = size < HUGE_PAGE ? _Alignof(struct nta_block) : HUGE_PAGE;
    struct nta_block *blocks =
        aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);

    if (blocks && alignment == HUGE_PAGE)
        (void)madvise(blocks, size, MADV_HUGEPAGE); /* a refusal does not matter */
    return blocks;
}

static int init_lanes(struct nta_dispatch *dispatch)
{
    size_t n_blocks = (size_t)dispatch->n_workers * dispatch->n_blocks;
    size_t lanes_bytes = dispatch->n_workers * sizeof(struct lane);

    dispatch->blocks = alloc_blocks(n_blocks);
    dispatch->lanes = aligned_alloc(_Alignof(struct lane), lanes_bytes);
    if (!dispatch->blocks || !dispatch->lanes)
        return -ENOMEM;
    memset(dispatch->lanes, 0, lanes_bytes);
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
    dispatch = aligned_alloc(_Alignof(struct nta_dispatch), sizeof(*dispatch));
    if (dispatch) {
        *dispatch =
            (struct nta_dispatch){.capture = capture, .n_workers = n_workers, .n_blocks = n_blocks};
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
    free(d->blocks);
    free(d);
    *dispatch = NULL;
}

void nta_dispatch_set_wake(struct nta_dispatch *dispatch, uint32_t worker, struct nta_wake *wake)
{
    dispatch->lanes[worker].wake = wake;
}

/** Make sure there is a block to fill; false if none is free. */
static bool have_block(struct lane *lane)
{
    struct nta_block *block;

    if (lane->current)
        return true;
    while ((block = nta_ring_pop(&lane->empty)))
        lane->spare[lane->n_spare++] = block;
    if (lane->n_spare == 0)
        return false;
    lane->current = lane->spare[--lane->n_spare];
    nta_block_reset(lane->current);
    return true;
}

static void hand_over(struct lane *lane, int64_t wall_ns)
{
    struct nta_block *block = NTA_TAKE(lane->current);
    bool pushed;

    block->now_wall_ns = wall_ns;
    pushed = nta_ring_push(&lane->filled, block);
    assert(pushed); /* a ring has room for all blocks of its lane */
    (void)pushed;
    if (lane->wake)
        nta_wake_signal(lane->wake);
}

static inline struct lane *lane_of(struct nta_dispatch *dispatch, const struct nta_packet *packet)
{
    uint32_t n = dispatch->n_workers;

    return &dispatch->lanes[n == 1 ? 0 : packet->addr_hash % n];
}

/** Copy into the current block; false if it does not fit. */
static bool copy_in(struct lane *lane, const struct nta_packet *packet, const uint8_t *bytes,
                    int64_t mono_ns)
{
    struct nta_block *block = lane->current;
    uint8_t *room;
    struct nta_packet *entry = nta_block_room(block, packet->cap_len, &room);
    uint32_t data_off;

    if (!entry)
        return false;
    data_off = entry->data_off;
    *entry = *packet;
    entry->data_off = data_off;
    memcpy(room, bytes, packet->cap_len);
    if (block->n_packets == 0)
        block->mono_ns = mono_ns;
    nta_block_commit(block);
    return true;
}

enum nta_put nta_dispatch_put(struct nta_dispatch *dispatch, const struct nta_packet *packet,
                              const uint8_t *bytes, int64_t mono_ns)
{
    struct lane *lane = lane_of(dispatch, packet);

    assert(packet->cap_len <= NTA_BLOCK_PACKET_MAX);
    if (!have_block(lane))
        return NTA_PUT_NO_BLOCK;
    if (copy_in(lane, packet, bytes, mono_ns))
        return NTA_PUT_OK;
    hand_over(lane, nta_block_packets(lane->current)[lane->current->n_packets - 1].wall_ns);
    if (!have_block(lane))
        return NTA_PUT_NO_BLOCK;
    return copy_in(lane, packet, bytes, mono_ns) ? NTA_PUT_OK : NTA_PUT_NO_BLOCK;
}

/** Sleep until the lane has enough free blocks, `timeout_ns` at most. */
static void wait_room(struct nta_dispatch *dispatch, struct lane *lane, int64_t timeout_ns)
{
    uint32_t key = nta_wake_prepare(&dispatch->room);

    if (lane->n_spare == 0 && nta_ring_len(&lane->empty) == 0)
        nta_wake_sleep(&dispatch->room, key, timeout_ns);
}

void nta_dispatch_wait_room(struct nta_dispatch *dispatch, const struct nta_packet *packet,
                            int64_t timeout_ns)
{
    wait_room(dispatch, lane_of(dispatch, packet), timeout_ns);
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

        while (!have_block(lane))
            wait_room(dispatch, lane, 10 * NTA_NS_PER_MS);
        lane->current->flags |= NTA_BLOCK_LAST;
        hand_over(lane, wall_ns);
    }
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
        nta_wake_signal(&dispatch->room);
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

size_t nta_dispatch_waiting(const struct nta_dispatch *dispatch, uint32_t worker)
{
    return nta_ring_len(&dispatch->lanes[worker].filled);
}
