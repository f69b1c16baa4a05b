/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "store/sqlite/sqlite_calls.h"
#include "store/sqlite/sqlite_internal.h"
#include "store/sqlite/sqlite_statements.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/** The sensors whose runs are listed: one behind the other in `ids`. */
struct run_list
{
    struct nta_sqlite *sqlite;
    struct nta_buf ids;
    bool is_damaged;
};

static void list_done(struct run_list *list)
{
    nta_buf_done(&list->ids);
}

/**
 * The next sensor behind `sensor`, or (PREVIOUS_RUN) in front of it, of whose id the first `len`
 * bytes count: 1 with it there, 0 at the end, negative errno.
 */
static int next_sensor(struct nta_sqlite *sqlite, enum nta_sqlite_statement which,
                       uint8_t sensor[NTA_SENSOR_ID_LEN + 1], size_t len, struct nta_err *err)
{
    uint8_t next[NTA_SENSOR_ID_LEN];
    int code, order, result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = nta_sqlite_get(sqlite, which, &result, err);

    if (!statement)
        return result;
    nta_sqlite_bind(statement, 1, sensor, len);
    code = sqlite3_step(statement);
    if (code == SQLITE_DONE)
        return 0;
    if (code != SQLITE_ROW)
        return nta_sqlite_fail_read(sqlite, code, "be read", err);
    order =
        nta_sqlite_exact(statement, 0, next, sizeof(next))
            ? nta_span_order((struct nta_span){next, sizeof(next)}, (struct nta_span){sensor, len})
            : 0;
    if (which == NTA_SQLITE_NEXT_RUN ? order <= 0 : order >= 0)
        return nta_err_set(err, -EIO, "store %s: its batches are out of order", sqlite->shown);
    memcpy(sensor, next, sizeof(next));
    return 1;
}

static bool is_known(const struct run_list *list, const uint8_t *sensor)
{
    for (size_t at = 0; at < list->ids.len; at += NTA_SENSOR_ID_LEN) {
        if (memcmp(list->ids.ptr + at, sensor, NTA_SENSOR_ID_LEN) == 0)
            return true;
    }
    return false;
}

/**
 * In one direction as far as it can be read, or as what is known already from the other one.
 */
static int list_sensors(struct run_list *list, enum nta_sqlite_statement which, struct nta_err *err)
{
    uint8_t sensor[NTA_SENSOR_ID_LEN + 1], last[NTA_SENSOR_ID_LEN];
    bool is_forward = which == NTA_SQLITE_NEXT_RUN;
    size_t len = is_forward ? 0 : sizeof(sensor), n_before = list->ids.len;
    int result;

    memset(sensor, is_forward ? 0 : 0xff, sizeof(sensor));
    if (n_before > 0)
        memcpy(last, list->ids.ptr + n_before - sizeof(last), sizeof(last));
    while ((result = next_sensor(list->sqlite, which, sensor, len, err)) > 0) {
        if (!is_forward && n_before > 0 && memcmp(sensor, last, sizeof(last)) <= 0)
            return 0;
        len = NTA_SENSOR_ID_LEN;
        nta_buf_put(&list->ids, sensor, len);
        if (list->ids.failed)
            return nta_err_set(err, -ENOMEM, "out of memory");
    }
    list->is_damaged |= result == -EIO;
    return result == -EIO ? 0 : result;
}

/** Sensors that the store says it has, where the key cannot be read. */
static int note_chain(void *owner, const struct nta_store_chain *chain, struct nta_err *err)
{
    struct run_list *list = owner;

    (void)err;
    if (!chain->faults && !is_known(list, chain->sensor))
        nta_buf_put(&list->ids, chain->sensor, sizeof(chain->sensor));
    return 0;
}

static int list_all(struct run_list *list, struct nta_err *err)
{
    struct nta_err ignored = {0};
    int result = list_sensors(list, NTA_SQLITE_NEXT_RUN, err);

    if (result < 0 || !list->is_damaged)
        return result;
    result = list_sensors(list, NTA_SQLITE_PREVIOUS_RUN, err);
    if (result == 0)
        (void)nta_sqlite_each_chain(&list->sqlite->store, note_chain, list, &ignored);
    return list->ids.failed ? nta_err_set(err, -ENOMEM, "out of memory") : result;
}

/** The first or last number of a run: 1, 0 if it has none of its form, negative errno. */
static int end_of_run(struct nta_sqlite *sqlite, enum nta_sqlite_statement which,
                      const struct nta_store_run *run, uint64_t *ret_number, struct nta_err *err)
{
    int code, result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = nta_sqlite_get(sqlite, which, &result, err);

    if (!statement)
        return result;
    nta_sqlite_bind(statement, 1, run->sensor, sizeof(run->sensor));
    code = sqlite3_step(statement);
    if (code == SQLITE_DONE)
        return 0;
    if (code != SQLITE_ROW)
        return nta_sqlite_fail_read(sqlite, code, "be read", err);
    *ret_number = (uint64_t)sqlite3_column_int64(statement, 0);
    return 1;
}

/** One run with its ends; an end that cannot be read is as far away as can be.  As end_of_run(). */
static int find_ends(struct run_list *list, struct nta_store_run *run, struct nta_err *err)
{
    struct nta_sqlite *sqlite = list->sqlite;
    int first = end_of_run(sqlite, NTA_SQLITE_RUN_FIRST, run, &run->first, err);
    int last = first == 0 ? 0 : end_of_run(sqlite, NTA_SQLITE_RUN_LAST, run, &run->last, err);

    if (first == -EIO)
        run->first = 1;
    if (last == -EIO)
        run->last = INT64_MAX;
    list->is_damaged |= first == -EIO || last == -EIO;
    if ((first < 0 && first != -EIO) || (last < 0 && last != -EIO))
        return first < 0 && first != -EIO ? first : last;
    return first != 0 && last != 0 && run->first <= run->last;
}

static int each_run(struct nta_sqlite *sqlite, nta_store_run_fn *each, void *owner,
                    struct nta_err *err)
{
    NTA_AUTO(list_done) struct run_list list = {.sqlite = sqlite};
    int result = list_all(&list, err);

    for (size_t at = 0; at < list.ids.len && result == 0; at += NTA_SENSOR_ID_LEN) {
        struct nta_store_run run = {.day = 0};

        memcpy(run.sensor, list.ids.ptr + at, sizeof(run.sensor));
        result = find_ends(&list, &run, err);
        if (result > 0)
            result = each(owner, &run);
    }
    if (result != 0 || !(list.is_damaged || sqlite->is_cut))
        return result;
    return nta_err_set(err, -EIO, "store %s: the file is damaged: some batches cannot be read",
                       sqlite->shown);
}

int nta_sqlite_each_run(struct nta_store *store, nta_store_run_fn *each, void *owner,
                        struct nta_err *err)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);
    int result = nta_sqlite_refresh(sqlite, err);

    nta_sqlite_begin_walk(sqlite);
    /* in a table of another form nothing is in order: nta_sqlite_each_odd() gives its rows */
    if (result == 0 && !nta_sqlite_is_loose(sqlite, NTA_SQLITE_HEAD))
        result = each_run(sqlite, each, owner, err);
    return result > 0 ? result : nta_sqlite_settle(sqlite, result, err);
}
