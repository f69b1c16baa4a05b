/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * When each sensor watched, under which policy and with which losses, and when not: made of records
 * of the events policy, start, stop, gap and loss alone, as they come, sensor by sensor.
 *
 * Time that nothing tells of is no time watched: what was begun and neither stopped nor told to be
 * a gap is watched as far as the last record shows, and what lies between that and the next start
 * is a gap without a reason.  One thread; memory grows with the number of rows.
 */

#include "base/runtime/counters.h"
#include "record/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_COVERAGE_BLIND = 16,
    NTA_COVERAGE_NAME = 32, ///< Of an interface, cut.
    NTA_COVERAGE_SENSOR = 16
};

enum nta_coverage_kind
{
    NTA_COVERAGE_WATCHED,
    NTA_COVERAGE_READ, ///< Capture files, whose times these are.
    NTA_COVERAGE_GAP
};

struct nta_coverage_blind
{
    char interface[NTA_COVERAGE_NAME];
    uint64_t seconds;
};

/** One row. */
struct nta_coverage_row
{
    uint8_t sensor[NTA_COVERAGE_SENSOR];
    enum nta_coverage_kind kind;
    int64_t from_ns, to_ns;
    uint64_t policy; ///< Stamp; 0: not known.
    bool is_open;    ///< Nothing says that it ended: it runs, or what ended it is not told.
    uint8_t reason;  ///< Of a gap: enum nta_gap_reason.
    char interface[NTA_COVERAGE_NAME]; ///< Of a gap: which one; "": all.
    uint64_t n_files;
    uint64_t lost[NTA_N_COUNTERS], lost_otherwise;
    struct nta_coverage_blind blind[NTA_COVERAGE_BLIND];
    size_t n_blind;
    const char *unverified; ///< Why something that it is made of does not hold; NULL: all does.
};

struct nta_coverage
{
    struct nta_coverage_row *rows; ///< Owned.
    size_t n, size;
    /* of the sensor that is at its turn */
    uint8_t sensor[NTA_COVERAGE_SENSOR];
    int64_t seen_ns;     ///< Latest time that one of its records tells of.
    int64_t gap_from_ns; ///< When the last gap of all interfaces began; 0: none since the start.
    size_t open;         ///< Row that goes on, and 1; 0: none.
    uint64_t pending;    ///< Stamp of a policy that was told last; 0: none that may be a reload's.
    int64_t pending_ns;  ///< When it came into force.
    const char *pending_unverified;
    const char *unverified; ///< Of the record that is at its turn.
};

/**
 * One record, with its policy's stamp if it is one; `unverified` as of struct nta_found.  0, or
 * -ENOMEM.
 */
int nta_coverage_add(struct nta_coverage *coverage, const uint8_t sensor[NTA_COVERAGE_SENSOR],
                     const struct nta_record *record, uint64_t stamp, const char *unverified);

/** Free what it owns. */
void nta_coverage_done(struct nta_coverage *coverage);
