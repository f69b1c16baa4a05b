/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/diagnosis.h"

#include "base/own.h"

#include <inttypes.h>

enum
{
    LEAST = 10 ///< So few of anything are chance.
};

struct rule
{
    enum nta_counter part, whole;
    bool apart;           ///< `whole` does not count `part` in.
    unsigned per_mille;   ///< From this share on it is said.
    const char *sentence; ///< Behind "12.3 % of packets (45)".
};

static const struct rule rules[] = {
    {NTA_COUNTER_DROP_INTERFACE, NTA_COUNTER_RECEIVED, true, 1,
     "were lost by the network card or its driver, before the kernel had them: larger rings "
     "(ethtool -G), or less "
     "traffic on this port"},
    {NTA_COUNTER_DROP_KERNEL, NTA_COUNTER_RECEIVED, true, 1,
     "were lost because the kernel's buffer was full: raise capture.buffer, or give the sensor "
     "more cores"},
    {NTA_COUNTER_DROP_RING, NTA_COUNTER_RECEIVED, false, 1,
     "were lost because the workers were too slow: raise capture.workers or capture.blocks"},
    {NTA_COUNTER_CUT_SNAPLEN, NTA_COUNTER_RECEIVED, false, 10,
     "are not whole: they were captured with too small a snap length"},
    {NTA_COUNTER_DECODE_UNKNOWN, NTA_COUNTER_RECEIVED, false, 10,
     "are of a kind that is not known here, and nothing in them is seen: `nta status` and `nta "
     "read --stats` name the "
     "numbers"},
    {NTA_COUNTER_DECODE_BAD, NTA_COUNTER_RECEIVED, false, 50,
     "have headers that contradict themselves: is this the right link type?"},
    {NTA_COUNTER_DECODE_CHECKSUM, NTA_COUNTER_RECEIVED, false, 20,
     "have a wrong checksum; they are read all the same.  This machine's own traffic is seen "
     "before its network card "
     "fills checksums in"},
    {NTA_COUNTER_STREAM_TWICE, NTA_COUNTER_RECEIVED, false, 100,
     "came twice: does the mirror port show what comes in and what goes out, of two ports that "
     "both see it?"},
    {NTA_COUNTER_DATAGRAM_TWICE, NTA_COUNTER_RECEIVED, false, 50,
     "are datagrams that came twice, in front of a router and behind it, and count once: does the "
     "mirror port show both sides of it?"},
    {NTA_COUNTER_FLOW_HALF, NTA_COUNTER_FLOWS, false, 100,
     "are TCP connections of which only one direction was seen: does the mirror port show both?"},
    {NTA_COUNTER_STREAM_GAP, NTA_COUNTER_FLOWS, false, 100,
     "is how many holes streams had: packets were lost before the sensor, or on their way to it"},
};

size_t nta_diagnose(uint64_t (*counted)(const void *owner, enum nta_counter which),
                    const void *owner, struct nta_buf *out)
{
    size_t n = 0;

    for (size_t i = 0; i < NTA_N_ELEMENTS(rules); i++) {
        const struct rule *rule = &rules[i];
        uint64_t part = counted(owner, rule->part);
        uint64_t whole = counted(owner, rule->whole) + (rule->apart ? part : 0);

        if (part < LEAST || part < whole / 1000 * rule->per_mille)
            continue;
        nta_buf_printf(out, "%.1f %% of %s (%" PRIu64 ") %s\n",
                       100.0 * (double)part / (double)(whole ? whole : 1),
                       nta_counter_infos[rule->whole].unit, part, rule->sentence);
        n++;
    }
    return n;
}
