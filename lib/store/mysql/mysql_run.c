/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "store/mysql/mysql_internal.h"

#include <assert.h>
#include <errno.h>
#include <mysqld_error.h>
#include <string.h>
#include <sys/socket.h>

/* What is longer than any batch's part is not sent. */
#define HEAD                                                                                       \
    "number, first_ns, last_ns, n_records, n_bytes,"                                               \
    " LENGTH(header), LENGTH(signature), LENGTH(tokens), LENGTH(body),"                            \
    " IF(LENGTH(header) <= 1024, header, NULL), IF(LENGTH(signature) <= 64, signature, NULL)"
#define TOKENS " IF(LENGTH(tokens) <= 8388608, tokens, NULL)"
#define BODY   " IF(LENGTH(body) <= 2097152, body, NULL)"
#define HEAD_OF                                                                                    \
    " FROM batch WHERE day = FROM_DAYS(?) AND sensor = ? AND number BETWEEN ? AND ?"               \
    " ORDER BY number LIMIT 1"

/*
 * A table that somebody changed: a value counts only if it reads as what we would have written,
 * whatever its type.
 */
#define EXACT(column, as)                                                                          \
    " IF(CAST(" column " AS BINARY) = CAST(CAST(" column " AS " as ") AS BINARY), CAST(" column    \
    " AS " as "), NULL)"
#define BYTES(column, test)                                                                        \
    " IF(LENGTH(CAST(" column " AS BINARY)) " test ", CAST(" column " AS BINARY), NULL)"
#define LEN(column) " LENGTH(CAST(" column " AS BINARY))"
#define DAY_COLUMN                                                                                 \
    "IF(CAST(day AS BINARY) = CAST(FROM_DAYS(TO_DAYS(day)) AS BINARY), TO_DAYS(day), NULL)"
#define KEY_COLUMNS   DAY_COLUMN "," BYTES("sensor", "= 16") "," EXACT("number", "UNSIGNED")
#define TIME_COLUMNS  EXACT("first_ns", "SIGNED") "," EXACT("last_ns", "SIGNED")
#define COUNT_COLUMNS EXACT("n_records", "UNSIGNED") "," EXACT("n_bytes", "UNSIGNED")
#define LEN_COLUMNS   LEN("header") "," LEN("signature") "," LEN("tokens") "," LEN("body")
#define HEAD_COLUMNS  BYTES("header", "<= 1024") "," BYTES("signature", "<= 64")
#define REST_COLUMNS  BYTES("tokens", "<= 8388608") "," BYTES("body", "<= 2097152")
#define ALL                                                                                        \
    "SELECT " KEY_COLUMNS "," TIME_COLUMNS "," COUNT_COLUMNS "," LEN_COLUMNS "," HEAD_COLUMNS      \
    "," REST_COLUMNS " FROM batch"

static_assert(NTA_STORE_HEADER_MAX == 1024 && NTA_SIGNATURE_LEN == 64 &&
                  NTA_STORE_TOKENS_MAX == 8388608 && NTA_STORE_BODY_MAX == 2097152 &&
                  NTA_STORE_KEY_MAX == 16384,
              "as the statements have them");

static const char *const statement_texts[NTA_MYSQL_N_STATEMENTS] = {
    [NTA_MYSQL_PUT_KEY] = "INSERT INTO data_key (id, made_ns, wrapped) VALUES (?, ?, ?)",
    [NTA_MYSQL_KEY_IDS] = "SELECT id FROM data_key ORDER BY made_ns, id",
    [NTA_MYSQL_FIND_KEY] =
        "SELECT id, made_ns, LENGTH(wrapped), IF(LENGTH(wrapped) <= 16384, wrapped,"
        " NULL) FROM data_key WHERE id = ? LIMIT 1",
    [NTA_MYSQL_EACH_KEY] = "SELECT" BYTES("id", "= 16") "," EXACT("made_ns", "SIGNED") "," LEN(
        "wrapped") "," BYTES("wrapped", "<= 16384") " FROM data_key",
    [NTA_MYSQL_PUT_BATCH] = "INSERT INTO batch (day, sensor, number, first_ns, last_ns, n_records,"
                            " n_bytes, header, signature, tokens, body)"
                            " VALUES (FROM_DAYS(?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [NTA_MYSQL_HELD] = "SELECT header, signature FROM batch"
                       " WHERE day = FROM_DAYS(?) AND sensor = ? AND number = ?",
    [NTA_MYSQL_NEWEST] = "SELECT number FROM batch"
                         " WHERE day = FROM_DAYS(?) AND sensor = ? AND number BETWEEN ? AND ?"
                         " ORDER BY number DESC LIMIT 1",
    [NTA_MYSQL_EACH_HEAD] = "SELECT" BYTES("sensor", "= 16") "," EXACT(
        "number", "UNSIGNED") "," BYTES("hash", "= 32") " FROM chain",
    [NTA_MYSQL_GET_HEAD] = "SELECT number, hash FROM chain WHERE sensor = ?",
    [NTA_MYSQL_SWAP_HEAD] = "UPDATE chain SET number = ?, hash = ?"
                            " WHERE sensor = ? AND number = ? AND hash = ?",
    [NTA_MYSQL_FIRST_HEAD] = "INSERT INTO chain (sensor, number, hash) VALUES (?, ?, ?)",
    [NTA_MYSQL_RAISE_HEAD] = "INSERT INTO chain (sensor, number, hash) VALUES (?, ?, ?)"
                             " ON DUPLICATE KEY UPDATE"
                             " hash = IF(VALUES(number) > number, VALUES(hash), hash),"
                             " number = GREATEST(number, VALUES(number))",
    /* answered from the ends of each (day, sensor) in the key, not from every row between */
    [NTA_MYSQL_RUNS] = "SELECT TO_DAYS(day), sensor, MIN(number), MAX(number) FROM batch"
                       " GROUP BY day, sensor",
    [NTA_MYSQL_HEAD] = "SELECT " HEAD HEAD_OF,
    [NTA_MYSQL_HEAD_TOKENS] = "SELECT " HEAD "," TOKENS HEAD_OF,
    [NTA_MYSQL_HEAD_ALL] = "SELECT " HEAD "," TOKENS "," BODY HEAD_OF,
    [NTA_MYSQL_REST] = "SELECT " TOKENS "," BODY " FROM batch"
                       " WHERE day = FROM_DAYS(?) AND sensor = ? AND number = ?",
    [NTA_MYSQL_ALL] = ALL,
    [NTA_MYSQL_ODD] = ALL " WHERE TO_DAYS(day) IS NULL OR TO_DAYS(day) NOT BETWEEN 366 AND 3652424",
    [NTA_MYSQL_COUNT] = "SELECT COUNT(*) FROM batch",
    [NTA_MYSQL_COUNT_RUN] = "SELECT COUNT(*) FROM batch"
                            " WHERE day = FROM_DAYS(?) AND sensor = ? AND number < ?",
    [NTA_MYSQL_MEASURE] = "SELECT COUNT(*), CAST(COALESCE(SUM(n_records), 0) AS UNSIGNED),"
                          " CAST(COALESCE(SUM(n_bytes), 0) AS UNSIGNED),"
                          " COALESCE(MIN(first_ns), 0) FROM batch",
};

enum
{
    ROWS_LEFT = 64 ///< So many rows that nobody wants are read over.
};

/**
 * Do not wait for the end of an answer that may have none: the next statement makes a new
 * connection.
 */
static void leave(MYSQL *db)
{
#ifdef LIBMARIADB
    (void)shutdown(mysql_get_socket(db), SHUT_RDWR);
#else
    (void)shutdown(db->net.fd, SHUT_RDWR);
#endif
}

int nta_mysql_query(struct nta_mysql *mysql, const char *sql, const char *what, char *ret_text,
                    size_t size, struct nta_err *err)
{
    MYSQL_RES *rows;
    MYSQL_ROW row;

    if (mysql_query(mysql->db, sql) != 0)
        return nta_mysql_fail(mysql, mysql_errno(mysql->db), mysql_error(mysql->db), what, err);
    rows = mysql_use_result(mysql->db);
    row = rows ? mysql_fetch_row(rows) : NULL;
    if (mysql_errno(mysql->db) != 0) {
        int result =
            nta_mysql_fail(mysql, mysql_errno(mysql->db), mysql_error(mysql->db), what, err);

        mysql_free_result(rows);
        return result;
    }
    if (ret_text)
        (void)snprintf(ret_text, size, "%s", row && row[0] ? row[0] : "");
    for (int i = 0; row && i < ROWS_LEFT; i++)
        row = mysql_fetch_row(rows);
    if (row)
        leave(mysql->db);
    mysql_free_result(rows);
    return 0;
}

static MYSQL_BIND *add_bind(struct nta_mysql_binds *binds, size_t len)
{
    unsigned at = binds->n++;

    assert(at < NTA_MYSQL_BINDS);
    binds->lens[at] = (unsigned long)len;
    binds->binds[at].length = &binds->lens[at];
    binds->binds[at].is_null = &binds->nulls[at];
    binds->binds[at].error = &binds->errors[at];
    binds->binds[at].buffer_length = (unsigned long)len;
    return &binds->binds[at];
}

void nta_mysql_bind_number(struct nta_mysql_binds *binds, uint64_t number, bool is_unsigned)
{
    MYSQL_BIND *bind = add_bind(binds, sizeof(number));
    uint64_t *buf = &binds->numbers[binds->n - 1];

    *buf = number;
    bind->buffer_type = MYSQL_TYPE_LONGLONG;
    bind->buffer = buf;
    bind->is_unsigned = is_unsigned ? 1 : 0;
}

void nta_mysql_bind_bytes(struct nta_mysql_binds *binds, const void *ptr, size_t len)
{
    MYSQL_BIND *bind = add_bind(binds, len);
    const void *source = len ? ptr : "";

    bind->buffer_type = MYSQL_TYPE_LONG_BLOB;
    /* the library's structure serves both ways, without const; a parameter is only read */
    memcpy(&bind->buffer, &source, sizeof(source));
}

void nta_mysql_bind_any(struct nta_mysql_binds *binds)
{
    MYSQL_BIND *bind = add_bind(binds, 0);

    bind->buffer_type = MYSQL_TYPE_LONG_BLOB;
}

bool nta_mysql_number_of(const struct nta_mysql_binds *columns, unsigned at, uint64_t *ret_number)
{
    if (columns->nulls[at] || columns->errors[at])
        return false;
    *ret_number = columns->numbers[at];
    return true;
}

static int fail_statement(struct nta_mysql *mysql, MYSQL_STMT *statement, const char *what,
                          struct nta_err *err)
{
    return nta_mysql_fail(mysql, mysql_stmt_errno(statement), mysql_stmt_error(statement), what,
                          err);
}

static MYSQL_STMT *get_statement(struct nta_mysql *mysql, enum nta_mysql_statement which,
                                 int *ret_result, struct nta_err *err)
{
    MYSQL_STMT *statement = mysql->statements[which];
    const char *text = statement_texts[which];

    if (statement)
        return statement;
    statement = mysql_stmt_init(mysql->db);
    if (!statement) {
        *ret_result = nta_err_set(err, -ENOMEM, "out of memory");
        return NULL;
    }
    if (mysql_stmt_prepare(statement, text, (unsigned long)strlen(text)) != 0) {
        *ret_result = fail_statement(mysql, statement, "be read", err);
        (void)mysql_stmt_close(statement);
        return NULL;
    }
    mysql->statements[which] = statement;
    return statement;
}

MYSQL_STMT *nta_mysql_execute(struct nta_mysql *mysql, enum nta_mysql_statement which,
                              struct nta_mysql_binds *params, struct nta_mysql_binds *columns,
                              int *ret_result, struct nta_err *err)
{
    MYSQL_STMT *statement = get_statement(mysql, which, ret_result, err);

    if (!statement)
        return NULL;
    mysql->n_rows = 0;
    mysql->max_rows = NTA_MYSQL_ROWS_MAX;
    if (columns) {
        columns->mysql = mysql;
        columns->statement = statement;
    }
    if (columns && mysql_stmt_field_count(statement) != columns->n) {
        *ret_result =
            nta_err_set(err, -EPROTO, "MySQL at %s answers with other columns", mysql->where);
        return NULL;
    }
    if ((params && mysql_stmt_bind_param(statement, params->binds) != 0) ||
        mysql_stmt_execute(statement) != 0 ||
        (columns && mysql_stmt_bind_result(statement, columns->binds) != 0)) {
        if (mysql_stmt_errno(statement) == ER_DUP_ENTRY)
            *ret_result = -EEXIST;
        else
            *ret_result = fail_statement(mysql, statement, columns ? "be read" : "be written", err);
        (void)mysql_stmt_free_result(statement);
        return NULL;
    }
    return statement;
}

int nta_mysql_next(struct nta_mysql *mysql, MYSQL_STMT *statement, struct nta_err *err)
{
    switch (mysql_stmt_fetch(statement)) {
    case 0:
    case MYSQL_DATA_TRUNCATED: /* columns of any length have no space yet */
        if (++mysql->n_rows <= mysql->max_rows)
            return 1;
        return nta_err_set(err, -E2BIG, "MySQL at %s answers without end", mysql->where);
    case MYSQL_NO_DATA: return 0;
    default: return fail_statement(mysql, statement, "be read", err);
    }
}

int nta_mysql_bytes(const struct nta_mysql_binds *columns, unsigned at, size_t max,
                    struct nta_buf *out, struct nta_err *err)
{
    struct nta_mysql *mysql = columns->mysql;
    unsigned long len = columns->lens[at];
    MYSQL_BIND bind = {.buffer_type = MYSQL_TYPE_LONG_BLOB, .buffer_length = len, .length = &len};

    if (len == 0 || columns->nulls[at])
        return 0;
    if (len > max)
        return nta_err_set(err, -EMSGSIZE, "MySQL at %s sends what was not asked for",
                           mysql->where);
    bind.buffer = nta_buf_reserve(out, len);
    if (!bind.buffer)
        return nta_err_set(err, -ENOMEM, "out of memory");
    if (mysql_stmt_fetch_column(columns->statement, &bind, at, 0) != 0)
        return fail_statement(mysql, columns->statement, "be read", err);
    out->len += columns->lens[at];
    return 0;
}

void nta_mysql_finish(MYSQL_STMT **statement)
{
    MYSQL_STMT *done = NTA_TAKE(*statement);
    int code = done && mysql_stmt_field_count(done) > 0 ? 0 : MYSQL_NO_DATA;

    if (!done)
        return;
    for (int i = 0; i < ROWS_LEFT && (code == 0 || code == MYSQL_DATA_TRUNCATED); i++)
        code = mysql_stmt_fetch(done);
    if (code == 0 || code == MYSQL_DATA_TRUNCATED)
        leave(done->mysql);
    (void)mysql_stmt_free_result(done);
}
