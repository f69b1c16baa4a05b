/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/emit.h"

#include "alert/alert.h"

#include <inttypes.h>
#include <stdio.h>

enum
{
    ID_SIZE = 80
};

#define ABOUT_MASK ((UINT64_C(1) << 52) - 1) /* what every reader of JSON keeps whole */

void nta_emit_stored(const struct nta_emit *emit, const struct nta_batch *batch, uint64_t number,
                     size_t alerts_from)
{
    const struct nta_outlet *outlet = emit->outlet;
    bool has_alert = outlet->alerter && batch->has_alert && alerts_from < batch->n_records;
    char id[ID_SIZE] = "";

    for (size_t i = 0; (outlet->each || has_alert) && i < batch->n_records; i++) {
        unsigned note = nta_batch_note(batch, i);
        bool to_each = outlet->each && (!outlet->matches_only || (note & NTA_NOTE_MATCH));
        bool to_alerter = has_alert && i >= alerts_from && (note & NTA_NOTE_ALERT);
        struct nta_span cbor = nta_batch_record(batch, i);

        if (number && (to_each || to_alerter))
            (void)snprintf(id, sizeof(id), "%s-%" PRIu64 "-%zu", emit->sensor, number, i);
        if (to_each)
            outlet->each(outlet->owner, id, cbor);
        if (to_alerter)
            nta_alert_post(outlet->alerter, id, cbor);
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
        struct nta_span cbor = nta_batch_record(batch, i);

        if (!(nta_batch_note(batch, i) & NTA_NOTE_ALERT))
            continue;
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
        fates.about[fates.n] = get_about(emit, nta_batch_record(batch, i));
        fates.index[fates.n++] = (uint32_t)i;
        if (fates.n == NTA_ALERT_FATES) {
            nta_alert_post_fates(alerter, &fates);
            fates.n = 0;
        }
    }
    if (fates.n)
        nta_alert_post_fates(alerter, &fates);
}
