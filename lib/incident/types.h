/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One incident as it is shown, and the bounds of a set of them (incident/incident.h). */

#include "base/bytes.h"
#include "record/grade.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_INCIDENTS_FACTS = 131072,
    NTA_INCIDENTS_BYTES = 48 << 20,
    NTA_INCIDENT_ID_SIZE = 96,
    NTA_INCIDENT_PAUSE_MIN = 30, ///< Minutes without a record that end it, if there are more.
    NTA_INCIDENT_HOURS = 24,     ///< Whatever begins so long after its begin is another one.
};

/** What is known of a record beside it. */
enum
{
    NTA_INCIDENT_FITS = 1,       ///< It is what is asked for: its incident is to be shown.
    NTA_INCIDENT_UNVERIFIED = 2, ///< Its batch does not hold.
};

/** One incident; all of it is of the set. */
struct nta_incident
{
    int64_t begin_ns, end_ns;
    uint64_t n_records;            ///< Without packets.
    uint64_t n_alerts;             ///< Of these.
    uint64_t n_unverified;         ///< Of these, in batches that do not hold.
    uint64_t n_joined;             ///< Of these, known by their sum only: memory was short.
    uint64_t n_disputed;           ///< Of these, whose user is said in ways that contradict.
    uint64_t n_files;              ///< Downloaded or uploaded.
    uint64_t n_packets;            ///< Records of packets.
    uint64_t up, down;             ///< Bytes; of each one record counts it (record/counted.h).
    uint64_t up_weak, down_weak;   ///< Of these, of records whose site is known weakly only.
    uint8_t act;                   ///< The weightiest of NTA_ACT_....
    uint8_t seen, grade, severity; ///< The highest of each.
    uint8_t status;                ///< NTA_STATUS_NEW unless somebody said something.
    bool fits;                     ///< Any of its records is what is asked for.
    bool continued;                ///< Another one follows without a pause: a day was over.
    uint64_t user;                 ///< The same for all of one user, in this set alone.
    struct nta_span note;          ///< The last word said about it.
    char id[NTA_INCIDENT_ID_SIZE]; ///< "I-…"; empty: its records have no ids.
    size_t first, n_facts, sample; ///< Its records; for this module.
};

/** It counts as one with a download; what is known weakly is a hint, which accuses nobody. */
static inline bool nta_incident_has_download(const struct nta_incident *incident)
{
    return incident->act == NTA_ACT_DOWNLOADED && incident->grade != NTA_GRADE_WEAK;
}
