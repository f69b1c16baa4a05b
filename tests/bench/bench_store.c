/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sealed batches of 4,096 records into SQLite (synchronous=FULL, one commit each) and, given a
 * server's socket, into MariaDB (32 a transaction), as multiples of a floor in the same run: bytes
 * appended to a file with fdatasync, and a bare prepared INSERT IGNORE.  tests/bench/bench_store.sh
 * starts the server.
 *
 *     bench_store FOLDER [SOCKET|-] [BODY_BYTES] [BATCHES]
 */
#include "base/own.h"
#include "store/fixture.h"
#include "store/walk.h"

#include <fcntl.h>
#include <inttypes.h>
#include <mysql.h>
#include <stdio.h>
#include <unistd.h>

enum
{
    RECORDS = 4096,
    MANY = 32,
};

static struct sample samples[MANY];
static struct nta_stored stored[MANY];
static struct nta_err err;
static size_t body_len = 200000;
static uint64_t n_batches = 320;

/** The next MANY batches.  Making them is not measured. */
static void make(uint64_t from)
{
    for (uint64_t i = 0; i < MANY; i++) {
        sample_make(&samples[i],
                    &(struct sample_plan){.sensor = 1, .number = from + i, .body_len = body_len},
                    NULL);
        stored[i] = samples[i].stored;
    }
}

static void show(const char *what, int64_t spent_ns, int64_t floor_ns)
{
    double seconds = (double)spent_ns / 1e9;

    (void)printf("%-34s %8.0f batches/s %12.0f records/s %8.1f MB/s", what,
                 (double)n_batches / seconds, (double)n_batches * RECORDS / seconds,
                 (double)n_batches * (double)body_len / 1e6 / seconds);
    if (floor_ns)
        (void)printf("   %.2f x floor", (double)spent_ns / (double)floor_ns);
    (void)printf("\n");
    (void)fflush(stdout);
}

static int fail(const char *what)
{
    (void)fprintf(stderr, "bench_store: %s: %s\n", what, err.text);
    return 1;
}

static int64_t append_all(const char *path)
{
    NTA_AUTO_FD int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    int64_t spent_ns = 0;

    for (uint64_t i = 1; i <= n_batches; i += MANY) {
        int64_t start_ns;

        make(i);
        start_ns = nta_clock_mono_ns();
        for (size_t k = 0; k < MANY; k++) {
            if (write(fd, samples[k].body, body_len) < 0 || fdatasync(fd) < 0)
                return 0;
        }
        spent_ns += nta_clock_mono_ns() - start_ns;
    }
    return spent_ns;
}

static int64_t put_all(struct nta_store *store, size_t n_each)
{
    struct nta_store_head head = {.number = 0};
    int64_t spent_ns = 0;

    for (uint64_t i = 1; i <= n_batches; i += MANY) {
        int64_t start_ns;

        make(i);
        start_ns = nta_clock_mono_ns();
        for (size_t k = 0; k < MANY; k += n_each) {
            const struct nta_stored *last = &stored[k + n_each - 1];

            if (nta_store_append(store, &head, stored + k, n_each, (struct nta_span){0}, &err) < 0)
                return 0;
            head.number = last->header.number;
            nta_header_hash(&last->sealed, head.hash);
        }
        spent_ns += nta_clock_mono_ns() - start_ns;
    }
    return spent_ns;
}

static int64_t read_all(struct nta_store *store, const struct nta_store_query *query)
{
    static struct sample_seen seen;
    int64_t start_ns = nta_clock_mono_ns();

    seen = (struct sample_seen){0};
    if (nta_store_each(store, query, sample_collect, &seen, &err) < 0)
        return 0;
    return nta_clock_mono_ns() - start_ns;
}

/** As a search does it: which rows to read is decided by their tokens. */
static bool has_token(void *owner, const struct nta_stored *row)
{
    const uint8_t *token = owner;

    for (size_t at = 0; at + NTA_TOKEN_LEN <= row->sealed.tokens.len; at += NTA_TOKEN_LEN) {
        if (memcmp(row->sealed.tokens.ptr + at, token, NTA_TOKEN_LEN) == 0)
            return true;
    }
    return false;
}

static void read_both(struct nta_store *store, const char *name)
{
    uint8_t token[NTA_TOKEN_LEN];
    struct nta_store_query query = {0};
    char text[64];

    (void)snprintf(text, sizeof(text), "%s: read all", name);
    show(text, read_all(store, &query), 0);
    sample_token(n_batches / 2, token);
    query.with_tokens = true;
    query.wants = has_token;
    query.wants_owner = token;
    (void)snprintf(text, sizeof(text), "%s: find one by token", name);
    show(text, read_all(store, &query), 0);
}

static int bench_sqlite(const char *folder)
{
    NTA_AUTO(nta_store_close) struct nta_store *store = NULL;
    char path[512], plain[512];
    int64_t floor_ns, start_ns;

    (void)snprintf(path, sizeof(path), "%s/bench.db", folder);
    (void)snprintf(plain, sizeof(plain), "%s/bench.plain", folder);
    floor_ns = append_all(plain);
    show("floor: append + fdatasync", floor_ns, 0);
    if (nta_store_open_sqlite(path, true, &store, &err) < 0)
        return fail("open");
    show("SQLite: a commit each", put_all(store, 1), floor_ns);
    read_both(store, "SQLite");
    start_ns = nta_clock_mono_ns();
    for (uint64_t i = MANY; i <= n_batches; i += MANY) {
        if (nta_store_forget(store, samples[0].stored.header.sensor, i, &err) < 0)
            return fail("forget");
    }
    show("SQLite: forget, 32 at a time", nta_clock_mono_ns() - start_ns, 0);
    (void)unlink(path);
    (void)unlink(plain);
    return 0;
}

static void bind(MYSQL_BIND *one, enum enum_field_types type, void *ptr, size_t len)
{
    static unsigned long lens[8];
    static size_t n;

    lens[n % 8] = (unsigned long)len;
    *one = (MYSQL_BIND){.buffer_type = type,
                        .buffer = ptr,
                        .buffer_length = (unsigned long)len,
                        .length = &lens[n++ % 8]};
}

/** The floor for a server: nothing is checked or compared. */
static int64_t insert_all(MYSQL *db)
{
    static const char text[] =
        "INSERT IGNORE INTO bench.floor VALUES ('2026-01-01', ?, ?, 1, 2, 4096, ?, ?, ?, ?)";
    MYSQL_STMT *statement = mysql_stmt_init(db);
    MYSQL_BIND binds[6];
    int64_t spent_ns = 0;
    uint64_t number = 0;

    (void)mysql_autocommit(db, 0);
    if (!statement || mysql_stmt_prepare(statement, text, sizeof(text) - 1) != 0)
        return 0;
    for (uint64_t i = 1; i <= n_batches; i += MANY) {
        int64_t start_ns;

        make(i);
        start_ns = nta_clock_mono_ns();
        for (size_t k = 0; k < MANY; k++) {
            struct sample *sample = &samples[k];

            number++;
            bind(&binds[0], MYSQL_TYPE_BLOB, sample->stored.header.sensor, NTA_SENSOR_ID_LEN);
            bind(&binds[1], MYSQL_TYPE_LONGLONG, &number, sizeof(number));
            bind(&binds[2], MYSQL_TYPE_BLOB, sample->header, sample->stored.sealed.header.len);
            bind(&binds[3], MYSQL_TYPE_BLOB, sample->signature, NTA_SIGNATURE_LEN);
            bind(&binds[4], MYSQL_TYPE_BLOB, sample->tokens, sizeof(sample->tokens));
            bind(&binds[5], MYSQL_TYPE_BLOB, sample->body, body_len);
            if (mysql_stmt_bind_param(statement, binds) != 0 || mysql_stmt_execute(statement) != 0)
                return 0;
        }
        (void)mysql_commit(db);
        spent_ns += nta_clock_mono_ns() - start_ns;
    }
    (void)mysql_stmt_close(statement);
    return spent_ns;
}

static int bench_mysql(const char *socket)
{
    static const char *const setup[] = {
        "DROP DATABASE IF EXISTS bench",
        "CREATE DATABASE bench",
        "CREATE TABLE bench.floor (day DATE NOT NULL, sensor BINARY(16), number BIGINT UNSIGNED,"
        " t1 BIGINT, t2 BIGINT, n INT, header VARBINARY(512), sig BINARY(64), tokens MEDIUMBLOB,"
        " body MEDIUMBLOB, PRIMARY KEY (day, sensor, number))",
    };
    NTA_AUTO(nta_store_close) struct nta_store *store = NULL;
    struct nta_mysql_options options = {.hosts = socket, .user = "root", .database = "bench"};
    MYSQL *db = mysql_init(NULL);
    int64_t floor_ns = 0;

    if (!mysql_real_connect(db, NULL, "root", NULL, NULL, 0, socket, 0))
        return fail(mysql_error(db));
    for (size_t i = 0; i < NTA_N_ELEMENTS(setup); i++) {
        if (mysql_query(db, setup[i]) != 0)
            return fail(mysql_error(db));
    }
    /* each in turn, so that a slow moment of the disk hits both */
    floor_ns = insert_all(db);
    mysql_close(db);
    show("floor: bare INSERT, 32 a commit", floor_ns, 0);
    if (nta_store_open_mysql(&options, &store, &err) < 0)
        return fail("open");
    show("MariaDB: 32 a commit", put_all(store, MANY), floor_ns);
    read_both(store, "MariaDB");
    return 0;
}

int main(int argc, char **argv)
{
    int result;

    if (argc < 2) {
        (void)fprintf(stderr, "usage: bench_store FOLDER [SOCKET|-] [BODY_BYTES] [BATCHES]\n");
        return 2;
    }
    if (argc > 3)
        body_len = strtoul(argv[3], NULL, 10);
    if (argc > 4)
        n_batches = strtoul(argv[4], NULL, 10) / MANY * MANY;
    if (body_len > SAMPLE_BODY_MAX || n_batches == 0)
        return 2;
    result = bench_sqlite(argv[1]);
    if (result == 0 && argc > 2 && strcmp(argv[2], "-") != 0)
        result = bench_mysql(argv[2]);
    return result;
}
