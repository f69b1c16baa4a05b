/* SPDX-License-Identifier: Apache-2.0 */
#include "signs/rate.h"

#include "base/runtime/clock.h"

#define LEAST_NS (NTA_NS_PER_S / 2)

void nta_rate_take(struct nta_rate *rate, const struct nta_source_state *now, int64_t mono_ns)
{
    const int64_t ns = mono_ns - rate->mono_ns;

    rate->last = *now;
    if (rate->mono_ns && ns < LEAST_NS)
        return;
    if (rate->mono_ns) {
        const double seconds = (double)ns / NTA_NS_PER_S;

        rate->packets_s = (double)(now->received - rate->received) / seconds;
        rate->bits_s = 8.0 * (double)(now->bytes - rate->bytes) / seconds;
    }
    rate->received = now->received;
    rate->bytes = now->bytes;
    rate->mono_ns = mono_ns;
}
