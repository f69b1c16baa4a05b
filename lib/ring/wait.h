/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Waiting without burning a core: threads may outnumber cores, so a waiter spins for a few
 * microseconds at most.
 *
 * nta_backoff waits for anything that can be asked: short spins, then naps that grow from 50 us to
 * 1 ms.
 *
 * nta_wake is an eventcount: one thread sleeps in the kernel until any of several others says that
 * something was handed over.  A sleeper announces itself, looks once more, and sleeps; a signaller
 * changes the shared state first and then signals.  Both do so by read-modify-writes of one word,
 * whose total order loses no signal: either the sleeper's second look finds the thing, or the
 * signaller finds the sleeper.  While nobody sleeps a signal is one such operation and no system
 * call.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/** Zero is the start; also after success. */
struct nta_backoff
{
    uint32_t n; ///< Waits since the last success.
};

/** Wait a little, longer each time: microseconds at first, 1 ms at most. */
void nta_backoff_wait(struct nta_backoff *backoff);

/** Zero is the start; owns nothing.  One thread sleeps on it, any thread signals. */
struct nta_wake
{
    /** Bit 0: somebody sleeps, or is about to.  Above: signals. */
    _Alignas(64) _Atomic uint32_t state;
};

/**
 * Sleeper: announce.  Then look again; if there is still nothing, nta_wake_sleep() with this key.
 */
uint32_t nta_wake_prepare(struct nta_wake *wake);

/** Sleeper: until a signal since nta_wake_prepare(), `timeout_ns` at most, or a Unix signal. */
void nta_wake_sleep(struct nta_wake *wake, uint32_t key, int64_t timeout_ns);

/** Anyone, after the hand-over: wake the sleeper if there is one. */
void nta_wake_signal(struct nta_wake *wake);
