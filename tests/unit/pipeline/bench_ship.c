/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All that becomes of records behind the workers, by ntad's own recorder, committer and shipper,
 * for so many seconds: encoded, compressed, sealed, signed, committed to SQLite with
 * synchronous=FULL, shipped to MariaDB on a local socket, and acknowledged.  Then a million of the
 * same records by LOAD DATA, one row each in a table with two secondary indexes.  Beside the rates,
 * what a record took of the processors.  tests/bench/bench_ship.sh starts the server.
 *
 *     bench_ship DIR SOCKET PID-OF-SERVER [SECONDS]
 */
#include "base/runtime/clock.h"
#include "base/runtime/thread.h"
#include "costs.h"
#include "pipeline/commit/commit.h"
#include "pipeline/recorder.h"
#include "plausible.h"
#include "store/sealed_keys.h"
#include "store/ship/ship.h"

#include <mysql.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum
{
    STEP = 4096, ///< Records between two looks at the clock.
    AHEAD = 256, ///< Batches that may wait for the server.
    ROWS = 1000000
};

/** What ntad has behind a worker, with the outbox of one. */
static struct
{
    struct nta_wake wake;
    struct nta_outbox outbox;
    struct nta_recorder *recorder;
    struct nta_commit *commit; ///< Borrows from the recorder.
    struct nta_thread thread;
    struct nta_ship *ship;
    struct nta_counters counters;
    uint64_t n_records;
    double cost; ///< Of the recorder, which has ended.
} stages;

static _Atomic uint64_t acked;
static MYSQL *db;

static void die(const char *what, const char *why)
{
    (void)fprintf(stderr, "bench_ship: %s: %s\n", what, why);
    exit(3); /* NOLINT(concurrency-mt-unsafe): nothing is to be saved */
}

static void on_acked(void *owner, const struct nta_store_head *head, uint64_t kept)
{
    nta_commit_acknowledged(owner, head, kept);
    atomic_store(&acked, head->number);
}

static void nap(void)
{
    (void)nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static uint64_t none_counted(const void *owner, enum nta_counter which)
{
    (void)owner;
    (void)which;
    return 0;
}

static void start_recorder(const struct nta_outlet *outlet)
{
    static struct nta_outbox *const outboxes[] = {&stages.outbox};
    const struct nta_outbox_options outbox = {.wake = &stages.wake, .patient = true};
    const struct nta_recorder_options options = {
        .outboxes = outboxes,
        .n_outboxes = 1,
        .wake = &stages.wake,
        .outlet = outlet,
        .batch_ns = 5 * NTA_NS_PER_S,
        .alert_batch_ns = NTA_NS_PER_S / 5,
        .losses = {.counted = none_counted},
    };
    struct nta_err err = {0};

    if (nta_outbox_init(&stages.outbox, &outbox, &err) < 0 ||
        nta_recorder_new(&options, &stages.recorder, &err) < 0)
        die("recorder", err.text);
    nta_recorder_drain(stages.recorder); /* as at an end: it waits for a store that is slow */
    stages.commit = nta_recorder_commit(stages.recorder);
}

static void *run_recorder(void *recorder)
{
    (void)nta_recorder_run(recorder);
    stages.cost = costs_of_threads("nta-recorder");
    return NULL;
}

static void start_stages(const struct nta_outlet *outlet, const char *socket)
{
    struct nta_ship_options options = {.journal_path = outlet->store_path,
                                       .acknowledged = on_acked};
    struct nta_err err = {0};

    options.mysql = (struct nta_mysql_options){
        .hosts = socket, .user = "root", .password = "", .database = "bench"};
    start_recorder(outlet);
    options.owner = stages.commit;
    nta_commit_get_sensor(stages.commit, options.sensor);
    if (nta_ship_start(&options, &stages.ship, &err) < 0)
        die("shipper", err.text);
    nta_recorder_set_ship(stages.recorder, stages.ship);
    if (nta_recorder_start(stages.recorder) < 0 ||
        nta_thread_start(&(struct nta_thread_options){.name = "nta-recorder"}, run_recorder,
                         stages.recorder, &stages.thread) < 0)
        die("threads", "cannot be started");
}

static void put_records(uint64_t from)
{
    static char sites[PLAUSIBLE_SITES][64];

    if (from == 0)
        for (unsigned i = 0; i < PLAUSIBLE_SITES; i++)
            plausible_site(i, sites[i]);
    for (unsigned i = (unsigned)from, end = i + STEP; i != end; i++) {
        struct nta_record record;

        plausible_flow_to(&record, i, sites[i % PLAUSIBLE_SITES]);
        nta_outbox_add(&stages.outbox, &record, 0, &stages.counters);
    }
    while (nta_recorder_last(stages.recorder) > AHEAD + atomic_load(&acked))
        nap();
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

/** What is under way is stored and acknowledged, and all that was put is there. */
static void wait_for_all(void)
{
    nta_outbox_flush(&stages.outbox, 0, true);
    nta_recorder_finish(stages.recorder);
    nta_thread_join(&stages.thread);
    while (atomic_load(&acked) < nta_recorder_last(stages.recorder))
        nap();
    const uint64_t stored = nta_recorder_counted(stages.recorder, NTA_COUNTER_RECORD_STORED);

    if (stored < stages.n_records) {
        (void)fprintf(stderr, "bench_ship: of %" PRIu64 " records %" PRIu64 " were stored\n",
                      stages.n_records, stored);
        exit(3); /* NOLINT(concurrency-mt-unsafe): nothing is to be saved */
    }
}

/** Records a second, until all of them were acknowledged. */
static double ship_for(double seconds)
{
    const int64_t began_ns = nta_clock_mono_ns();
    double told = 0, resident[2] = {0};

    while (seconds_since(began_ns) < seconds) {
        put_records(stages.n_records);
        stages.n_records += STEP;
        if (seconds_since(began_ns) < told)
            continue;
        resident[1] = resident_mib();
        if (told > 0 && resident[0] == 0)
            resident[0] = resident[1];
        told += seconds / 10;
        (void)printf("%6.0f s: %9.1f million records, %.0f MiB resident\n", seconds_since(began_ns),
                     (double)stages.n_records / 1e6, resident[1]);
        (void)fflush(stdout);
    }
    wait_for_all();
    (void)printf("resident: %.0f MiB after a tenth, %.0f at the end\n", resident[0], resident[1]);
    return (double)stages.n_records / seconds_since(began_ns);
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

/** Of the server, whose seconds these are, and of each stage of ours. */
static double print_costs(double server)
{
    const double n = (double)stages.n_records / 1e6, all = costs_of_process(getpid());
    const double encode = costs_of_threads("bench_ship"), ship = costs_of_threads("nta-ship");

    (void)printf("microseconds of processor a record: encoded %.2f, joined %.2f, sealed and "
                 "committed %.2f, shipped %.2f, server %.2f, together %.2f\n",
                 encode / n, stages.cost / n, (all - encode - stages.cost - ship) / n, ship / n,
                 server / n, (all + server) / n);
    return (all + server) / n;
}

static void be_connected(const char *socket)
{
    db = mysql_init(NULL);
    if (!mysql_real_connect(db, NULL, "root", NULL, NULL, 0, socket, 0))
        die("MariaDB", mysql_error(db));
    (void)ask("CREATE DATABASE bench");
    (void)ask("USE bench");
}

static void run(const char *dir, long pid, double seconds)
{
    double before = costs_of_process(pid);
    const double rate = ship_for(seconds);
    const double cost = print_costs(costs_of_process(pid) - before);

    nta_ship_stop(&stages.ship, 0);
    (void)printf("encoded to acknowledged: %.1f million records, %.0f records/s\n",
                 (double)stages.n_records / 1e6, rate);
    (void)printf("in MariaDB: %.1f bytes a record\n", stored_bytes() / (double)stages.n_records);
    before = costs_of_process(pid);
    const double rows = load_rows(dir), row_cost = costs_of_process(pid) - before;

    (void)printf("LOAD DATA of a row a record, two secondary indexes: %.0f rows/s; %.1f times\n",
                 rows, rate / rows);
    (void)printf("microseconds of processor a row: server %.2f; %.1f times\n",
                 row_cost * 1e6 / ROWS, row_cost * 1e6 / ROWS / cost);
}

int main(int argc, char **argv)
{
    char journal[4096], keys[4096], state[4096];
    const struct nta_outlet outlet = {.store_path = journal, .keys_dir = keys, .state_dir = state};
    const struct nta_keys_place place = {.keys_dir = keys, .state_dir = state};
    struct nta_err err = {0};

    if (argc < 4)
        return 2;
    (void)snprintf(journal, sizeof(journal), "%s/journal.db", argv[1]);
    (void)snprintf(keys, sizeof(keys), "%s/keys", argv[1]);
    (void)snprintf(state, sizeof(state), "%s/state", argv[1]);
    if (sealed_store_make_keys(&place, nta_clock_wall_ns(), &err) < 0)
        die("keys", err.text);
    be_connected(argv[2]);
    start_stages(&outlet, argv[2]);
    run(argv[1], strtol(argv[3], NULL, 10), argc > 4 ? strtod(argv[4], NULL) : 30);
    mysql_close(db);
    nta_recorder_free(&stages.recorder);
    nta_outbox_done(&stages.outbox);
    return 0;
}
