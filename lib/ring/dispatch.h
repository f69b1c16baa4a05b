/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * From one capture thread to W workers and back: for each worker a ring of filled blocks and a ring
 * of empty ones, and the block being filled.
 *
 * Capture side: nta_dispatch_put(), _flush() after 10 ms, _end() at the end.  Worker side:
 * nta_dispatch_take() and _give_back().  Whose a packet is, the caller says (decode/owner.h).
 *
 * Nobody has to poll: a worker sleeps on its nta_wake, which all dispatches that serve it share; a
 * capture thread that may wait (files) sleeps in nta_dispatch_wait_space().
 *
 * The packet is copied once, from libpcap's buffer into the block of its worker: its owner is known
 * only after decoding, so decoding runs on libpcap's buffer into an entry on the stack, which is
 * then copied too.  A file with one worker is read straight into blocks, see nta_dispatch_lend():
 * its packets are not copied at all.
 */

#include "base/err.h"
#include "ring/block.h"
#include "ring/ring.h"
#include "ring/wait.h"

#include <stdbool.h>
#include <stdint.h>

struct nta_dispatch; ///< Opaque; owns rings and blocks.

/** Give of nta_dispatch_put(). */
enum nta_put
{
    NTA_PUT_OK,
    NTA_PUT_NO_BLOCK
};

/**
 * `capture` numbers the thread, `n_blocks` is per worker (at least 3).  Allocates all blocks now.
 * 0, or negative errno with `err` filled.
 */
int nta_dispatch_new(uint32_t capture, uint32_t n_workers, uint32_t n_blocks,
                     struct nta_dispatch **ret_dispatch, struct nta_err *err);
/** Takes NULL too.  Capture thread and workers have ended. */
void nta_dispatch_free(struct nta_dispatch **dispatch);

/** How many workers it serves. */
uint32_t nta_dispatch_n_workers(const struct nta_dispatch *dispatch);

/**
 * Capture thread: copy the decoded entry and its `packet->cap_len` bytes (<= NTA_BLOCK_PACKET_MAX)
 * into the block of `worker`.  NTA_PUT_NO_BLOCK: no free block now; nothing was copied; count it
 * as lost, or wait and call again (files).  `mono_ns` is kept as a fresh block's birth (0 when
 * reading files).
 */
enum nta_put nta_dispatch_put(struct nta_dispatch *dispatch, uint32_t worker,
                              const struct nta_packet *packet, const uint8_t *bytes,
                              int64_t mono_ns);

/**
 * Can a file be read straight into blocks?  Only with one worker: whose a packet is, is known after
 * decoding.
 */
bool nta_dispatch_lends(const struct nta_dispatch *dispatch);

/**
 * Capture thread: hand over the block being filled, take a fresh one and lend its back, `ret_len`
 * bytes to read a file into.  Bytes that lie there are not copied by nta_dispatch_put().  The place
 * stays the caller's until the next call that gives one; what is left in it then has to be moved
 * before anything else is put.  NULL: no free block now.
 */
uint8_t *nta_dispatch_lend(struct nta_dispatch *dispatch, size_t *ret_len);

/**
 * Capture thread, after NTA_PUT_NO_BLOCK or NULL: sleep until a worker has given blocks back,
 * `timeout_ns` at most.  `worker` is the one that lacks them.  Wakes when half of a
 * worker's blocks are free again, so that the two threads do not take turns block by block.
 */
void nta_dispatch_wait_space(struct nta_dispatch *dispatch, uint32_t worker, int64_t timeout_ns);

/**
 * Capture thread: hand over blocks that are older than `older_than_mono_ns` (INT64_MAX: all that
 * hold packets), with `wall_ns` as capture's time.  A worker that has nothing to do and nothing to
 * get gets an empty block as a tick, if one is free and the last block went to it 100 ms ago or
 * more.  A block that was full is stamped with its last packet's time instead.
 */
void nta_dispatch_flush(struct nta_dispatch *dispatch, int64_t older_than_mono_ns, int64_t wall_ns);

/**
 * Capture thread: hand over what is left and mark each worker's last block.  Waits for free blocks.
 */
void nta_dispatch_end(struct nta_dispatch *dispatch, int64_t wall_ns);

/** Worker `worker`: the next block, or NULL.  Takes: give it back. */
struct nta_block *nta_dispatch_take(struct nta_dispatch *dispatch, uint32_t worker);

/** Worker `worker`: takes the block back, so that it can be filled again. */
void nta_dispatch_give_back(struct nta_dispatch *dispatch, uint32_t worker,
                            struct nta_block *block);

/**
 * Before the threads start: signal `wake` whenever `worker` gets a block.  Borrows until free;
 * several dispatches may share one.  Without it nobody is signalled.
 */
void nta_dispatch_set_wake(struct nta_dispatch *dispatch, uint32_t worker, struct nta_wake *wake);

/**
 * Worker `worker`, whose `wake` was set in each of these dispatches: sleep until one of them has a
 * block for it, `timeout_ns` at most.  True if one has.
 */
bool nta_dispatch_wait_any(struct nta_dispatch *const *dispatches, size_t n_dispatches,
                           uint32_t worker, struct nta_wake *wake, int64_t timeout_ns);

/**
 * Capture thread, after all that it has was handed over: no packet whose order is before `order_ns`
 * will come any more.  nta_dispatch_end() passes all.
 */
void nta_dispatch_pass(struct nta_dispatch *dispatch, int64_t order_ns);

/** Worker: what was passed; blocks that were handed over before can be taken then. */
int64_t nta_dispatch_passed(const struct nta_dispatch *dispatch);

/** Worker `worker`: half of its blocks wait for it, so that soon none may be free. */
bool nta_dispatch_is_tight(const struct nta_dispatch *dispatch, uint32_t worker);

/** Any thread: filled blocks that wait for this worker. */
size_t nta_dispatch_waiting(const struct nta_dispatch *dispatch, uint32_t worker);
