/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All that becomes of records behind the workers, for so many seconds: encoded, compressed, sealed,
 * signed, committed to SQLite with synchronous=FULL, shipped to MariaDB on a local socket, and
 * acknowledged.  Then a million of the same records by LOAD DATA, one row each in a table with two
 * secondary indexes.  tests/bench/bench_ship.sh starts the server.
 *
 *     bench_ship DIR SOCKET [SECONDS]
 */
#include "base/runtime/clock.h"
#include "plausible.h"
#include "store/sealed_store.h"
#include "store/ship/ship.h"

#include <inttypes.h>
#include <mysql.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum
{
    RECORDS = 4000,
    AHEAD = 256, ///< Batches that may wait for the server.
    ROWS = 1000000
};

static struct sealed_store sealed;
static _Atomic uint64_t acked;
static MYSQL *db;

static void die(const char *what, const char *why)
{
    (void)fprintf(stderr, "bench_ship: %s: %s\n", what, why);
    exit(3); /* NOLINT(concurrency-mt-unsafe): nothing is to be saved */
}

static void on_acked(void *owner, const struct nta_store_head *head, uint64_t kept)
{
    (void)owner;
    (void)kept;
    atomic_store(&acked, head->number);
}

static void wait_for(uint64_t number, struct nta_ship *ship)
{
    while (atomic_load(&acked) < number) {
        nta_ship_wake(ship);
        (void)nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
}

static void put_batch(struct nta_batch *batch, unsigned salt)
{
    char site[64];

    nta_batch_clear(batch);
    for (unsigned i = 0; i < RECORDS; i++) {
        struct nta_record record;

        plausible_flow(&record, salt * RECORDS + i, site);
        if (nta_batch_add(batch, &record) < 0)
            die("batch", "too many records");
    }
    if (sealed_store_commit(&sealed, batch, NTA_CLASS_TRAFFIC, nta_clock_wall_ns()) < 0)
        die("commit", sealed.err.text);
}

static double resident_mib(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    char text[128] = "", *end = text;

    if (file) {
        (void)!fgets(text, sizeof(text), file);
        (void)fclose(file);
    }
    (void)strtol(text, &end, 10);
    return (double)strtol(end, NULL, 10) * (double)sysconf(_SC_PAGESIZE) / 1048576;
}

static double seconds_since(int64_t ns)
{
    return (double)(nta_clock_mono_ns() - ns) / 1e9;
}

/** Records a second, until all of them were acknowledged. */
static double ship_for(double seconds, struct nta_ship *ship, uint64_t *ret_records)
{
    NTA_AUTO(nta_batch_done) struct nta_batch batch;
    const int64_t began_ns = nta_clock_mono_ns();
    double told = 0, resident[2] = {0};
    unsigned n = 0;

    nta_batch_init(&batch);
    for (; seconds_since(began_ns) < seconds; n++) {
        put_batch(&batch, n);
        nta_ship_wake(ship);
        if (sealed.head.number > AHEAD)
            wait_for(sealed.head.number - AHEAD, ship);
        if (seconds_since(began_ns) < told)
            continue;
        told += seconds / 10;
        resident[1] = resident_mib();
        if (n > 0 && resident[0] == 0)
            resident[0] = resident[1];
        (void)printf("%6.0f s: %9.1f million records, %.0f MiB resident\n", seconds_since(began_ns),
                     (double)n * RECORDS / 1e6, resident[1]);
        (void)fflush(stdout);
    }
    wait_for(sealed.head.number, ship);
    *ret_records = (uint64_t)n * RECORDS;
    (void)printf("resident: %.0f MiB after a tenth, %.0f at the end\n", resident[0], resident[1]);
    return (double)*ret_records / seconds_since(began_ns);
}

static double ask(const char *sql)
{
    MYSQL_RES *rows;
    double number = 0;

    if (mysql_query(db, sql) != 0)
        die(sql, mysql_error(db));
    while (mysql_more_results(db))
        (void)mysql_next_result(db);
    rows = mysql_store_result(db);
    if (rows) {
        const MYSQL_ROW row = mysql_fetch_row(rows);

        number = row && row[0] ? strtod(row[0], NULL) : 0;
        mysql_free_result(rows);
    }
    return number;
}

static double load_rows(const char *dir)
{
    char path[4096], sql[4300], site[64];

    (void)snprintf(path, sizeof(path), "%s/rows.tsv", dir);
    FILE *file = fopen(path, "we");

    for (unsigned i = 0; file && i < ROWS; i++) {
        struct nta_record record;

        plausible_flow(&record, i, site);
        (void)fprintf(file,
                      "%u\t%" PRId64 "\t%" PRId64
                      "\t10.0.%u.%u\t%u\t203.0.%u.%u\t443\t%s\tNL\tAmsterdam\th2\tTLS 1.3\t"
                      "%" PRIu64 "\t%" PRIu64 "\n",
                      i, record.time_ns, record.end_ns, i * 7 % 1000 / 250, i * 7 % 250,
                      record.user.port, i * 31 % 5000 / 250, i * 31 % 250, site, record.up.bytes,
                      record.down.bytes);
    }
    if (!file || fclose(file) != 0)
        die(path, "cannot be written");
    (void)ask("CREATE TABLE flow (id INT UNSIGNED PRIMARY KEY, time_ns BIGINT, end_ns BIGINT, user "
              "VARCHAR(39), user_port INT, peer VARCHAR(39), peer_port INT, site VARCHAR(255), "
              "country CHAR(2), city VARCHAR(64), alpn VARCHAR(16), tls VARCHAR(16), up BIGINT, "
              "down BIGINT, KEY (user, time_ns), KEY (site, time_ns)) ENGINE=InnoDB");
    (void)snprintf(sql, sizeof(sql), "LOAD DATA INFILE '%s' INTO TABLE flow", path);
    const int64_t began_ns = nta_clock_mono_ns();

    (void)ask(sql);
    const double rate = ROWS / seconds_since(began_ns);

    (void)remove(path);
    return rate;
}

static double stored_bytes(void)
{
    (void)ask("ANALYZE TABLE head, content_2, data_key, chain");
    return ask("SELECT SUM(DATA_LENGTH + INDEX_LENGTH) FROM information_schema.TABLES WHERE "
               "TABLE_SCHEMA = 'bench'");
}

int main(int argc, char **argv)
{
    const double seconds = argc > 3 ? strtod(argv[3], NULL) : 30;
    char journal[4096];
    struct nta_ship_options options = {.journal_path = journal, .acknowledged = on_acked};
    struct nta_ship *ship = NULL;
    struct nta_err err = {0};
    uint64_t n_records;

    if (argc < 3)
        return 2;
    options.mysql = (struct nta_mysql_options){
        .hosts = argv[2], .user = "root", .password = "", .database = "bench"};
    (void)snprintf(journal, sizeof(journal), "%s/journal.db", argv[1]);
    db = mysql_init(NULL);
    if (!mysql_real_connect(db, NULL, "root", NULL, NULL, 0, argv[2], 0))
        die("MariaDB", mysql_error(db));
    (void)ask("CREATE DATABASE bench");
    (void)ask("USE bench");
    if (sealed_store_open(&sealed, argv[1], nta_clock_wall_ns()) < 0)
        die("store", sealed.err.text);
    nta_sealer_get_sensor(sealed.sealer, options.sensor);
    if (nta_ship_start(&options, &ship, &err) < 0)
        die("shipper", err.text);
    const double rate = ship_for(seconds, ship, &n_records);

    nta_ship_stop(&ship, 0);
    (void)printf("encoded to acknowledged: %.1f million records, %.0f records/s\n",
                 (double)n_records / 1e6, rate);
    (void)printf("in MariaDB: %.1f bytes a record\n", stored_bytes() / (double)n_records);
    const double rows = load_rows(argv[1]);

    (void)printf("LOAD DATA of a row a record, two secondary indexes: %.0f rows/s; %.1f times\n",
                 rows, rate / rows);
    mysql_close(db);
    sealed_store_close(&sealed);
    return 0;
}
