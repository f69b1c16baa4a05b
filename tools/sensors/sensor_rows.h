/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How each trusted sensor is, from what it sealed: the last head, how much of a time it did not
 * see, and what the journal here has that MySQL lacks.
 *
 * A sensor that is live seals a batch a minute at least (its loss record), so the age of the last
 * one says whether it lives and whether its records arrive.  One thread; memory grows with sensors
 * and what coverage takes.
 */

#include "chain/chain.h"
#include "coverage/coverage.h"

enum nta_sensor_state
{
    NTA_SENSOR_OK,
    NTA_SENSOR_FILES,   ///< It reads capture files: nothing is expected of it.
    NTA_SENSOR_STOPPED, ///< It said so.
    NTA_SENSOR_BEHIND,  ///< What it sealed does not get to MySQL.
    NTA_SENSOR_SILENT,  ///< Nothing came for minutes, and it did not stop.
    NTA_SENSOR_NONE,    ///< No batch of it is here.
    NTA_SENSOR_WRONG,   ///< Something of it does not hold.
    NTA_N_SENSOR_STATES
};

struct nta_sensor_row
{
    const struct nta_trusted *trusted; ///< Borrowed.
    uint64_t n_batches, last;          ///< Proved ones, and the highest number; 0: none.
    int64_t sealed_ns;                 ///< When that was sealed.
    uint64_t sent;                     ///< The highest number that MySQL has;
    bool has_backlog;                  ///< both stores were asked: of those that it lacks
    uint64_t n_unsent;                 ///< so many are here,
    int64_t unsent_ns;                 ///< and then the oldest was sealed.
    bool is_told;                      ///< Its own records were read, and tell when it watched:
    int64_t of_ns, unseen_ns; ///< of so much time up to now it did not watch so much, and for
    uint64_t lossy_s;         ///< so many seconds it lost packets;
    bool is_stopped, reads_files;
    bool is_wrong;
    /* until the end */
    const struct nta_coverage_row *last_told;
    int64_t from_ns, seen_ns;
    int64_t gaps_ns, gap_to_ns; ///< Of gaps while it watched, and where the last of them ends.
};

struct nta_sensor_rows
{
    const struct nta_trust *trust; ///< Borrowed.
    struct nta_sensor_row *all;    ///< Owned; in the order of the keys that are trusted.
    size_t n;
    int64_t since_ns, now_ns; ///< The time that is asked for.
    struct nta_coverage coverage;
};

/** A row each; `trust` is borrowed.  0, or -ENOMEM. */
int nta_sensor_rows_init(struct nta_sensor_rows *rows, const struct nta_trust *trust,
                         int64_t since_ns, int64_t now_ns);
/** Free what it owns. */
void nta_sensor_rows_done(struct nta_sensor_rows *rows);

/** The row of a sensor, or NULL. */
struct nta_sensor_row *nta_sensor_rows_find(struct nta_sensor_rows *rows,
                                            const uint8_t sensor[NTA_SENSOR_ID_LEN]);

/** A proved batch of any store, once. */
void nta_sensor_rows_header(struct nta_sensor_rows *rows, const struct nta_header *header);

/** What a sensor says of itself, in the order in which it did.  0, or -ENOMEM. */
int nta_sensor_rows_record(struct nta_sensor_rows *rows, const struct nta_header *header,
                           const struct nta_record *record);

/** All came: what was told, and what does not hold.  Once. */
void nta_sensor_rows_end(struct nta_sensor_rows *rows, struct nta_findings *findings);

/** How it is now. */
enum nta_sensor_state nta_sensor_state(const struct nta_sensor_row *row, int64_t now_ns);
