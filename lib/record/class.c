/* SPDX-License-Identifier: Apache-2.0 */
#include "record/class.h"

#include "base/own.h"

/** What proves something outlives the rest, whatever its event. */
static enum nta_class seen_class(const struct nta_record *record, enum nta_class otherwise)
{
    return record->match.list.len > 0 ? NTA_CLASS_EVIDENCE : otherwise;
}

enum nta_class nta_record_class(const struct nta_record *record)
{
    switch (record->event) {
    case NTA_RECORD_ALERT:
    case NTA_RECORD_PACKETS: return NTA_CLASS_EVIDENCE;
    case NTA_RECORD_FLOW:
    case NTA_RECORD_LOOKUP:
    case NTA_RECORD_REQUEST:
    case NTA_RECORD_DOWNLOAD: return seen_class(record, NTA_CLASS_TRAFFIC);
    case NTA_RECORD_PSEUDONYM:
    case NTA_RECORD_LEASE: /* a copy of what evidence relies on has that one's number */
        return record->about ? NTA_CLASS_EVIDENCE : seen_class(record, NTA_CLASS_WHO);
    case NTA_RECORD_LOSS:
    case NTA_RECORD_CANARY: /* whose list is the sensor's own */
    case NTA_RECORD_POLICY:
    case NTA_RECORD_START:
    case NTA_RECORD_STOP:
    case NTA_RECORD_GAP:
    case NTA_RECORD_AUDIT:
    case NTA_RECORD_NOTE: return NTA_CLASS_LOG;
    }
    return NTA_CLASS_NONE;
}

unsigned nta_event_classes(enum nta_record_event event, bool matched)
{
    struct nta_record record = {.event = event};
    const unsigned plain = matched ? 0 : 1U << nta_record_class(&record);

    record.match.list = nta_span_of("any");
    record.about = 1;
    return plain | 1U << nta_record_class(&record);
}

const char *nta_class_name(enum nta_class class)
{
    static const char *const names[NTA_N_CLASSES] = {
        [NTA_CLASS_NONE] = "",   [NTA_CLASS_EVIDENCE] = "evidence", [NTA_CLASS_TRAFFIC] = "traffic",
        [NTA_CLASS_WHO] = "who", [NTA_CLASS_LOG] = "log",
    };

    return (size_t) class < NTA_N_ELEMENTS(names) ? names[class] : "";
}
