/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The SQLite store's handle, shared by the files that run SQL (sqlite_run.c, sqlite_prepare.c,
 * sqlite_values.c), open (sqlite_file.c, sqlite_schema.c, sqlite_reader.c, sqlite_open.c), and by
 * those of the two forms (sqlite_form.h).
 */

#include "store/sqlite/sqlite_form.h"
#include "store/store_internal.h"

#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/types.h>

/** A table as it was found. */
struct nta_sqlite_table
{
    bool is_named; ///< Something is there by its name.
    bool is_there; ///< It can be read.
    bool is_exact; ///< It is the one we make: its key is in order, and nothing is in it twice.
    /** SQL that says to go through the table itself, whatever indexes there are. */
    char by_key[96], whole[96];
};

/** The file and its log, as they were when they were opened. */
struct nta_sqlite_state
{
    struct stat file, log;
};

struct nta_sqlite
{
    struct nta_store store; ///< First.
    sqlite3 *db;
    char *shown;     ///< Owned: the path's shown form, for sentences.
    char *path;      ///< Owned.
    ino_t log_inode; ///< The log beside the file as it was first seen; 0: not yet.
    const struct nta_sqlite_form *const *forms; ///< Static; NULL ends them, the first is written.
    const struct nta_sqlite_form *form;         ///< What the file has; NULL: not known yet.
    sqlite3_stmt *statements[NTA_SQLITE_STATEMENTS_MAX];
    struct nta_sqlite_table tables[NTA_SQLITE_TABLES_MAX];
    bool has_index; ///< The form's index is there, and as it is made.
    int log_pages;  ///< The log is emptied at so many; 0: as it was opened (sqlite_open.c).
    bool is_reader; ///< And what follows: sqlite_reader.c.
    bool is_cut;    ///< The file is shorter than it says, or its schema is damaged.
    bool is_alone;  ///< Nobody else had the store open, and
    struct nta_sqlite_state state; ///< it was like this.
    uint64_t n_ticks, max_ticks;   ///< Steps of the statement, and how many it may have.
    uint64_t n_read, max_read;     ///< Bytes of tokens and bodies that this walk read, and may;
    uint64_t n_own;                ///< behind that, of rows that are their content's own.
};

/** The handle of which `store`, one of SQLite's, is the first member. */
static inline struct nta_sqlite *nta_sqlite_of(struct nta_store *store)
{
    return (struct nta_sqlite *)store;
}

/** A reader found something else in the table's place. */
static inline bool nta_sqlite_lacks(const struct nta_sqlite *sqlite, unsigned table)
{
    return sqlite->is_reader && !sqlite->tables[table].is_there;
}

/** A reader found the table declared in another way: its key may be in no order, and not unique. */
static inline bool nta_sqlite_is_loose(const struct nta_sqlite *sqlite, unsigned table)
{
    return sqlite->is_reader && !sqlite->tables[table].is_exact;
}

/** Frees a handle, half-built too. */
void nta_sqlite_free(struct nta_sqlite **sqlite);

/** nta_store_open_sqlite() with the forms that are known. */
int nta_sqlite_open(const char *path, bool create, const struct nta_sqlite_form *const *forms,
                    struct nta_store **ret_store, struct nta_err *err);
/** Open the database in a file or by a URI. */
int nta_sqlite_open_file(struct nta_sqlite *sqlite, const char *name, int flags,
                         struct nta_err *err);

/**
 * 1: the tables are there, and `form` says which, 0: an empty file, or negative errno: not ours,
 * newer, changed by somebody, or (to be written) of format 1.
 */
int nta_sqlite_look_at_schema(struct nta_sqlite *sqlite, struct nta_err *err);
/** Make our tables, and mark the file as ours, within the transaction that the caller has begun. */
int nta_sqlite_make_tables(struct nta_sqlite *sqlite, struct nta_err *err);

/** Open `path` for reading. */
int nta_sqlite_open_reader(struct nta_sqlite *sqlite, struct nta_err *err);

/** A walk begins: bound what it reads by what the file holds. */
void nta_sqlite_begin_walk(struct nta_sqlite *sqlite);

/**
 * Before a read, with no statement under way: open the store anew if a writer came.  0 or negative
 * errno.
 */
int nta_sqlite_refresh(struct nta_sqlite *sqlite, struct nta_err *err);

/** The call freeze: a transaction that reads, whose state is that of now. */
int nta_sqlite_freeze(struct nta_store *store, struct nta_err *err);
/** The call thaw: its end; nothing if there is none. */
void nta_sqlite_thaw(struct nta_store *store);

/** True if a writer came since the store was opened, so that what was read may be of two states. */
bool nta_sqlite_is_stale(const struct nta_sqlite *sqlite);
/** Set the sentence for that; gives -EAGAIN. */
int nta_sqlite_err_moved(const struct nta_sqlite *sqlite, struct nta_err *err);

/** After a read: its result, or -EAGAIN if a writer came meanwhile. */
int nta_sqlite_settle(const struct nta_sqlite *sqlite, int result, struct nta_err *err);

/**
 * Set the sentence "store PATH: cannot WHAT: reason" for a result code; gives the negative errno it
 * stands for.
 */
int nta_sqlite_fail(const struct nta_sqlite *sqlite, int code, const char *what,
                    struct nta_err *err);

/** Run SQL text that gives no rows. */
int nta_sqlite_run(const struct nta_sqlite *sqlite, const char *sql, const char *what,
                   struct nta_err *err);

/** The first number that SQL text gives. */
int nta_sqlite_number(const struct nta_sqlite *sqlite, const char *sql, int64_t *ret_number,
                      struct nta_err *err);

/** The statement, ready to be bound; NULL with the error in `ret_result` and `err`. */
sqlite3_stmt *nta_sqlite_get(struct nta_sqlite *sqlite, unsigned which, int *ret_result,
                             struct nta_err *err);

/** The destructor for what nta_sqlite_get() gave: the statement rests until it is used again. */
void nta_sqlite_finish(sqlite3_stmt **statement);

/** Bind bytes without a copy: they must last until the statement is finished. */
void nta_sqlite_bind(sqlite3_stmt *statement, int at, const void *ptr, size_t len);

/** A column's bytes, valid until the next step. */
struct nta_span nta_sqlite_column(sqlite3_stmt *statement, int column);

/** Append a statement's text, with tables and the ways through them (sqlite_form.h). */
void nta_sqlite_put_sql(const struct nta_sqlite *sqlite, const char *text, struct nta_buf *sql);

/**
 * As nta_sqlite_fail() for what reads: a value too large for memory and a statement that does not
 * come to its end are damage (-EIO), too.
 */
int nta_sqlite_fail_read(const struct nta_sqlite *sqlite, int code, const char *what,
                         struct nta_err *err);

/** A column's number, if it has one. */
bool nta_sqlite_number_of(sqlite3_stmt *statement, int column, int64_t *ret_number);

/** A column's bytes, if it has `len` of them. */
bool nta_sqlite_exact(sqlite3_stmt *statement, int column, uint8_t *ret_bytes, size_t len);

/** Step a statement that gives no row. */
int nta_sqlite_step(struct nta_sqlite *sqlite, sqlite3_stmt *statement, const char *what,
                    struct nta_err *err);

/** The same for one without parameters. */
int nta_sqlite_do(struct nta_sqlite *sqlite, unsigned which, const char *what, struct nta_err *err);

/* ---- what a row says (sqlite_values.c) ---- */

enum
{
    NTA_SQLITE_DAY_MIN = -106752, ///< The days that nanoseconds within 64 bits have.
    NTA_SQLITE_DAY_MAX = 106751,
};

/** A number within [min, max]; else 0, and the row is not of its form. */
int64_t nta_sqlite_take_number(sqlite3_stmt *statement, int column, int64_t min, int64_t max,
                               struct nta_store_row *row);

/**
 * Step to the sealed bytes of a row.  1: they are there; 0: they are not, which is left to the
 * caller to say, or (the row says so) cannot be read; negative errno.
 */
int nta_sqlite_step_row(struct nta_sqlite *sqlite, sqlite3_stmt *statement,
                        struct nta_store_row *row, struct nta_err *err);

/** The part's length as the store has it; true if it can be read. */
bool nta_sqlite_take_len(sqlite3_stmt *statement, int column, enum nta_store_part part,
                         struct nta_store_row *row);

/** Append the bytes of a part that is there and not too long. */
void nta_sqlite_take_part(sqlite3_stmt *statement, int column, enum nta_store_part part,
                          struct nta_store_row *row);

/**
 * Many rows may name one content.  Only one of them can be its own, with its header's columns: that
 * one is always read, the others while the walk has not read more than the file can hold.
 */
bool nta_sqlite_may_read(struct nta_sqlite *sqlite, enum nta_store_part part,
                         const struct nta_store_row *row);
