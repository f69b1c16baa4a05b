/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A decoded packet into the block of its worker (internal to capture/). */

#include "capture/state.h"

/** Which worker a packet is for. */
static inline uint32_t nta_capture_worker(const struct nta_capture *capture,
                                          const struct nta_packet *packet)
{
    if (capture->n_workers == 1)
        return 0;
    return (uint32_t)((uint64_t)nta_owner_hash(capture->options.whose, packet) *
                          capture->n_workers >>
                      32);
}

/**
 * To that worker.  Files wait for it, however long it takes; of an interface, what finds no space
 * is counted as `lost`.
 */
void nta_capture_put_to(struct nta_capture *capture, uint32_t worker,
                        const struct nta_packet *packet, const uint8_t *bytes,
                        enum nta_counter lost);

/** The same, to its owner. */
static inline void nta_capture_put(struct nta_capture *capture, const struct nta_packet *packet,
                                   const uint8_t *bytes, enum nta_counter lost)
{
    nta_capture_put_to(capture, nta_capture_worker(capture, packet), packet, bytes, lost);
}
