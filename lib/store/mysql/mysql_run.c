/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "store/mysql/mysql_internal.h"

#include <assert.h>
#include <errno.h>
#include <mysqld_error.h>
#include <string.h>
#include <sys/socket.h>

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

static MYSQL_STMT *get_statement(struct nta_mysql *mysql, unsigned which, int *ret_result,
                                 struct nta_err *err)
{
    MYSQL_STMT *statement = mysql->statements[which];
    const char *text = mysql->form->statements[which];

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

MYSQL_STMT *nta_mysql_execute(struct nta_mysql *mysql, unsigned which,
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
