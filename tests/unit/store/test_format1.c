/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A store of format 1, as a program of that time wrote it: read as ever, whatever was done to it,
 * and never written.
 */

#include "base/own.h"
#include "store/hostile.h"
#include "store/writer.h"

#include <errno.h>

enum
{
    BATCHES = 7,
    PAGE = 16384
};

/** Put a copy of the store in the place of the scene's. */
static void put_old(struct scene *scene)
{
    size_t len = 0;

    nta_store_close(&scene->store);
    for (const char *const *suffix = (const char *const[]){"", "-wal", "-shm", NULL}; *suffix;
         suffix++) {
        char name[128];

        (void)snprintf(name, sizeof(name), "%s%s", scene->path, *suffix);
        (void)unlink(name);
    }
    NTA_AUTO_FREE uint8_t *bytes = hostile_read(FORMAT1_DIR "/journal.db", &len);

    hostile_write(scene->path, bytes, len);
}

static int set_up(void **state)
{
    int result = scene_set_up(state);

    if (result == 0)
        put_old(*state);
    return result;
}

static void open_old(struct scene *scene)
{
    assert_int_equal(nta_store_open_sqlite(scene->path, false, &scene->store, &scene->err), 0);
    assert_int_equal(nta_store_format(scene->store), 1);
}

/** Every batch is as it was signed: of version 1, in order of numbers, each with all its parts. */
static int check_row(void *owner, const struct nta_stored *row, struct nta_err *err)
{
    struct sample_seen *seen = owner;

    assert_int_equal(row->header.version, 1);
    assert_int_equal(row->header.class, NTA_CLASS_NONE);
    assert_true(row->is_whole);
    assert_true(nta_hash_is(row->sealed.tokens, row->header.tokens_hash));
    assert_true(nta_hash_is(row->sealed.body, row->header.body_hash));
    return sample_collect(seen, row, err);
}

static int take_key(void *owner, const struct nta_stored_key *key, struct nta_err *err)
{
    struct sample_seen *seen = owner;

    (void)err;
    assert_int_equal(key->faults, 0);
    assert_int_equal(key->key.class, NTA_CLASS_NONE);
    assert_int_equal(key->key.blob.len, 217);
    seen->is_chain = seen->n == 0 || (int64_t)seen->last < key->key.made_ns;
    seen->last = (uint64_t)key->key.made_ns;
    seen->n++;
    return 0;
}

static int take_chain(void *owner, const struct nta_store_chain *chain, struct nta_err *err)
{
    (void)err;
    assert_int_equal(chain->faults, 0);
    assert_int_equal(chain->number, BATCHES);
    assert_int_equal(chain->frontier.len, 0);
    assert_memory_equal(chain->hash, ((struct sample_seen *)owner)->hash, NTA_HASH_LEN);
    return 0;
}

static void all_of_it_is_read(void **state)
{
    struct scene *scene = *state;
    struct nta_store_tally tally = {0};
    const struct nta_store_query query = {.tally = &tally};
    struct nta_store_size size;
    struct sample_seen keys = {0};

    open_old(scene);
    scene->seen = (struct sample_seen){0};
    assert_int_equal(nta_store_each(scene->store, &query, check_row, &scene->seen, &scene->err), 0);
    assert_int_equal(scene->seen.n, BATCHES);
    assert_int_equal(scene->seen.n_faulty, 0);
    assert_true(scene->seen.is_chain);
    assert_int_equal(scene->seen.first, 1);
    assert_true(tally.is_counted);
    assert_int_equal(tally.n_given, BATCHES);
    assert_int_equal(tally.n_counted, BATCHES);
    assert_int_equal(tally.n_strays, 0);
    assert_int_equal(nta_store_each_chain(scene->store, take_chain, &scene->seen, &scene->err), 0);
    assert_int_equal(nta_store_each_key(scene->store, take_key, &keys, &scene->err), 0);
    assert_int_equal(keys.n, BATCHES);
    assert_true(keys.is_chain);
    assert_int_equal(nta_store_measure(scene->store, &size, &scene->err), 0);
    assert_int_equal(size.n_batches, BATCHES);
    assert_int_equal(size.n_records, 139);
}

static void it_is_not_opened_to_be_written(void **state)
{
    struct scene *scene = *state;
    size_t len = 0, before = 0;
    NTA_AUTO_FREE uint8_t *was = hostile_read(scene->path, &before);

    assert_int_equal(nta_store_open_sqlite(scene->path, true, &scene->store, &scene->err), -EPROTO);
    assert_non_null(strstr(scene->err.text, "holds records of format 1, which is only read: move"));
    NTA_AUTO_FREE uint8_t *is = hostile_read(scene->path, &len);

    assert_int_equal(len, before);
    assert_memory_equal(is, was, len);
    open_old(scene);
    sample_make(&scene->sample, &(struct sample_plan){.sensor = 1, .number = 8, .body_len = 10},
                NULL);
    assert_int_equal(nta_store_put_batches(scene->store, &scene->sample.stored, 1, &scene->err),
                     -EROFS);
}

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

/** One change to one of seven batches, and what is said of it. */
static const struct attack
{
    const char *sql;
    unsigned faults;
    uint64_t n; ///< Rows; 0: seven.
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
     NTA_ROW_COLUMNS, 8},
    {"INSERT INTO batch SELECT day, sensor, 'abc', first_ns, last_ns, n_records, n_bytes,"
     " content FROM batch" AT_3,
     NTA_ROW_TYPE | NTA_ROW_COLUMNS, 8},
};

static void each_change_is_reported_of_its_row_and_all_others_are_read(void **state)
{
    struct scene *scene = *state;

    for (size_t i = 0; i < NTA_N_ELEMENTS(attacks); i++) {
        const struct attack *attack = &attacks[i];
        struct nta_store_tally tally = {0};

        put_old(scene);
        if (hostile_reopen(scene, attack->sql) < 0)
            fail_msg("%s: %s", attack->sql, scene->err.text);
        scene_collect(scene, &(struct nta_store_query){.tally = &tally});
        if (scene->seen.faults != attack->faults || scene->seen.n_faulty != 1 ||
            scene->seen.n != (attack->n ? attack->n : BATCHES))
            fail_msg("%s: faults %#x of %d of %d rows", attack->sql, scene->seen.faults,
                     (int)scene->seen.n_faulty, (int)scene->seen.n);
        assert_true(tally.is_counted);
        assert_int_equal(tally.n_given, scene->seen.n);
        assert_int_equal(tally.n_counted, scene->seen.n);
    }
}

static void headers_of_format_2_in_it_are_none(void **state)
{
    struct scene *scene = *state;
    char sql[2048] = "UPDATE content SET header = x'";
    size_t len = strlen(sql);
    struct nta_span header;

    sample_make(&scene->sample, &(struct sample_plan){.sensor = 1, .number = 3, .body_len = 10},
                NULL);
    header = scene->sample.stored.sealed.header;
    for (size_t i = 0; i < header.len; i++)
        len += (size_t)snprintf(sql + len, sizeof(sql) - len, "%02x", header.ptr[i]);
    (void)snprintf(sql + len, sizeof(sql) - len, "'" CONTENT_3);
    assert_int_equal(hostile_reopen(scene, sql), 0);
    scene_collect(scene, &(struct nta_store_query){0});
    assert_int_equal(scene->seen.n, BATCHES);
    assert_int_equal(scene->seen.n_faulty, 1);
    assert_int_equal(scene->seen.faults, NTA_ROW_HEADER);
}

/**
 * Tables that were exchanged or joined by others, what is said, and how many of seven batches are
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
     "\"data_key\" is a view", 7},
    {"CREATE TRIGGER t AFTER INSERT ON batch BEGIN DELETE FROM content; END", "\"t\" is a trigger",
     7},
    {"CREATE INDEX i ON batch (day, sensor, number)", "\"i\" is an index", 7},
    /* an index that lacks rows answers nothing */
    {"CREATE INDEX i ON batch (number) WHERE number > 4; CREATE INDEX j ON batch (day, sensor,"
     " number, first_ns, last_ns, n_records, n_bytes, content) WHERE number > 4;"
     "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, ' WHERE number > 4',"
     " '') WHERE type = 'index'; PRAGMA writable_schema = RESET",
     "\"i\" is an index", 7},
    {"DROP TABLE chain", "\"chain\" is missing", 7},
    {"DROP TABLE chain; CREATE VIEW chain AS SELECT 1 AS sensor", "\"chain\" is a view", 7},
    {"ALTER TABLE batch DROP COLUMN n_bytes", "\"batch\" lacks a column", 0},
    {"ALTER TABLE batch ADD COLUMN more INTEGER", "\"batch\" is declared in another way", 7},
    {"ALTER TABLE batch RENAME TO was; CREATE TABLE batch AS SELECT * FROM was",
     "\"batch\" is declared in another way", 7},
    {"ALTER TABLE batch RENAME TO was; CREATE TABLE batch (number, sensor TEXT COLLATE NOCASE, day,"
     " first_ns, last_ns, n_records, n_bytes, content, UNIQUE (content), PRIMARY KEY (content "
     "DESC))"
     " WITHOUT ROWID; INSERT INTO batch SELECT number, sensor, day, first_ns, last_ns, n_records,"
     " n_bytes, content FROM was",
     "\"batch\" is declared in another way", 7},
    {"ALTER TABLE content ADD COLUMN g AS (length(body))", "\"content\" is declared in another way",
     7},
    {"ALTER TABLE content RENAME TO was; CREATE TABLE content (id, header, signature, tokens, "
     "body);"
     "INSERT INTO content SELECT * FROM was",
     "\"content\" is declared in another way", 7},
    {"DROP TABLE content; CREATE TABLE content (id, header, signature, tokens,"
     " body AS (abs(-9223372036854775807 - 1)))",
     "\"content\" lacks a column", 0},
    {"DROP TABLE content; CREATE VIRTUAL TABLE content USING fts5(header)", "\"content", 0},
    {"PRAGMA user_version = 0", "its form is 0", 0},
    {"PRAGMA user_version = -1", "its form is -1", 0},
    {"PRAGMA user_version = 2", "\"head\" is missing", 0},
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

        put_old(scene);
        if (hostile_reopen(scene, schemas[i].sql) != (schemas[i].n ? 0 : -EPROTO))
            fail_msg("%s: %s", schemas[i].sql, scene->err.text);
        if (scene->store) {
            scene_collect(scene, &(struct nta_store_query){.tally = &tally});
            if (scene->seen.n != schemas[i].n || scene->seen.n_faulty ||
                tally.n_counted != BATCHES || tally.n_given != BATCHES)
                fail_msg("%s: %d of %d rows, %d faulty", schemas[i].sql, (int)scene->seen.n,
                         (int)tally.n_counted, (int)scene->seen.n_faulty);
            nta_store_each_oddity(scene->store, note_part, &part);
        } else {
            note_part(&part, scene->err.text);
        }
        if (part)
            fail_msg("%s: \"%s\" is not said: %s", schemas[i].sql, part, scene->err.text);
    }
}

static void a_damaged_page_costs_what_is_on_it_and_is_told(void **state)
{
    struct scene *scene = *state;
    size_t len = 0;
    NTA_AUTO_FREE uint8_t *bytes = hostile_read(scene->path, &len);
    NTA_AUTO_FREE uint8_t *copy = malloc(len + 1);
    unsigned n_marked = 0;

    assert_non_null(copy);
    for (size_t at = PAGE; at < len; at += PAGE) {
        memcpy(copy, bytes, len);
        memset(copy + at, 0xff, PAGE);
        hostile_write(scene->path, copy, len);
        int result = nta_store_open_sqlite(scene->path, false, &scene->store, &scene->err);

        scene->seen = (struct sample_seen){0};
        if (result == 0)
            result = nta_store_each(scene->store, &(struct nta_store_query){0}, sample_collect,
                                    &scene->seen, &scene->err);
        nta_store_close(&scene->store);
        assert_true(result == 0 || result == -EIO);
        assert_true(scene->seen.n == BATCHES || result == -EIO);
        n_marked += scene->seen.n == BATCHES && scene->seen.n_faulty > 0;
        assert_true(scene->seen.n_faulty == 0 || result == -EIO);
    }
    assert_true(n_marked > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, scene_tear_down)
        TEST(all_of_it_is_read),
        TEST(it_is_not_opened_to_be_written),
        TEST(each_change_is_reported_of_its_row_and_all_others_are_read),
        TEST(headers_of_format_2_in_it_are_none),
        TEST(what_of_changed_tables_can_be_read_is_and_the_change_is_named),
        TEST(a_damaged_page_costs_what_is_on_it_and_is_told),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
