/* SPDX-License-Identifier: Apache-2.0 */
#include "ring/wait.h"

#include "base/runtime/clock.h"

#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum
{
    SPIN_WAITS = 4,   ///< First waits that only spin.
    SPIN_PAUSES = 32, ///< Pauses in one of them, 1 us or so.
    NAP_MIN_NS = 50 * 1000,
    NAP_MAX_NS = 1000 * 1000
};

static void pause_once(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

void nta_backoff_wait(struct nta_backoff *backoff)
{
    uint32_t n = backoff->n;
    struct timespec nap = {.tv_nsec = NAP_MAX_NS};

    if (n < UINT32_MAX)
        backoff->n++;
    if (n < SPIN_WAITS) {
        for (int i = 0; i < SPIN_PAUSES; i++)
            pause_once();
        return;
    }
    for (n -= SPIN_WAITS; n < 4; n++)
        nap.tv_nsec /= 2;
    if (nap.tv_nsec < NAP_MIN_NS)
        nap.tv_nsec = NAP_MIN_NS;
    (void)nanosleep(&nap, NULL);
}

enum
{
    SLEEPER = 1, ///< Bit of nta_wake.state.
    SIGNAL = 2   ///< One signal in nta_wake.state.
};

uint32_t nta_wake_prepare(struct nta_wake *wake)
{
    return atomic_fetch_or_explicit(&wake->state, SLEEPER, memory_order_acq_rel) | SLEEPER;
}

void nta_wake_sleep(struct nta_wake *wake, uint32_t key, int64_t timeout_ns)
{
    struct timespec timeout = {.tv_sec = timeout_ns / NTA_NS_PER_S,
                               .tv_nsec = timeout_ns % NTA_NS_PER_S};

    /* woken, changed already, timed out, interrupted: the caller looks again in every case */
    (void)syscall(SYS_futex, &wake->state, FUTEX_WAIT_PRIVATE, key, &timeout, NULL, 0);
}

void nta_wake_signal(struct nta_wake *wake)
{
    uint32_t state = atomic_fetch_add_explicit(&wake->state, SIGNAL, memory_order_acq_rel);

    if (!(state & SLEEPER))
        return;
    (void)atomic_fetch_and_explicit(&wake->state, ~(uint32_t)SLEEPER, memory_order_acq_rel);
    (void)syscall(SYS_futex, &wake->state, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}
