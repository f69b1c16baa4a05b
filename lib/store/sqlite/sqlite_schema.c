/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/text.h"
#include "store/sqlite/sqlite_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define APPLICATION_ID 0x4e544131 /* "NTA1", of both forms: older programs say what to do */

static int refuse(const struct nta_sqlite *sqlite, struct nta_span name, const char *what,
                  struct nta_err *err)
{
    char shown[80];

    (void)nta_text_escape_to(shown, sizeof(shown), name);
    return nta_err_set(err, -EPROTO, "store %s: its \"%s\" %s: somebody changed its tables",
                       sqlite->shown, shown, what);
}

/**
 * A reader goes on, and says it; a writer does not go on in a store where somebody else's
 * statements may run.
 */
static int note(struct nta_sqlite *sqlite, struct nta_span name, const char *what,
                struct nta_err *err)
{
    char shown[80];

    if (!sqlite->is_reader)
        return refuse(sqlite, name, what, err);
    (void)nta_text_escape_to(shown, sizeof(shown), name);
    nta_store_note_oddity(&sqlite->store, "the journal's \"%s\" %s: somebody changed its tables",
                          shown, what);
    return 0;
}

static bool is_text(struct nta_span span, const char *text)
{
    return nta_span_equal(span, nta_span_of(text));
}

static bool begins(struct nta_span span, const char *text)
{
    return nta_span_begins(span, nta_span_of(text));
}

/* ---- a table that is not as we make it ---- */

/** Prepare a question about a table. */
static int ask(const struct nta_sqlite *sqlite, const char *sql, const char *name,
               sqlite3_stmt **ret_statement, struct nta_err *err)
{
    int code = sqlite3_prepare_v2(sqlite->db, sql, -1, ret_statement, NULL);

    if (code != SQLITE_OK)
        return nta_sqlite_fail_read(sqlite, code, "be read", err);
    (void)sqlite3_bind_text(*ret_statement, 1, name, -1, SQLITE_STATIC);
    return 0;
}

static void forget_statement(sqlite3_stmt **statement)
{
    (void)sqlite3_finalize(*statement);
}

/** 1 if the table has all our columns, none of them computed. */
static int has_columns(const struct nta_sqlite *sqlite, const struct nta_sqlite_plan *table,
                       struct nta_err *err)
{
    NTA_AUTO(forget_statement) sqlite3_stmt *statement = NULL;
    int result = ask(sqlite, "SELECT name FROM pragma_table_xinfo(?1) WHERE hidden = 0",
                     table->name, &statement, err);
    size_t n = 0, n_found = 0;
    int code = SQLITE_DONE;

    while (result == 0 && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        for (n = 0; table->columns[n]; n++)
            n_found += nta_span_is(nta_sqlite_column(statement, 0), table->columns[n]);
    }
    if (result == 0 && code != SQLITE_DONE)
        result = nta_sqlite_fail_read(sqlite, code, "be read", err);
    return result < 0 ? result : n > 0 && n_found == n;
}

/**
 * How to go through a table itself: one without rowids is the index of its key, of which NOT
 * INDEXED means nothing.
 */
static int find_through(struct nta_sqlite *sqlite, const struct nta_sqlite_plan *table,
                        struct nta_sqlite_table *found, struct nta_err *err)
{
    NTA_AUTO(forget_statement) sqlite3_stmt *statement = NULL;
    int result =
        ask(sqlite,
            "SELECT printf('INDEXED BY \"%w\"', i.name) FROM pragma_table_list(?1) t,"
            " pragma_index_list(?1) i WHERE t.schema = 'main' AND t.wr AND i.origin = 'pk'",
            table->name, &statement, err);
    int code = result < 0 ? SQLITE_DONE : sqlite3_step(statement);

    (void)snprintf(found->by_key, sizeof(found->by_key), "NOT INDEXED");
    if (result == 0 && code == SQLITE_ROW) {
        struct nta_span text = nta_sqlite_column(statement, 0);

        if (text.len >= sizeof(found->by_key))
            return refuse(sqlite, nta_span_of(table->name), "has a key with a long name", err);
        memcpy(found->by_key, text.ptr, text.len);
        found->by_key[text.len] = '\0';
    } else if (result == 0 && code != SQLITE_DONE) {
        result = nta_sqlite_fail_read(sqlite, code, "be read", err);
    }
    memcpy(found->whole, found->by_key, sizeof(found->whole));
    return result;
}

/* ---- what is there ---- */

/** A table that cannot be read. */
static int miss(struct nta_sqlite *sqlite, const struct nta_sqlite_plan *table, const char *what,
                struct nta_err *err)
{
    struct nta_span name = nta_span_of(table->name);

    return table->is_needed ? refuse(sqlite, name, what, err) : note(sqlite, name, what, err);
}

/** What goes by the name of one of our tables. */
static int look_at_table(struct nta_sqlite *sqlite, size_t at, struct nta_span type,
                         struct nta_span sql, struct nta_err *err)
{
    const struct nta_sqlite_plan *table = &sqlite->form->tables[at];
    struct nta_sqlite_table *found = &sqlite->tables[at];
    int result;

    if (found->is_named)
        return refuse(sqlite, nta_span_of(table->name), "is there twice", err);
    found->is_named = true;
    if (!is_text(type, "table"))
        return miss(sqlite, table, is_text(type, "view") ? "is a view" : "is no table", err);
    if (!begins(sql, "CREATE TABLE"))
        return miss(sqlite, table, "is no table of its own", err);
    found->is_there = found->is_exact = is_text(sql, table->sql);
    if (found->is_exact) {
        (void)snprintf(found->by_key, sizeof(found->by_key), "%s", table->by_key);
        (void)snprintf(found->whole, sizeof(found->whole), "%s", table->whole);
        return 0;
    }
    result = note(sqlite, nta_span_of(table->name), "is declared in another way", err);
    if (result == 0)
        result = has_columns(sqlite, table, err);
    if (result == 0)
        return miss(sqlite, table, "lacks a column", err);
    if (result > 0)
        result = find_through(sqlite, table, found, err);
    found->is_there = result == 0;
    return result;
}

/** An index: one that SQLite makes for a key, or ours, or somebody's. */
static int look_at_index(struct nta_sqlite *sqlite, struct nta_span name, struct nta_span sql,
                         struct nta_err *err)
{
    const struct nta_sqlite_form *form = sqlite->form;

    if (sql.len == 0 && begins(name, "sqlite_autoindex_"))
        return 0;
    if (!form->index_name || !is_text(name, form->index_name))
        return note(sqlite, name, "is an index", err);
    sqlite->has_index = is_text(sql, form->index_sql);
    return sqlite->has_index ? 0 : note(sqlite, name, "is declared in another way", err);
}

/**
 * One thing of the schema.  Views, triggers and virtual tables do what whoever made them wants, and
 * an index of somebody else's may answer queries in our tables' place: no reader uses any of them.
 */
static int look_at(struct nta_sqlite *sqlite, sqlite3_stmt *statement, struct nta_err *err)
{
    struct nta_span type = nta_sqlite_column(statement, 0), name = nta_sqlite_column(statement, 1),
                    sql = nta_sqlite_column(statement, 2);

    if (is_text(type, "trigger"))
        return note(sqlite, name, "is a trigger", err);
    if (is_text(type, "index"))
        return look_at_index(sqlite, name, sql, err);
    for (size_t i = 0; i < sqlite->form->n_tables; i++) {
        if (nta_span_is(name, sqlite->form->tables[i].name))
            return look_at_table(sqlite, i, type, sql, err);
    }
    if (is_text(type, "view"))
        return note(sqlite, name, "is a view", err);
    return begins(sql, "CREATE TABLE") ? 0 : note(sqlite, name, "is no table of its own", err);
}

/** A table that is not there: one that older stores lack is made by who writes. */
static int lack_table(struct nta_sqlite *sqlite, size_t at, struct nta_err *err)
{
    const struct nta_sqlite_plan *table = &sqlite->form->tables[at];
    struct nta_sqlite_table *made = &sqlite->tables[at];

    if (at < sqlite->form->n_first)
        return miss(sqlite, table, "is missing", err);
    if (sqlite->is_reader)
        return 0;
    made->is_named = made->is_there = made->is_exact = true;
    (void)snprintf(made->by_key, sizeof(made->by_key), "%s", table->by_key);
    (void)snprintf(made->whole, sizeof(made->whole), "%s", table->whole);
    return nta_sqlite_run(sqlite, table->sql, "be made", err);
}

static int check_tables(struct nta_sqlite *sqlite, struct nta_err *err)
{
    const struct nta_sqlite_form *form = sqlite->form;
    NTA_AUTO(forget_statement) sqlite3_stmt *statement = NULL;
    int result = 0;

    memset(sqlite->tables, 0, sizeof(sqlite->tables));
    sqlite->has_index = false;
    int code = sqlite3_prepare_v2(sqlite->db,
                                  /* what ANALYZE makes, and nothing else under its names */
                                  "SELECT type, name, sql FROM sqlite_schema WHERE"
                                  " (type = 'table' AND ((name, sql) = ('sqlite_stat1',"
                                  " 'CREATE TABLE sqlite_stat1(tbl,idx,stat)') OR (name, sql) ="
                                  " ('sqlite_stat4',"
                                  " 'CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)')))"
                                  " IS NOT TRUE",
                                  -1, &statement, NULL);

    while (code == SQLITE_OK && result == 0 && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        result = look_at(sqlite, statement, err);
        code = SQLITE_OK;
    }
    if (result == 0 && code != SQLITE_DONE)
        result = nta_sqlite_fail_read(sqlite, code, "be read", err);
    for (size_t i = 0; result == 0 && i < form->n_tables; i++) {
        if (!sqlite->tables[i].is_named)
            result = lack_table(sqlite, i, err);
    }
    if (result == 0 && form->index_name && !sqlite->has_index)
        result = note(sqlite, nta_span_of(form->index_name), "is missing", err);
    return result;
}

/** The form of this version; a handle stays with the one that it was opened with. */
static int choose_form(struct nta_sqlite *sqlite, int64_t version, struct nta_err *err)
{
    const struct nta_sqlite_form *const *form = sqlite->forms;
    char where[160];

    while (*form && (*form)->version != version)
        form++;
    if (!*form)
        return nta_err_set(err, -EPROTO,
                           "store %s says its form is %" PRId64
                           ", which there never was: somebody changed it",
                           sqlite->shown, version);
    if (!sqlite->is_reader && form != sqlite->forms) {
        (void)snprintf(where, sizeof(where), "store %s", sqlite->shown);
        return nta_store_refuse_old(where, err);
    }
    if (sqlite->form && sqlite->form != *form)
        return nta_err_set(err, -EPROTO,
                           "store %s was replaced by one of another format while it was read",
                           sqlite->shown);
    sqlite->form = *form;
    sqlite->store.ops = (*form)->ops;
    sqlite->store.format = (*form)->version;
    return 0;
}

int nta_sqlite_look_at_schema(struct nta_sqlite *sqlite, struct nta_err *err)
{
    int64_t application = 0, version = 0, n_tables = 0;

    sqlite->store.n_oddities = 0;
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
    result = choose_form(sqlite, version, err);
    if (result == 0)
        result = check_tables(sqlite, err);
    return result < 0 ? result : 1;
}

/** What the name between the braces stands for. */
static void put_table(const struct nta_sqlite *sqlite, struct nta_span name, struct nta_buf *sql)
{
    const struct nta_sqlite_form *form = sqlite->form;
    bool is_whole = name.len > 0 && name.ptr[name.len - 1] == '*';
    bool by_index = nta_span_is(name, "INDEX");

    name.len -= is_whole;
    if (by_index && sqlite->has_index) {
        nta_buf_printf(sql, "%s INDEXED BY %s", form->index_table, form->index_name);
        return;
    }
    if (by_index)
        name = nta_span_of(form->index_table);
    for (size_t i = 0; i < form->n_tables; i++) {
        const struct nta_sqlite_table *table = &sqlite->tables[i];

        if (nta_span_is(name, form->tables[i].name))
            nta_buf_printf(sql, "%s %s", form->tables[i].name,
                           is_whole ? table->whole : table->by_key);
    }
}

void nta_sqlite_put_sql(const struct nta_sqlite *sqlite, const char *text, struct nta_buf *sql)
{
    const char *at;

    while ((at = strchr(text, '{'))) {
        size_t len = strcspn(at + 1, "}");

        nta_buf_put(sql, text, (size_t)(at - text));
        put_table(sqlite, (struct nta_span){(const uint8_t *)at + 1, len}, sql);
        text = at + 1 + len + 1;
    }
    nta_buf_puts(sql, text);
}

int nta_sqlite_make_tables(struct nta_sqlite *sqlite, struct nta_err *err)
{
    const struct nta_sqlite_form *form = sqlite->forms[0];
    char sql[64];
    int result = 0;

    for (size_t i = 0; result == 0 && i < form->n_tables; i++)
        result = nta_sqlite_run(sqlite, form->tables[i].sql, "be made", err);
    if (result == 0 && form->index_sql)
        result = nta_sqlite_run(sqlite, form->index_sql, "be made", err);
    (void)snprintf(sql, sizeof(sql), "PRAGMA application_id=%d;PRAGMA user_version=%u",
                   APPLICATION_ID, form->version);
    if (result == 0)
        result = nta_sqlite_run(sqlite, sql, "be made", err);
    return result < 0 ? result : choose_form(sqlite, form->version, err);
}
