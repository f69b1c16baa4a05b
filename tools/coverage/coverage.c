/* SPDX-License-Identifier: Apache-2.0 */
#include "coverage/coverage.h"

#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct nta_coverage_row *add_row(struct nta_coverage *coverage, enum nta_coverage_kind kind,
                                        int64_t from_ns)
{
    if (!coverage->rows || coverage->n == coverage->size) {
        size_t size = coverage->size ? 2 * coverage->size : 16;
        void *rows = realloc(coverage->rows, size * sizeof(*coverage->rows));

        if (!rows)
            return NULL;
        coverage->rows = rows;
        coverage->size = size;
    }
    struct nta_coverage_row *row = &coverage->rows[coverage->n++];

    *row = (struct nta_coverage_row){.kind = kind, .from_ns = from_ns, .to_ns = from_ns};
    memcpy(row->sensor, coverage->sensor, sizeof(row->sensor));
    row->unverified = coverage->unverified;
    return row;
}

static struct nta_coverage_row *open_row(struct nta_coverage *coverage)
{
    return coverage->open ? &coverage->rows[coverage->open - 1] : NULL;
}

/** The row that goes on says more, by a record that does not hold. */
static void mark_open(struct nta_coverage *coverage, const char *unverified)
{
    struct nta_coverage_row *row = open_row(coverage);

    if (row && unverified && !row->unverified)
        row->unverified = unverified;
}

/** The sensor tells of this time, so it was there. */
static void see(struct nta_coverage *coverage, int64_t wall_ns)
{
    struct nta_coverage_row *row = open_row(coverage);

    if (wall_ns > coverage->seen_ns)
        coverage->seen_ns = wall_ns;
    if (row && row->kind == NTA_COVERAGE_WATCHED && wall_ns > row->to_ns)
        row->to_ns = wall_ns;
}

static int begin(struct nta_coverage *coverage, enum nta_coverage_kind kind, int64_t from_ns,
                 uint64_t policy)
{
    struct nta_coverage_row *row = add_row(coverage, kind, from_ns);

    if (!row)
        return -ENOMEM;
    row->policy = policy;
    row->is_open = true;
    coverage->open = coverage->n;
    return 0;
}

/** A reload, as is known by now: from then on under another policy. */
static int take_pending(struct nta_coverage *coverage)
{
    struct nta_coverage_row *row = open_row(coverage);
    const uint64_t stamp = coverage->pending;

    coverage->pending = 0;
    if (!stamp || !row || row->kind != NTA_COVERAGE_WATCHED || row->policy == stamp)
        return 0;
    see(coverage, coverage->pending_ns);
    row->is_open = false;
    mark_open(coverage, coverage->pending_unverified);

    int r = begin(coverage, NTA_COVERAGE_WATCHED, coverage->pending_ns, stamp);

    if (r == 0)
        mark_open(coverage, coverage->pending_unverified);
    return r;
}

/**
 * At a start the policy is told before anything else, at a reload it is told alone: which of them
 * it is, what comes next tells.
 */
static int on_policy(struct nta_coverage *coverage, const struct nta_record *record, uint64_t stamp)
{
    int r = take_pending(coverage);

    coverage->pending = stamp;
    coverage->pending_ns = record->time_ns;
    coverage->pending_unverified = coverage->unverified;
    return r;
}

static int on_start(struct nta_coverage *coverage, const struct nta_record *record)
{
    const size_t n_files = record->log ? record->log->n_inputs : 0;
    struct nta_coverage_row *row = open_row(coverage);

    coverage->pending = 0;
    if (n_files && row && row->kind == NTA_COVERAGE_READ) { /* more files of the same reading */
        row->n_files += n_files;
        return 0;
    }
    if (n_files) {
        int r = begin(coverage, NTA_COVERAGE_READ, 0, record->policy);

        if (r == 0)
            open_row(coverage)->n_files = n_files;
        return r;
    }
    /* neither a stop nor a gap tells how it ended */
    if (row && row->kind == NTA_COVERAGE_WATCHED && row->is_open && !coverage->gap_from_ns &&
        record->time_ns > row->to_ns) {
        const int64_t from_ns = row->to_ns;

        row = add_row(coverage, NTA_COVERAGE_GAP, from_ns);
        if (!row)
            return -ENOMEM;
        row->to_ns = record->time_ns;
    }
    coverage->gap_from_ns = 0;
    return begin(coverage, NTA_COVERAGE_WATCHED, record->time_ns, record->policy);
}

static int on_stop(struct nta_coverage *coverage, const struct nta_record *record)
{
    int r = take_pending(coverage);
    struct nta_coverage_row *row = open_row(coverage);

    if (row && row->kind == NTA_COVERAGE_READ && record->log) {
        row->from_ns = record->log->from_ns;
        row->to_ns = record->log->to_ns;
    } else if (row) {
        see(coverage, record->time_ns);
    }
    if (row)
        row->is_open = false;
    coverage->open = 0;
    return r;
}

static int on_gap(struct nta_coverage *coverage, const struct nta_record *record)
{
    const struct nta_record_log *log = record->log;
    struct nta_coverage_row *row;

    if (!log)
        return 0;
    if (log->reason == NTA_GAP_REASON_STOPPED || log->reason == NTA_GAP_REASON_KILLED) {
        /* it was there until the gap began, whatever was told last */
        see(coverage, log->from_ns);
        row = open_row(coverage);
        if (row)
            row->is_open = false;
        coverage->open = 0;
        coverage->gap_from_ns = log->from_ns;
    } else {
        int r = take_pending(coverage);

        if (r < 0)
            return r;
        see(coverage, log->to_ns);
    }
    row = add_row(coverage, NTA_COVERAGE_GAP, log->from_ns);
    if (!row)
        return -ENOMEM;
    row->to_ns = log->to_ns;
    row->reason = log->reason;
    nta_text_copy(row->interface, sizeof(row->interface), log->interface);
    return 0;
}

static void add_blind(struct nta_coverage_row *row, const struct nta_log_blind *blind)
{
    char interface[NTA_COVERAGE_NAME];
    size_t i = 0;

    nta_text_copy(interface, sizeof(interface), blind->interface);
    while (i < row->n_blind && strcmp(row->blind[i].interface, interface) != 0)
        i++;
    if (i == NTA_COVERAGE_BLIND)
        i--; /* of those that have no place of their own */
    if (i == row->n_blind) {
        row->blind[row->n_blind++] = (struct nta_coverage_blind){.seconds = 0};
        memcpy(row->blind[i].interface, interface, sizeof(interface));
    }
    row->blind[i].seconds += blind->seconds;
}

static int on_loss(struct nta_coverage *coverage, const struct nta_record *record)
{
    int r = take_pending(coverage);
    struct nta_coverage_row *row = open_row(coverage);

    see(coverage, record->end_ns ? record->end_ns : record->time_ns);
    for (size_t i = 0; row && i < record->n_losses; i++) {
        size_t k = 0;

        while (k < NTA_N_COUNTERS &&
               !nta_span_is(record->losses[i].reason, nta_counter_infos[k].name))
            k++;
        if (k < NTA_N_COUNTERS)
            row->lost[k] += record->losses[i].n;
        else
            row->lost_otherwise += 1; /* of batches: its numbers count nothing */
    }
    for (size_t i = 0; row && record->log && i < record->log->n_blind; i++)
        add_blind(row, &record->log->blind[i]);
    return r;
}

int nta_coverage_add(struct nta_coverage *coverage, const uint8_t sensor[NTA_COVERAGE_SENSOR],
                     const struct nta_record *record, uint64_t stamp, const char *unverified)
{
    if (memcmp(coverage->sensor, sensor, NTA_COVERAGE_SENSOR) != 0) {
        memcpy(coverage->sensor, sensor, NTA_COVERAGE_SENSOR);
        coverage->seen_ns = coverage->gap_from_ns = 0;
        coverage->open = 0;
        coverage->pending = 0;
    }
    coverage->unverified = unverified;
    if (record->event != NTA_RECORD_POLICY)
        mark_open(coverage, unverified);
    switch ((unsigned)record->event) {
    case NTA_RECORD_START: return on_start(coverage, record);
    case NTA_RECORD_GAP: return on_gap(coverage, record);
    case NTA_RECORD_POLICY: return on_policy(coverage, record, stamp);
    case NTA_RECORD_STOP: return on_stop(coverage, record);
    case NTA_RECORD_LOSS: return on_loss(coverage, record);
    default: return 0;
    }
}

void nta_coverage_done(struct nta_coverage *coverage)
{
    free(coverage->rows);
    *coverage = (struct nta_coverage){.n = 0};
}
