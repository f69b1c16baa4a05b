/* SPDX-License-Identifier: Apache-2.0 */
#include "chain.h"

#include "base/hex.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_key(struct nta_chain *chain, const uint8_t public_key[NTA_KEY_LEN])
{
    struct nta_chain_sensor *sensor = &chain->sensors[chain->n_sensors++];

    memcpy(sensor->public_key, public_key, NTA_KEY_LEN);
    nta_sensor_id(public_key, sensor->id);
}

int nta_chain_key(struct nta_chain *chain, const char *text, struct nta_err *err)
{
    uint8_t public_key[NTA_KEY_LEN];

    if (chain->n_sensors == NTA_CHAIN_SENSORS)
        return nta_err_set(err, -EINVAL, "--key: more than %d sensors", NTA_CHAIN_SENSORS);
    int r = nta_keys_parse_sensor(text, public_key, err);

    if (r == 0)
        add_key(chain, public_key);
    return r;
}

void nta_chain_restart(struct nta_chain *chain)
{
    for (size_t i = 0; i < chain->n_sensors; i++)
        chain->sensors[i].last = 0;
    chain->n_bad = chain->n_batches = chain->n_foreign = 0;
    chain->is_done = false;
}

static struct nta_chain_sensor *find_sensor(struct nta_chain *chain,
                                            const uint8_t id[NTA_SENSOR_ID_LEN])
{
    for (size_t i = 0; i < chain->n_sensors; i++) {
        if (memcmp(chain->sensors[i].id, id, NTA_SENSOR_ID_LEN) == 0)
            return &chain->sensors[i];
    }
    return NULL;
}

static void note_bad(struct nta_chain *chain, const struct nta_header *header)
{
    if (chain->n_bad < NTA_CHAIN_BAD) {
        struct nta_chain_batch *bad = &chain->bad[chain->n_bad];

        memcpy(bad->sensor, header->sensor, sizeof(bad->sensor));
        bad->number = header->number;
    }
    chain->n_bad++;
}

/** What was pruned or lies elsewhere is missing at the beginning; further on nothing may be. */
static bool follows(const struct nta_chain_sensor *sensor, const struct nta_header *header)
{
    return sensor->last == 0 ||
           (header->number == sensor->last + 1 &&
            memcmp(header->previous, sensor->previous, sizeof(header->previous)) == 0);
}

static int on_batch(void *owner, const struct nta_stored *stored, struct nta_err *err)
{
    struct nta_chain *chain = owner;
    struct nta_chain_sensor *sensor = find_sensor(chain, stored->header.sensor);
    struct nta_header header;

    (void)err;
    if (!sensor) {
        chain->n_foreign++;
        return 0;
    }
    chain->n_batches++;
    if (nta_sealed_check(&stored->sealed, sensor->public_key, &header) != NTA_CHECK_OK ||
        stored->altered || !follows(sensor, &header))
        note_bad(chain, &stored->header);
    sensor->last = stored->header.number;
    nta_header_hash(&stored->sealed, sensor->previous);
    return chain->stop && *chain->stop;
}

int nta_chain_check(struct nta_chain *chain, struct nta_stores *stores, struct nta_err *err)
{
    const struct nta_store_query everything = {0};
    uint8_t public_key[NTA_KEY_LEN];

    if (chain->n_sensors == 0) {
        struct nta_err ignored = {0};

        if (nta_keys_sensor_public(stores->keys_dir, public_key, &ignored) < 0)
            return 0;
        add_key(chain, public_key);
    }
    int r = nta_stores_each(stores, &everything, on_batch, chain, err);

    chain->is_done = r == 0;
    return r < 0 ? r : 0;
}

int nta_chain_go_on(struct nta_chain *chain, struct nta_stores *stores, struct nta_err *err)
{
    for (size_t i = 0; i < chain->n_sensors; i++) {
        const struct nta_chain_sensor *sensor = &chain->sensors[i];
        const struct nta_store_query newer = {.sensor = sensor->id,
                                              .from_number = sensor->last + 1};
        int r = nta_stores_each(stores, &newer, on_batch, chain, err);

        if (r < 0)
            return r;
    }
    return 0;
}

enum nta_proof_state nta_chain_state(const struct nta_chain *chain)
{
    if (chain->n_bad)
        return NTA_PROOF_BROKEN;
    return chain->is_done && chain->n_batches && !chain->n_foreign ? NTA_PROOF_HOLDS
                                                                   : NTA_PROOF_UNCHECKED;
}

static bool parse_id(const char *id, struct nta_chain_batch *ret_batch)
{
    char *end = NULL;

    if (!nta_hex_parse(id, NTA_SENSOR_ID_LEN, ret_batch->sensor))
        return false;
    const char *number = id + (size_t)2 * NTA_SENSOR_ID_LEN;

    if (*number != '-')
        return false;
    ret_batch->number = strtoull(number + 1, &end, 10);
    return end > number + 1;
}

enum nta_proof_state nta_chain_of(void *owner, const char *id)
{
    struct nta_chain *chain = owner;
    struct nta_chain_batch batch;

    if (strlen(id) < (size_t)2 * NTA_SENSOR_ID_LEN + 2 || !parse_id(id, &batch) ||
        !find_sensor(chain, batch.sensor))
        return NTA_PROOF_UNCHECKED;
    for (size_t i = 0; i < chain->n_bad && i < NTA_CHAIN_BAD; i++) {
        if (memcmp(&chain->bad[i].sensor, &batch.sensor, sizeof(batch.sensor)) == 0 &&
            chain->bad[i].number == batch.number)
            return NTA_PROOF_BROKEN;
    }
    if (chain->n_bad > NTA_CHAIN_BAD)
        return NTA_PROOF_BROKEN;
    return chain->is_done ? NTA_PROOF_HOLDS : NTA_PROOF_UNCHECKED;
}

const char *nta_chain_text(const struct nta_chain *chain, char *room, size_t size)
{
    if (chain->n_sensors == 0)
        (void)snprintf(room, size, "No public key of the sensor was at hand; nta verify checks.");
    else if (!chain->is_done)
        (void)snprintf(room, size, "Interrupted after %" PRIu64 " batches.", chain->n_batches);
    else if (chain->n_bad)
        (void)snprintf(room, size,
                       "%" PRIu64 " of %" PRIu64
                       " batches are not as the sensor signed them, or not "
                       "in their place; nta verify names them.",
                       chain->n_bad, chain->n_batches);
    else if (chain->n_foreign)
        (void)snprintf(room, size,
                       "%" PRIu64 " batches hold; %" PRIu64
                       " are of sensors whose key was not given.",
                       chain->n_batches, chain->n_foreign);
    else if (chain->n_batches == 0)
        (void)snprintf(room, size, "There are no batches.");
    else if (chain->n_batches == 1)
        (void)snprintf(room, size, "The one batch there is as the sensor signed it.");
    else
        (void)snprintf(room, size,
                       "All %" PRIu64
                       " batches are as the sensor signed them, and none between them "
                       "is missing.",
                       chain->n_batches);
    return room;
}
