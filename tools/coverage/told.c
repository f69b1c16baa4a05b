/* SPDX-License-Identifier: Apache-2.0 */
#include "coverage/told.h"

#include "base/own.h"
#include "chain/times.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct told_sensor
{
    uint8_t id[NTA_SENSOR_ID_LEN];
    bool is_live; ///< Since its last start.
    struct nta_told_loss loss;
};

struct nta_told
{
    struct told_sensor *all; ///< Owned.
    size_t n;
    struct nta_record_buf buf;
};

struct nta_told *nta_told_new(void)
{
    return calloc(1, sizeof(struct nta_told));
}

void nta_told_free(struct nta_told **told)
{
    struct nta_told *dead = NTA_TAKE(*told);

    if (!dead)
        return;
    free(dead->all);
    free(dead);
}

/** Of this sensor; NULL: no memory. */
static struct told_sensor *get(struct nta_told *told, const uint8_t id[NTA_SENSOR_ID_LEN])
{
    struct told_sensor *all;

    for (size_t i = 0; i < told->n; i++)
        if (memcmp(told->all[i].id, id, NTA_SENSOR_ID_LEN) == 0)
            return &told->all[i];
    all = realloc(told->all, (told->n + 1) * sizeof(*all));
    if (!all)
        return NULL;
    told->all = all;
    all[told->n] = (struct told_sensor){.is_live = false};
    memcpy(all[told->n].id, id, NTA_SENSOR_ID_LEN);
    return &all[told->n++];
}

static bool is_of_records(struct nta_span reason)
{
    return nta_span_is(reason, nta_counter_infos[NTA_COUNTER_RECORD_DROP].name) ||
           nta_span_is(reason, nta_counter_infos[NTA_COUNTER_RECORD_LOST].name);
}

static void take_loss(struct nta_told_loss *loss, const struct nta_record *record)
{
    uint64_t n = 0;

    for (size_t i = 0; i < record->n_losses; i++)
        n += is_of_records(record->losses[i].reason) ? record->losses[i].n : 0;
    if (n == 0)
        return;
    if (loss->n == 0 || record->time_ns < loss->first_ns)
        loss->first_ns = record->time_ns;
    if (loss->n == 0 || nta_times_end(record) > loss->last_ns)
        loss->last_ns = nta_times_end(record);
    loss->n += n;
}

/** Of the class of the sensor's own records. */
static void take_log(struct told_sensor *sensor, const struct nta_record *record)
{
    if (record->event == NTA_RECORD_START)
        sensor->is_live = !record->log || record->log->n_inputs == 0;
    else if (record->event == NTA_RECORD_LOSS)
        take_loss(&sensor->loss, record);
}

int nta_told_take(struct nta_told *told, const struct nta_header *header,
                  const struct nta_batch *batch, struct nta_chain *chain)
{
    struct told_sensor *sensor = get(told, header->sensor);
    const bool is_log = header->class == NTA_CLASS_LOG;
    bool is_dated = false;
    struct nta_record record;

    if (!sensor)
        return -ENOMEM;
    if (header->version != 2 ||
        (!is_log &&
         (!sensor->is_live || !nta_times_may_be_dated(header->first_ns, header->sealed_ns))))
        return 0;
    for (size_t i = 0; i < batch->n_records; i++) {
        if (!nta_record_decode(nta_batch_record(batch, i), &told->buf, &record))
            continue; /* which is said by who opened it */
        if (is_log)
            take_log(sensor, &record);
        else if (nta_times_is_dated(&record, header->sealed_ns))
            is_dated = true;
    }
    if (is_dated)
        nta_chain_report(chain, NTA_FINDING_DATED, header, NULL);
    return 0;
}

struct nta_told_loss nta_told_loss(const struct nta_told *told,
                                   const uint8_t sensor[NTA_SENSOR_ID_LEN])
{
    for (size_t i = 0; told && i < told->n; i++)
        if (memcmp(told->all[i].id, sensor, NTA_SENSOR_ID_LEN) == 0)
            return told->all[i].loss;
    return (struct nta_told_loss){.n = 0};
}
