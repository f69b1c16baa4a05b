/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "store/mysql_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

void nta_mysql_bind_key(struct nta_mysql_binds *params, int64_t day,
                        const uint8_t sensor[NTA_SENSOR_ID_LEN], uint64_t number)
{
    nta_mysql_bind_number(params, (uint64_t)(day + NTA_MYSQL_DAYS), false);
    nta_mysql_bind_bytes(params, sensor, NTA_SENSOR_ID_LEN);
    nta_mysql_bind_number(params, number, true);
}

static int mysql_put_key(struct nta_store *store, const struct nta_wrapped_key *key,
                         struct nta_err *err)
{
    struct nta_mysql *mysql = nta_mysql_of(store);
    struct nta_mysql_binds params = {0};
    int result = nta_mysql_ready(mysql, err);
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    if (result < 0)
        return result;
    nta_mysql_bind_bytes(&params, key->id, sizeof(key->id));
    nta_mysql_bind_number(&params, (uint64_t)key->made_ns, false);
    nta_mysql_bind_bytes(&params, key->blob.ptr, key->blob.len);
    statement = nta_mysql_execute(mysql, NTA_MYSQL_PUT_KEY, &params, NULL, &result, err);
    return statement || result == -EEXIST ? 0 : result;
}

/** The key is taken: fine if by this very batch. */
static int compare_held(struct nta_mysql *mysql, const struct nta_stored *batch,
                        struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf bytes = {0};
    struct nta_store_run run = {.day = nta_store_day(batch->header.first_ns)};
    struct nta_sealed held = {0};
    int result;

    memcpy(run.sensor, batch->header.sensor, sizeof(run.sensor));
    result = nta_mysql_held(mysql, &run, batch->header.number, &bytes, &held, err);
    if (result < 0)
        return result;
    if (result > 0 && nta_store_same(&batch->sealed, held.header, held.signature))
        return 0;
    return nta_store_refuse(batch, err);
}

static int put_batch(struct nta_mysql *mysql, const struct nta_stored *batch, struct nta_err *err)
{
    const struct nta_header *header = &batch->header;
    const struct nta_sealed *sealed = &batch->sealed;
    const struct nta_span *spans[] = {&sealed->header, &sealed->signature, &sealed->tokens,
                                      &sealed->body};
    size_t len = nta_store_sealed_len(sealed);
    struct nta_mysql_binds params = {0};
    int result = 0;
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    if ((int64_t)len > mysql->packet_bytes - 1024)
        return nta_err_set(err, -EMSGSIZE,
                           "batch %" PRIu64 " has %zu bytes, MySQL at %s takes packets of %" PRId64
                           ": SET GLOBAL max_allowed_packet = 16777216",
                           header->number, len, mysql->where, mysql->packet_bytes);
    nta_mysql_bind_key(&params, nta_store_day(header->first_ns), header->sensor, header->number);
    nta_mysql_bind_number(&params, (uint64_t)header->first_ns, false);
    nta_mysql_bind_number(&params, (uint64_t)header->last_ns, false);
    nta_mysql_bind_number(&params, header->n_records, true);
    nta_mysql_bind_number(&params, len, true);
    for (size_t i = 0; i < NTA_N_ELEMENTS(spans); i++)
        nta_mysql_bind_bytes(&params, spans[i]->ptr, spans[i]->len);
    statement = nta_mysql_execute(mysql, NTA_MYSQL_PUT_BATCH, &params, NULL, &result, err);
    if (!statement && result == -EEXIST)
        return compare_held(mysql, batch, err);
    return statement ? 0 : result;
}

static int mysql_put_batches(struct nta_store *store, const struct nta_stored *batches,
                             size_t n_batches, struct nta_err *err)
{
    struct nta_mysql *mysql = nta_mysql_of(store);
    int result = nta_mysql_ready(mysql, err);

    if (result == 0)
        result = nta_mysql_query(mysql, "START TRANSACTION", "begin to write", NULL, 0, err);
    for (size_t i = 0; result == 0 && i < n_batches; i++)
        result = put_batch(mysql, &batches[i], err);
    if (result == 0)
        result = nta_mysql_query(mysql, "COMMIT", "commit", NULL, 0, err);
    /* a connection whose state is in doubt is not used again */
    if (result < 0 && !mysql->is_lost &&
        nta_mysql_query(mysql, "ROLLBACK", "roll back", NULL, 0, NULL) < 0)
        mysql->is_lost = true;
    return result;
}

static int mysql_forget(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                        uint64_t up_to_number, struct nta_err *err)
{
    (void)store;
    (void)sensor;
    (void)up_to_number;
    return nta_err_set(err, -ENOTSUP, "batches in MySQL are dropped by the day, not forgotten");
}

const struct nta_store_ops nta_mysql_ops = {
    .close = nta_mysql_close,
    .put_key = mysql_put_key,
    .put_batches = mysql_put_batches,
    .last = nta_mysql_last,
    .each_run = nta_mysql_each_run,
    .fetch = nta_mysql_fetch,
    .each_key = nta_mysql_each_key,
    .find_key = nta_mysql_find_key,
    .each_chain = nta_mysql_each_chain,
    .count = nta_mysql_count,
    .forget = mysql_forget,
    .measure = nta_mysql_measure,
};
