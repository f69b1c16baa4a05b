/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/emit.h"

#include "alert/alert.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum
{
    ID_SIZE = 80,
    SLOT = NTA_EPOCH_READERS - 1 ///< Behind those of workers.
};

#define ABOUT_MASK ((UINT64_C(1) << 52) - 1) /* what every reader of JSON keeps whole */

void nta_emit_init(struct nta_emit *emit, const struct nta_emit_options *options)
{
    memset(emit, 0, sizeof(*emit));
    emit->outlet = options->outlet;
    emit->counters = options->counters;
    emit->policies = options->policies;
    emit->hide.names = options->names;
}

void nta_emit_done(struct nta_emit *emit)
{
    nta_buf_done(&emit->told);
}

/** It names its user as much as the policy wants. */
static struct nta_span hide(struct nta_emit *emit, const struct nta_policy *policy,
                            struct nta_span cbor)
{
    const struct nta_record *hidden;
    struct nta_record record;

    nta_buf_clear(&emit->told);
    if (!nta_record_decode(cbor, &emit->buf, &record))
        return (struct nta_span){0};
    /* it may have been made under a policy of before */
    if (policy->alert_naming <= policy->record_naming && nta_hide_is_hidden(&record))
        return cbor;
    hidden = nta_hide_record(&emit->hide, policy, policy->alert_naming, &record);
    if (hidden)
        nta_record_encode(hidden, &emit->told);
    return emit->told.failed ? (struct nta_span){0} : nta_buf_span(&emit->told);
}

/** An alert as it is told: the record itself, or one that names less; empty: it cannot be. */
static struct nta_span as_told(struct nta_emit *emit, struct nta_span cbor)
{
    const struct nta_policy *policy = emit->policies ? nta_epoch_enter(emit->policies, SLOT) : NULL;
    struct nta_span told = cbor;

    if (policy && policy->alert_naming != NTA_NAMING_FULL)
        told = hide(emit, policy, cbor);
    if (emit->policies)
        nta_epoch_leave(emit->policies, SLOT);
    return told;
}

void nta_emit_stored(struct nta_emit *emit, const struct nta_batch *batch, uint64_t number,
                     size_t alerts_from)
{
    const struct nta_outlet *outlet = emit->outlet;
    bool has_alert = outlet->alerter && batch->has_alert && alerts_from < batch->n_records;
    char id[ID_SIZE] = "";

    for (size_t i = 0; (outlet->each || has_alert) && i < batch->n_records; i++) {
        unsigned note = nta_batch_note(batch, i);
        bool to_each = outlet->each && !(note & NTA_NOTE_OPENS) &&
                       (!outlet->matches_only || (note & NTA_NOTE_MATCH));
        bool to_alerter = has_alert && i >= alerts_from && (note & NTA_NOTE_ALERT);
        struct nta_span cbor = nta_batch_record(batch, i);

        if (number && (to_each || to_alerter))
            (void)snprintf(id, sizeof(id), "%s-%" PRIu64 "-%zu", emit->sensor, number, i);
        if (to_each)
            outlet->each(outlet->owner, id, cbor);
        if (to_alerter)
            nta_alert_post(outlet->alerter, id, as_told(emit, cbor));
    }
}

static uint64_t get_about(struct nta_emit *emit, struct nta_span cbor)
{
    struct nta_record record;

    if (!nta_record_decode(cbor, &emit->buf, &record))
        return 0;
    return record.about ? record.about : ((uint64_t)record.time_ns & ABOUT_MASK) | 1;
}

void nta_emit_unstored(struct nta_emit *emit, const struct nta_batch *batch, size_t from)
{
    struct nta_alerter *alerter = emit->outlet->alerter;

    for (size_t i = from; alerter && batch->has_alert && i < batch->n_records; i++) {
        if (!(nta_batch_note(batch, i) & NTA_NOTE_ALERT))
            continue;
        struct nta_span cbor = as_told(emit, nta_batch_record(batch, i));

        nta_alert_post_unstored(alerter, get_about(emit, cbor), cbor);
        nta_count(emit->counters, NTA_COUNTER_ALERT_UNSTORED, 1);
    }
}

void nta_emit_fates(struct nta_emit *emit, const struct nta_batch *batch, size_t n_emitted,
                    uint64_t number)
{
    struct nta_alerter *alerter = emit->outlet->alerter;
    struct nta_alert_fates fates = {.sensor = emit->sensor, .number = number};

    for (size_t i = 0; alerter && batch->has_alert && i < n_emitted; i++) {
        if (!(nta_batch_note(batch, i) & NTA_NOTE_ALERT))
            continue;
        fates.about[fates.n] = get_about(emit, as_told(emit, nta_batch_record(batch, i)));
        fates.index[fates.n++] = (uint32_t)i;
        if (fates.n == NTA_ALERT_FATES) {
            nta_alert_post_fates(alerter, &fates);
            fates.n = 0;
        }
    }
    if (fates.n)
        nta_alert_post_fates(alerter, &fates);
}
