/* SPDX-License-Identifier: Apache-2.0 */
/* The MySQL store: what is written. */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "store/mysql/mysql_calls.h"
#include "store/mysql/mysql_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

enum
{
    TRANSACTION_TRIES = 6
};

/*
 * A lock that somebody holds for longer than one wait (5 s, and once more) is an outage, which is
 * told.
 */
#define TRANSACTION_NS (8 * NTA_NS_PER_S)

int nta_mysql_put_key(struct nta_store *store, const struct nta_wrapped_key *key,
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

static void bind_head(struct nta_mysql_binds *params, const struct nta_store_head *head)
{
    nta_mysql_bind_number(params, head->number, true);
    nta_mysql_bind_bytes(params, head->hash, sizeof(head->hash));
}

/** Set the row if it is at `head`: 1, 0 if it is not (or not there), negative errno. */
static int swap_row(struct nta_mysql *mysql, const uint8_t *sensor,
                    const struct nta_store_head *head, const struct nta_store_head *next,
                    struct nta_err *err)
{
    struct nta_mysql_binds params = {0};
    int result = 0;
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    bind_head(&params, next);
    nta_mysql_bind_bytes(&params, sensor, NTA_SENSOR_ID_LEN);
    bind_head(&params, head);
    statement = nta_mysql_execute(mysql, NTA_MYSQL_SWAP_HEAD, &params, NULL, &result, err);
    if (!statement)
        return result;
    return mysql_stmt_affected_rows(statement) == 1;
}

/**
 * The sensor's first row, or (`which` RAISE_HEAD) a row that only ever grows.  -EAGAIN: another was
 * faster.
 */
static int put_row(struct nta_mysql *mysql, enum nta_mysql_statement which, const uint8_t *sensor,
                   const struct nta_store_head *next, struct nta_err *err)
{
    struct nta_mysql_binds params = {0};
    int result = 0;
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    nta_mysql_bind_bytes(&params, sensor, NTA_SENSOR_ID_LEN);
    bind_head(&params, next);
    statement = nta_mysql_execute(mysql, which, &params, NULL, &result, err);
    if (!statement && result == -EEXIST)
        return nta_err_set(err, -EAGAIN, "MySQL at %s: another writer made the chain's row",
                           mysql->where);
    return statement ? 0 : result;
}

/**
 * Compare and set the chain's row, in the transaction of the batches; how many of them are there
 * already.
 */
static int move_row(struct nta_mysql *mysql, const struct nta_store_head *head,
                    const struct nta_stored *batches, size_t n_batches, size_t *ret_n_there,
                    struct nta_err *err)
{
    const uint8_t *sensor = batches[0].header.sensor;
    struct nta_store_head row = {0}, next = {.number = batches[n_batches - 1].header.number};
    int result;

    nta_header_hash(&batches[n_batches - 1].sealed, next.hash);
    *ret_n_there = 0;
    result = swap_row(mysql, sensor, head, &next, err);
    if (result != 0)
        return result < 0 ? result : 0;
    result = nta_mysql_get_row(mysql, sensor, &row, err);
    if (result == 0) /* the sensor's first batches, or a store from before there were rows */
        return put_row(mysql, NTA_MYSQL_FIRST_HEAD, sensor, &next, err);
    if (result > 0)
        result = nta_store_compare(&row, head, batches, n_batches, ret_n_there, err);
    if (result < 0 || *ret_n_there == n_batches)
        return result;
    /* a part of them is there: from where the row is on */
    result = swap_row(mysql, sensor, &row, &next, err);
    if (result == 0)
        return nta_err_set(err, -EAGAIN, "MySQL at %s: another writer moved the chain's row",
                           mysql->where);
    return result < 0 ? result : 0;
}

/** One batch of a copy: the row is raised, nothing is asked. */
static int copy_batch(struct nta_mysql *mysql, const struct nta_stored *batch, struct nta_err *err)
{
    struct nta_store_head own = {.number = batch->header.number};
    int result = put_batch(mysql, batch, err);

    nta_header_hash(&batch->sealed, own.hash);
    return result < 0 ? result
                      : put_row(mysql, NTA_MYSQL_RAISE_HEAD, batch->header.sensor, &own, err);
}

static int transact(struct nta_mysql *mysql, const struct nta_store_head *head,
                    const struct nta_stored *batches, size_t n_batches, struct nta_err *err)
{
    size_t n_there = 0;
    int result = nta_mysql_ready(mysql, err);

    if (result == 0)
        result = nta_mysql_query(mysql, "START TRANSACTION", "begin to write", NULL, 0, err);
    if (result == 0 && head)
        result = move_row(mysql, head, batches, n_batches, &n_there, err);
    for (size_t i = n_there; result == 0 && i < n_batches; i++)
        result = head ? put_batch(mysql, &batches[i], err) : copy_batch(mysql, &batches[i], err);
    if (result == 0)
        result = nta_mysql_query(mysql, "COMMIT", "commit", NULL, 0, err);
    /* a connection whose state is in doubt is not used again */
    if (result < 0 && !mysql->is_lost &&
        nta_mysql_query(mysql, "ROLLBACK", "roll back", NULL, 0, NULL) < 0)
        mysql->is_lost = true;
    return result;
}

int nta_mysql_put_batches(struct nta_store *store, const struct nta_store_head *head,
                          const struct nta_stored *batches, size_t n_batches, struct nta_err *err)
{
    struct nta_mysql *mysql = nta_mysql_of(store);
    struct timespec pause = {.tv_nsec = 10 * NTA_NS_PER_MS};
    int64_t began_ns = nta_clock_mono_ns();
    int result;

    /* a deadlock, at any statement or (on a cluster) at the commit, undid all of it: the whole of
     * it again */
    for (unsigned i = 1;; i++) {
        result = transact(mysql, head, batches, n_batches, err);
        if (result != -EAGAIN || i == TRANSACTION_TRIES ||
            nta_clock_mono_ns() - began_ns >= TRANSACTION_NS)
            return result;
        (void)nanosleep(&pause, NULL);
        pause.tv_nsec *= 2;
    }
}
