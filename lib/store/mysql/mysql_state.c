/* SPDX-License-Identifier: Apache-2.0 */
/* The MySQL store: how a connection and its tables are, for who looks before anything runs. */
#include "base/own.h"
#include "base/text.h"
#include "store/mysql/mysql_calls.h"
#include "store/mysql/mysql_partitions.h"
#include "store/mysql/mysql_statements.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum
{
    FEW = 366 ///< Partitions left of those that a table can have: time to keep less, or delete.
};

/** What each connection sets for itself: something between it and the server may not pass it on. */
static const struct
{
    const char *what, *sql, *wanted;
    const char *or_sql; ///< Where the server does not know the variable; NULL: all do.
} settings[] = {
    {"sql_mode", "SELECT @@session.sql_mode", NTA_MYSQL_SQL_MODE, NULL},
    {"character set",
     "SELECT CONCAT_WS(' ', @@session.character_set_client, @@session.character_set_connection,"
     " COALESCE(@@session.character_set_results, 'binary'))",
     "binary binary binary", NULL},
    {"time zone", "SELECT @@session.time_zone", "+00:00", NULL},
    {"autocommit", "SELECT @@session.autocommit", "1", NULL},
    /* MySQL 8 and newer MariaDB know the one, MariaDB the other */
    {"isolation level", "SELECT @@session.transaction_isolation", "REPEATABLE-READ",
     "SELECT @@session.tx_isolation"},
};

static int check_settings(struct nta_mysql *mysql, struct nta_err *err)
{
    char found[256], shown[512];

    for (size_t i = 0; i < NTA_N_ELEMENTS(settings); i++) {
        int r = nta_mysql_query(mysql, settings[i].sql, "be read", found, sizeof(found), err);

        if (r < 0 && r != -ENOTCONN && settings[i].or_sql)
            r = nta_mysql_query(mysql, settings[i].or_sql, "be read", found, sizeof(found), err);
        if (r < 0)
            return r;
        if (strcmp(found, settings[i].wanted) != 0)
            return nta_err_set(
                err, -EPROTO,
                "MySQL at %s: the %s of this connection is '%s', and not '%s' as it was set: what "
                "lies between them (a proxy?) must pass settings on; or name the server itself in "
                "mysql.hosts",
                mysql->where, settings[i].what,
                nta_text_escape_to(shown, sizeof(shown), nta_span_of(found)), settings[i].wanted);
    }
    return 0;
}

/** How many days ahead each table of contents has a partition for, and how many partitions. */
struct room
{
    int64_t days_ahead;
    size_t n;
    bool lacks; ///< A table has none, so nothing of it can be deleted.
};

static int look_at_room(struct nta_mysql *mysql, int64_t today, struct room *ret_room,
                        struct nta_err *err)
{
    struct room room = {.days_ahead = INT64_MAX};

    for (unsigned i = NTA_CLASS_EVIDENCE; i < NTA_N_CLASSES; i++) {
        NTA_AUTO(nta_mysql_partitions_done) struct nta_mysql_partitions partitions = {.n = 0};
        int r = nta_mysql_partitions_read(mysql, NTA_MYSQL_CONTENT + i, &partitions, err);

        room.lacks |= r == -EPROTO;
        if (r == -EPROTO)
            continue;
        if (r < 0)
            return r;
        const int64_t below = partitions.n > 1 ? partitions.all[partitions.n - 2].below : today;
        const int64_t ahead = below > today ? below - today - 1 : 0;

        room.days_ahead = ahead < room.days_ahead ? ahead : room.days_ahead;
        room.n = partitions.n > room.n ? partitions.n : room.n;
        if (partitions.n + FEW > NTA_MYSQL_PARTITIONS_MAX)
            return nta_err_set(err, -EPROTO,
                               "MySQL at %s: table %s has %zu partitions of at most %d: let days "
                               "go (retention, \"nta prune\"), or begin another database",
                               mysql->where, partitions.table, partitions.n,
                               (int)NTA_MYSQL_PARTITIONS_MAX);
    }
    *ret_room = room;
    return 0;
}

int nta_mysql_describe(struct nta_store *store, int64_t today, char *buf, size_t size,
                       struct nta_err *err)
{
    struct nta_mysql *mysql = nta_mysql_of(store);
    char version[64] = "", shown[160];
    struct room room = {.n = 0};
    int r = nta_mysql_ready(mysql, err);

    if (r == 0)
        r = check_settings(mysql, err);
    if (r == 0)
        r = nta_mysql_query(mysql, "SELECT VERSION()", "be read", version, sizeof(version), err);
    if (r < 0)
        return r;
    (void)nta_text_escape_to(shown, sizeof(shown), nta_span_of(version));
    r = look_at_room(mysql, today, &room, err);
    if (r < 0)
        return r;
    if (room.lacks)
        (void)snprintf(buf, size, "version %s, packets of %" PRId64 " MiB, no partitions", shown,
                       mysql->packet_bytes >> 20);
    else
        (void)snprintf(buf, size,
                       "version %s, packets of %" PRId64 " MiB, partitions for %" PRId64
                       " day%s ahead, %zu of at most %d",
                       shown, mysql->packet_bytes >> 20, room.days_ahead,
                       room.days_ahead == 1 ? "" : "s", room.n, (int)NTA_MYSQL_PARTITIONS_MAX);
    return 0;
}

/* ---- indexes ---- */

/** What is said of a table that takes none; gives 1. */
static int say_no_index(const struct nta_mysql *mysql, unsigned class, int why, struct nta_err *err)
{
    const char *table = nta_mysql_plans[NTA_MYSQL_INDEX + class].name;
    char user[128], database[128];

    (void)nta_text_escape_to(user, sizeof(user), nta_span_of(mysql->user));
    (void)nta_text_escape_to(database, sizeof(database), nta_span_of(mysql->database));
    if (why == -ENOENT)
        (void)nta_err_set(err, why,
                          "MySQL at %s has no table '%s' in '%s': \"nta store --migrate\" makes it",
                          mysql->where, table, database);
    else
        (void)nta_err_set(err, why,
                          "MySQL at %s: user '%s' may not insert into '%s' in '%s': GRANT SELECT, "
                          "INSERT ON `%s`.%s TO '%s'",
                          mysql->where, user, table, database, database, table, user);
    return 1;
}

/** 0: each takes indexes; 1: one does not, which was said; negative errno. */
static int try_indexes(struct nta_mysql *mysql, bool *ret_is_new, struct nta_err *err)
{
    *ret_is_new = false;
    for (unsigned class = NTA_CLASS_EVIDENCE; class < NTA_N_CLASSES; class ++) {
        const int r =
            nta_mysql_query(mysql, nta_mysql_index_rights[class], "keep indexes", NULL, 0, err);

        if (r == -EACCES || r == -ENOENT)
            return say_no_index(mysql, class, r, err);
        if (r < 0)
            return r;
        *ret_is_new |= mysql->found[NTA_MYSQL_INDEX + class].is_lacking;
    }
    return 0;
}

int nta_mysql_keeps_indexes(struct nta_store *store, struct nta_err *err)
{
    struct nta_mysql *mysql = nta_mysql_of(store);
    bool is_new = false;
    int r = nta_mysql_ready(mysql, err);

    /* rights of a whole database are looked at when one turns to it */
    if (r == 0 && mysql_select_db(mysql->db, mysql->database) != 0)
        r = nta_mysql_fail(mysql, mysql_errno(mysql->db), mysql_error(mysql->db), "be used", err);
    if (r == 0)
        r = try_indexes(mysql, &is_new, err);
    if (r == 0 && is_new) { /* a table that was made since: the next connection knows it */
        nta_mysql_disconnect(mysql);
        r = nta_mysql_ready(mysql, err);
    }
    return r;
}
