/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/put.h"

#include "base/runtime/clock.h"

enum
{
    NAP_MS = 10 ///< Longest sleep before a stop is looked for.
};

void nta_capture_put_to(struct nta_capture *capture, uint32_t worker,
                        const struct nta_packet *packet, const uint8_t *bytes,
                        enum nta_counter lost)
{
    while (nta_dispatch_put(capture->dispatch, worker, packet, bytes, capture->mono_ns) !=
           NTA_PUT_OK) {
        if (capture->options.interface || nta_capture_stopped(capture)) {
            nta_count(&capture->counters, lost, 1);
            return;
        }
        nta_dispatch_wait_space(capture->dispatch, worker, NAP_MS * NTA_NS_PER_MS);
    }
}
