/* SPDX-License-Identifier: Apache-2.0 */
#include "sensors/sensor_rows.h"

#include "base/runtime/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SILENT_NS (5 * 60 * NTA_NS_PER_S) /* some of its minutes */

int nta_sensor_rows_init(struct nta_sensor_rows *rows, const struct nta_trust *trust,
                         int64_t since_ns, int64_t now_ns)
{
    *rows = (struct nta_sensor_rows){.trust = trust, .since_ns = since_ns, .now_ns = now_ns};
    rows->all = calloc(trust->n + 1, sizeof(*rows->all));
    if (!rows->all)
        return -ENOMEM;
    rows->n = trust->n;
    for (size_t i = 0; i < trust->n; i++)
        rows->all[i].trusted = &trust->all[i];
    return 0;
}

void nta_sensor_rows_done(struct nta_sensor_rows *rows)
{
    nta_coverage_done(&rows->coverage);
    free(rows->all);
    *rows = (struct nta_sensor_rows){.n = 0};
}

struct nta_sensor_row *nta_sensor_rows_find(struct nta_sensor_rows *rows,
                                            const uint8_t sensor[NTA_SENSOR_ID_LEN])
{
    const struct nta_trusted *trusted = nta_trust_find(rows->trust, sensor);

    return trusted ? &rows->all[trusted - rows->trust->all] : NULL;
}

void nta_sensor_rows_header(struct nta_sensor_rows *rows, const struct nta_header *header)
{
    struct nta_sensor_row *row = nta_sensor_rows_find(rows, header->sensor);
    const int64_t sealed_ns = header->version == 1 ? header->last_ns : header->sealed_ns;

    if (!row)
        return;
    row->n_batches++;
    if (header->number > row->last) {
        row->last = header->number;
        row->sealed_ns = sealed_ns;
    }
    if (!row->has_backlog || header->number <= row->sent)
        return;
    if (row->n_unsent++ == 0 || sealed_ns < row->unsent_ns)
        row->unsent_ns = sealed_ns;
}

/** Of several interfaces the one that lost for longest. */
static uint64_t blind_seconds(const struct nta_record *record)
{
    uint64_t most = 0;

    for (size_t i = 0; record->log && i < record->log->n_blind; i++) {
        if (record->log->blind[i].seconds > most)
            most = record->log->blind[i].seconds;
    }
    return most;
}

int nta_sensor_rows_record(struct nta_sensor_rows *rows, const struct nta_header *header,
                           const struct nta_record *record)
{
    struct nta_sensor_row *row = nta_sensor_rows_find(rows, header->sensor);

    if (row && record->event == NTA_RECORD_LOSS && record->time_ns >= rows->since_ns)
        row->lossy_s += blind_seconds(record);
    return nta_coverage_add(&rows->coverage, header->sensor, record, 0, NULL);
}

/** How much of the time from `from_ns` to now it watched in this row. */
static int64_t watched_ns(const struct nta_sensor_rows *rows, const struct nta_coverage_row *told,
                          int64_t from_ns, bool goes_on)
{
    const int64_t from = told->from_ns > from_ns ? told->from_ns : from_ns;
    const int64_t to = goes_on || told->to_ns > rows->now_ns ? rows->now_ns : told->to_ns;

    return to > from ? to - from : 0;
}

/** During these gaps the sensor runs: its row goes on, although it sees nothing. */
static bool watches(const struct nta_coverage_row *gap)
{
    return gap->reason != NTA_GAP_REASON_STOPPED && gap->reason != NTA_GAP_REASON_KILLED &&
           gap->reason != 0;
}

/** The last that was told of each sensor but for gaps, and since when it was expected to watch. */
static void find_last(struct nta_sensor_rows *rows)
{
    for (size_t i = 0; i < rows->coverage.n; i++) {
        const struct nta_coverage_row *told = &rows->coverage.rows[i];
        struct nta_sensor_row *row = nta_sensor_rows_find(rows, told->sensor);

        if (row && !row->is_told) /* before its first one nobody expected it */
            row->from_ns = told->from_ns > rows->since_ns ? told->from_ns : rows->since_ns;
        if (row)
            row->is_told = true;
        if (row && told->kind != NTA_COVERAGE_GAP)
            row->last_told = told;
    }
}

/** A gap of one interface, too; what several have in common counts once. */
static void add_gap(const struct nta_sensor_rows *rows, struct nta_sensor_row *row,
                    const struct nta_coverage_row *told)
{
    const int64_t begins = told->from_ns > row->from_ns ? told->from_ns : row->from_ns;
    const int64_t from = begins > row->gap_to_ns ? begins : row->gap_to_ns;
    const int64_t to = told->to_ns < rows->now_ns ? told->to_ns : rows->now_ns;

    if (to <= from)
        return;
    row->gaps_ns += to - from;
    row->gap_to_ns = to;
}

static void add_seen(struct nta_sensor_rows *rows, const struct nta_coverage_row *told)
{
    struct nta_sensor_row *row = nta_sensor_rows_find(rows, told->sensor);

    if (row && told->kind == NTA_COVERAGE_WATCHED)
        row->seen_ns += watched_ns(rows, told, row->from_ns,
                                   told->is_open && told == row->last_told &&
                                       rows->now_ns - row->sealed_ns < SILENT_NS);
    else if (row && told->kind == NTA_COVERAGE_GAP && watches(told))
        add_gap(rows, row, told);
}

/** What coverage tells of a sensor. */
static void sum_up(const struct nta_sensor_rows *rows, struct nta_sensor_row *row)
{
    const struct nta_coverage_row *last = row->last_told;

    row->seen_ns -= row->gaps_ns < row->seen_ns ? row->gaps_ns : row->seen_ns;
    if (!last)
        return;
    row->reads_files = last->kind == NTA_COVERAGE_READ;
    row->is_stopped = last->kind == NTA_COVERAGE_WATCHED && !last->is_open;
    row->of_ns = rows->now_ns > row->from_ns ? rows->now_ns - row->from_ns : 0;
    row->unseen_ns = row->of_ns > row->seen_ns ? row->of_ns - row->seen_ns : 0;
}

void nta_sensor_rows_end(struct nta_sensor_rows *rows, struct nta_findings *findings)
{
    struct nta_finding finding;

    find_last(rows);
    for (size_t i = 0; i < rows->coverage.n; i++)
        add_seen(rows, &rows->coverage.rows[i]);
    for (size_t i = 0; i < rows->n; i++)
        sum_up(rows, &rows->all[i]);
    for (size_t i = 0; nta_findings_get(findings, i, &finding); i++) {
        struct nta_sensor_row *row =
            finding.has_sensor && nta_finding_form(finding.kind)->weight == NTA_WRONG
                ? nta_sensor_rows_find(rows, finding.sensor)
                : NULL;

        if (row)
            row->is_wrong = true;
    }
}

enum nta_sensor_state nta_sensor_state(const struct nta_sensor_row *row, int64_t now_ns)
{
    if (row->is_wrong)
        return NTA_SENSOR_WRONG;
    if (row->n_batches == 0)
        return NTA_SENSOR_NONE;
    if (row->reads_files)
        return NTA_SENSOR_FILES;
    if (row->is_stopped)
        return NTA_SENSOR_STOPPED;
    if (now_ns - row->sealed_ns > SILENT_NS)
        return NTA_SENSOR_SILENT;
    return row->n_unsent && now_ns - row->unsent_ns > SILENT_NS ? NTA_SENSOR_BEHIND : NTA_SENSOR_OK;
}
