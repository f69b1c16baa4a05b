/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Who writes to a MySQL store (mysql_store.sh starts the server): the chain's row that is compared
 * and set, transactions that are done again, and what is destroyed.  Where NTA_TEST_SECOND names
 * the socket of a cluster's other node (galera.sh), one of two writers writes there.
 */

#include "mysql_kit.h"
#include "store/writer.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

/** Make batch `number` behind `head` and append it; `head` moves on. */
static int append(struct nta_store *store, struct nta_store_head *head, uint64_t number,
                  int64_t first_ns)
{
    struct sample_plan plan = {
        .sensor = 1, .number = number, .first_ns = first_ns, .body_len = 2000};

    sample_make(&sample, &plan, head->hash);
    int result =
        nta_store_append(store, head, &sample.stored, 1, (struct nta_span){.len = 0}, &err);

    if (result == 0) {
        head->number = number;
        memcpy(head->hash, sample.hash, sizeof(head->hash));
    }
    return result;
}

static void of_two_writers_one_is_told(void **state)
{
    struct nta_store *store = open_store(state);
    struct nta_store_head ours = {0}, theirs;

    assert_int_equal(append(store, &ours, 1, 0), 0);
    theirs = ours;
    assert_int_equal(append(store, &ours, 2, 0), 0);
    /* the same number on another day: the primary key alone would let it in */
    assert_int_equal(append(store, &theirs, 2, SAMPLE_START_NS + 9 * SAMPLE_DAY_NS), -EEXIST);
    assert_non_null(strstr(err.text, "is at another batch 2"));
    /* the very same again: an answer was lost */
    theirs = (struct nta_store_head){0};
    assert_int_equal(append(store, &theirs, 1, 0), -EEXIST); /* the row is behind it already */
    sample_make(&sample, &(struct sample_plan){.sensor = 1, .number = 2, .body_len = 2000},
                theirs.hash);
    assert_string_equal(sql_text("SELECT COUNT(*), (SELECT number FROM nta.chain) FROM nta.head"),
                        "2 2");
}

static void a_commit_whose_answer_was_lost_is_found_again(void **state)
{
    struct nta_store *store = open_store(state);
    struct nta_store_head head = {0};
    static struct sample samples[3];
    const struct nta_span none = {.len = 0};
    struct nta_stored all[3];
    struct nta_store_head before;

    assert_int_equal(append(store, &head, 1, 0), 0);
    before = head;
    for (size_t i = 0; i < 3; i++) {
        sample_make(&samples[i],
                    &(struct sample_plan){.sensor = 1, .number = 2 + i, .body_len = 100},
                    i == 0 ? head.hash : samples[i - 1].hash);
        all[i] = samples[i].stored;
    }
    assert_int_equal(nta_store_append(store, &before, all, 2, none, &err), 0);
    assert_int_equal(nta_store_append(store, &before, all, 2, none, &err),
                     0); /* all of it is there */
    assert_int_equal(nta_store_append(store, &before, all, 3, none, &err), 0); /* a part of it is */
    assert_string_equal(sql_text("SELECT COUNT(*), (SELECT number FROM nta.chain) FROM nta.head"),
                        "4 4");
}

/** What the other connection does while the store is at work. */
struct other
{
    const char *first, *then;
    long pause_ms;
};

static void *run_other(void *arg)
{
    const struct other *other = arg;
    struct timespec pause = {.tv_sec = other->pause_ms / 1000,
                             .tv_nsec = other->pause_ms % 1000 * 1000000};

    (void)nanosleep(&pause, NULL);
    /* one of the two is chosen to give way */
    (void)mysql_query(admin, other->then);
    (void)mysql_query(admin, "ROLLBACK");
    mysql_thread_end();
    return NULL;
}

static void a_deadlock_or_a_long_lock_is_gone_through_again(void **state)
{
    static struct other others[] = {
        /* waits for the row for more than innodb_lock_wait_timeout (1205) */
        {"SELECT number FROM nta.chain FOR UPDATE", "DO 1", 5500},
        /* has the batch's key, then wants the row, which the store has: 1213 */
        {"INSERT INTO nta.head SELECT sensor, seq + 3, class, day, first_ns, last_ns, records, "
         "bytes, data_key, header, signature, marks FROM nta.head, nta.numbers WHERE number = 1",
         "UPDATE nta.chain SET number = number + 1000", 1000},
    };
    struct nta_store *store = open_store(state);
    struct nta_store_head head = {0};

    assert_int_equal(append(store, &head, 1, SAMPLE_START_NS), 0);
    sql("CREATE TABLE nta.numbers (seq INT)");
    sql("INSERT INTO nta.numbers VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)");
    for (size_t i = 0; i < NTA_N_ELEMENTS(others); i++) {
        pthread_t thread;

        sql("START TRANSACTION");
        MYSQL_RES *rows = NULL;

        assert_int_equal(mysql_query(admin, others[i].first), 0);
        rows = mysql_store_result(admin);
        if (rows)
            mysql_free_result(rows);
        assert_int_equal(pthread_create(&thread, NULL, run_other, &others[i]), 0);
        if (append(store, &head, 2 + i, SAMPLE_START_NS + (int64_t)i) != 0)
            fail_msg("%zu: %s", i, err.text);
        (void)pthread_join(thread, NULL);
    }
    assert_string_equal(sql_text("SELECT COUNT(*), (SELECT number FROM nta.chain) FROM nta.head"),
                        "3 3");
}

static void a_lock_on_a_data_key_is_gone_through_again(void **state)
{
    /* longer than innodb_lock_wait_timeout, which is half of the connection's */
    static struct other other = {.then = "DO 1", .pause_ms = 3500};
    struct nta_store *store = open_store(state);
    uint8_t blob[100] = {1};
    struct nta_wrapped_key key = {.class = NTA_CLASS_LOG, .blob = {blob, sizeof(blob)}};
    pthread_t thread;

    memset(key.id, 7, sizeof(key.id));
    sql("START TRANSACTION");
    sql("INSERT INTO nta.data_key VALUES (REPEAT(CHAR(7), 16), REPEAT(CHAR(1), 16), 1, 1, 'x')");
    assert_int_equal(pthread_create(&thread, NULL, run_other, &other), 0);
    if (nta_store_put_key(store, &key, &err) != 0)
        fail_msg("%s", err.text);
    (void)pthread_join(thread, NULL);
    assert_string_equal(sql_text("SELECT COUNT(*), MAX(LENGTH(wrapped)) FROM nta.data_key"),
                        "1 100");
}

/** One of two writers that make the same chain longer, each with a connection of its own. */
struct rival
{
    const char *hosts;
    uint64_t salt;
    unsigned n_won, n_told, n_other;
    pthread_barrier_t *barrier;
};

enum
{
    RIVALRY = 40 ///< Batches.
};

static void *compete(void *arg)
{
    struct rival *rival = arg;
    struct nta_mysql_options own = options;
    struct nta_store *store = NULL;
    static _Thread_local struct sample mine;
    struct nta_err error = {0};

    own.hosts = rival->hosts;
    rival->n_other += nta_store_open_mysql(&own, &store, &error) != 0;
    for (uint64_t i = 1; i <= RIVALRY; i++) {
        struct nta_store_place place;
        const struct sample_plan plan = {
            .sensor = 1, .number = i, .body_len = 2000, .salt = rival->salt};

        memset(mine.stored.header.sensor, 1, NTA_SENSOR_ID_LEN);
        rival->n_other +=
            nta_store_get_place(store, mine.stored.header.sensor, &place, &error) != 0;
        (void)pthread_barrier_wait(rival->barrier);
        sample_make(&mine, &plan, place.head.hash);
        int result = nta_store_append(store, &place.head, &mine.stored, 1,
                                      (struct nta_span){.len = 0}, &error);

        rival->n_won += result == 0;
        rival->n_told += result == -EEXIST;
        rival->n_other += result != 0 && result != -EEXIST;
        (void)pthread_barrier_wait(rival->barrier);
    }
    nta_store_close(&store);
    mysql_thread_end();
    return NULL;
}

static void of_two_that_write_at_once_one_wins_each_batch(void **state)
{
    const char *second = getenv("NTA_TEST_SECOND"); /* NOLINT(concurrency-mt-unsafe): one thread */
    struct rival rivals[2] = {{.hosts = options.hosts, .salt = 1},
                              {.hosts = second ? second : options.hosts, .salt = 2}};
    pthread_barrier_t barrier;
    pthread_t threads[2];

    (void)open_store(state);
    assert_int_equal(pthread_barrier_init(&barrier, NULL, 2), 0);
    for (size_t i = 0; i < 2; i++) {
        rivals[i].barrier = &barrier;
        assert_int_equal(pthread_create(&threads[i], NULL, compete, &rivals[i]), 0);
    }
    for (size_t i = 0; i < 2; i++)
        (void)pthread_join(threads[i], NULL);
    (void)pthread_barrier_destroy(&barrier);
    assert_int_equal(rivals[0].n_other + rivals[1].n_other, 0);
    assert_int_equal(rivals[0].n_won + rivals[1].n_won, RIVALRY);
    assert_int_equal(rivals[0].n_told + rivals[1].n_told, RIVALRY);
    collect(*state, &(struct nta_store_query){0});
    assert_int_equal(seen.n, RIVALRY);
    assert_int_equal(seen.n_faulty, 0);
    assert_true(seen.is_chain);
    assert_string_equal(sql_text("SELECT COUNT(*), MAX(number) FROM nta.content_2"), "40 40");
}

static void the_row_keeps_the_frontier(void **state)
{
    struct nta_store *store = open_store(state);
    struct nta_store_head head = {0};
    struct nta_store_place place;
    struct nta_log_tree tree = {0};
    uint8_t bytes[NTA_LOG_FRONTIER_MAX];

    for (uint64_t i = 1; i <= 9; i++) {
        const struct sample_plan plan = {.sensor = 1, .number = i, .body_len = 100};
        struct nta_span frontier = {bytes, nta_log_frontier(&tree, bytes)};

        sample_make(&sample, &plan, head.hash);
        assert_int_equal(nta_store_append(store, &head, &sample.stored, 1, frontier, &err), 0);
        head.number = i;
        memcpy(head.hash, sample.hash, sizeof(head.hash));
        assert_int_equal(nta_store_get_place(store, sample.stored.header.sensor, &place, &err), 0);
        assert_int_equal(place.head.number, i);
        assert_int_equal(place.n_frontier, frontier.len);
        assert_memory_equal(place.frontier, bytes, frontier.len);
        nta_log_add(&tree, head.hash);
    }
    sql("UPDATE nta.chain SET frontier = 'nonsense'");
    assert_int_equal(nta_store_get_place(store, sample.stored.header.sensor, &place, &err), 0);
    assert_int_equal(place.head.number, 9);
    assert_int_equal(place.n_frontier, 0);
}

static void a_head_without_content_is_kept_and_told(void **state)
{
    struct nta_store *store = open_store(state);
    struct nta_store_tally tally = {0};

    assert_int_equal(put(store, 1, 0, 0), 0);
    sample_make(&sample, &(struct sample_plan){.sensor = 1, .number = 2, .has_next = true},
                sample.hash);
    sample.stored.faults = NTA_ROW_ABSENT;
    sample.stored.sealed.tokens.len = sample.stored.sealed.body.len = 0;
    assert_int_equal(sample_append(store, &sample.stored, 1, &err), 0);
    assert_int_equal(put(store, 3, 0, 0), 0);
    collect(store, &(struct nta_store_query){.tally = &tally});
    assert_int_equal(seen.n, 3);
    assert_int_equal(seen.n_faulty, 1);
    assert_int_equal(seen.faults, NTA_ROW_ABSENT);
    assert_int_equal(tally.n_strays, 0);
    collect(store, &(struct nta_store_query){.marked_only = true});
    assert_int_equal(seen.n, 1);
    assert_int_equal(seen.first, 2);
    sql("DELETE FROM nta.head WHERE number = 3");
    collect(store, &(struct nta_store_query){.tally = &tally});
    assert_int_equal(seen.n, 2);
    assert_int_equal(tally.n_strays, 1);
}

static int count_zeros(void *owner, const struct nta_stored_key *key, struct nta_err *ret_err)
{
    unsigned *n_zeros = owner;
    size_t i = 0;

    (void)ret_err;
    while (i < key->key.blob.len && key->key.blob.ptr[i] == 0)
        i++;
    assert_int_equal(key->key.blob.len, 300);
    *n_zeros += i == key->key.blob.len;
    return 0;
}

static void destroyed_keys_are_zeros(void **state)
{
    struct nta_store *store = open_store(state);
    uint8_t blob[300];
    struct nta_wrapped_key key = {.sensor = {9}, .blob = {blob, sizeof(blob)}};
    unsigned n_zeros = 0;

    for (uint8_t i = 0; i < 6; i++) {
        sample_fill(blob, sizeof(blob), i);
        key.id[0] = i;
        key.class = i % 2 ? NTA_CLASS_WHO : NTA_CLASS_LOG;
        key.day = i / 4;
        assert_int_equal(nta_store_put_key(store, &key, &err), 0);
    }
    assert_int_equal(nta_store_destroy_key(store, key.sensor, NTA_CLASS_WHO, 0, &err), -EACCES);
    assert_non_null(strstr(err.text, "GRANT UPDATE ON `nta`.data_key TO 'nta'"));
    sql("GRANT UPDATE ON nta.data_key TO nta@localhost");
    assert_int_equal(nta_store_destroy_key(store, key.sensor, NTA_CLASS_WHO, 0, &err), 0);
    assert_int_equal(nta_store_destroy_key(store, key.sensor, NTA_CLASS_WHO, 0, &err), 0);
    assert_int_equal(nta_store_each_key(store, count_zeros, &n_zeros, &err), 0);
    assert_int_equal(n_zeros, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(of_two_writers_one_is_told),
        TEST(a_commit_whose_answer_was_lost_is_found_again),
        TEST(a_deadlock_or_a_long_lock_is_gone_through_again),
        TEST(a_lock_on_a_data_key_is_gone_through_again),
        TEST(of_two_that_write_at_once_one_wins_each_batch),
        TEST(the_row_keeps_the_frontier),
        TEST(a_head_without_content_is_kept_and_told),
        TEST(destroyed_keys_are_zeros),
#undef TEST
    };

    return cmocka_run_group_tests(tests, connect_admin, disconnect_admin);
}
