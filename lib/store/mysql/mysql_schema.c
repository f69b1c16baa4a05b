/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/runtime/log.h"
#include "base/text.h"
#include "store/mysql/mysql_internal.h"
#include "store/mysql/mysql_statements.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum
{
    LOCK_WAIT_S = 5 ///< At most.
};

/** The sentence for a missing right, with the statement that gives it. */
static int refuse_rights(struct nta_mysql *mysql, const char *deed, struct nta_err *err)
{
    char account[192] = "", user[224], database[128];
    char *at;

    (void)nta_mysql_query(mysql, "SELECT CURRENT_USER()", "be read", account, sizeof(account),
                          NULL);
    at = strrchr(account, '@');
    if (at)
        *at++ = '\0';
    (void)nta_text_escape_to(user, sizeof(user), nta_span_of(account));
    (void)nta_text_escape_to(database, sizeof(database), nta_span_of(mysql->database));
    return nta_err_set(err, -EACCES,
                       "MySQL at %s: user '%s' may not %s in '%s': GRANT SELECT, INSERT, CREATE ON "
                       "`%s`.* TO '%s'@'%s'; GRANT CREATE, UPDATE ON `%s`.chain TO '%s'@'%s'",
                       mysql->where, user, deed, database, database, user, at ? at : "%", database,
                       user, at ? at : "%");
}

static int check_limits(struct nta_mysql *mysql, struct nta_err *err)
{
    char text[32];
    int result =
        nta_mysql_query(mysql, "SELECT @@max_allowed_packet", "be read", text, sizeof(text), err);

    if (result < 0)
        return result;
    mysql->packet_bytes = strtoll(text, NULL, 10);
    if (mysql->packet_bytes < NTA_MYSQL_PACKET_MIN)
        return nta_err_set(err, -EMSGSIZE,
                           "MySQL at %s takes packets of %s bytes, a batch may need 4 MiB: SET "
                           "GLOBAL max_allowed_packet = 16777216, and the same in its "
                           "configuration",
                           mysql->where, text);
    return 0;
}

/** A replica would refuse the first batch; the next host of the list may be the one to write to. */
static int check_role(struct nta_mysql *mysql, struct nta_err *err)
{
    char text[32] = "";

    /* not every relative of MySQL has these */
    (void)nta_mysql_query(mysql, "SELECT @@global.read_only", "be read", text, sizeof(text), NULL);
    if (text[0] == '1')
        return nta_err_set(err, -EROFS, "MySQL at %s is read-only (a replica?)", mysql->where);
    text[0] = '\0';
    (void)nta_mysql_query(mysql, "SELECT @@innodb_flush_log_at_trx_commit", "be read", text,
                          sizeof(text), NULL);
    if ((text[0] == '0' || text[0] == '2') && !mysql->has_warned)
        nta_log_warning("MySQL at %s has innodb_flush_log_at_trx_commit = %s: it says done before "
                        "it has written, and loses up to a second of records if it loses power",
                        mysql->where, text);
    mysql->has_warned = true;
    return 0;
}

static int make_tables(struct nta_mysql *mysql, struct nta_err *err)
{
    int result = 0;

    for (size_t i = 0; result == 0 && i < mysql->form->n_tables; i++)
        result =
            nta_mysql_query(mysql, mysql->form->tables[i].sql, "make its tables", NULL, 0, err);
    if (result == -EACCES)
        return refuse_rights(mysql, "make tables", err);
    /* last: where this row is, all tables are */
    if (result == 0)
        result = nta_mysql_query(mysql, NTA_MYSQL_SAY_FORM, "make its tables", NULL, 0, err);
    if (result == -EACCES)
        return refuse_rights(mysql, "insert", err);
    return result;
}

/** The form of this version; a handle stays with the one that it was opened with. */
static int choose_form(struct nta_mysql *mysql, long version, struct nta_err *err)
{
    const struct nta_mysql_form *const *form = mysql->forms;
    char where[192];

    while (*form && (long)(*form)->version != version)
        form++;
    assert(*form);
    if (!mysql->read_only && form != mysql->forms) {
        (void)snprintf(where, sizeof(where), "the database at MySQL %s", mysql->where);
        return nta_store_refuse_old(where, err);
    }
    if (mysql->form && mysql->form != *form)
        return nta_err_set(err, -EPROTO, "the tables at MySQL %s are of another format than before",
                           mysql->where);
    mysql->form = *form;
    mysql->store.ops = (*form)->ops;
    mysql->store.format = (*form)->version;
    return 0;
}

/** 0 if the tables are there and known, 1 if they must be made, negative errno. */
static int look_at_schema(struct nta_mysql *mysql, struct nta_err *err)
{
    struct nta_err one = {0};
    char text[32], shown[64], *end = NULL;
    long version;
    /* neither NULL nor an empty text is to be taken for a row that is not there */
    int result = nta_mysql_query(mysql,
                                 "SELECT CONCAT('=', COALESCE(LEFT(value, 30), 'NULL')) FROM meta"
                                 " WHERE name = 'schema'",
                                 "be read", text, sizeof(text), &one);

    if (result == -ENOENT || (result == 0 && !text[0]))
        return 1;
    if (result == -EACCES) {
        /* a right that is missing hides whether the table is there: making it tells */
        return mysql->read_only ? refuse_rights(mysql, "read", err) : 1;
    }
    if (result < 0)
        return nta_err_set(err, result, "%s", one.text);
    version = strtol(text + 1, &end, 10);
    if (end == text + 1 || *end || version < 1)
        return nta_err_set(
            err, -EPROTO,
            "the tables at MySQL %s say their form is \"%s\", which there never was: "
            "somebody changed them",
            mysql->where, nta_text_escape_to(shown, sizeof(shown), nta_span_of(text + 1)));
    if (version > NTA_STORE_SCHEMA)
        return nta_err_set(err, -EPROTO,
                           "the tables at MySQL %s were made by a newer NTA (their form is %ld, "
                           "this program knows up to %d): update this program",
                           mysql->where, version, NTA_STORE_SCHEMA);
    return choose_form(mysql, version, err);
}

static int refuse_table(const struct nta_mysql *mysql, const char *table, const char *what,
                        struct nta_err *err)
{
    return nta_err_set(err, -EPROTO,
                       "MySQL at %s: its \"%s\" %s: the tables are not those of NTA, or somebody "
                       "changed them; \"nta store\" says what is lacking",
                       mysql->where, table, what);
}

/** A reader goes on, and says it. */
static int note(struct nta_mysql *mysql, unsigned table, const char *what, struct nta_err *err)
{
    if (!mysql->read_only)
        return refuse_table(mysql, mysql->form->tables[table].name, what, err);
    nta_store_note_oddity(&mysql->store, "MySQL's \"%s\" %s: somebody changed its tables",
                          mysql->form->tables[table].name, what);
    return 0;
}

/** A table that cannot be read. */
static int miss(struct nta_mysql *mysql, unsigned table, const char *what, struct nta_err *err)
{
    mysql->found[table].is_lacking = true;
    return mysql->form->tables[table].is_needed
               ? refuse_table(mysql, mysql->form->tables[table].name, what, err)
               : note(mysql, table, what, err);
}

/** It can be read, but not as ours. */
static int loosen(struct nta_mysql *mysql, unsigned table, const char *what, struct nta_err *err)
{
    mysql->found[table].is_loose = true;
    return note(mysql, table, what, err);
}

/**
 * "int(10) unsigned" becomes "int unsigned": the width says nothing, and not every server shows it.
 */
static void drop_width(char *type)
{
    char *open = strstr(type, "int("), *close = open ? strchr(open, ')') : NULL;

    if (close)
        memmove(open + 3, close + 1, strlen(close + 1) + 1);
}

static int check_column(struct nta_mysql *mysql, const struct nta_mysql_column *column,
                        struct nta_err *err)
{
    char sql[384], found[96], what[128];

    if (mysql->found[column->table].is_lacking)
        return 0;
    (void)snprintf(sql, sizeof(sql),
                   "SELECT CONCAT(COLUMN_TYPE, IF(EXTRA LIKE '%%GENERATED%%', ' generated', ''))"
                   " FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()"
                   " AND TABLE_NAME = '%s' AND COLUMN_NAME = '%s'",
                   mysql->form->tables[column->table].name, column->name);
    int result = nta_mysql_query(mysql, sql, "be read", found, sizeof(found), err);

    drop_width(found);
    if (result < 0 || strcmp(found, column->type) == 0)
        return result;
    (void)snprintf(what, sizeof(what), found[0] ? "has a \"%s\" that is no %s" : "has no \"%s\"",
                   column->name, column->type);
    /* text that was cut ends in something else, and what computes may do so without end */
    if (!found[0] || strstr(found, " generated") || strlen(found) + 1 == sizeof(found))
        return miss(mysql, column->table, what, err);
    return loosen(mysql, column->table, what, err);
}

static int check_key(struct nta_mysql *mysql, unsigned table, struct nta_err *err)
{
    char sql[320], found[96];

    if (mysql->found[table].is_lacking)
        return 0;
    (void)snprintf(sql, sizeof(sql),
                   "SELECT GROUP_CONCAT(COLUMN_NAME, COALESCE(SUB_PART, '') ORDER BY SEQ_IN_INDEX)"
                   " FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE()"
                   " AND TABLE_NAME = '%s' AND INDEX_NAME = 'PRIMARY'",
                   mysql->form->tables[table].name);
    int result = nta_mysql_query(mysql, sql, "be read", found, sizeof(found), err);

    if (result < 0 || strcasecmp(found, mysql->form->tables[table].key) == 0)
        return result;
    return loosen(mysql, table, "has another primary key", err);
}

int nta_mysql_check_tables(struct nta_mysql *mysql, struct nta_err *err)
{
    const struct nta_mysql_form *form = mysql->form;
    char sql[192], text[64];
    int result = 0;

    for (unsigned i = 0; i < form->n_tables && result == 0; i++) {
        (void)snprintf(sql, sizeof(sql),
                       "SELECT TABLE_TYPE FROM information_schema.TABLES"
                       " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '%s'",
                       form->tables[i].name);
        result = nta_mysql_query(mysql, sql, "be read", text, sizeof(text), err);
        if (result == 0 && !text[0] && form->tables[i].may_lack)
            mysql->found[i].is_lacking = true;
        else if (result == 0 && strcmp(text, "BASE TABLE") != 0)
            result = miss(mysql, i, text[0] ? "is a view" : "is missing", err);
    }
    for (size_t i = 0; i < form->n_columns && result == 0; i++)
        result = check_column(mysql, &form->columns[i], err);
    /* the last is `meta`, of which one row is read by its name */
    for (unsigned i = 0; i + 1 < form->n_tables && result == 0; i++)
        result = check_key(mysql, i, err);
    return result;
}

/**
 * No statement takes longer than the connection waits for it.  Each relative of MySQL has its own
 * name for that, or none.
 */
static void bound_statements(struct nta_mysql *mysql)
{
    char sql[96];

    (void)snprintf(sql, sizeof(sql), "SET SESSION max_statement_time = %u", mysql->timeout_s);
    if (nta_mysql_query(mysql, sql, "be set up", NULL, 0, NULL) == 0)
        return;
    (void)snprintf(sql, sizeof(sql), "SET SESSION max_execution_time = %u",
                   1000 * mysql->timeout_s);
    (void)nta_mysql_query(mysql, sql, "be set up", NULL, 0, NULL);
}

static int check_engine(struct nta_mysql *mysql, const char *table, struct nta_err *err)
{
    char sql[192], engine[64], shown[64];
    int result;

    (void)snprintf(sql, sizeof(sql),
                   "SELECT ENGINE FROM information_schema.TABLES WHERE"
                   " TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '%s'",
                   table);
    result = nta_mysql_query(mysql, sql, "be read", engine, sizeof(engine), err);
    if (result < 0 || strcasecmp(engine, "InnoDB") == 0)
        return result;
    if (!engine[0])
        return refuse_table(mysql, table, "is missing", err);
    return nta_err_set(err, -EPROTO,
                       "MySQL at %s keeps table '%s' in engine '%s', which has no "
                       "transactions: ALTER TABLE %s ENGINE=InnoDB",
                       mysql->where, table,
                       nta_text_escape_to(shown, sizeof(shown), nta_span_of(engine)), table);
}

static int check_engines(struct nta_mysql *mysql, struct nta_err *err)
{
    int result = 0;

    for (size_t i = 0; i < mysql->form->n_tables && result == 0; i++)
        if (!mysql->found[i].is_lacking) /* of those that older ones may lack */
            result = check_engine(mysql, mysql->form->tables[i].name, err);
    return result;
}

static int check_rights(struct nta_mysql *mysql, struct nta_err *err)
{
    for (size_t i = 0; i < mysql->form->n_rights; i++) {
        int result = nta_mysql_query(mysql, mysql->form->rights[i], "be written", NULL, 0, err);

        if (result == -EACCES)
            return refuse_rights(mysql, "insert and select, and update chain", err);
        if (result == -EPROTO)
            return nta_err_prefix(err, -EPROTO, "the tables are not those of NTA");
        if (result < 0)
            return result;
    }
    return 0;
}

/**
 * How the session behaves, whatever the server's defaults are: one that cuts answers off, refuses
 * joins or reads what is not committed would make others of the same statements.  A lock is waited
 * for less long than an answer, else the connection is given up where another try would do.
 */
static int set_up(struct nta_mysql *mysql, struct nta_err *err)
{
    /* MariaDB's, some of them its newer versions': others do without */
    static const char *const ours_alone[] = {"SET SESSION max_statement_time = 0",
                                             "SET SESSION innodb_snapshot_isolation = 0"};
    const unsigned half_s = mysql->timeout_s / 2;
    const unsigned wait_s = half_s < 1 ? 1 : half_s > LOCK_WAIT_S ? LOCK_WAIT_S : half_s;
    char sql[512];
    int result = nta_mysql_query(mysql,
                                 "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ,"
                                 " READ WRITE",
                                 "be set up", NULL, 0, err);

    if (result < 0)
        return result;
    (void)snprintf(sql, sizeof(sql),
                   "SET SESSION sql_mode = '" NTA_MYSQL_SQL_MODE "', time_zone = '+00:00'"
                   ", autocommit = 1, completion_type = 0, sql_select_limit = 18446744073709551615"
                   ", sql_safe_updates = 0, sql_big_selects = 1, sql_auto_is_null = 0"
                   ", unique_checks = 1, group_concat_max_len = 1024"
                   ", innodb_lock_wait_timeout = %u, lock_wait_timeout = %u",
                   wait_s, wait_s);
    result = nta_mysql_query(mysql, sql, "be set up", NULL, 0, err);
    for (size_t i = 0; i < NTA_N_ELEMENTS(ours_alone) && result == 0; i++)
        (void)nta_mysql_query(mysql, ours_alone[i], "be set up", NULL, 0, NULL);
    return result;
}

/**
 * A node of a Galera cluster may be behind what was committed at another one, which would then seem
 * to be lost: wait until it has what was committed before this connection.  Other servers do not
 * know the variable.
 */
static int catch_up(struct nta_mysql *mysql, struct nta_err *err)
{
    int result;

    if (nta_mysql_query(mysql, "SET SESSION wsrep_sync_wait = 1", "be set up", NULL, 0, NULL) < 0)
        return 0;
    result = nta_mysql_query(mysql, "SELECT 1", "catch up with its cluster", NULL, 0, err);
    if (result < 0)
        return result;
    return nta_mysql_query(mysql, "SET SESSION wsrep_sync_wait = DEFAULT", "be set up", NULL, 0,
                           err);
}

int nta_mysql_check(struct nta_mysql *mysql, struct nta_err *err)
{
    memset(mysql->found, 0, sizeof(mysql->found));
    mysql->store.n_oddities = 0;

    bool is_new;
    int result = set_up(mysql, err);

    if (result == 0)
        result = catch_up(mysql, err);
    if (result == 0 && mysql->read_only)
        bound_statements(mysql);
    if (result == 0 && !mysql->read_only)
        result = check_role(mysql, err);
    if (result == 0)
        result = check_limits(mysql, err);
    if (result == 0)
        result = look_at_schema(mysql, err);
    if (result >= 0 && mysql->builds) /* what is lacking is asked for */
        return result == 0 ? 0 : choose_form(mysql, mysql->forms[0]->version, err);
    is_new = result > 0;
    if (result == 0)
        result = nta_mysql_check_tables(mysql, err);
    if (result > 0 && mysql->read_only)
        return nta_err_set(err, -ENOENT, "MySQL at %s holds no store of NTA yet", mysql->where);
    if (result > 0)
        result = choose_form(mysql, mysql->forms[0]->version, err);
    if (result == 0 && is_new)
        result = make_tables(mysql, err);
    if (result == 0 && !mysql->read_only)
        result = check_engines(mysql, err);
    if (result == 0 && !mysql->read_only)
        result = check_rights(mysql, err);
    return result;
}
