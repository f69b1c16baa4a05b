/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "store/format1/sqlite1.h"

#include <errno.h>
#include <string.h>

enum
{
    SENSORS_KNOWN = 64, ///< So many are looked for where the key itself cannot be read,
    DAYS_GUESSED = 64,  ///< on so many days.
};

/** The runs being listed. */
struct run_list
{
    struct nta_sqlite *sqlite;
    nta_store_run_fn *each;
    void *owner;
    struct nta_err *err;
    uint8_t sensors[SENSORS_KNOWN][NTA_SENSOR_ID_LEN];
    size_t n_sensors;
    bool is_damaged;
};

/**
 * The first (day, sensor) behind `run`'s, or with `is_from` on its day: 1 with it in `run`, 0 at
 * the end, negative errno.
 */
static int next_run(struct nta_sqlite *sqlite, struct nta_store_run *run, bool is_from,
                    struct nta_err *err)
{
    struct nta_store_run next = {.day = 0};
    int code, result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = nta_sqlite_get(sqlite, NTA_SQLITE1_NEXT_RUN, &result, err);

    if (!statement)
        return result;
    (void)sqlite3_bind_int64(statement, 1, run->day);
    nta_sqlite_bind(statement, 2, run->sensor, is_from ? 0 : NTA_SENSOR_ID_LEN);
    code = sqlite3_step(statement);
    if (code == SQLITE_DONE)
        return 0;
    if (code != SQLITE_ROW)
        return nta_sqlite_fail_read(sqlite, code, "be read", err);
    next.day = sqlite3_column_int64(statement, 0);
    if (next.day > NTA_SQLITE_DAY_MAX)
        return 0;
    if (!nta_sqlite_exact(statement, 1, next.sensor, sizeof(next.sensor)) || next.day < run->day ||
        (!is_from && next.day == run->day &&
         memcmp(next.sensor, run->sensor, NTA_SENSOR_ID_LEN) <= 0))
        return nta_err_set(err, -EIO, "store %s: its batches are out of order", sqlite->shown);
    *run = next;
    return 1;
}

/** The first or last number of a run: 1, 0 if it has none of its form, negative errno. */
static int end_of_run(struct nta_sqlite *sqlite, enum nta_sqlite1_statement which,
                      const struct nta_store_run *run, uint64_t *ret_number, struct nta_err *err)
{
    int code, result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = nta_sqlite_get(sqlite, which, &result, err);

    if (!statement)
        return result;
    (void)sqlite3_bind_int64(statement, 1, run->day);
    nta_sqlite_bind(statement, 2, run->sensor, sizeof(run->sensor));
    code = sqlite3_step(statement);
    if (code == SQLITE_DONE)
        return 0;
    if (code != SQLITE_ROW)
        return nta_sqlite_fail_read(sqlite, code, "be read", err);
    *ret_number = (uint64_t)sqlite3_column_int64(statement, 0);
    return 1;
}

static void note_sensor(struct run_list *list, const uint8_t sensor[NTA_SENSOR_ID_LEN])
{
    for (size_t i = 0; i < list->n_sensors; i++) {
        if (memcmp(list->sensors[i], sensor, NTA_SENSOR_ID_LEN) == 0)
            return;
    }
    if (list->n_sensors < SENSORS_KNOWN)
        memcpy(list->sensors[list->n_sensors++], sensor, NTA_SENSOR_ID_LEN);
}

/** Give one run with its ends; an end that cannot be read is as far away as can be. */
static int give_run(struct run_list *list, struct nta_store_run run)
{
    struct nta_sqlite *sqlite = list->sqlite;
    int first = end_of_run(sqlite, NTA_SQLITE1_RUN_FIRST, &run, &run.first, list->err);
    int last =
        first == 0 ? 0 : end_of_run(sqlite, NTA_SQLITE1_RUN_LAST, &run, &run.last, list->err);

    if (first == -EIO)
        run.first = 1;
    if (last == -EIO)
        run.last = INT64_MAX;
    list->is_damaged |= first == -EIO || last == -EIO;
    if ((first < 0 && first != -EIO) || (last < 0 && last != -EIO))
        return first < 0 && first != -EIO ? first : last;
    if (first == 0 || last == 0 || run.first > run.last)
        return 0;
    note_sensor(list, run.sensor);
    return list->each(list->owner, &run);
}

/** Each known sensor may have a run on this day, behind `last`. */
static int guess_day(struct run_list *list, const struct nta_store_run *last, int64_t day)
{
    int result = 0;

    for (size_t i = 0; i < list->n_sensors && result == 0; i++) {
        struct nta_store_run run = {.day = day};

        memcpy(run.sensor, list->sensors[i], NTA_SENSOR_ID_LEN);
        if (day > last->day || memcmp(run.sensor, last->sensor, NTA_SENSOR_ID_LEN) > 0)
            result = give_run(list, run);
    }
    return result;
}

/**
 * Where (day, sensor) cannot be read, runs may begin that go on behind the damage: on the days next
 * to what was read before it and behind it.
 */
static int guess_runs(struct run_list *list, const struct nta_store_run *last, int64_t until_day)
{
    int result = 0;

    for (int64_t day = last->day; day < until_day && result == 0; day++) {
        if (day - last->day == DAYS_GUESSED && until_day - day > DAYS_GUESSED)
            day = until_day - DAYS_GUESSED;
        result = guess_day(list, last, day);
    }
    return result;
}

/**
 * The first day behind `run`'s on which (day, sensor) can be read: 1 and the run there in `run`, 0:
 * none.
 */
static int find_readable(struct run_list *list, struct nta_store_run *run)
{
    int64_t bad = run->day < NTA_SQLITE_DAY_MIN ? NTA_SQLITE_DAY_MIN : run->day,
            good = NTA_SQLITE_DAY_MAX + 1;
    struct nta_store_run found = {.day = 0};
    int result = -EIO, found_result = 0;

    for (int64_t step = 1; result == -EIO && bad < NTA_SQLITE_DAY_MAX; step *= 2) {
        found = (struct nta_store_run){.day = bad + step < NTA_SQLITE_DAY_MAX ? bad + step
                                                                              : NTA_SQLITE_DAY_MAX};
        good = found.day;
        result = next_run(list->sqlite, &found, true, list->err);
        bad = result == -EIO ? good : bad;
    }
    if (result < 0)
        return result == -EIO ? 0 : result;
    found_result = result;
    while (good - bad > 1) {
        struct nta_store_run middle = {.day = bad + (good - bad) / 2};
        int64_t day = middle.day;

        result = next_run(list->sqlite, &middle, true, list->err);
        if (result < 0 && result != -EIO)
            return result;
        if (result == -EIO) {
            bad = day;
        } else {
            good = day;
            found = middle;
            found_result = result;
        }
    }
    result = guess_runs(list, run, good);
    *run = found;
    return result < 0 ? result : found_result;
}

/** Sensors that the store says it has, for guesses. */
static int note_head(void *owner, const struct nta_store_chain *chain, struct nta_err *err)
{
    (void)err;
    if (!chain->faults)
        note_sensor(owner, chain->sensor);
    return 0;
}

static int each_run(struct nta_store *store, nta_store_run_fn *each, void *owner,
                    struct nta_err *err)
{
    struct run_list list = {
        .sqlite = nta_sqlite_of(store), .each = each, .owner = owner, .err = err};
    struct nta_store_run run = {.day = NTA_SQLITE_DAY_MIN};
    struct nta_err ignored = {0};
    int result = next_run(list.sqlite, &run, true, err);

    while (result > 0 || result == -EIO) {
        if (result == -EIO) {
            list.is_damaged = true;
            (void)nta_sqlite1_each_chain(store, note_head, &list, &ignored);
            result = find_readable(&list, &run);
            if (result <= 0)
                break;
        }
        result = give_run(&list, run);
        if (result != 0)
            return result;
        result = next_run(list.sqlite, &run, false, err);
    }
    if (result < 0 || !(list.is_damaged || list.sqlite->is_cut))
        return result;
    return nta_err_set(err, -EIO, "store %s: the file is damaged: some batches cannot be read",
                       list.sqlite->shown);
}

int nta_sqlite1_each_run(struct nta_store *store, nta_store_run_fn *each, void *owner,
                         struct nta_err *err)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);
    int result = nta_sqlite_refresh(sqlite, err);

    nta_sqlite_begin_walk(sqlite);
    /* in a table of another form nothing is in order: nta_sqlite1_each_odd() gives its rows */
    if (result == 0 && !nta_sqlite_is_loose(sqlite, NTA_SQLITE1_BATCH))
        result = each_run(store, each, owner, err);
    return result > 0 ? result : nta_sqlite_settle(sqlite, result, err);
}
