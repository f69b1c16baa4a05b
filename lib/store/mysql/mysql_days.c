/* SPDX-License-Identifier: Apache-2.0 */
/* The MySQL store: which days there are, and what becomes of them. */
#include "base/own.h"
#include "base/runtime/log.h"
#include "base/text.h"
#include "store/mysql/mysql_calls.h"
#include "store/mysql/mysql_partitions.h"
#include "store/mysql/mysql_statements.h"

#include <errno.h>

enum
{
    DAYS_AHEAD = 14,
    DAYS_LEFT = 7 ///< With fewer ahead, more are made.
};

static unsigned of_class(enum nta_mysql_statement first, enum nta_class class)
{
    return (unsigned)first + (unsigned)class;
}

/* ---- which there are ---- */

/** 1: the next day of which a key can be used; 0: none. */
static int next_live(struct nta_mysql *mysql, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                     enum nta_class class, int64_t after, int64_t *ret_day, struct nta_err *err)
{
    struct nta_mysql_binds params = {0}, columns = {0};
    uint64_t day = 0;
    int r = 0;
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    nta_mysql_bind_bytes(&params, sensor, NTA_SENSOR_ID_LEN);
    nta_mysql_bind_number(&params, class, true);
    nta_mysql_bind_number(&params, (uint64_t)after, false);
    nta_mysql_bind_number(&columns, 0, false);
    statement = nta_mysql_execute(mysql, NTA_MYSQL_LIVE_DAY, &params, &columns, &r, err);
    if (!statement)
        return r;
    r = nta_mysql_next(mysql, statement, err);
    if (r == 1 && !nta_mysql_number_of(&columns, 0, &day))
        r = 0;
    if (r == 1)
        *ret_day = (int64_t)day;
    return r;
}

static int count_day(struct nta_mysql *mysql, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                     struct nta_store_day *day, struct nta_err *err)
{
    struct nta_mysql_binds params = {0}, columns = {0};
    int r = 0;
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    nta_mysql_bind_number(&params, (uint64_t)day->day, false);
    nta_mysql_bind_bytes(&params, sensor, NTA_SENSOR_ID_LEN);
    for (int i = 0; i < 3; i++)
        nta_mysql_bind_number(&columns, 0, true);
    statement = nta_mysql_execute(mysql, of_class(NTA_MYSQL_COUNT_DAY, day->class), &params,
                                  &columns, &r, err);
    if (!statement)
        return r;
    r = nta_mysql_next(mysql, statement, err);
    if (r < 0)
        return r;
    day->n_batches = columns.numbers[0];
    day->first = columns.numbers[1];
    day->last = columns.numbers[2];
    return 0;
}

int nta_mysql_next_day(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                       enum nta_class class, int64_t after, struct nta_store_day *ret_day,
                       struct nta_err *err)
{
    struct nta_mysql *mysql = nta_mysql_of(store);
    struct nta_store_day day = {.class = class, .day = after};
    int r = nta_mysql_ready(mysql, err);

    if (r == 0)
        r = 1;
    while (r == 1 && day.n_batches == 0) { /* a key comes before its batches */
        r = next_live(mysql, sensor, class, day.day, &day.day, err);
        if (r == 1) {
            int counted = count_day(mysql, sensor, &day, err);

            r = counted < 0 ? counted : 1;
        }
    }
    if (r == 1)
        *ret_day = day;
    return r;
}

/* ---- what becomes of them ---- */

/** 1: somebody has a key for what is in it, or nobody knows which key it has. */
static int is_needed(struct nta_mysql *mysql, enum nta_class class,
                     const struct nta_mysql_partition *one, struct nta_err *err)
{
    struct nta_mysql_binds params = {0}, columns = {0};
    int r = 0;
    NTA_AUTO(nta_mysql_finish) MYSQL_STMT *statement = NULL;

    nta_mysql_bind_number(&params, (uint64_t)one->from, false);
    nta_mysql_bind_number(&params, (uint64_t)one->below, false);
    nta_mysql_bind_number(&columns, 0, true);
    statement =
        nta_mysql_execute(mysql, of_class(NTA_MYSQL_NEEDED, class), &params, &columns, &r, err);
    if (!statement)
        return r;
    r = nta_mysql_next(mysql, statement, err);
    return r < 0 ? r : columns.numbers[0] > 0;
}

/** Partitions of the table up to the day whose contents, of this class, nobody has a key for. */
static int drop_up_to(struct nta_mysql *mysql, unsigned table, enum nta_class class, int64_t day,
                      struct nta_err *err)
{
    NTA_AUTO(nta_mysql_partitions_done) struct nta_mysql_partitions partitions = {.n = 0};
    int r = nta_mysql_partitions_read(mysql, table, &partitions, err);

    /* what is not over stays, and the last has no end */
    for (size_t i = 0; r == 0 && i + 1 < partitions.n; i++) {
        struct nta_mysql_partition *one = &partitions.all[i];

        if (one->below > day + 1)
            break;
        r = is_needed(mysql, class, one, err);
        one->is_done = r == 0;
        r = r < 0 ? r : 0;
    }
    return r < 0 ? r : nta_mysql_partitions_drop(mysql, &partitions, err);
}

/** A database from before there were indexes has no tables for them. */
static bool has_indexes(const struct nta_mysql *mysql, unsigned class)
{
    return !mysql->found[NTA_MYSQL_INDEX + class].is_lacking;
}

int nta_mysql_drop_day(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                       const struct nta_store_day *day, struct nta_err *err)
{
    struct nta_mysql *mysql = nta_mysql_of(store);
    const unsigned class = (unsigned)day->class;
    int r = nta_mysql_ready(mysql, err);

    (void)sensor;
    if (r == 0)
        r = drop_up_to(mysql, NTA_MYSQL_CONTENT + class, day->class, day->day, err);
    if (r == 0 && has_indexes(mysql, class))
        r = drop_up_to(mysql, NTA_MYSQL_INDEX + class, day->class, day->day, err);
    return r;
}

/* ---- made ready ---- */

static int refuse(const struct nta_mysql *mysql, struct nta_err *err)
{
    char user[128], database[128];

    (void)nta_text_escape_to(user, sizeof(user), nta_span_of(mysql->user));
    (void)nta_text_escape_to(database, sizeof(database), nta_span_of(mysql->database));
    return nta_err_set(
        err, -EACCES,
        "MySQL at %s: user '%s' may delete nothing that is too old in '%s': GRANT "
        "ALTER, DROP ON `%s`.* TO '%s'; GRANT CREATE, UPDATE ON `%s`.data_key TO '%s'",
        mysql->where, user, database, database, user, database, user);
}

/** Nothing is noted as destroyed that cannot be. */
static int check_rights(struct nta_mysql *mysql, struct nta_err *err)
{
    int r = nta_mysql_query(mysql, "UPDATE data_key SET wrapped = wrapped WHERE 1 = 0",
                            "be written", NULL, 0, err);

    for (unsigned class = NTA_CLASS_EVIDENCE; class < NTA_N_CLASSES && r == 0; class ++)
        if (!nta_mysql_partitions_may(mysql, nta_mysql_plans[NTA_MYSQL_CONTENT + class].name))
            r = -EACCES;
    return r == -EACCES ? refuse(mysql, err) : r;
}

static int prepare_table(struct nta_mysql *mysql, unsigned table, int64_t today,
                         struct nta_err *err)
{
    NTA_AUTO(nta_mysql_partitions_done) struct nta_mysql_partitions partitions = {.n = 0};
    int r = nta_mysql_partitions_read(mysql, table, &partitions, err);

    if (r < 0 || (partitions.n > 1 && partitions.all[partitions.n - 2].below > today + DAYS_LEFT))
        return r;
    return nta_mysql_partitions_cut(mysql, &partitions, today, DAYS_AHEAD, err);
}

int nta_mysql_prepare_days(struct nta_store *store, int64_t today, bool destroys,
                           struct nta_err *err)
{
    struct nta_mysql *mysql = nta_mysql_of(store);
    int r = nta_mysql_ready(mysql, err);

    if (r == 0 && destroys)
        r = check_rights(mysql, err);
    for (unsigned class = NTA_CLASS_EVIDENCE; class < NTA_N_CLASSES && r == 0; class ++)
        r = prepare_table(mysql, NTA_MYSQL_CONTENT + class, today, err);
    for (unsigned class = NTA_CLASS_EVIDENCE; class < NTA_N_CLASSES && r == 0; class ++)
        if (has_indexes(mysql, class))
            r = prepare_table(mysql, NTA_MYSQL_INDEX + class, today, err);
    return r;
}
