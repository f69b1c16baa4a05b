/* SPDX-License-Identifier: Apache-2.0 */
#include "store/mysql/mysql_partitions.h"

#include "base/own.h"
#include "base/text.h"
#include "store/mysql/mysql_statements.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void nta_mysql_partitions_done(struct nta_mysql_partitions *partitions)
{
    free(partitions->all);
    *partitions = (struct nta_mysql_partitions){.n = 0};
}

/* ---- as they are ---- */

/** The partition that ends below a day, as we call it. */
static void name_of(int64_t below, char name[32])
{
    if (below == INT64_MAX)
        (void)snprintf(name, 32, "pmax");
    else
        (void)snprintf(name, 32, below > 0 ? "p%" PRId64 : "pm%" PRId64,
                       below > 0 ? below - 1 : 1 - below);
}

static int add(struct nta_mysql_partitions *partitions, int64_t below)
{
    struct nta_mysql_partition *one;

    if (partitions->n == partitions->size) {
        const size_t more = partitions->size ? 2 * partitions->size : 64;
        struct nta_mysql_partition *moved = reallocarray(partitions->all, more, sizeof(*moved));

        if (!moved)
            return -ENOMEM;
        partitions->all = moved;
        partitions->size = more;
    }
    one = &partitions->all[partitions->n];
    one->is_done = false;
    one->from = partitions->n ? one[-1].below : INT64_MIN;
    one->below = below;
    name_of(below, one->name);
    partitions->n++;
    return 0;
}

/** "20790" or "MAXVALUE", under the name that we give it.  False: it is not ours. */
static bool take_row(MYSQL_ROW row, int64_t *ret_below)
{
    char name[32], *end = NULL;

    if (!row[0] || !row[1])
        return false;
    errno = 0;
    *ret_below = strcmp(row[1], "MAXVALUE") == 0 ? INT64_MAX : strtoll(row[1], &end, 10);
    if (errno || (end && (end == row[1] || *end)))
        return false;
    name_of(*ret_below, name);
    return strcmp(row[0], name) == 0;
}

static int refuse(const struct nta_mysql *mysql, const char *table, struct nta_err *err)
{
    char database[128];

    (void)nta_text_escape_to(database, sizeof(database), nta_span_of(mysql->database));
    return nta_err_set(err, -EPROTO,
                       "MySQL at %s: table %s is not partitioned by its days, so nothing of it can "
                       "be deleted: ALTER TABLE `%s`.%s" NTA_MYSQL_PARTITIONED ", which copies it",
                       mysql->where, table, database, table);
}

static int take_rows(struct nta_mysql *mysql, MYSQL_RES *rows,
                     struct nta_mysql_partitions *partitions, struct nta_err *err)
{
    MYSQL_ROW row;

    while ((row = mysql_fetch_row(rows))) {
        int64_t below;

        if (partitions->n == NTA_MYSQL_PARTITIONS_MAX || !take_row(row, &below) ||
            (partitions->n && below <= partitions->all[partitions->n - 1].below))
            return refuse(mysql, partitions->table, err);
        if (add(partitions, below) < 0)
            return nta_err_sys(err, -ENOMEM, "MySQL");
    }
    if (partitions->n == 0 || partitions->all[partitions->n - 1].below != INT64_MAX)
        return refuse(mysql, partitions->table, err);
    return 0;
}

int nta_mysql_partitions_read(struct nta_mysql *mysql, unsigned at,
                              struct nta_mysql_partitions *ret_partitions, struct nta_err *err)
{
    const char *table = nta_mysql_plans[at].name;
    NTA_AUTO(nta_mysql_partitions_done) struct nta_mysql_partitions found = {.table = table};
    char sql[384];

    (void)snprintf(sql, sizeof(sql),
                   "SELECT PARTITION_NAME, PARTITION_DESCRIPTION FROM"
                   " information_schema.PARTITIONS WHERE TABLE_SCHEMA = DATABASE()"
                   " AND TABLE_NAME = '%s' AND PARTITION_METHOD = 'RANGE'"
                   " AND REPLACE(PARTITION_EXPRESSION, '`', '') = 'day'"
                   " ORDER BY PARTITION_ORDINAL_POSITION",
                   table);
    if (mysql_query(mysql->db, sql) != 0)
        return nta_mysql_fail(mysql, mysql_errno(mysql->db), mysql_error(mysql->db), "be read",
                              err);
    MYSQL_RES *rows = mysql_store_result(mysql->db);

    if (!rows)
        return nta_mysql_fail(mysql, mysql_errno(mysql->db), mysql_error(mysql->db), "be read",
                              err);
    int r = take_rows(mysql, rows, &found, err);

    mysql_free_result(rows);
    if (r < 0)
        return r;
    *ret_partitions = found;
    found = (struct nta_mysql_partitions){.n = 0};
    return 0;
}

/* ---- cut, dropped ---- */

static void put_part(struct nta_buf *sql, int64_t below)
{
    char name[32];

    name_of(below, name);
    if (below == INT64_MAX)
        nta_buf_printf(sql, "PARTITION %s VALUES LESS THAN MAXVALUE", name);
    else
        nta_buf_printf(sql, "PARTITION %s VALUES LESS THAN (%" PRId64 "), ", name, below);
}

/** The last one, from `from` on, for each day below `to`. */
static int cut_last(struct nta_mysql *mysql, const char *table, int64_t from, int64_t to,
                    struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf sql = {0};

    nta_buf_printf(&sql, "ALTER TABLE %s REORGANIZE PARTITION pmax INTO (", table);
    for (int64_t below = from; below <= to; below++)
        put_part(&sql, below);
    put_part(&sql, INT64_MAX);
    nta_buf_put(&sql, ")", 2);
    if (sql.failed)
        return nta_err_sys(err, -ENOMEM, "MySQL");
    const char *text = (const char *)sql.ptr;
    int r = nta_mysql_query(mysql, text, "make partitions", NULL, 0, err);

    if (r == -EACCES)
        return nta_err_set(err, r,
                           "MySQL at %s: user '%s' may make no partitions of the days that come, "
                           "so somebody else has to: %s",
                           mysql->where, mysql->user, text);
    return r;
}

int nta_mysql_partitions_cut(struct nta_mysql *mysql, struct nta_mysql_partitions *partitions,
                             int64_t today, unsigned n_days, struct nta_err *err)
{
    const int64_t bound = partitions->n > 1 ? partitions->all[partitions->n - 2].below : INT64_MIN;
    const int64_t to = today + n_days;
    /* what is older than today, and in none of them, gets one together */
    const int64_t from = bound < today ? today : bound + 1;

    if (bound >= to || partitions->n + n_days > NTA_MYSQL_PARTITIONS_MAX)
        return 0;
    return cut_last(mysql, partitions->table, from, to, err);
}

int nta_mysql_partitions_drop(struct nta_mysql *mysql,
                              const struct nta_mysql_partitions *partitions, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf sql = {0};
    size_t n = 0;

    nta_buf_printf(&sql, "ALTER TABLE %s DROP PARTITION", partitions->table);
    for (size_t i = 0; i < partitions->n; i++)
        if (partitions->all[i].is_done)
            nta_buf_printf(&sql, "%s %s", n++ ? "," : "", partitions->all[i].name);
    nta_buf_put(&sql, "", 1);
    if (sql.failed)
        return nta_err_sys(err, -ENOMEM, "MySQL");
    return n == 0 ? 0
                  : nta_mysql_query(mysql, (const char *)sql.ptr, "drop partitions", NULL, 0, err);
}

bool nta_mysql_partitions_may(struct nta_mysql *mysql, const char *table)
{
    char sql[128];

    /* rights are looked at before the name is, which nothing has */
    (void)snprintf(sql, sizeof(sql), "ALTER TABLE %s DROP PARTITION nta_none", table);
    return nta_mysql_query(mysql, sql, "be asked", NULL, 0, NULL) != -EACCES;
}
