/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/text.h"
#include "store/sqlite_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define APPLICATION_ID 0x4e544131 /* "NTA1" */

/** A table as it is made, and as it must be found: SQLite keeps the text. */
struct table
{
    const char *name, *sql;
};

static const struct table tables[] = {
    {"batch",
     "CREATE TABLE batch (day INTEGER NOT NULL, sensor BLOB NOT NULL, number INTEGER NOT NULL,"
     " first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL, n_records INTEGER NOT NULL,"
     " n_bytes INTEGER NOT NULL, content INTEGER NOT NULL,"
     " PRIMARY KEY (day, sensor, number)) WITHOUT ROWID"},
    {"content",
     "CREATE TABLE content (id INTEGER PRIMARY KEY, header BLOB NOT NULL, signature BLOB NOT NULL,"
     " tokens BLOB NOT NULL, body BLOB NOT NULL)"},
    {"data_key",
     "CREATE TABLE data_key (id BLOB PRIMARY KEY, made_ns INTEGER NOT NULL, wrapped BLOB NOT NULL)"
     " WITHOUT ROWID"},
    {"chain",
     "CREATE TABLE chain (sensor BLOB PRIMARY KEY, number INTEGER NOT NULL, hash BLOB NOT NULL)"
     " WITHOUT ROWID"},
};

static int refuse(const struct nta_sqlite *sqlite, struct nta_span name, const char *what,
                  struct nta_err *err)
{
    char shown[80];

    (void)nta_text_escape_to(shown, sizeof(shown), name);
    return nta_err_set(err, -EPROTO, "store %s: its \"%s\" %s: somebody changed its tables",
                       sqlite->shown, shown, what);
}

static bool is_text(struct nta_span span, const char *text)
{
    return nta_span_equal(span, nta_span_of(text));
}

static bool begins(struct nta_span span, const char *text)
{
    size_t len = strlen(text);

    return span.len >= len && memcmp(span.ptr, text, len) == 0;
}

/**
 * One thing of the schema.  Views, triggers and virtual tables do what whoever made them wants, and an index of
 * somebody else's answers queries in our tables' place.
 */
static int look_at(const struct nta_sqlite *sqlite, sqlite3_stmt *statement,
                   bool found[NTA_N_ELEMENTS(tables)], struct nta_err *err)
{
    struct nta_span type = nta_sqlite_column(statement, 0), name = nta_sqlite_column(statement, 1),
                    sql = nta_sqlite_column(statement, 2);

    if (is_text(type, "view") || is_text(type, "trigger"))
        return refuse(sqlite, name, is_text(type, "view") ? "is a view" : "is a trigger", err);
    if (is_text(type, "index"))
        return begins(name, "sqlite_autoindex_") ? 0 : refuse(sqlite, name, "is an index", err);
    if (!begins(sql, "CREATE TABLE"))
        return refuse(sqlite, name, "is no table of its own", err);
    for (size_t i = 0; i < NTA_N_ELEMENTS(tables); i++) {
        if (!is_text(name, tables[i].name))
            continue;
        if (!is_text(sql, tables[i].sql) || found[i])
            return refuse(sqlite, name, "is another table", err);
        found[i] = true;
    }
    return 0;
}

static int check_tables(const struct nta_sqlite *sqlite, struct nta_err *err)
{
    bool found[NTA_N_ELEMENTS(tables)] = {false};
    sqlite3_stmt *statement = NULL;
    int result = 0;
    int code = sqlite3_prepare_v2(sqlite->db,
                                  "SELECT type, name, sql FROM sqlite_schema"
                                  " WHERE name NOT LIKE 'sqlite\\_stat_' ESCAPE '\\'",
                                  -1, &statement, NULL);

    while (code == SQLITE_OK && result == 0 && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        result = look_at(sqlite, statement, found, err);
        code = SQLITE_OK;
    }
    if (result == 0 && code != SQLITE_DONE)
        result = nta_sqlite_fail_read(sqlite, code, "be read", err);
    (void)sqlite3_finalize(statement);
    for (size_t i = 0; result == 0 && i < NTA_N_ELEMENTS(tables); i++) {
        if (!found[i])
            result = refuse(sqlite, nta_span_of(tables[i].name), "is missing", err);
    }
    return result;
}

int nta_sqlite_look_at_schema(const struct nta_sqlite *sqlite, struct nta_err *err)
{
    int64_t application = 0, version = 0, n_tables = 0;
    int result = nta_sqlite_number(sqlite, "PRAGMA application_id", &application, err);

    if (result == 0)
        result = nta_sqlite_number(sqlite, "PRAGMA user_version", &version, err);
    if (result == 0)
        result = nta_sqlite_number(sqlite, "SELECT count(*) FROM sqlite_schema", &n_tables, err);
    if (result < 0)
        return result;
    if (application == 0 && version == 0 && n_tables == 0)
        return 0;
    if (application != APPLICATION_ID)
        return nta_err_set(err, -EPROTO, "%s is not a store of NTA: another program's database",
                           sqlite->shown);
    if (version > NTA_STORE_SCHEMA)
        return nta_err_set(err, -EPROTO,
                           "store %s was written by a newer NTA (its form is %" PRId64
                           ", this program knows up to %d): update this program",
                           sqlite->shown, version, NTA_STORE_SCHEMA);
    if (version < 1)
        return nta_err_set(err, -EPROTO,
                           "store %s says its form is %" PRId64
                           ", which there never was: somebody changed it",
                           sqlite->shown, version);
    result = check_tables(sqlite, err);
    return result < 0 ? result : 1;
}

int nta_sqlite_make_tables(const struct nta_sqlite *sqlite, struct nta_err *err)
{
    char sql[64];
    int result = 0;

    for (size_t i = 0; result == 0 && i < NTA_N_ELEMENTS(tables); i++)
        result = nta_sqlite_run(sqlite, tables[i].sql, "be made", err);
    (void)snprintf(sql, sizeof(sql), "PRAGMA application_id=%d;PRAGMA user_version=%d",
                   APPLICATION_ID, NTA_STORE_SCHEMA);
    return result < 0 ? result : nta_sqlite_run(sqlite, sql, "be made", err);
}
