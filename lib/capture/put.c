/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/put.h"

#include "base/runtime/clock.h"

/** No worker makes the others wait for longer than this. */
#define BACKLOG_MAX_NS (500 * NTA_NS_PER_MS)

enum
{
    NAP_MS = 10,               ///< Longest sleep before a stop is looked for.
    BYTES_PER_MS = 625 * 1000, ///< 5 Gbit/s: what the kernel's ring is filled with at most.
};

/**
 * Is there still time for what finds no space?  Files have any.  While an interface is not read,
 * the kernel's ring, which is larger than all blocks, holds what comes: as long as what is read of
 * it is no older than the ring is long.
 */
static bool may_wait(const struct nta_capture *capture)
{
    if (!capture->options.interface)
        return !nta_capture_stopped(capture);
    const int64_t ring_ns = (int64_t)(capture->options.buffer_bytes / BYTES_PER_MS) * NTA_NS_PER_MS;
    const int64_t age_ns = nta_clock_wall_ns() - capture->last_wall_ns;

    /* not behind a clock that was set */
    return age_ns >= 0 && age_ns < (ring_ns < BACKLOG_MAX_NS ? ring_ns : BACKLOG_MAX_NS);
}

/** What is not full goes to the other workers in its time, too. */
static void wait_for(struct nta_capture *capture, uint32_t worker)
{
    nta_dispatch_wait_space(capture->dispatch, worker, NAP_MS * NTA_NS_PER_MS);
    if (!capture->options.interface)
        return;
    capture->mono_ns = nta_clock_mono_ns();
    nta_dispatch_flush(capture->dispatch, capture->mono_ns - NTA_FLUSH_NS, capture->last_wall_ns);
}

void nta_capture_put_to(struct nta_capture *capture, uint32_t worker,
                        const struct nta_packet *packet, const uint8_t *bytes,
                        enum nta_counter lost)
{
    while (nta_dispatch_put(capture->dispatch, worker, packet, bytes, capture->mono_ns) !=
           NTA_PUT_OK) {
        if (!may_wait(capture)) {
            nta_count(&capture->counters, lost, 1);
            return;
        }
        wait_for(capture, worker);
    }
}
