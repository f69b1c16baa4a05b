/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The days that an incident's records were sealed on, and those that alone say who it was, and how
 * much of other people is kept with them: evidence goes by whole days (docs/format.md), so who
 * holds one incident holds a day's.
 */

#include "incident/incident.h"
#include "options/filters.h"
#include "vault/sealed.h"

enum
{
    NTA_INCIDENT_RANGES = 64
};

/** UTC days, ends included: no more of them than one hold can have. */
struct nta_incident_range
{
    int64_t first, last;
};

struct nta_incident_days
{
    char id[NTA_INCIDENT_ID_SIZE]; ///< The incident's, whole.
    /** In order, each beginning with a day of it; most often one. */
    struct nta_incident_range ranges[NTA_INCIDENT_RANGES];
    size_t n_ranges;
    bool has_more_sensors;    ///< Others saw it, too: what they have is held there.
    uint64_t n_others;        ///< Other users with evidence of these days,
    uint64_t n_other_records; ///< and so many records of theirs.
    bool at_least;            ///< There are more: memory was short.
    /** Of records of class who that alone say who it was, or contradict each other in that. */
    struct nta_incident_range who[NTA_INCIDENT_RANGES];
    size_t n_who;
};

/**
 * Of the incident that `id` names.  0; -ENOENT: there is none; -EINVAL: it is not an id, or that of
 * several; -E2BIG: it would be more than NTA_INCIDENT_RANGES; or negative errno; each with `err`.
 */
int nta_incident_days(const struct nta_filters *filters, struct nta_search *search, const char *id,
                      struct nta_incident_days *ret_days, struct nta_err *err);

/**
 * "I-SENSOR-BATCH-RECORD", with "I-" and the sensor or without: its numbers.  0; -EREMOTE: it was
 * another sensor; -EINVAL: it is none; each with `err`.
 */
int nta_incident_numbers(const char *id, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                         uint64_t *ret_batch, uint64_t *ret_record, struct nta_err *err);
