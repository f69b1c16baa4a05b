/* SPDX-License-Identifier: Apache-2.0 */
#include "chain.h"

#include "base/hex.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_key(struct nta_chain_findings *found, const uint8_t public_key[NTA_KEY_LEN])
{
    struct nta_chain_sensor *sensor = &found->sensors[found->n_sensors++];

    memcpy(sensor->public_key, public_key, NTA_KEY_LEN);
    nta_sensor_id(public_key, sensor->id);
}

int nta_chain_key(struct nta_chain *chain, const char *text, struct nta_err *err)
{
    uint8_t public_key[NTA_KEY_LEN];

    if (chain->found.n_sensors == NTA_CHAIN_SENSORS)
        return nta_err_set(err, -EINVAL, "--key: more than %d sensors", NTA_CHAIN_SENSORS);
    int r = nta_keys_parse_sensor(text, public_key, err);

    if (r == 0)
        add_key(&chain->found, public_key);
    return r;
}

void nta_chain_restart(struct nta_chain *chain)
{
    struct nta_chain_findings *found = &chain->found;

    for (size_t i = 0; i < found->n_sensors; i++)
        found->sensors[i].first = found->sensors[i].last = 0;
    found->n_bad = found->n_batches = found->n_foreign = 0;
    found->is_whole = false;
    nta_store_marks_done(&chain->marks);
}

void nta_chain_done(struct nta_chain *chain)
{
    nta_store_marks_done(&chain->marks);
}

static struct nta_chain_sensor *find_sensor(struct nta_chain_findings *found,
                                            const uint8_t id[NTA_SENSOR_ID_LEN])
{
    for (size_t i = 0; i < found->n_sensors; i++) {
        if (memcmp(found->sensors[i].id, id, NTA_SENSOR_ID_LEN) == 0)
            return &found->sensors[i];
    }
    return NULL;
}

static void note_bad(struct nta_chain_findings *found, const struct nta_header *header)
{
    if (found->n_bad < NTA_CHAIN_BAD) {
        struct nta_chain_batch *bad = &found->bad[found->n_bad];

        memcpy(bad->sensor, header->sensor, sizeof(bad->sensor));
        bad->number = header->number;
    }
    found->n_bad++;
}

/** What was pruned or lies elsewhere is missing at the beginning; further on nothing may be. */
static bool follows(const struct nta_chain_sensor *sensor, const struct nta_header *header)
{
    return sensor->last == 0 ||
           (header->number == sensor->last + 1 &&
            memcmp(header->previous, sensor->previous, sizeof(header->previous)) == 0);
}

static void check_batch(struct nta_chain_findings *found, struct nta_chain_sensor *sensor,
                        const struct nta_stored *stored)
{
    struct nta_header header;

    found->n_batches++;
    if (nta_sealed_check(&stored->sealed, sensor->public_key, &header) != NTA_CHECK_OK ||
        stored->faults || !follows(sensor, &header))
        note_bad(found, &stored->header);
    if (sensor->first == 0)
        sensor->first = stored->header.number;
    sensor->last = stored->header.number;
    nta_header_hash(&stored->sealed, sensor->previous);
}

static int on_batch(void *owner, const struct nta_stored *stored, struct nta_err *err)
{
    struct nta_chain *chain = owner;
    struct nta_chain_sensor *sensor = find_sensor(&chain->found, stored->header.sensor);

    (void)err;
    if (sensor)
        check_batch(&chain->found, sensor, stored);
    else
        chain->found.n_foreign++;
    return chain->stop && *chain->stop;
}

int nta_chain_check(struct nta_chain *chain, struct nta_stores *stores, struct nta_err *err)
{
    const struct nta_store_query unchecked = {.marks = &chain->marks};
    uint8_t public_key[NTA_KEY_LEN];

    if (chain->found.n_sensors == 0) {
        struct nta_err ignored = {0};

        if (nta_keys_sensor_public(stores->keys_dir, public_key, &ignored) < 0)
            return 0;
        add_key(&chain->found, public_key);
    }
    if (!chain->found.is_whole) /* the marks move at the end of a walk only */
        nta_chain_restart(chain);
    int r = nta_stores_each(stores, &unchecked, on_batch, chain, err);

    chain->found.is_whole = r == 0;
    return r < 0 ? r : 0;
}

enum nta_proof_state nta_chain_state(const struct nta_chain_findings *found)
{
    if (found->n_bad)
        return NTA_PROOF_BROKEN;
    return found->is_whole && found->n_batches && !found->n_foreign ? NTA_PROOF_HOLDS
                                                                    : NTA_PROOF_UNCHECKED;
}

/** The batch that "SENSOR-NUMBER-INDEX" names. */
static bool parse_id(const char *id, struct nta_chain_batch *ret_batch)
{
    const size_t n_digits = (size_t)2 * NTA_SENSOR_ID_LEN;
    char *end = NULL;

    if (!nta_hex_parse(id, NTA_SENSOR_ID_LEN, ret_batch->sensor) || id[n_digits] != '-')
        return false;
    ret_batch->number = strtoull(id + n_digits + 1, &end, 10);
    return end > id + n_digits + 1;
}

static bool is_bad(const struct nta_chain_findings *found, const struct nta_chain_batch *batch)
{
    if (found->n_bad > NTA_CHAIN_BAD)
        return true; /* more than are remembered */
    for (size_t i = 0; i < found->n_bad; i++) {
        if (memcmp(found->bad[i].sensor, batch->sensor, sizeof(batch->sensor)) == 0 &&
            found->bad[i].number == batch->number)
            return true;
    }
    return false;
}

enum nta_proof_state nta_chain_of(void *owner, const char *id)
{
    struct nta_chain_findings *found = owner;
    struct nta_chain_batch batch;

    if (!parse_id(id, &batch))
        return NTA_PROOF_UNCHECKED;
    const struct nta_chain_sensor *sensor = find_sensor(found, batch.sensor);

    if (!sensor || batch.number < sensor->first || batch.number > sensor->last)
        return NTA_PROOF_UNCHECKED;
    if (is_bad(found, &batch))
        return NTA_PROOF_BROKEN;
    return found->is_whole ? NTA_PROOF_HOLDS : NTA_PROOF_UNCHECKED;
}

const char *nta_chain_text(const struct nta_chain_findings *found, char *room, size_t size)
{
    if (found->n_sensors == 0)
        (void)snprintf(room, size, "No public key of the sensor was at hand; nta verify checks.");
    else if (!found->is_whole)
        (void)snprintf(room, size, "Interrupted after %" PRIu64 " batches.", found->n_batches);
    else if (found->n_bad)
        (void)snprintf(room, size,
                       "%" PRIu64 " of %" PRIu64
                       " batches are not as the sensor signed them, or not "
                       "in their place; nta verify names them.",
                       found->n_bad, found->n_batches);
    else if (found->n_foreign)
        (void)snprintf(room, size,
                       "%" PRIu64 " batches hold; %" PRIu64
                       " are of sensors whose key was not given.",
                       found->n_batches, found->n_foreign);
    else if (found->n_batches == 0)
        (void)snprintf(room, size, "There are no batches.");
    else if (found->n_batches == 1)
        (void)snprintf(room, size, "The one batch there is as the sensor signed it.");
    else
        (void)snprintf(room, size,
                       "All %" PRIu64
                       " batches are as the sensor signed them, and none between them "
                       "is missing.",
                       found->n_batches);
    return room;
}
