/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The MySQL store against the server whose socket, TLS port and certificate authorities are in the
 * environment (mysql_store.sh starts it): the store's contract, and a sentence that says what to do
 * for each thing that is wrong.
 */

/* first, since its own names are also those of the kit */
#include "mysql_changed.h"
#include "mysql_kit.h"
#include "store/newest.h"
#include "store/writer.h"

#include <errno.h>

static int compare_with_sample(void *owner, const struct nta_stored *batch, struct nta_err *ret_err)
{
    const struct nta_sealed *a = &sample.stored.sealed, *b = &batch->sealed;
    const struct nta_span *want[] = {&a->header, &a->signature, &a->tokens, &a->body};
    const struct nta_span *have[] = {&b->header, &b->signature, &b->tokens, &b->body};

    (void)owner;
    (void)ret_err;
    assert_int_equal(batch->faults, 0);
    for (size_t i = 0; i < NTA_N_ELEMENTS(want); i++) {
        assert_int_equal(have[i]->len, want[i]->len);
        assert_memory_equal(have[i]->ptr, want[i]->ptr, want[i]->len);
    }
    return 7;
}

static bool wants_none(void *owner, const struct nta_stored *row)
{
    (void)owner;
    assert_int_equal(row->sealed.signature.len, NTA_SIGNATURE_LEN);
    assert_int_equal(row->sealed.body.len, 0);
    return false;
}

static void what_is_put_comes_back(void **state)
{
    struct nta_store *store = open_store(state);
    struct nta_store_query query = {0};
    struct nta_store_size size;
    uint64_t bytes = 0;

    for (uint64_t i = 1; i <= 30; i++) {
        assert_int_equal(put(store, i, 0, 0), 0);
        bytes += 2000 + NTA_SIGNATURE_LEN + sizeof(sample.tokens) + sample.stored.sealed.header.len;
    }
    collect(store, &query);
    assert_int_equal(seen.n, 30);
    assert_int_equal(seen.n_faulty, 0);
    assert_true(seen.is_chain);
    assert_int_equal(seen.body_bytes, 60000);
    query = (struct nta_store_query){
        .from_number = 11, .sensor = sample.stored.header.sensor, .wants = wants_none};
    collect(store, &query);
    assert_int_equal(seen.first, 11);
    assert_int_equal(seen.n, 20);
    assert_int_equal(seen.body_bytes, 0);
    query = (struct nta_store_query){.from_number = 30, .sensor = sample.stored.header.sensor};
    assert_int_equal(nta_store_each(store, &query, compare_with_sample, NULL, &err), 7);
    assert_int_equal(nta_store_measure(store, &size, &err), 0);
    assert_int_equal(size.n_batches, 30);
    assert_int_equal(size.n_records, 30 * 4096);
    assert_int_equal(size.bytes, bytes);
    assert_int_equal(size.oldest_ns, SAMPLE_START_NS + 2 * NTA_NS_PER_S);
}

static void an_empty_store_says_so(void **state)
{
    struct nta_store *store = open_store(state);
    struct nta_store_size size;
    uint8_t sensor[NTA_SENSOR_ID_LEN] = {1};
    struct nta_store_place place;

    collect(store, &(struct nta_store_query){0});
    assert_int_equal(seen.n, 0);
    assert_int_equal(nta_store_format(store), 2);
    assert_int_equal(nta_store_get_place(store, sensor, &place, &err), 0);
    assert_int_equal(place.head.number, 0);
    assert_int_equal(nta_store_measure(store, &size, &err), 0);
    assert_int_equal(size.n_batches, 0);
    assert_int_equal(size.oldest_ns, 0);
    assert_int_equal(nta_store_forget(store, sensor, 1, &err), -ENOTSUP);
}

static void order_is_by_number_whatever_the_days(void **state)
{
    struct nta_store *store = open_store(state);
    struct nta_store_place place;

    for (uint64_t i = 1; i <= 40; i++)
        assert_int_equal(put(store, i, (int64_t)(i / 3 % 4) * -SAMPLE_DAY_NS - (int64_t)i, 0), 0);
    collect(store, &(struct nta_store_query){0});
    assert_int_equal(seen.n, 40);
    assert_int_equal(seen.n_faulty, 0);
    assert_true(seen.is_chain);
    assert_int_equal(nta_store_get_place(store, sample.stored.header.sensor, &place, &err), 0);
    assert_int_equal(place.head.number, 40);
    assert_memory_equal(place.head.hash, sample.hash, sizeof(sample.hash));
    assert_string_equal(sql_text("SELECT MIN(day), MAX(day) FROM nta.head"), "-4 -1");
    assert_string_equal(sql_text("SELECT MIN(day), MAX(day), COUNT(*) FROM nta.content_2"),
                        "-4 -1 40");
}

static void a_number_above_does_not_hide_the_newest_below_it(void **state)
{
    newest_check(open_store(state), &sample);
}

static void the_same_again_is_no_error_and_another_batch_is_refused(void **state)
{
    struct nta_store *store = open_store(state);
    static struct sample next;
    const struct nta_store_head none = {.number = 0};
    struct nta_stored both[2];

    assert_int_equal(put(store, 1, 0, 0), 0);
    assert_int_equal(nta_store_append(store, &none, &sample.stored, 1, (struct nta_span){0}, &err),
                     0);
    assert_int_equal(nta_store_put_batches(store, &sample.stored, 1, &err), -ENOTSUP);
    sample_make(&next, &(struct sample_plan){.sensor = 1, .number = 2, .body_len = 10}, NULL);
    sample_make(&sample, &(struct sample_plan){.sensor = 1, .number = 1, .salt = 7}, NULL);
    both[0] = next.stored;
    both[1] = sample.stored;
    assert_int_equal(sample_append(store, both, 2, &err), -EEXIST);
    assert_non_null(strstr(err.text, "another batch 1 of sensor 0101"));
    collect(store, &(struct nta_store_query){0});
    assert_int_equal(seen.n, 1);
    assert_int_equal(sample_append(store, both, 1, &err), 0);
}

/** Wants the batch with this number, by its token. */
static bool wants_number(void *owner, const struct nta_stored *row)
{
    uint8_t token[NTA_TOKEN_LEN];

    sample_token(*(uint64_t *)owner, token);
    assert_int_equal(row->sealed.body.len, 0);
    return nta_tokens_have(row->sealed.tokens, token);
}

static void every_row_is_given_and_those_wanted_with_their_body(void **state)
{
    struct nta_store *store = open_store(state);
    static const uint64_t numbers[] = {1, 2, 3, 50000, 50001, UINT64_C(1) << 60};
    uint64_t wanted = 50000;
    struct nta_store_tally tally = {0};
    struct nta_store_query query = {
        .with_tokens = true, .wants = wants_number, .wants_owner = &wanted, .tally = &tally};

    for (size_t i = 0; i < NTA_N_ELEMENTS(numbers); i++)
        assert_int_equal(put(store, numbers[i], SAMPLE_START_NS + (int64_t)i * NTA_NS_PER_S, 0), 0);
    collect(store, &query);
    assert_int_equal(seen.n, 6);
    assert_int_equal(seen.n_faulty, 0);
    assert_int_equal(seen.body_bytes, 2000);
    assert_true(tally.is_counted);
    assert_int_equal(tally.n_given, 6);
    assert_int_equal(tally.n_counted, 6);
    query.with_tokens = false;
    query.wants = NULL;
    query.sensor = sample.stored.header.sensor;
    query.from_number = 3;
    collect(store, &query);
    assert_int_equal(seen.n, 4);
    assert_int_equal(seen.body_bytes, 8000);
    assert_int_equal(tally.n_given, 6);
}

/** Tokens of those with an odd number alone. */
static bool narrows_odd(void *owner, const struct nta_stored *row)
{
    (void)owner;
    assert_int_equal(row->sealed.tokens.len, 0);
    return row->header.number % 2;
}

static bool wants_odd(void *owner, const struct nta_stored *row)
{
    (void)owner;
    assert_int_equal(row->sealed.tokens.len > 0, row->header.number % 2);
    return row->header.number % 2;
}

static void tokens_are_read_where_they_are_asked_for(void **state)
{
    struct nta_store *store = open_store(state);
    const struct nta_store_query query = {
        .with_tokens = true, .narrows = narrows_odd, .wants = wants_odd};

    for (uint64_t i = 1; i <= 4; i++)
        assert_int_equal(put(store, i, SAMPLE_START_NS, 0), 0);
    collect(store, &query);
    assert_int_equal(seen.n, 4);
    assert_int_equal(seen.n_faulty, 0);
    assert_int_equal(seen.body_bytes, 4000);
}

static int count_key(void *owner, const struct nta_stored_key *stored, struct nta_err *ret_err)
{
    const struct nta_wrapped_key *key = &stored->key;
    uint64_t *n = owner;

    (void)ret_err;
    assert_int_equal(key->blob.len, 5000);
    assert_int_equal(key->day, -5);
    assert_int_equal(key->class, NTA_CLASS_LOG);
    assert_int_equal(key->sensor[0], 9);
    ++*n;
    return 0;
}

static void keys_are_kept_once(void **state)
{
    struct nta_store *store = open_store(state);
    static const uint8_t blob[5000] = {1};
    struct nta_wrapped_key key = {
        .sensor = {9}, .class = NTA_CLASS_LOG, .day = -5, .blob = {blob, sizeof(blob)}};
    uint64_t n = 0;

    for (uint8_t i = 0; i < 6; i++) {
        key.id[15] = i / 2;
        assert_int_equal(nta_store_put_key(store, &key, &err), 0);
    }
    assert_int_equal(nta_store_each_key(store, count_key, &n, &err), 0);
    assert_int_equal(n, 3);
}

static int count_faulty_key(void *owner, const struct nta_stored_key *key, struct nta_err *ret_err)
{
    struct sample_seen *keys = owner;

    (void)ret_err;
    keys->n++;
    keys->faults |= key->faults;
    keys->n_faulty += key->faults != 0;
    return 0;
}

/** Tables as format 1 had them, with batches as it wrote them; what is in them does not matter. */
static void a_database_of_format_1_is_read_and_not_written(void **state)
{
    static const char *const made[] = {
        "CREATE TABLE nta.batch (day DATE NOT NULL, sensor BINARY(16) NOT NULL, number BIGINT "
        "UNSIGNED NOT NULL, first_ns BIGINT NOT NULL, last_ns BIGINT NOT NULL, n_records INT "
        "UNSIGNED NOT NULL, n_bytes INT UNSIGNED NOT NULL, header VARBINARY(1024) NOT NULL, "
        "signature VARBINARY(64) NOT NULL, tokens MEDIUMBLOB NOT NULL, body MEDIUMBLOB NOT NULL, "
        "PRIMARY KEY (day, sensor, number)) ENGINE=InnoDB DEFAULT CHARACTER SET binary",
        "CREATE TABLE nta.data_key (id BINARY(16) NOT NULL PRIMARY KEY, made_ns BIGINT NOT NULL, "
        "wrapped BLOB NOT NULL) ENGINE=InnoDB DEFAULT CHARACTER SET binary",
        "CREATE TABLE nta.meta (name VARBINARY(32) NOT NULL PRIMARY KEY, value VARBINARY(255) NOT "
        "NULL) ENGINE=InnoDB DEFAULT CHARACTER SET binary",
        "INSERT INTO nta.meta VALUES ('schema', '1')",
        "INSERT INTO nta.batch VALUES ('2026-01-01', REPEAT('s', 16), 1, 5, 6, 7, 9, 'header', "
        "REPEAT('x', 64), 'tok', 'body'), ('2025-12-31', REPEAT('s', 16), 2, 5, 6, 7, 9, 'header', "
        "REPEAT('x', 64), 'tok', 'body')",
        "INSERT INTO nta.data_key VALUES (REPEAT('k', 16), -5, REPEAT('w', 5000))",
    };
    struct nta_store_tally tally = {0};
    struct nta_store *store;
    struct sample_seen keys = {0};

    for (size_t i = 0; i < NTA_N_ELEMENTS(made); i++)
        sql(made[i]);
    cannot_open(-EPROTO, "holds records of format 1, which is only read");
    options.read_only = true;
    store = open_store(state);
    assert_int_equal(nta_store_format(store), 1);
    collect(store, &(struct nta_store_query){.tally = &tally});
    assert_int_equal(seen.n, 2);
    assert_int_equal(seen.first, 1);
    assert_int_equal(seen.faults, NTA_ROW_HEADER);
    assert_int_equal(seen.body_bytes, 8);
    assert_int_equal(tally.n_counted, 2);
    assert_int_equal(nta_store_each_key(store, count_faulty_key, &keys, &err), 0);
    assert_int_equal(keys.n, 1);
    assert_int_equal(keys.n_faulty, 0);
    assert_int_equal(put(store, 3, 0, 0), -EROFS);
}

static void the_only_rows_that_are_changed_are_those_of_the_chain(void **state)
{
    sql("REVOKE UPDATE ON nta.chain FROM nta@localhost");
    (void)state;
    cannot_open(-EACCES, "GRANT CREATE, UPDATE ON `nta`.chain TO 'nta'@'localhost'");
    sql("GRANT UPDATE ON nta.chain TO nta@localhost");
    (void)open_store(state);
}

static void a_lost_connection_is_made_again(void **state)
{
    struct nta_store *store = open_store(state);

    assert_int_equal(put(store, 1, 0, 0), 0);
    sql("KILL USER nta@localhost");
    assert_int_equal(put(store, 2, 0, 0), -ENOTCONN);
    assert_int_equal(sample_append(store, &sample.stored, 1, &err), 0);
    collect(store, &(struct nta_store_query){0});
    assert_int_equal(seen.n, 2);
}

/** Each call fails with `result`, again and again, and says `part`. */
static void all_calls_fail(struct nta_store *store, const struct nta_store_head *head, int result,
                           const char *part)
{
    const uint8_t *sensor = sample.stored.header.sensor;
    const struct nta_store_query all = {0};
    const struct nta_span frontier = {0};
    struct nta_store_place place;
    struct nta_store_size size;

    for (int i = 0; i < 2; i++) {
        assert_int_equal(nta_store_append(store, head, &sample.stored, 1, frontier, &err), result);
        assert_non_null(strstr(err.text, part));
        assert_int_equal(nta_store_destroy_key(store, sensor, NTA_CLASS_TRAFFIC, 0, &err), result);
        assert_int_equal(nta_store_get_place(store, sensor, &place, &err), result);
        assert_int_equal(nta_store_measure(store, &size, &err), result);
        assert_int_equal(nta_store_each(store, &all, sample_collect, &seen, &err), result);
    }
}

/** The server closed the connection, and then lets nobody in, or has tables of somebody else's. */
static void a_connection_that_cannot_be_made_again_is_an_error_of_each_call(void **state)
{
    struct nta_store *store = open_store(state);
    struct nta_store_place place;

    assert_int_equal(put(store, 1, 0, 0), 0);
    assert_int_equal(nta_store_get_place(store, sample.stored.header.sensor, &place, &err), 0);
    sql("ALTER USER nta@localhost IDENTIFIED BY 'other'");
    sql("KILL USER nta@localhost");
    assert_int_equal(put(store, 2, 0, 0), -ENOTCONN);
    all_calls_fail(store, &place.head, -EACCES, "does not let user 'nta' in: wrong password");
    sql("ALTER USER nta@localhost IDENTIFIED BY 'sesame'");
    sql("UPDATE nta.meta SET value = '7'");
    all_calls_fail(store, &place.head, -EPROTO, "newer NTA (their form is 7");
    sql("UPDATE nta.meta SET value = '2'");
    assert_int_equal(sample_append(store, &sample.stored, 1, &err), 0);
    collect(store, &(struct nta_store_query){0});
    assert_int_equal(seen.n, 2);
}

static void hosts_are_tried_in_order(void **state)
{
    char hosts[256];

    (void)snprintf(hosts, sizeof(hosts), "/nowhere/a.sock, [::1]:1,localhost:1 , %s",
                   environment("NTA_TEST_SOCKET"));
    options.hosts = hosts;
    (void)open_store(state);
    options.hosts = "/nowhere/a.sock,127.0.0.1:1";
    cannot_open(-ENOTCONN, "/nowhere/a.sock");
    assert_non_null(strstr(err.text, "127.0.0.1:1"));
    options.hosts = "a:0";
    cannot_open(-EINVAL, "the port is no number");
    options.hosts = "a:1x";
    cannot_open(-EINVAL, "\"a:1x\"");
    options.hosts = "";
    cannot_open(-EINVAL, "empty");
}

static void what_is_wrong_with_the_account_is_said(void **state)
{
    (void)state;
    options.database = "other";
    cannot_open(-EACCES, "GRANT SELECT, INSERT, CREATE ON `other`.* TO 'nta'");
    options.database = "nta";
    sql("REVOKE CREATE ON nta.* FROM nta@localhost");
    cannot_open(-EACCES, "user 'nta' may not make tables in 'nta': GRANT SELECT, INSERT, CREATE ON "
                         "`nta`.* TO 'nta'@'localhost'");
    sql("GRANT CREATE ON nta.* TO nta@localhost");
    sql("REVOKE INSERT ON nta.* FROM nta@localhost");
    cannot_open(-EACCES, "may not insert");
    sql("GRANT INSERT ON nta.* TO nta@localhost");
    sql("GRANT SELECT ON gone.* TO nta@localhost");
    options.database = "gone";
    cannot_open(-ENOENT, "has no database 'gone': CREATE DATABASE `gone`");
    options.database = "nta";
    sql("ALTER USER nta@localhost IDENTIFIED BY 'other'");
    cannot_open(-EACCES, "does not let user 'nta' in: wrong password");
}

static void a_reader_needs_no_right_but_select(void **state)
{
    struct nta_store *store;

    options.read_only = true;
    cannot_open(-ENOENT, "holds no store of NTA yet");
    options.read_only = false;
    store = open_store(state);
    assert_int_equal(put(store, 1, 0, 0), 0);
    sql("REVOKE INSERT, CREATE ON nta.* FROM nta@localhost");
    options.read_only = true;
    store = open_store(state);
    collect(store, &(struct nta_store_query){0});
    assert_int_equal(seen.n, 1);
    assert_int_equal(put(store, 2, 0, 0), -EACCES);
}

static void tables_that_are_not_ours_or_newer_are_refused(void **state)
{
    (void)open_store(state);
    sql("UPDATE nta.meta SET value = '7'");
    cannot_open(-EPROTO, "newer NTA (their form is 7, this program knows up to 2)");
    sql("UPDATE nta.meta SET value = '0'");
    cannot_open(-EPROTO, "their form is \"0\"");
    sql("UPDATE nta.meta SET value = '-1'");
    cannot_open(-EPROTO, "their form is \"-1\"");
    sql("UPDATE nta.meta SET value = 'abc'");
    cannot_open(-EPROTO, "their form is \"abc\"");
    sql("UPDATE nta.meta SET value = ''");
    cannot_open(-EPROTO, "their form is \"\"");
    sql("ALTER TABLE nta.meta MODIFY value VARBINARY(255) NULL");
    sql("UPDATE nta.meta SET value = NULL");
    cannot_open(-EPROTO, "their form is \"NULL\"");
    sql("UPDATE nta.meta SET value = '2'");
    sql("ALTER TABLE nta.content_3 ENGINE=MyISAM");
    cannot_open(-EPROTO, "ALTER TABLE content_3 ENGINE=InnoDB");
    sql("DROP TABLE nta.head");
    sql("CREATE TABLE nta.head (id INT PRIMARY KEY) ENGINE=InnoDB");
    cannot_open(-EPROTO, "not those of NTA");
}

/** Try what a reader makes of it. */
static void read_changed(void **state, const struct changed_table *changed)
{
    const char *part = changed->part;
    struct nta_store_tally tally = {0};

    if (changed->n == 0) {
        cannot_open(-EPROTO, part);
        return;
    }
    collect(open_store(state), &(struct nta_store_query){.tally = &tally});
    if (seen.n != changed->n || seen.n_faulty != changed->n_faulty ||
        seen.faults != changed->faults || tally.n_given != changed->n ||
        tally.n_counted != changed->n)
        fail_msg("%s: faults %#x of %d of %d rows, %d counted", changed->change, seen.faults,
                 (int)seen.n_faulty, (int)seen.n, (int)tally.n_counted);
    nta_store_each_oddity(*state, note_part, &part);
    if (part)
        fail_msg("%s: \"%s\" is not said", changed->change, part);
}

static void what_of_changed_tables_can_be_read_is_and_the_change_is_named(void **state)
{
    for (size_t i = 0; i < NTA_N_ELEMENTS(changed_tables); i++) {
        char change[512];
        bool is_taken = true;

        options.read_only = false;
        for (uint64_t k = 1; k <= 6; k++)
            assert_int_equal(put(k == 1 ? open_store(state) : *state, k, 0, 0), 0);
        sql("SET SESSION sql_mode = ''");
        (void)snprintf(change, sizeof(change), "%s", changed_tables[i].change);
        for (char *save = NULL, *one = strtok_r(change, ";", &save); one;
             one = strtok_r(NULL, ";", &save))
            is_taken = is_taken && mysql_query(admin, one) == 0;
        options.read_only = true;
        if (is_taken)
            read_changed(state, &changed_tables[i]);
        else /* a server that does not even take it */
            assert_non_null(strstr(changed_tables[i].change, "sleep(9)) VIRTUAL"));
        nta_store_close((struct nta_store **)state);
        for (size_t k = 0; k < NTA_N_ELEMENTS(drop_changed); k++)
            sql(drop_changed[k]);
    }
}

static void each_change_is_reported_of_its_row_and_all_others_are_read(void **state)
{
    for (size_t i = 0; i < NTA_N_ELEMENTS(changed_rows); i++) {
        struct nta_store_tally tally = {0};
        struct nta_store *store;

        options.read_only = false;
        store = open_store(state);
        sql("DELETE FROM nta.head");
        sql("DELETE FROM nta.content_2");
        for (uint64_t k = 1; k <= 6; k++)
            assert_int_equal(put(store, k, 0, 0), 0);
        sql(changed_rows[i].sql);
        options.read_only = true;
        store = open_store(state);
        collect(store, &(struct nta_store_query){.tally = &tally});
        if (seen.faults != changed_rows[i].faults || seen.n_faulty != 1 ||
            seen.n != changed_rows[i].n)
            fail_msg("%s: faults %#x of %d of %d rows", changed_rows[i].sql, seen.faults,
                     (int)seen.n_faulty, (int)seen.n);
        assert_true(tally.is_counted);
        assert_int_equal(tally.n_given, seen.n);
        assert_int_equal(tally.n_counted, seen.n);
    }
}

static void a_bad_data_key_does_not_stop_the_others(void **state)
{
    struct nta_store *store = open_store(state);
    static const uint8_t blob[5000] = {1};
    struct nta_wrapped_key key = {
        .sensor = {9}, .class = NTA_CLASS_LOG, .day = -5, .blob = {blob, sizeof(blob)}};
    struct sample_seen keys = {0};

    for (uint8_t i = 0; i < 6; i++) {
        key.id[15] = i;
        assert_int_equal(nta_store_put_key(store, &key, &err), 0);
    }
    sql("UPDATE nta.data_key SET wrapped = REPEAT('x', 60000) LIMIT 1");
    assert_int_equal(nta_store_each_key(store, count_faulty_key, &keys, &err), 0);
    assert_int_equal(keys.n, 6);
    assert_int_equal(keys.n_faulty, 1);
    assert_int_equal(keys.faults, NTA_ROW_SIZE);
}

static void a_server_that_cannot_take_a_batch_is_refused(void **state)
{
    struct nta_store *store = open_store(state);

    sql("SET GLOBAL max_allowed_packet = 1048576");
    cannot_open(-EMSGSIZE, "SET GLOBAL max_allowed_packet = 16777216");
    sql("SET GLOBAL max_allowed_packet = 16777216");
    sql("SET GLOBAL read_only = 1");
    cannot_open(-EROFS, "is read-only");
    assert_int_equal(put(store, 1, 0, 0), -EROFS);
    sql("SET GLOBAL read_only = 0");
    assert_int_equal(put(store, 1, 0, 0), 0);
}

static void tls_is_checked_against_the_given_authority(void **state)
{
    char hosts[64];

    sql("ALTER USER nta@localhost REQUIRE SSL");
    (void)snprintf(hosts, sizeof(hosts), "localhost:%s", environment("NTA_TEST_PORT"));
    options.hosts = hosts;
    options.tls_ca = environment("NTA_TEST_CA");
    (void)open_store(state);
    options.tls_ca = environment("NTA_TEST_OTHER_CA");
    cannot_open(-ENOTCONN, "cannot be reached");
    options.tls_ca = "/nowhere/ca.pem";
    cannot_open(-ENOTCONN, "cannot be reached");
}

static void over_a_network_nothing_goes_in_clear_unasked(void **state)
{
    char hosts[64];

    (void)snprintf(hosts, sizeof(hosts), "127.0.0.1:%s", environment("NTA_TEST_PORT"));
    options.hosts = hosts;
    cannot_open(-ENOTCONN, "mysql.tls = \"off\""); /* no system trusts this authority */
    options.in_clear = true;
    (void)open_store(state);
}

static void localhost_is_the_socket(void **state)
{
    options.hosts = "localhost";
    (void)open_store(state);
    assert_true(atoi(sql_text("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = "
                              "'nta' AND HOST = 'localhost'")) > 0);
    options.hosts = "localhost:1"; /* nothing listens there, and no socket is tried for it */
    cannot_open(-ENOTCONN, "localhost:1");
}

static int give_other(const void *owner, char *password, size_t size)
{
    (void)snprintf(password, size, "%s", (const char *)owner);
    return 0;
}

static void a_password_that_was_changed_is_read_again(void **state)
{
    static char now[16] = "sesame";
    struct nta_store_size size;

    options.password_now = give_other;
    options.password_owner = now;
    struct nta_store *store = open_store(state);

    assert_int_equal(nta_store_measure(store, &size, &err), 0);
    sql("ALTER USER nta@localhost IDENTIFIED BY 'poppy'");
    (void)snprintf(now, sizeof(now), "barley"); /* wrong, too */
    cannot_open(-EACCES, "wrong password");
    (void)snprintf(now, sizeof(now), "poppy");
    (void)open_store(state); /* whose options say sesame */
    store = *state;
    sql("ALTER USER nta@localhost IDENTIFIED BY 'thyme'");
    (void)snprintf(now, sizeof(now), "thyme");
    sql("KILL USER nta@localhost");
    (void)nta_store_measure(store, &size, &err); /* the connection is found to be lost */
    assert_int_equal(nta_store_measure(store, &size, &err), 0);
}

static void the_ends_of_each_run_come_from_the_key(void **state)
{
    struct nta_store *store = open_store(state);

    for (uint64_t i = 1; i <= 200; i++)
        assert_int_equal(put(store, i, SAMPLE_START_NS + (int64_t)(i / 40) * SAMPLE_DAY_NS, 0), 0);
    sql("ANALYZE TABLE nta.head");
    assert_non_null(strstr(sql_text("EXPLAIN SELECT sensor, MIN(number), MAX(number) FROM nta.head "
                                    "GROUP BY sensor"),
                           "Using index for group-by"));
}

static void days_of_contents_can_be_partitions_and_be_dropped(void **state)
{
    struct nta_store *store = open_store(state);

    for (uint64_t i = 1; i <= 20; i++)
        assert_int_equal(put(store, i, SAMPLE_START_NS + (int64_t)(i / 11) * SAMPLE_DAY_NS, 0), 0);
    sql("ALTER TABLE nta.content_2 PARTITION BY RANGE (day) (PARTITION d0 VALUES "
        "LESS THAN (20001), PARTITION rest VALUES LESS THAN MAXVALUE)");
    collect(store, &(struct nta_store_query){0});
    assert_int_equal(seen.n, 20);
    assert_int_equal(seen.n_faulty, 0);
    sql("ALTER TABLE nta.content_2 DROP PARTITION d0");
    collect(store, &(struct nta_store_query){0});
    assert_int_equal(seen.n, 20);
    assert_int_equal(seen.n_faulty, 10);
    assert_int_equal(seen.faults, NTA_ROW_ABSENT);
    assert_int_equal(put(store, 21, SAMPLE_START_NS + 3 * SAMPLE_DAY_NS, 0), 0);
    (void)open_store(state); /* it is ours still */
}

/** What a server's administrator may have set for all; each is put back, also by a failure. */
static const struct
{
    const char *name, *value;
} defaults[] = {
    {"sql_mode", "'ANSI,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH'"},
    {"sql_select_limit", "1"},
    {"sql_safe_updates", "1"},
    {"sql_big_selects", "0"},
    {"max_join_size", "1"},
    {"group_concat_max_len", "4"},
    {"autocommit", "0"},
    {"tx_isolation", "'READ-UNCOMMITTED'"},
    {"time_zone", "'+13:00'"},
    {"character_set_server", "'utf16'"},
    {"collation_server", "'utf16_bin'"},
    {"default_storage_engine", "'Aria'"},
};

static int put_defaults_back(void **state)
{
    char text[160];

    for (size_t i = 0; i < NTA_N_ELEMENTS(defaults); i++) {
        (void)snprintf(text, sizeof(text), "SET GLOBAL %s = DEFAULT", defaults[i].name);
        (void)mysql_query(admin, text);
    }
    return tear_down(state);
}

static void nothing_depends_on_the_servers_defaults(void **state)
{
    char text[160];

    for (size_t i = 0; i < NTA_N_ELEMENTS(defaults); i++) {
        (void)snprintf(text, sizeof(text), "SET GLOBAL %s = %s", defaults[i].name,
                       defaults[i].value);
        sql(text);
    }
    for (int reader = 0; reader < 2; reader++) {
        struct nta_store_tally tally = {0};
        struct nta_store *store = open_store(state);

        for (uint64_t i = 1; i <= 12 && !reader; i++)
            assert_int_equal(put(store, i, SAMPLE_START_NS + (int64_t)(i / 5) * SAMPLE_DAY_NS, 0),
                             0);
        collect(store, &(struct nta_store_query){.tally = &tally});
        assert_int_equal(seen.n, 12);
        assert_int_equal(seen.n_faulty, 0);
        assert_int_equal(tally.n_counted, 12);
        options.read_only = true;
    }
    assert_string_equal(sql_text("SELECT COUNT(*) FROM information_schema.TABLES WHERE "
                                 "TABLE_SCHEMA = 'nta' AND ENGINE <> 'InnoDB'"),
                        "0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(what_is_put_comes_back),
        TEST(an_empty_store_says_so),
        TEST(order_is_by_number_whatever_the_days),
        TEST(a_number_above_does_not_hide_the_newest_below_it),
        TEST(the_same_again_is_no_error_and_another_batch_is_refused),
        TEST(every_row_is_given_and_those_wanted_with_their_body),
        TEST(tokens_are_read_where_they_are_asked_for),
        TEST(keys_are_kept_once),
        TEST(a_database_of_format_1_is_read_and_not_written),
        TEST(the_only_rows_that_are_changed_are_those_of_the_chain),
        TEST(a_lost_connection_is_made_again),
        TEST(a_connection_that_cannot_be_made_again_is_an_error_of_each_call),
        TEST(hosts_are_tried_in_order),
        TEST(what_is_wrong_with_the_account_is_said),
        TEST(a_reader_needs_no_right_but_select),
        TEST(tables_that_are_not_ours_or_newer_are_refused),
        TEST(what_of_changed_tables_can_be_read_is_and_the_change_is_named),
        TEST(each_change_is_reported_of_its_row_and_all_others_are_read),
        TEST(a_bad_data_key_does_not_stop_the_others),
        TEST(a_server_that_cannot_take_a_batch_is_refused),
        TEST(tls_is_checked_against_the_given_authority),
        TEST(over_a_network_nothing_goes_in_clear_unasked),
        TEST(localhost_is_the_socket),
        TEST(a_password_that_was_changed_is_read_again),
        TEST(the_ends_of_each_run_come_from_the_key),
        TEST(days_of_contents_can_be_partitions_and_be_dropped),
        cmocka_unit_test_setup_teardown(nothing_depends_on_the_servers_defaults, set_up,
                                        put_defaults_back),
#undef TEST
    };

    return cmocka_run_group_tests(tests, connect_admin, disconnect_admin);
}
