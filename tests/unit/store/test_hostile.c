/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "store/hostile.h"
#include "store/walk.h"

#include <errno.h>

/** The key of the batch that is changed, and its content. */
#define AT_3      " WHERE number = 3"
#define CONTENT_3 " WHERE id = (SELECT content FROM batch WHERE number = 3)"

/** Lets NULLs in, and puts the text back that is looked at. */
#define WITH_NULL(sql)                                                                             \
    "PRAGMA writable_schema = ON;"                                                                 \
    "CREATE TABLE IF NOT EXISTS kept (s TEXT);"                                                    \
    "INSERT INTO kept SELECT sql FROM sqlite_schema WHERE name = 'content';"                       \
    "UPDATE sqlite_schema SET sql = replace(sql, ' NOT NULL', '') WHERE name = 'content';"         \
    "PRAGMA writable_schema = RESET;" sql "; PRAGMA writable_schema = ON;"                         \
    "UPDATE sqlite_schema SET sql = (SELECT s FROM kept) WHERE name = 'content';"                  \
    "DROP TABLE kept; PRAGMA writable_schema = RESET;"

/** One change to one of six batches, and what is said of it. */
static const struct attack
{
    const char *sql;
    unsigned faults;
    uint64_t n; ///< Rows; 0: six.
} attacks[] = {
    {"UPDATE batch SET day = 'zzz'" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE batch SET day = x'00'" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE batch SET day = 20000.5" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE batch SET day = 9223372036854775807" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE batch SET day = -9223372036854775807" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE batch SET day = 106751" AT_3, NTA_ROW_COLUMNS, 0},
    {"UPDATE batch SET day = -106752" AT_3, NTA_ROW_COLUMNS, 0},
    {"UPDATE batch SET number = 'abc'" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE batch SET number = x'07'" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE batch SET number = 3.5" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE batch SET number = 0" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE batch SET number = -1" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE batch SET number = 9000000000" AT_3, NTA_ROW_COLUMNS, 0},
    {"UPDATE batch SET number = 9223372036854775807" AT_3, NTA_ROW_COLUMNS, 0},
    {"UPDATE batch SET sensor = x'0101'" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE batch SET sensor = x''" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE batch SET sensor = zeroblob(17)" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE batch SET sensor = zeroblob(3000000)" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE batch SET sensor = '0123456789abcdef'" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE batch SET sensor = zeroblob(16)" AT_3, NTA_ROW_COLUMNS, 0},
    {"UPDATE batch SET first_ns = 0, last_ns = 0" AT_3, NTA_ROW_COLUMNS, 0},
    {"UPDATE batch SET first_ns = 'x'" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE batch SET last_ns = x'0000000000000000'" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE batch SET last_ns = 1e300" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE batch SET n_records = -1" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE batch SET n_records = 5000000000" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE batch SET n_bytes = 7" AT_3, NTA_ROW_COLUMNS, 0},
    {"UPDATE batch SET n_bytes = 'seven'" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE batch SET content = 'abc'" AT_3, NTA_ROW_TYPE | NTA_ROW_CONTENT | NTA_ROW_HEADER, 0},
    {"UPDATE batch SET content = -5" AT_3, NTA_ROW_CONTENT | NTA_ROW_HEADER, 0},
    {"UPDATE batch SET content = (SELECT content FROM batch WHERE number = 1)" AT_3,
     NTA_ROW_COLUMNS, 0},
    {"UPDATE content SET id = -id" CONTENT_3, NTA_ROW_CONTENT | NTA_ROW_HEADER, 0},
    {"DELETE FROM content" CONTENT_3, NTA_ROW_CONTENT | NTA_ROW_HEADER, 0},
    {"UPDATE content SET header = 'text'" CONTENT_3, NTA_ROW_CONTENT | NTA_ROW_HEADER, 0},
    {"UPDATE content SET header = x''" CONTENT_3, NTA_ROW_HEADER, 0},
    {"UPDATE content SET header = zeroblob(1025)" CONTENT_3, NTA_ROW_SIZE | NTA_ROW_HEADER, 0},
    {"UPDATE content SET signature = 7" CONTENT_3, NTA_ROW_CONTENT | NTA_ROW_COLUMNS, 0},
    {"UPDATE content SET signature = zeroblob(65)" CONTENT_3, NTA_ROW_SIZE | NTA_ROW_COLUMNS, 0},
    {"UPDATE content SET tokens = 'text'" CONTENT_3, NTA_ROW_CONTENT | NTA_ROW_COLUMNS, 0},
    {"UPDATE content SET tokens = zeroblob(8388609)" CONTENT_3, NTA_ROW_SIZE | NTA_ROW_COLUMNS, 0},
    {"UPDATE content SET body = 'text'" CONTENT_3, NTA_ROW_CONTENT | NTA_ROW_COLUMNS, 0},
    {"UPDATE content SET body = zeroblob(2097153)" CONTENT_3, NTA_ROW_SIZE | NTA_ROW_COLUMNS, 0},
    {WITH_NULL("UPDATE content SET body = NULL" CONTENT_3), NTA_ROW_CONTENT | NTA_ROW_COLUMNS, 0},
    {WITH_NULL("UPDATE content SET header = NULL" CONTENT_3), NTA_ROW_CONTENT | NTA_ROW_HEADER, 0},
    {"INSERT INTO batch SELECT day + 1, sensor, number, first_ns, last_ns, n_records, n_bytes,"
     " content FROM batch" AT_3,
     NTA_ROW_COLUMNS, 7},
    {"INSERT INTO batch SELECT day, sensor, 'abc', first_ns, last_ns, n_records, n_bytes,"
     " content FROM batch" AT_3,
     NTA_ROW_TYPE | NTA_ROW_COLUMNS, 7},
};

static void each_change_is_reported_of_its_row_and_all_others_are_read(void **state)
{
    struct scene *scene = *state;

    for (size_t i = 0; i < NTA_N_ELEMENTS(attacks); i++) {
        const struct attack *attack = &attacks[i];
        struct nta_store_tally tally = {0};

        if (!scene->store)
            assert_int_equal(nta_store_open_sqlite(scene->path, true, &scene->store, &scene->err),
                             0);
        scene_put_some(scene, 1, 6, 1000);
        if (hostile_reopen(scene, attack->sql) < 0)
            fail_msg("%s: %s", attack->sql, scene->err.text);
        scene_collect(scene, &(struct nta_store_query){.tally = &tally});
        if (scene->seen.faults != attack->faults || scene->seen.n_faulty != 1 ||
            scene->seen.n != (attack->n ? attack->n : 6))
            fail_msg("%s: faults %#x of %d of %d rows", attack->sql, scene->seen.faults,
                     (int)scene->seen.n_faulty, (int)scene->seen.n);
        assert_true(tally.is_counted);
        assert_int_equal(tally.n_given, scene->seen.n);
        assert_int_equal(tally.n_counted, scene->seen.n);
        nta_store_close(&scene->store);
        (void)unlink(scene->path);
    }
}

static void a_repeated_number_is_given_in_the_order_of_days(void **state)
{
    struct scene *scene = *state;

    scene_put_some(scene, 1, 6, 10);
    assert_int_equal(
        hostile_reopen(scene, "INSERT INTO batch SELECT day - 2, sensor, number, first_ns, last_ns,"
                              " n_records, n_bytes, content FROM batch WHERE number IN (2, 4);"
                              "INSERT INTO batch SELECT day + 1, sensor, number, first_ns, last_ns,"
                              " n_records, n_bytes, content FROM batch WHERE number = 4;"),
        0);
    scene_collect(scene, &(struct nta_store_query){0});
    assert_int_equal(scene->seen.n, 10);
    for (size_t i = 1; i < 10; i++)
        assert_true(scene->seen.numbers[i] >= scene->seen.numbers[i - 1]);
    assert_int_equal(scene->seen.numbers[4], 4);
    assert_int_equal(scene->seen.numbers[7], 4);
}

static void days_that_take_turns_over_all_numbers_do_so_by_rows(void **state)
{
    struct scene *scene = *state;

    scene_put_some(scene, 1, 6, 10);
    assert_int_equal(
        hostile_reopen(
            scene,
            "INSERT INTO batch SELECT day + d, sensor, n, first_ns, last_ns, n_records, n_bytes,"
            " content FROM batch, (SELECT 1 AS d UNION SELECT 2 UNION SELECT 3),"
            " (SELECT 1 AS n UNION SELECT 9223372036854775806) WHERE number = 3;"),
        0);
    scene_collect(scene, &(struct nta_store_query){0});
    assert_int_equal(scene->seen.n, 12);
    assert_int_equal(scene->seen.n_faulty, 6);
}

static void malformed_rows_are_given_once_to_who_follows(void **state)
{
    struct scene *scene = *state;
    struct nta_store_marks marks = {0};
    struct nta_store_query query = {.marks = &marks};

    scene_put_some(scene, 1, 6, 10);
    assert_int_equal(hostile_reopen(scene, "UPDATE batch SET day = 'zzz'" AT_3), 0);
    scene_collect(scene, &query);
    assert_int_equal(scene->seen.n, 6);
    assert_int_equal(scene->seen.numbers[5], 3); /* at the end, with the number that is signed */
    scene_collect(scene, &query);
    assert_int_equal(scene->seen.n, 0);
    nta_store_marks_done(&marks);
    scene_collect(scene, &(struct nta_store_query){.sensor = scene_sensor});
    assert_int_equal(scene->seen.n, 5);
}

static void huge_values_cost_no_memory(void **state)
{
    struct scene *scene = *state;

    scene_put_some(scene, 1, 6, 1000);
    assert_int_equal(hostile_reopen(scene,
                                    "UPDATE content SET body = zeroblob(200000000)" CONTENT_3 ";"
                                    "UPDATE content SET header = zeroblob(100000000)"
                                    " WHERE id = (SELECT content FROM batch WHERE number = 4)"),
                     0);
    (void)sqlite3_memory_highwater(1);
    scene_collect(scene, &(struct nta_store_query){0});
    assert_int_equal(scene->seen.n, 6);
    assert_int_equal(scene->seen.n_faulty, 2);
    assert_true(scene->seen.faults & NTA_ROW_SIZE);
    assert_true(sqlite3_memory_highwater(0) < 20000000);
}

/**
 * Tables that were exchanged or joined by others, what is said, and how many of six batches are
 * read: none, and it does not open.
 */
static const struct
{
    const char *sql, *part;
    uint64_t n;
} schemas[] = {
    {"ALTER TABLE batch RENAME TO kept; CREATE VIEW batch AS WITH RECURSIVE b (day, sensor, number,"
     " first_ns, last_ns, n_records, n_bytes, content) AS (SELECT * FROM kept UNION ALL SELECT day,"
     " sensor, number + 1, first_ns, last_ns, n_records, n_bytes, content FROM b) SELECT * FROM b",
     "\"batch\" is a view", 0},
    {"ALTER TABLE batch RENAME TO kept; CREATE VIEW BATCH AS SELECT * FROM kept",
     "\"batch\" is a view", 0},
    {"ALTER TABLE data_key RENAME TO kept; CREATE VIEW data_key AS SELECT * FROM kept",
     "\"data_key\" is a view", 6},
    {"CREATE TRIGGER t AFTER INSERT ON batch BEGIN DELETE FROM content; END", "\"t\" is a trigger",
     6},
    {"CREATE INDEX i ON batch (day, sensor, number)", "\"i\" is an index", 6},
    /* an index that lacks rows answers nothing */
    {"CREATE INDEX i ON batch (number) WHERE number > 4; CREATE INDEX j ON batch (day, sensor,"
     " number, first_ns, last_ns, n_records, n_bytes, content) WHERE number > 4;"
     "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, ' WHERE number > 4',"
     " '') WHERE type = 'index'; PRAGMA writable_schema = RESET",
     "\"i\" is an index", 6},
    {"DROP TABLE chain", "\"chain\" is missing", 6},
    {"DROP TABLE chain; CREATE VIEW chain AS SELECT 1 AS sensor", "\"chain\" is a view", 6},
    {"ALTER TABLE batch DROP COLUMN n_bytes", "\"batch\" lacks a column", 0},
    {"ALTER TABLE batch ADD COLUMN more INTEGER", "\"batch\" is declared in another way", 6},
    {"ALTER TABLE batch RENAME TO was; CREATE TABLE batch AS SELECT * FROM was",
     "\"batch\" is declared in another way", 6},
    {"ALTER TABLE batch RENAME TO was; CREATE TABLE batch (number, sensor TEXT COLLATE NOCASE, day,"
     " first_ns, last_ns, n_records, n_bytes, content, UNIQUE (content), PRIMARY KEY (content "
     "DESC))"
     " WITHOUT ROWID; INSERT INTO batch SELECT number, sensor, day, first_ns, last_ns, n_records,"
     " n_bytes, content FROM was",
     "\"batch\" is declared in another way", 6},
    {"ALTER TABLE content ADD COLUMN g AS (length(body))", "\"content\" is declared in another way",
     6},
    {"ALTER TABLE content RENAME TO was; CREATE TABLE content (id, header, signature, tokens, "
     "body);"
     "INSERT INTO content SELECT * FROM was",
     "\"content\" is declared in another way", 6},
    {"DROP TABLE content; CREATE TABLE content (id, header, signature, tokens,"
     " body AS (abs(-9223372036854775807 - 1)))",
     "\"content\" lacks a column", 0},
    {"DROP TABLE content; CREATE VIRTUAL TABLE content USING fts5(header)", "\"content", 0},
    {"PRAGMA user_version = 0", "its form is 0", 0},
    {"PRAGMA user_version = -1", "its form is -1", 0},
    {"PRAGMA user_version = 2", "newer NTA", 0},
    {"PRAGMA application_id = 5", "another program's database", 0},
};

static void note_part(void *owner, const char *text)
{
    const char **part = owner;

    if (*part && strstr(text, *part))
        *part = NULL;
}

static void what_of_changed_tables_can_be_read_is_and_the_change_is_named(void **state)
{
    struct scene *scene = *state;

    for (size_t i = 0; i < NTA_N_ELEMENTS(schemas); i++) {
        const char *part = schemas[i].part;
        struct nta_store_tally tally = {0};
        int expected = schemas[i].n ? 0 : -EPROTO;

        if (!scene->store)
            assert_int_equal(nta_store_open_sqlite(scene->path, true, &scene->store, &scene->err),
                             0);
        scene_put_some(scene, 1, 6, 100);
        if (hostile_reopen(scene, schemas[i].sql) != expected)
            fail_msg("%s: %s", schemas[i].sql, scene->err.text);
        if (scene->store) {
            scene_collect(scene, &(struct nta_store_query){.tally = &tally});
            if (scene->seen.n != schemas[i].n || scene->seen.n_faulty || tally.n_counted != 6 ||
                tally.n_given != 6)
                fail_msg("%s: %d of %d rows, %d faulty", schemas[i].sql, (int)scene->seen.n,
                         (int)tally.n_counted, (int)scene->seen.n_faulty);
            nta_store_each_oddity(scene->store, note_part, &part);
        } else {
            note_part(&part, scene->err.text);
        }
        if (part)
            fail_msg("%s: \"%s\" is not said: %s", schemas[i].sql, part, scene->err.text);
        nta_store_close(&scene->store);
        /* nobody writes into it */
        assert_int_equal(nta_store_open_sqlite(scene->path, true, &scene->store, &scene->err),
                         -EPROTO);
        (void)unlink(scene->path);
    }
}

/** Data keys as they came. */
struct keys
{
    unsigned n, n_good, faults;
    int64_t last_ns;
    bool is_ordered;
};

static int take_key(void *owner, const struct nta_stored_key *key, struct nta_err *err)
{
    struct keys *keys = owner;

    (void)err;
    keys->n++;
    keys->faults |= key->faults;
    if (key->faults)
        return 0;
    keys->is_ordered &= key->key.made_ns >= keys->last_ns;
    keys->last_ns = key->key.made_ns;
    keys->n_good += key->key.blob.len == 300;
    return 0;
}

static void a_bad_data_key_does_not_stop_the_others(void **state)
{
    struct scene *scene = *state;
    static const uint8_t blob[300] = {1};
    struct nta_wrapped_key key = {.blob = {blob, sizeof(blob)}};
    struct keys keys = {.is_ordered = true};
    NTA_AUTO(nta_buf_done) struct nta_buf bytes = {0};
    struct nta_stored_key found;

    for (uint8_t i = 1; i <= 9; i++) {
        key.id[0] = i;
        key.made_ns = 100 - i;
        assert_int_equal(nta_store_put_key(scene->store, &key, &scene->err), 0);
    }
    assert_int_equal(
        hostile_reopen(scene, "UPDATE data_key SET id = x'00' WHERE made_ns = 99;"
                              "UPDATE data_key SET id = 'text' WHERE made_ns = 98;"
                              "UPDATE data_key SET made_ns = 'text' WHERE made_ns = 97;"
                              "UPDATE data_key SET wrapped = 5 WHERE made_ns = 96;"
                              "UPDATE data_key SET wrapped = zeroblob(50000000) WHERE made_ns = 95;"
                              "UPDATE data_key SET id = zeroblob(110000000) WHERE made_ns = 94"),
        0);
    (void)sqlite3_memory_highwater(1);
    assert_int_equal(nta_store_each_key(scene->store, take_key, &keys, &scene->err), 0);
    assert_true(sqlite3_memory_highwater(0) < 110000000);
    assert_int_equal(keys.n, 9);
    assert_int_equal(keys.n_good, 3);
    assert_int_equal(keys.faults, NTA_ROW_TYPE | NTA_ROW_CONTENT | NTA_ROW_SIZE);
    assert_true(keys.is_ordered);
    key.id[0] = 8;
    assert_int_equal(nta_store_find_key(scene->store, key.id, &bytes, &found, &scene->err), 1);
    assert_int_equal(found.faults, 0);
    assert_int_equal(found.key.made_ns, 92);
    assert_int_equal(found.key.blob.len, 300);
    key.id[0] = 77;
    assert_int_equal(nta_store_find_key(scene->store, key.id, &bytes, &found, &scene->err), 0);
    assert_int_equal(bytes.len, 0);
}

static int take_head(void *owner, const struct nta_store_chain *chain, struct nta_err *err)
{
    struct sample_seen *seen = owner;

    (void)err;
    seen->faults |= chain->faults;
    seen->n_faulty += chain->faults != 0;
    seen->last = chain->number;
    memcpy(seen->hash, chain->hash, sizeof(seen->hash));
    seen->n++;
    return 0;
}

static void what_the_store_says_of_its_chains_is_given(void **state)
{
    struct scene *scene = *state;
    struct sample_seen seen = {0};
    uint8_t hash[NTA_HASH_LEN] = {1};
    uint64_t number = 9;

    scene_put_some(scene, 1, 6, 10);
    assert_int_equal(nta_store_each_chain(scene->store, take_head, &seen, &scene->err), 0);
    assert_int_equal(seen.n, 1);
    assert_int_equal(seen.faults, 0);
    assert_int_equal(seen.last, 6);
    assert_memory_equal(seen.hash, scene->sample.hash, NTA_HASH_LEN);
    assert_int_equal(
        hostile_reopen(scene, "UPDATE chain SET hash = 'no'; INSERT INTO chain VALUES (x'00', 'z',"
                              " 5), ('q', 9223372036854775807, zeroblob(30000000))"),
        0);
    seen = (struct sample_seen){0};
    assert_int_equal(nta_store_each_chain(scene->store, take_head, &seen, &scene->err), 0);
    assert_int_equal(seen.n, 3);
    assert_int_equal(seen.n_faulty, 3);
    assert_int_equal(nta_store_last(scene->store, scene_sensor, &number, hash, &scene->err),
                     -EBADMSG);
    assert_int_equal(number, 0);
    assert_int_equal(hash[0], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)
        TEST(each_change_is_reported_of_its_row_and_all_others_are_read),
        TEST(a_repeated_number_is_given_in_the_order_of_days),
        TEST(days_that_take_turns_over_all_numbers_do_so_by_rows),
        TEST(malformed_rows_are_given_once_to_who_follows),
        TEST(huge_values_cost_no_memory),
        TEST(what_of_changed_tables_can_be_read_is_and_the_change_is_named),
        TEST(a_bad_data_key_does_not_stop_the_others),
        TEST(what_the_store_says_of_its_chains_is_given),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
