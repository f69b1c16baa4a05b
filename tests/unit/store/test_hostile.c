/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "store/hostile.h"
#include "store/walk.h"
#include "store/writer.h"

#include <errno.h>

/** The batch that is changed. */
#define AT_3 " WHERE number = 3"

/** Lets NULLs into a table, and puts the text back that is looked at. */
#define WITH_NULL(table, sql)                                                                      \
    "PRAGMA writable_schema = ON;"                                                                 \
    "CREATE TABLE IF NOT EXISTS kept (s TEXT);"                                                    \
    "INSERT INTO kept SELECT sql FROM sqlite_schema WHERE name = '" table "';"                     \
    "UPDATE sqlite_schema SET sql = replace(sql, ' NOT NULL', '') WHERE name = '" table "';"       \
    "PRAGMA writable_schema = RESET;" sql "; PRAGMA writable_schema = ON;"                         \
    "UPDATE sqlite_schema SET sql = (SELECT s FROM kept) WHERE name = '" table "';"                \
    "DROP TABLE kept; PRAGMA writable_schema = RESET;"

/** Columns of a head, but for its number, so that it can be there again. */
#define AGAIN(number)                                                                              \
    "INSERT INTO head SELECT sensor, " number ", class, day, first_ns, last_ns, records, bytes,"   \
    " data_key, header, signature, marks FROM head" AT_3

/** One change to one of six batches, and what is said of it. */
static const struct attack
{
    const char *sql;
    unsigned faults;
    uint64_t n; ///< Rows; 0: six.
} attacks[] = {
    {"UPDATE head SET day = 'zzz'" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET day = x'00'" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET day = 20000.5" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET day = 9223372036854775807" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET day = -9223372036854775807" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET day = 106751" AT_3, NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET day = -106752" AT_3, NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET number = 'abc'" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET number = x'07'" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET number = 3.5" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET number = 0" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET number = -1" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET number = 9000000000" AT_3, NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET number = 9223372036854775807" AT_3, NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET sensor = x'0101'" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET sensor = x''" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET sensor = zeroblob(17)" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET sensor = zeroblob(3000000)" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET sensor = '0123456789abcdef'" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET sensor = zeroblob(16)" AT_3, NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET class = 0" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET class = 5" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET class = 'who'" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET class = 1" AT_3, NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET first_ns = 0, last_ns = 0" AT_3, NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET first_ns = 'x'" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET last_ns = x'0000000000000000'" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET last_ns = 1e300" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET records = -1" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET records = 5000000000" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET bytes = 7" AT_3, NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET bytes = 'seven'" AT_3, NTA_ROW_TYPE | NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET data_key = randomblob(16)" AT_3, NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET data_key = x'05'" AT_3, NTA_ROW_TYPE, 0},
    {"UPDATE head SET data_key = 'key'" AT_3, NTA_ROW_TYPE, 0},
    {"UPDATE head SET marks = 1" AT_3, NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET marks = 4" AT_3, NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET marks = 8" AT_3, NTA_ROW_TYPE, 0},
    {"UPDATE head SET marks = 'x'" AT_3, NTA_ROW_TYPE, 0},
    {"UPDATE head SET header = 'text'" AT_3, NTA_ROW_CONTENT | NTA_ROW_HEADER, 0},
    {"UPDATE head SET header = x''" AT_3, NTA_ROW_HEADER, 0},
    {"UPDATE head SET header = zeroblob(1025)" AT_3, NTA_ROW_SIZE | NTA_ROW_HEADER, 0},
    {"UPDATE head SET header = (SELECT header FROM head WHERE number = 1)" AT_3, NTA_ROW_COLUMNS,
     0},
    {"UPDATE head SET signature = 7" AT_3, NTA_ROW_CONTENT | NTA_ROW_COLUMNS, 0},
    {"UPDATE head SET signature = zeroblob(65)" AT_3, NTA_ROW_SIZE | NTA_ROW_COLUMNS, 0},
    {"DELETE FROM content_2" AT_3, NTA_ROW_ABSENT, 0},
    {"UPDATE content_2 SET day = day + 1" AT_3, NTA_ROW_ABSENT, 0},
    {"UPDATE content_2 SET number = 300" AT_3, NTA_ROW_ABSENT, 0},
    {"UPDATE content_2 SET sensor = zeroblob(16)" AT_3, NTA_ROW_ABSENT, 0},
    {"UPDATE content_2 SET day = 'x'" AT_3, NTA_ROW_ABSENT, 0},
    {"UPDATE content_2 SET tokens = 'text'" AT_3, NTA_ROW_CONTENT | NTA_ROW_COLUMNS, 0},
    {"UPDATE content_2 SET tokens = zeroblob(8388609)" AT_3, NTA_ROW_SIZE | NTA_ROW_COLUMNS, 0},
    {"UPDATE content_2 SET body = 'text'" AT_3, NTA_ROW_CONTENT | NTA_ROW_COLUMNS, 0},
    {"UPDATE content_2 SET body = zeroblob(2097153)" AT_3, NTA_ROW_SIZE | NTA_ROW_COLUMNS, 0},
    {WITH_NULL("content_2", "UPDATE content_2 SET body = NULL" AT_3),
     NTA_ROW_CONTENT | NTA_ROW_COLUMNS, 0},
    {WITH_NULL("head", "UPDATE head SET signature = NULL" AT_3), NTA_ROW_CONTENT | NTA_ROW_COLUMNS,
     0},
    {AGAIN("300"), NTA_ROW_COLUMNS, 7},
    {AGAIN("'abc'"), NTA_ROW_TYPE | NTA_ROW_COLUMNS, 7},
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

static void contents_that_no_head_has_are_counted(void **state)
{
    struct scene *scene = *state;
    struct nta_store_tally tally = {0};
    const struct nta_store_query query = {.tally = &tally};

    scene_put_some(scene, 1, 6, 10);
    scene_collect(scene, &query);
    assert_int_equal(tally.n_strays, 0);
    assert_int_equal(
        hostile_reopen(scene, "DELETE FROM head" AT_3 ";"
                              "INSERT INTO content_1 SELECT * FROM content_2 WHERE number < 3;"
                              "INSERT INTO content_2 VALUES ('x', 5, 7.5, x'', x'')"),
        0);
    scene_collect(scene, &query);
    assert_int_equal(scene->seen.n, 5);
    assert_int_equal(scene->seen.faults, 0);
    assert_int_equal(tally.n_strays, 4);
}

static void heads_with_marks_are_found_by_their_index(void **state)
{
    struct scene *scene = *state;
    const struct nta_store_query query = {.marked_only = true}, from = {.marked_only = true,
                                                                        .sensor = scene_sensor,
                                                                        .from_number = 9};

    for (uint64_t i = 1; i <= 20; i++) {
        const struct sample_plan plan = {
            .sensor = 1, .number = i, .body_len = 10, .has_next = i % 7 == 1};

        assert_int_equal(scene_put(scene, &plan), 0);
    }
    scene_collect(scene, &query);
    assert_int_equal(scene->seen.n, 3);
    assert_int_equal(scene->seen.n_faulty, 0);
    assert_int_equal(scene->seen.numbers[1], 8);
    scene_collect(scene, &from);
    assert_int_equal(scene->seen.n, 1);
    /* without it, or with another in its place, by the table */
    assert_int_equal(hostile_reopen(scene, "DROP INDEX head_marks; CREATE INDEX head_marks ON head"
                                           " (sensor, number) WHERE marks > 1"),
                     0);
    scene_collect(scene, &query);
    assert_int_equal(scene->seen.n, 3);
}

static void malformed_rows_are_given_once_to_who_follows(void **state)
{
    struct scene *scene = *state;
    struct nta_store_marks marks = {0};
    struct nta_store_query query = {.marks = &marks};

    scene_put_some(scene, 1, 6, 10);
    assert_int_equal(hostile_reopen(scene, "UPDATE head SET number = 'zzz'" AT_3), 0);
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
                                    "UPDATE content_2 SET body = zeroblob(200000000)" AT_3 ";"
                                    "UPDATE head SET header = zeroblob(100000000)"
                                    " WHERE number = 4"),
                     0);
    (void)sqlite3_memory_highwater(1);
    scene_collect(scene, &(struct nta_store_query){0});
    assert_int_equal(scene->seen.n, 6);
    assert_int_equal(scene->seen.n_faulty, 2);
    assert_true(scene->seen.faults & NTA_ROW_SIZE);
    assert_true(sqlite3_memory_highwater(0) < 20000000);
}

/**
 * Tables that were exchanged or joined by others, what is said, how many of six batches are read
 * (none, and it does not open), and how many of them lack their content.
 */
static const struct
{
    const char *sql, *part;
    uint64_t n, n_absent;
} schemas[] = {
    {"ALTER TABLE head RENAME TO kept; CREATE VIEW head AS WITH RECURSIVE b AS (SELECT * FROM kept"
     " UNION ALL SELECT sensor, number + 1, class, day, first_ns, last_ns, records, bytes,"
     " data_key, header, signature, marks FROM b) SELECT * FROM b",
     "\"head\" is a view", 0, 0},
    {"ALTER TABLE head RENAME TO kept; CREATE VIEW HEAD AS SELECT * FROM kept",
     "\"head\" is a view", 0, 0},
    {"ALTER TABLE data_key RENAME TO kept; CREATE VIEW data_key AS SELECT * FROM kept",
     "\"data_key\" is a view", 6, 0},
    {"CREATE TRIGGER t AFTER INSERT ON head BEGIN DELETE FROM content_2; END", "\"t\" is a trigger",
     6, 0},
    /* names that SQLite keeps for itself */
    {"PRAGMA writable_schema = ON; INSERT INTO sqlite_schema VALUES ('trigger', 'sqlite_stat9',"
     " 'head', 0, 'CREATE TRIGGER sqlite_stat9 AFTER INSERT ON head BEGIN DELETE FROM content_2;"
     " END'); PRAGMA schema_version = 9999",
     "\"sqlite_stat9\" is a trigger", 6, 0},
    {"PRAGMA writable_schema = ON; INSERT INTO sqlite_schema VALUES ('view', 'sqlite_stat1',"
     " 'sqlite_stat1', 0, 'CREATE VIEW sqlite_stat1 AS SELECT 1');"
     " PRAGMA schema_version = 9999",
     "\"sqlite_stat1\" is a view", 6, 0},
    {"CREATE INDEX i ON head (sensor, number)", "\"i\" is an index", 6, 0},
    /* an index that lacks rows answers nothing */
    {"CREATE INDEX i ON head (number) WHERE number > 4; CREATE INDEX j ON head (sensor,"
     " number, class, day, first_ns, last_ns, records, bytes) WHERE number > 4;"
     "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, ' WHERE number > 4',"
     " '') WHERE type = 'index'; PRAGMA writable_schema = RESET",
     "\"i\" is an index", 6, 0},
    {"CREATE INDEX i ON content_2 (day, sensor, number) WHERE number > 4;"
     "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, ' WHERE number > 4',"
     " '') WHERE type = 'index' AND name = 'i'; PRAGMA writable_schema = RESET",
     "\"i\" is an index", 6, 0},
    {"DROP INDEX head_marks", "\"head_marks\" is missing", 6, 0},
    {"DROP INDEX head_marks; CREATE INDEX head_marks ON head (number)",
     "\"head_marks\" is declared in another way", 6, 0},
    {"DROP TABLE chain", "\"chain\" is missing", 6, 0},
    {"DROP TABLE chain; CREATE VIEW chain AS SELECT 1 AS sensor", "\"chain\" is a view", 6, 0},
    {"DROP TABLE data_key; CREATE TABLE data_key (id, sensor, class, day, wrapped)",
     "\"data_key\" is declared in another way", 6, 0},
    {"ALTER TABLE head DROP COLUMN bytes", "\"head\" lacks a column", 0, 0},
    {"ALTER TABLE head ADD COLUMN more INTEGER", "\"head\" is declared in another way", 6, 0},
    {"ALTER TABLE head RENAME TO was; CREATE TABLE head AS SELECT * FROM was",
     "\"head\" is declared in another way", 6, 0},
    {"ALTER TABLE head RENAME TO was; CREATE TABLE head (number, sensor TEXT COLLATE NOCASE, day,"
     " first_ns, last_ns, records, bytes, class, data_key, header, signature, marks, UNIQUE"
     " (number), PRIMARY KEY (header DESC)) WITHOUT ROWID; INSERT INTO head SELECT number, sensor,"
     " day, first_ns, last_ns, records, bytes, class, data_key, header, signature, marks FROM was",
     "\"head\" is declared in another way", 6, 0},
    {"ALTER TABLE content_2 ADD COLUMN g AS (length(body))",
     "\"content_2\" is declared in another way", 6, 0},
    {"ALTER TABLE content_2 RENAME TO was; CREATE TABLE content_2 (day, sensor, number, tokens, "
     "body); INSERT INTO content_2 SELECT * FROM was",
     "\"content_2\" is declared in another way", 6, 0},
    {"DROP TABLE content_2; CREATE TABLE content_2 (day, sensor, number, tokens,"
     " body AS (abs(-9223372036854775807 - 1)))",
     "\"content_2\" lacks a column", 6, 6},
    {"DROP TABLE content_2; CREATE VIEW content_2 AS SELECT 1 AS day", "\"content_2\" is a view", 6,
     6},
    {"DROP TABLE content_2", "\"content_2\" is missing", 6, 6},
    {"DROP TABLE content_2; CREATE VIRTUAL TABLE content_2 USING fts5(header)", "\"content_2", 6,
     6},
    {"DROP TABLE content_1", "\"content_1\" is missing", 6, 0},
    {"PRAGMA user_version = 0", "its form is 0", 0, 0},
    {"PRAGMA user_version = -1", "its form is -1", 0, 0},
    {"PRAGMA user_version = 1", "\"batch\" is missing", 0, 0},
    {"PRAGMA user_version = 3", "newer NTA", 0, 0},
    {"PRAGMA application_id = 5", "another program's database", 0, 0},
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
            if (scene->seen.n != schemas[i].n || scene->seen.n_faulty != schemas[i].n_absent ||
                scene->seen.faults != (schemas[i].n_absent ? NTA_ROW_ABSENT : 0) ||
                tally.n_counted != 6 || tally.n_given != 6)
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
    int64_t last_day;
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
    keys->is_ordered &= key->key.day <= keys->last_day;
    keys->last_day = key->key.day;
    keys->n_good += key->key.blob.len == 300 && key->key.class == NTA_CLASS_WHO;
    return 0;
}

static void a_bad_data_key_does_not_stop_the_others(void **state)
{
    struct scene *scene = *state;
    static const uint8_t blob[300] = {1};
    struct nta_wrapped_key key = {.class = NTA_CLASS_WHO, .blob = {blob, sizeof(blob)}};
    struct keys keys = {.is_ordered = true, .last_day = INT64_MAX};
    NTA_AUTO(nta_buf_done) struct nta_buf bytes = {0};
    struct nta_stored_key found;

    for (uint8_t i = 1; i <= 11; i++) {
        key.id[0] = i;
        key.day = 100 - i;
        assert_int_equal(nta_store_put_key(scene->store, &key, &scene->err), 0);
    }
    assert_int_equal(
        hostile_reopen(scene, "UPDATE data_key SET id = x'00' WHERE day = 99;"
                              "UPDATE data_key SET id = 'text' WHERE day = 98;"
                              "UPDATE data_key SET class = 'text' WHERE day = 97;"
                              "UPDATE data_key SET wrapped = 5 WHERE day = 96;"
                              "UPDATE data_key SET wrapped = zeroblob(50000000) WHERE day = 95;"
                              "UPDATE data_key SET id = zeroblob(110000000) WHERE day = 94;"
                              "UPDATE data_key SET class = 5 WHERE day = 93;"
                              "UPDATE data_key SET sensor = x'01' WHERE day = 92;"),
        0);
    (void)sqlite3_memory_highwater(1);
    assert_int_equal(nta_store_each_key(scene->store, take_key, &keys, &scene->err), 0);
    assert_true(sqlite3_memory_highwater(0) < 110000000);
    assert_int_equal(keys.n, 11);
    assert_int_equal(keys.n_good, 3);
    assert_int_equal(keys.faults, NTA_ROW_TYPE | NTA_ROW_CONTENT | NTA_ROW_SIZE);
    assert_true(keys.is_ordered);
    key.id[0] = 10;
    assert_int_equal(nta_store_find_key(scene->store, key.id, &bytes, &found, &scene->err), 1);
    assert_int_equal(found.faults, 0);
    assert_int_equal(found.key.day, 90);
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
    struct nta_store_place place;

    scene_put_some(scene, 1, 6, 10);
    assert_int_equal(nta_store_each_chain(scene->store, take_head, &seen, &scene->err), 0);
    assert_int_equal(seen.n, 1);
    assert_int_equal(seen.faults, 0);
    assert_int_equal(seen.last, 6);
    assert_memory_equal(seen.hash, scene->sample.hash, NTA_HASH_LEN);
    assert_int_equal(
        hostile_reopen(scene, "UPDATE chain SET link = 'no'; INSERT INTO chain VALUES (x'00', 'z',"
                              " 5, 6), ('q', 9223372036854775807, zeroblob(30000000), x'01'),"
                              " (zeroblob(16), 7, zeroblob(32), zeroblob(40000000))"),
        0);
    seen = (struct sample_seen){0};
    assert_int_equal(nta_store_each_chain(scene->store, take_head, &seen, &scene->err), 0);
    assert_int_equal(seen.n, 4);
    assert_int_equal(seen.n_faulty, 4);
    assert_int_equal(nta_store_get_place(scene->store, scene_sensor, &place, &scene->err),
                     -EBADMSG);
    assert_int_equal(place.head.number, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)
        TEST(each_change_is_reported_of_its_row_and_all_others_are_read),
        TEST(contents_that_no_head_has_are_counted),
        TEST(heads_with_marks_are_found_by_their_index),
        TEST(malformed_rows_are_given_once_to_who_follows),
        TEST(huge_values_cost_no_memory),
        TEST(what_of_changed_tables_can_be_read_is_and_the_change_is_named),
        TEST(a_bad_data_key_does_not_stop_the_others),
        TEST(what_the_store_says_of_its_chains_is_given),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
