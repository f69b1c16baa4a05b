/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What of a batch is told to whom: each record to whoever listens, when it is stored; alerts to the
 * alerter, when they are stored, or without a record's id when the time is over, and then once more
 * what became of them.
 *
 * An alert that is told before its record is stored has a number instead: the record's own `about`,
 * or where it has none one made of the record's time.  Where alerts are to name users less than
 * records do (alert.who), that is done here.  The recorder's thread.
 */

#include "base/runtime/counters.h"
#include "base/runtime/epoch.h"
#include "pipeline/commit/outlet.h"
#include "pipeline/privacy/hide.h"
#include "record/batch.h"

struct nta_emit
{
    const struct nta_outlet *outlet; ///< Borrows.
    struct nta_counters *counters;   ///< Borrows.
    const char *sensor;              ///< Borrows: the id as text; NULL: nothing is stored.
    struct nta_epoch *policies;      ///< Borrows; NULL: alerts are as their records.
    struct nta_hide hide;
    struct nta_buf told; ///< Owned: an alert that is not.
    struct nta_record_buf buf;
};

/** What it needs; all borrowed. */
struct nta_emit_options
{
    const struct nta_outlet *outlet;
    struct nta_counters *counters;
    const struct nta_pseudonyms *names; ///< With `policies`.
    struct nta_epoch *policies;         ///< NULL: alerts are told as their records are.
};

/** Nothing is stored until `sensor` is set. */
void nta_emit_init(struct nta_emit *emit, const struct nta_emit_options *options);
/** Free what it owns. */
void nta_emit_done(struct nta_emit *emit);

/** Stored as batch `number` (0: nothing is kept); alerts from record `alerts_from` on are told. */
void nta_emit_stored(struct nta_emit *emit, const struct nta_batch *batch, uint64_t number,
                     size_t alerts_from);

/** Alerts from record `from` on of a batch that is not stored, and perhaps never will be. */
void nta_emit_unstored(struct nta_emit *emit, const struct nta_batch *batch, size_t from);

/** What became of those among the first `n_emitted` records; `number` 0: they are lost. */
void nta_emit_fates(struct nta_emit *emit, const struct nta_batch *batch, size_t n_emitted,
                    uint64_t number);
