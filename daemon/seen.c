/* SPDX-License-Identifier: Apache-2.0 */
#include "seen.h"

#include "pipeline/diagnosis.h"

uint64_t nta_seen_flows(const struct nta_status_seen *status)
{
    const uint64_t ended = nta_seen_counted(status, NTA_COUNTER_FLOW_ENDED);
    const uint64_t opened = nta_seen_counted(status, NTA_COUNTER_FLOWS);

    return opened > ended ? opened - ended : 0;
}

const char *nta_seen_sight(enum nta_sight sight)
{
    switch (sight) {
    case NTA_SIGHT_FINE: return "up";
    case NTA_SIGHT_GONE: return "GONE";
    case NTA_SIGHT_RENAMED: return "RENAMED";
    case NTA_SIGHT_DOWN: return "DOWN";
    case NTA_SIGHT_NO_CARRIER: return "NO CARRIER";
    }
    return "";
}

static uint64_t of_pipeline(const void *pipeline, enum nta_counter which)
{
    return nta_pipeline_counted(pipeline, which);
}

size_t nta_seen_hints(const struct nta_status_seen *status, struct nta_buf *out)
{
    return nta_diagnose(of_pipeline, status->daemon->pipeline, out);
}
