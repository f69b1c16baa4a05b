/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/log.h"
#include "base/own.h"
#include "store/ship_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

void nta_shipment_done(struct nta_shipment *shipment)
{
    nta_store_close(&shipment->journal);
    nta_store_close(&shipment->mysql);
    nta_buf_done(&shipment->parcel.bytes);
}

/* ---- where both stand ---- */

/** The journal's first batch from a number on. */
struct nta_ship_first
{
    bool found, has_previous;
    uint64_t number;
    uint8_t hash[NTA_HASH_LEN], previous[NTA_HASH_LEN];
};

static int take_first(void *owner, const struct nta_stored *batch, struct nta_err *err)
{
    struct nta_ship_first *first = owner;

    (void)err;
    first->found = true;
    first->has_previous = !(batch->faults & NTA_ROW_HEADER);
    first->number = batch->header.number;
    nta_header_hash(&batch->sealed, first->hash);
    memcpy(first->previous, batch->header.previous, NTA_HASH_LEN);
    return 1;
}

static bool wants_none(void *owner, const struct nta_stored *row)
{
    (void)owner;
    (void)row;
    return false;
}

static void say_fork(uint64_t number)
{
    nta_log_error("MySQL and the journal hold different batches with number %" PRIu64
                  " or after it: the journal was lost or put back from a copy.  What can be sent "
                  "is sent; \"nta verify\" shows where the chain parts",
                  number);
}

/**
 * After a crash between MySQL's acknowledgement and the journal's forgetting, MySQL is ahead of what the journal
 * thinks.  Where its last batch is one of the journal's, all up to it are there: each header holds the hash of the one
 * before.
 */
static int agree(struct nta_shipment *shipment, struct nta_err *err)
{
    const uint8_t *sensor = shipment->options->sensor;
    struct nta_store_query query = {.sensor = sensor, .wants = wants_none};
    struct nta_ship_first first = {0};
    uint64_t there = 0, here = 0;
    uint8_t there_hash[NTA_HASH_LEN], here_hash[NTA_HASH_LEN];
    int result = nta_store_last(shipment->mysql, sensor, &there, there_hash, err);

    if (result == 0)
        result = nta_store_last(shipment->journal, sensor, &here, here_hash, err);
    if (result < 0 || there == 0)
        return result;
    query.from_number = there;
    result = nta_store_each(shipment->journal, &query, take_first, &first, err);
    if (result < 0)
        return result;
    if (first.found && first.number == there) {
        if (memcmp(first.hash, there_hash, NTA_HASH_LEN) == 0)
            shipment->acked = there;
        else
            say_fork(there);
    } else if (here < there ||
               (here == there && memcmp(here_hash, there_hash, NTA_HASH_LEN) != 0) ||
               (first.found && first.number == there + 1 && first.has_previous &&
                memcmp(first.previous, there_hash, NTA_HASH_LEN) != 0)) {
        say_fork(here < there ? here : there);
    } else if (first.found && first.number > there + 1) {
        nta_log_error("MySQL lacks batches %" PRIu64 " to %" PRIu64
                      ", which the journal has sent and forgotten: was MySQL put back from a copy?",
                      there + 1, first.number - 1);
    }
    return 0;
}

/* ---- a parcel ---- */

static int pack(void *owner, const struct nta_stored *batch, struct nta_err *err)
{
    struct nta_parcel *parcel = owner;
    const struct nta_span spans[] = {batch->sealed.header, batch->sealed.signature,
                                     batch->sealed.tokens, batch->sealed.body};

    for (size_t i = 0; i < NTA_N_ELEMENTS(spans); i++)
        nta_buf_put(&parcel->bytes, spans[i].ptr, spans[i].len);
    if (parcel->bytes.failed)
        return nta_err_set(err, -ENOMEM, "out of memory");
    parcel->batches[parcel->n_batches++] = *batch;
    return parcel->n_batches == NTA_PARCEL_BATCHES || parcel->bytes.len >= NTA_PARCEL_BYTES;
}

/** The lengths stand; now that the bytes do not move any more, say where each part lies. */
static void point_into(struct nta_parcel *parcel)
{
    const uint8_t *pos = parcel->bytes.ptr;

    for (size_t i = 0; i < parcel->n_batches; i++) {
        struct nta_sealed *sealed = &parcel->batches[i].sealed;
        struct nta_span *spans[] = {&sealed->header, &sealed->signature, &sealed->tokens,
                                    &sealed->body};

        for (size_t k = 0; k < NTA_N_ELEMENTS(spans); k++) {
            spans[k]->ptr = pos;
            pos += spans[k]->len;
        }
    }
}

static int fill_parcel(struct nta_shipment *shipment, struct nta_err *err)
{
    struct nta_parcel *parcel = &shipment->parcel;
    struct nta_store_query query = {
        .sensor = shipment->options->sensor,
        .from_number = shipment->acked + 1,
    };
    int result;

    parcel->n_batches = 0;
    if (parcel->bytes.size > NTA_PARCEL_KEEP_BYTES)
        nta_buf_done(&parcel->bytes);
    nta_buf_clear(&parcel->bytes);
    result = nta_store_each(shipment->journal, &query, pack, parcel, err);
    if (result < 0)
        return result;
    if (parcel->n_batches > 0)
        point_into(parcel);
    return 0;
}

static int ship_key(void *owner, const struct nta_stored_key *stored, struct nta_err *err)
{
    struct nta_shipment *shipment = owner;
    const struct nta_wrapped_key *key = &stored->key;
    int result;

    if (stored->faults)
        return 0;
    if (shipment->has_keys && key->made_ns < shipment->key_made_ns)
        return 0;
    result = nta_store_put_key(shipment->mysql, key, err);
    if (result == 0 && key->made_ns > shipment->key_made_ns)
        shipment->key_made_ns = key->made_ns;
    return result;
}

/** A batch must never be where its key is not: keys go first. */
static int ship_keys(struct nta_shipment *shipment, struct nta_err *err)
{
    const struct nta_parcel *parcel = &shipment->parcel;
    bool has_new = !shipment->has_keys;
    int result;

    for (size_t i = 0; i < parcel->n_batches; i++) {
        const struct nta_stored *batch = &parcel->batches[i];

        has_new = has_new || batch->faults ||
                  memcmp(batch->header.data_key, shipment->key_id, NTA_DATA_KEY_ID_LEN) != 0;
    }
    if (!has_new)
        return 0;
    result = nta_store_each_key(shipment->journal, ship_key, shipment, err);
    if (result != 0)
        return result;
    memcpy(shipment->key_id, parcel->batches[parcel->n_batches - 1].header.data_key,
           NTA_DATA_KEY_ID_LEN);
    shipment->has_keys = true;
    return 0;
}

static int forget_acked(struct nta_shipment *shipment, struct nta_err *err)
{
    int result;

    if (shipment->forgotten == shipment->acked)
        return 0;
    result = nta_store_forget(shipment->journal, shipment->options->sensor, shipment->acked, err);
    if (result == 0)
        shipment->forgotten = shipment->acked;
    return result;
}

int nta_ship_round(struct nta_shipment *shipment, struct nta_err *err)
{
    struct nta_parcel *parcel = &shipment->parcel;
    int result = 0;

    if (!shipment->mysql)
        result = nta_store_open_mysql(&shipment->options->mysql, &shipment->mysql, err);
    if (result == 0 && !shipment->is_agreed)
        result = agree(shipment, err);
    if (result < 0)
        return result;
    shipment->is_agreed = true;
    result = forget_acked(shipment, err);
    if (result == 0)
        result = fill_parcel(shipment, err);
    if (result < 0)
        return result;
    atomic_store_explicit(&shipment->oldest_ns,
                          parcel->n_batches ? parcel->batches[0].header.first_ns : 0,
                          memory_order_relaxed);
    if (parcel->n_batches == 0)
        return 0;
    result = ship_keys(shipment, err);
    if (result == 0)
        result = nta_store_put_batches(shipment->mysql, parcel->batches, parcel->n_batches, err);
    if (result < 0)
        return result;
    nta_count(&shipment->counters, NTA_COUNTER_SHIPPED, parcel->n_batches);
    shipment->acked = parcel->batches[parcel->n_batches - 1].header.number;
    result = forget_acked(shipment, err);
    return result < 0 ? result : 1;
}
