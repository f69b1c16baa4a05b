/* SPDX-License-Identifier: Apache-2.0 */
#include "chain/times.h"

#include "base/runtime/clock.h"

#define LATE_NS (86400 * NTA_NS_PER_S)

enum
{
    CLOCK_ERROR_MAX_MS = 60000
};

bool nta_times_went_back(int64_t sealed_ns, uint64_t clock, const struct nta_header *later)
{
    const uint64_t worse = later->clock > clock ? later->clock : clock;
    uint64_t error_ms = worse ? worse - 1 : 0;
    int64_t back_ns;

    if (error_ms > CLOCK_ERROR_MAX_MS)
        error_ms = CLOCK_ERROR_MAX_MS;
    return later->sealed_ns < sealed_ns &&
           (__builtin_sub_overflow(sealed_ns, later->sealed_ns, &back_ns) ||
            (uint64_t)back_ns / NTA_NS_PER_MS > error_ms);
}

int64_t nta_times_end(const struct nta_record *record)
{
    return record->end_ns > record->time_ns ? record->end_ns : record->time_ns;
}

bool nta_times_may_be_dated(int64_t first_ns, int64_t sealed_ns)
{
    int64_t since_ns;

    return !__builtin_sub_overflow(sealed_ns, LATE_NS, &since_ns) && first_ns < since_ns;
}

static bool is_of_its_time(const struct nta_record *record)
{
    const unsigned event = record->event;

    return event == NTA_RECORD_FLOW || event == NTA_RECORD_LOOKUP || event == NTA_RECORD_REQUEST ||
           event == NTA_RECORD_ALERT || event == NTA_RECORD_DOWNLOAD;
}

bool nta_times_is_dated(const struct nta_record *record, int64_t sealed_ns)
{
    return is_of_its_time(record) && nta_times_may_be_dated(nta_times_end(record), sealed_ns);
}
