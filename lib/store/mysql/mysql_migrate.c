/* SPDX-License-Identifier: Apache-2.0 */
#include "store/mysql/mysql_migrate.h"

#include "base/own.h"
#include "store/mysql/mysql_calls.h"
#include "store/mysql/mysql_partitions.h"
#include "store/mysql/mysql_statements.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum
{
    TEXT_SIZE = 256
};

/** Indexes that tables of older versions lack. */
static const struct
{
    unsigned table;
    const char *name, *columns;
} indexes[] = {
    {NTA_MYSQL_HEAD, "head_marks", "sensor,marks"},
    {NTA_MYSQL_DATA_KEY, "data_key_of", "sensor,class,day"},
    {NTA_MYSQL_DATA_KEY, "data_key_on", "class,day"},
};

/** Whom to tell, and what is done then. */
struct telling
{
    struct nta_mysql *mysql;
    bool migrates;
    nta_store_lack_fn *each;
    void *owner;
    size_t n;
};

static int tell(struct telling *telling, const char *what, const char *sql, struct nta_err *err)
{
    int r = telling->migrates
                ? nta_mysql_query(telling->mysql, sql, "make its tables", NULL, 0, err)
                : 0;

    telling->n++;
    if (r < 0)
        return nta_err_prefix(err, r, "%s", what);
    return telling->each(telling->owner, what, sql, err);
}

/** 1: told, or the table is fine; 0: it is to be made, so there is nothing more to look at. */
static int look_at_table(struct telling *telling, const struct nta_mysql_plan *plan,
                         struct nta_err *err)
{
    char sql[TEXT_SIZE], found[96], what[TEXT_SIZE];

    (void)snprintf(sql, sizeof(sql),
                   "SELECT CONCAT(TABLE_TYPE, ' ', COALESCE(ENGINE, '')) FROM"
                   " information_schema.TABLES"
                   " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '%s'",
                   plan->name);
    int r = nta_mysql_query(telling->mysql, sql, "be read", found, sizeof(found), err);

    if (r < 0)
        return r;
    if (!found[0]) {
        (void)snprintf(what, sizeof(what), "table %s is missing", plan->name);
        return tell(telling, what, plan->sql, err);
    }
    if (strncmp(found, "BASE TABLE ", 11) != 0)
        return nta_err_set(err, -EPROTO,
                           "MySQL at %s: \"%s\" is no table, so somebody put it there: DROP VIEW",
                           telling->mysql->where, plan->name);
    if (strcasecmp(found + 11, "InnoDB") == 0)
        return 1;
    (void)snprintf(what, sizeof(what), "table %s has no transactions", plan->name);
    (void)snprintf(sql, sizeof(sql), "ALTER TABLE %s ENGINE=InnoDB", plan->name);
    r = tell(telling, what, sql, err);
    return r < 0 ? r : 1;
}

static int look_at_index(struct telling *telling, size_t at, struct nta_err *err)
{
    const char *table = nta_mysql_plans[indexes[at].table].name;
    char sql[2 * TEXT_SIZE], found[96], what[TEXT_SIZE];

    (void)snprintf(sql, sizeof(sql),
                   "SELECT GROUP_CONCAT(COLUMN_NAME, COALESCE(SUB_PART, '') ORDER BY SEQ_IN_INDEX)"
                   " FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE()"
                   " AND TABLE_NAME = '%s' AND INDEX_NAME = '%s'",
                   table, indexes[at].name);
    int r = nta_mysql_query(telling->mysql, sql, "be read", found, sizeof(found), err);

    if (r < 0 || strcasecmp(found, indexes[at].columns) == 0)
        return r;
    (void)snprintf(what, sizeof(what), "index %s of table %s is %s", indexes[at].name, table,
                   found[0] ? "another one" : "missing");
    (void)snprintf(sql, sizeof(sql), "ALTER TABLE %s %s%s%sADD KEY %s (%s)", table,
                   found[0] ? "DROP KEY " : "", found[0] ? indexes[at].name : "",
                   found[0] ? ", " : "", indexes[at].name, indexes[at].columns);
    return tell(telling, what, sql, err);
}

/** A key that is not ours keeps no order and no two rows with one number apart. */
static int look_at_key(struct telling *telling, unsigned table, struct nta_err *err)
{
    const struct nta_mysql_plan *plan = &nta_mysql_plans[table];
    char sql[2 * TEXT_SIZE], found[96], what[TEXT_SIZE];

    (void)snprintf(sql, sizeof(sql),
                   "SELECT GROUP_CONCAT(COLUMN_NAME, COALESCE(SUB_PART, '') ORDER BY SEQ_IN_INDEX)"
                   " FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE()"
                   " AND TABLE_NAME = '%s' AND INDEX_NAME = 'PRIMARY'",
                   plan->name);
    int r = nta_mysql_query(telling->mysql, sql, "be read", found, sizeof(found), err);

    if (r < 0 || strcasecmp(found, plan->key) == 0)
        return r;
    (void)snprintf(what, sizeof(what), "table %s has %s primary key", plan->name,
                   found[0] ? "another" : "no");
    (void)snprintf(sql, sizeof(sql), "ALTER TABLE %s %sADD PRIMARY KEY (%s)", plan->name,
                   found[0] ? "DROP PRIMARY KEY, " : "", plan->key);
    return tell(telling, what, sql, err);
}

static int look_at_partitions(struct telling *telling, unsigned at, struct nta_err *err)
{
    NTA_AUTO(nta_mysql_partitions_done) struct nta_mysql_partitions partitions = {.n = 0};
    const char *table = nta_mysql_plans[at].name;
    char sql[TEXT_SIZE], what[TEXT_SIZE];
    int r = nta_mysql_partitions_read(telling->mysql, at, &partitions, err);

    if (r != -EPROTO)
        return r;
    (void)snprintf(what, sizeof(what), "table %s is not partitioned by its days", table);
    (void)snprintf(sql, sizeof(sql), "ALTER TABLE %s" NTA_MYSQL_PARTITIONED, table);
    return tell(telling, what, sql, err);
}

/** Last: where this row is, all tables are. */
static int look_at_version(struct telling *telling, struct nta_err *err)
{
    char found[16];
    int r = nta_mysql_query(telling->mysql, "SELECT value FROM meta WHERE name = 'schema'",
                            "be read", found, sizeof(found), err);

    if (r == -ENOENT || (r == 0 && !found[0]))
        return tell(telling, "the tables do not say their form", NTA_MYSQL_SAY_FORM, err);
    return r;
}

int nta_mysql_each_lack(struct nta_mysql *mysql, bool migrates, nta_store_lack_fn *each,
                        void *owner, struct nta_err *err)
{
    struct telling telling = {.mysql = mysql, .migrates = migrates, .each = each, .owner = owner};
    bool is_new[NTA_MYSQL_N_TABLES] = {false};
    int r = 0;

    for (unsigned i = 0; i < NTA_MYSQL_N_TABLES && r >= 0; i++) {
        r = look_at_table(&telling, &nta_mysql_plans[i], err);
        is_new[i] = r == 0;
    }
    for (unsigned i = 0; i < NTA_MYSQL_N_TABLES && r >= 0; i++)
        if (!is_new[i])
            r = look_at_key(&telling, i, err);
    for (unsigned i = NTA_CLASS_EVIDENCE; i < NTA_N_CLASSES && r >= 0; i++)
        if (!is_new[NTA_MYSQL_CONTENT + i])
            r = look_at_partitions(&telling, NTA_MYSQL_CONTENT + i, err);
    for (unsigned i = NTA_CLASS_EVIDENCE; i < NTA_N_CLASSES && r >= 0; i++)
        if (!is_new[NTA_MYSQL_INDEX + i])
            r = look_at_partitions(&telling, NTA_MYSQL_INDEX + i, err);
    for (size_t i = 0; i < NTA_N_ELEMENTS(indexes) && r >= 0; i++)
        if (!is_new[indexes[i].table])
            r = look_at_index(&telling, i, err);
    if (r >= 0)
        r = look_at_version(&telling, err);
    /* what there is has to be ours, too */
    return r < 0 || (telling.n > 0 && !migrates) ? r : nta_mysql_check_tables(mysql, err);
}

void nta_store_put_schema(struct nta_buf *out)
{
    for (unsigned i = 0; i < NTA_MYSQL_N_TABLES; i++)
        nta_buf_printf(out, "%s;\n", nta_mysql_plans[i].sql);
    nta_buf_puts(out, NTA_MYSQL_SAY_FORM ";\n");
}
