/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A database and a user of their own for each test of the MySQL store, on the server whose socket
 * is in the environment (mysql_store.sh starts it).
 */

#include "base/own.h"
#include "store/fixture.h"
#include "store/walk.h"
#include "unit.h"

#include <mysql.h>
#include <stdio.h>

static struct nta_mysql_options options;
static struct nta_err err;
static struct sample sample;
static struct sample_seen seen;
static MYSQL *admin;

static inline void sql(const char *text)
{
    MYSQL_RES *rows;

    if (mysql_query(admin, text) != 0)
        fail_msg("%s: %s", text, mysql_error(admin));
    rows = mysql_store_result(admin);
    if (rows)
        mysql_free_result(rows);
}

/** The columns of the first row, joined by spaces. */
static inline const char *sql_text(const char *text)
{
    static char joined[1024];
    size_t len = 0;
    MYSQL_RES *rows;
    MYSQL_ROW row;

    if (mysql_query(admin, text) != 0)
        fail_msg("%s: %s", text, mysql_error(admin));
    rows = mysql_store_result(admin);
    assert_non_null(rows);
    row = mysql_fetch_row(rows);
    assert_non_null(row);
    for (unsigned i = 0; i < mysql_num_fields(rows) && len < sizeof(joined); i++)
        len += (size_t)snprintf(joined + len, sizeof(joined) - len, "%s%s", i ? " " : "",
                                row[i] ? row[i] : "");
    mysql_free_result(rows);
    return joined;
}

static inline const char *environment(const char *name)
{
    const char *text = getenv(name); /* NOLINT(concurrency-mt-unsafe): one thread */

    if (!text)
        fail_msg("%s is not set", name);
    return text;
}

static inline int connect_admin(void **state)
{
    const char *socket = environment("NTA_TEST_SOCKET");

    (void)state;
    options = (struct nta_mysql_options){
        .hosts = socket, .user = "nta", .password = "sesame", .database = "nta", .timeout_s = 5};
    admin = mysql_init(NULL);
    return mysql_real_connect(admin, NULL, "root", NULL, NULL, 0, socket, 0) ? 0 : -1;
}

static inline int disconnect_admin(void **state)
{
    (void)state;
    mysql_close(admin);
    mysql_library_end();
    return 0;
}

/**
 * Each test: a database of its own, a user with the rights that the manual names, and the options
 * for them.
 */
static inline int set_up(void **state)
{
    *state = NULL;
    sql("DROP DATABASE IF EXISTS nta");
    sql("DROP USER IF EXISTS nta@localhost");
    sql("CREATE DATABASE nta");
    sql("CREATE USER nta@localhost IDENTIFIED BY 'sesame'");
    sql("GRANT SELECT, INSERT, CREATE ON nta.* TO nta@localhost");
    sql("GRANT CREATE, UPDATE ON nta.chain TO nta@localhost");
    options.hosts = environment("NTA_TEST_SOCKET");
    options.read_only = false;
    options.tls_ca = NULL;
    options.in_clear = false;
    options.password_now = NULL;
    err.text[0] = '\0';
    return 0;
}

static inline int tear_down(void **state)
{
    struct nta_store *store = *state;

    nta_store_close(&store);
    return 0;
}

/** Open; closed after the test. */
static inline struct nta_store *open_store(void **state)
{
    struct nta_store *store = *state;
    int result;

    nta_store_close(&store);
    result = nta_store_open_mysql(&options, &store, &err);
    if (result < 0)
        fail_msg("%s", err.text);
    *state = store;
    return store;
}

static inline void cannot_open(int result, const char *part)
{
    struct nta_store *store = NULL;

    assert_int_equal(nta_store_open_mysql(&options, &store, &err), result);
    assert_null(store);
    if (!strstr(err.text, part))
        fail_msg("\"%s\" is not in \"%s\"", part, err.text);
    assert_null(strstr(err.text, "sesame"));
}

static inline int put(struct nta_store *store, uint64_t number, int64_t first_ns, uint64_t salt)
{
    struct sample_plan plan = {
        .sensor = 1, .number = number, .first_ns = first_ns, .body_len = 2000, .salt = salt};

    sample_make(&sample, &plan, number == 1 ? NULL : sample.hash);
    return sample_append(store, &sample.stored, 1, &err);
}

static inline void collect(struct nta_store *store, const struct nta_store_query *query)
{
    seen = (struct sample_seen){0};
    if (nta_store_each(store, query, sample_collect, &seen, &err) != 0)
        fail_msg("%s", err.text);
}
