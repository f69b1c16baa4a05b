/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The MySQL store's handle, which all files of this folder share (README says which does what).
 *
 * Built with MariaDB Connector/C or Oracle's libmysqlclient: only calls that both have.  No
 * statement builds SQL out of values; all of them are parameters.
 */

#include "store/mysql/mysql_form.h"
#include "store/store_internal.h"

#include <mysql.h>

#define NTA_MYSQL_PACKET_MIN                                                                       \
    (INT64_C(4) << 20) ///< What the server's max_allowed_packet must be at least.
#define NTA_MYSQL_ACCESS_NO_PASSWORD 1698u ///< One of the two client libraries has no name for it.

/** How a reader found a table. */
struct nta_mysql_found
{
    bool is_lacking; ///< It cannot be read: a view, or a column is missing or computed.
    /** Columns have other types, or the key is another: nothing is in order, or unique. */
    bool is_loose;
};

struct nta_mysql
{
    struct nta_store store;                    ///< First.
    const struct nta_mysql_form *const *forms; ///< Static; NULL ends them, the first is written.
    const struct nta_mysql_form *form;         ///< What the tables have; NULL: not known yet.
    struct nta_mysql_found found[NTA_MYSQL_TABLES_MAX];
    bool has_odd_days;         ///< Format 1: there are batches under a day that is none.
    uint64_t n_rows, max_rows; ///< Of the answer that is read, and how many it may have.
    MYSQL *db;                 ///< NULL: not connected.
    MYSQL_STMT *statements[NTA_MYSQL_STATEMENTS_MAX];
    bool is_lost;         ///< The connection is of no use any more.
    bool has_warned;      ///< Said what is said once a handle.
    int64_t used_ns;      ///< Monotonic time of the last call that went well.
    int64_t packet_bytes; ///< The server's max_allowed_packet.
    char *hosts, *user, *password, *database, *tls_ca; ///< Owned; the password is wiped.
    nta_mysql_password_fn *password_now;               ///< As the options say.
    const void *password_owner;
    bool is_refused; ///< A host did not take the password.
    unsigned timeout_s;
    bool read_only, builds, in_clear; ///< As the options say.
    char where[128];                  ///< Shown form of the host that is connected.
};

/** The handle of which `store`, one of MySQL's, is the first member. */
static inline struct nta_mysql *nta_mysql_of(struct nta_store *store)
{
    return (struct nta_mysql *)store;
}

/* ---- connection ---- */

/** nta_store_open_mysql() with the forms that are known. */
int nta_mysql_open(const struct nta_mysql_options *options,
                   const struct nta_mysql_form *const *forms, struct nta_store **ret_store,
                   struct nta_err *err);

/**
 * One more connection to the same server, to read tables that somebody changed: from the first row
 * to the last, as they lie there.  Whoever gets a row may use the store, and takes the time that it
 * takes.
 */
int nta_mysql_open_twin(const struct nta_mysql *mysql, struct nta_store **ret_twin,
                        struct nta_err *err);

/** Close the connection and free the handle; the password is wiped. */
void nta_mysql_free(struct nta_mysql **mysql);

/**
 * Make sure that there is a connection that was checked.  Every call of the store starts with this.
 */
int nta_mysql_ready(struct nta_mysql *mysql, struct nta_err *err);

/** Close the connection, if there is one, with its statements; the next call may make another. */
void nta_mysql_disconnect(struct nta_mysql *mysql);

/** Check limits, tables and rights after connecting; make the tables. */
int nta_mysql_check(struct nta_mysql *mysql, struct nta_err *err);

/** Real tables with our columns and keys: a view does what whoever made it wants. */
int nta_mysql_check_tables(struct nta_mysql *mysql, struct nta_err *err);

/** How a connection is to behave: what is set, and what --check holds it against. */
#define NTA_MYSQL_SQL_MODE "STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION"

/**
 * Set the sentence "MySQL at HOST cannot WHAT: reason" for a number and text of the client library,
 * note a lost connection, and give the negative errno it stands for.
 */
int nta_mysql_fail(struct nta_mysql *mysql, unsigned number, const char *text, const char *what,
                   struct nta_err *err);

/* ---- statements ---- */

/**
 * Run SQL text; with `ret_text`, the first column of its first row into it, cut to fit; empty if
 * none.
 */
int nta_mysql_query(struct nta_mysql *mysql, const char *sql, const char *what, char *ret_text,
                    size_t size, struct nta_err *err);

enum
{
    NTA_MYSQL_BINDS = 16,
    NTA_MYSQL_ROWS_MAX = 1 << 20, ///< Of one answer: runs of 2,800 years of one sensor.
};

/** Parameters or columns of a statement.  Holds addresses of itself: do not copy. */
struct nta_mysql_binds
{
    MYSQL_BIND binds[NTA_MYSQL_BINDS];
    uint64_t numbers[NTA_MYSQL_BINDS];
    unsigned long lens[NTA_MYSQL_BINDS];
    /* my_bool of the one library is bool of the other */
    __typeof__(*(MYSQL_BIND){0}.is_null) nulls[NTA_MYSQL_BINDS], errors[NTA_MYSQL_BINDS];
    unsigned n;
    struct nta_mysql *mysql; ///< Of columns: whose answer is bound to them,
    MYSQL_STMT *statement;   ///< and of which statement; until that is finished.
};

/** The next one is this number; as a column, its place in `numbers` is what a row fills. */
void nta_mysql_bind_number(struct nta_mysql_binds *binds, uint64_t number, bool is_unsigned);

/** Borrows the bytes; as a column, `ptr` is the buffer. */
void nta_mysql_bind_bytes(struct nta_mysql_binds *binds, const void *ptr, size_t len);

/** A column of any length, got by nta_mysql_bytes(). */
void nta_mysql_bind_any(struct nta_mysql_binds *binds);

/** A column's number, if it is there and fits. */
bool nta_mysql_number_of(const struct nta_mysql_binds *columns, unsigned at, uint64_t *ret_number);

/**
 * Prepare if need be, and execute with parameters and, if it gives rows, columns.  The connection
 * is free for other statements when this one is finished.  NULL with the error in `ret_result` and
 * `err`; a duplicate key is -EEXIST without a sentence.  Release with nta_mysql_finish().
 */
MYSQL_STMT *nta_mysql_execute(struct nta_mysql *mysql, unsigned which,
                              struct nta_mysql_binds *params, struct nta_mysql_binds *columns,
                              int *ret_result, struct nta_err *err);

/** 1: a row, 0: no more, negative errno. */
int nta_mysql_next(struct nta_mysql *mysql, MYSQL_STMT *statement, struct nta_err *err);

/** Append column `at` of the row, of at most `max` bytes, to `out`; -EMSGSIZE if it has more. */
int nta_mysql_bytes(const struct nta_mysql_binds *columns, unsigned at, size_t max,
                    struct nta_buf *out, struct nta_err *err);

/**
 * Destructor: the statement rests until it is executed again.  A server that sends more than was
 * taken is left.
 */
void nta_mysql_finish(MYSQL_STMT **statement);

/* ---- what answers say (mysql_values.c) ---- */

/** A number of a column within [0, max]; else 0, and the row is not of its form. */
uint64_t nta_mysql_take_number(const struct nta_mysql_binds *columns, unsigned at, uint64_t max,
                               struct nta_store_row *row);

/** The lengths of `n` parts from `from` on, which are the columns from `at` on. */
void nta_mysql_take_lens(const struct nta_mysql_binds *columns, unsigned at,
                         enum nta_store_part from, unsigned n, struct nta_store_row *row);

/** Append part `part`, which is column `at`. */
int nta_mysql_take_part(const struct nta_mysql_binds *columns, unsigned at,
                        enum nta_store_part part, struct nta_store_row *row, struct nta_err *err);

/** What an answer gave, all of it read before anybody is called. */
struct nta_mysql_runs
{
    struct nta_store_run *runs; ///< Owned.
    size_t n, size;
};

/** Frees what it owns. */
void nta_mysql_runs_done(struct nta_mysql_runs *list);
/** 0, -ENOMEM, or -E2BIG: more than any store has. */
int nta_mysql_add_run(struct nta_mysql_runs *list, const struct nta_store_run *run);
