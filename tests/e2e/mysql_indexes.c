/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Indexes in MySQL, against the server that mysql_store.sh starts: they come with the header that
 * notes them or not at all, and batches wait for none.
 */

#include "mysql_kit.h"
#include "store/noted.h"
#include "store/tables.h"
#include "store/writer.h"

#include <errno.h>

#define DAY (SAMPLE_START_NS / SAMPLE_DAY_NS)

/** Batch `number`, whose header notes an index of traffic of these bytes: what putting it gives. */
static int put_noted(struct nta_store *store, uint64_t number, uint8_t byte)
{
    struct noted noted = {.n_notes = 0};
    const struct sample_plan plan = {.sensor = 1, .number = number, .body_len = 2000, .salt = byte};

    noted_add(&noted, NTA_CLASS_TRAFFIC, DAY, byte);
    noted_make(&noted, &sample, &plan, number == 1 ? NULL : sample.hash);
    const int r = sample_append(store, &sample.stored, 1, &err);

    noted_done(&noted, &sample);
    return r;
}

static size_t count(struct nta_store *store, uint64_t number)
{
    return noted_count(store, number, NTA_CLASS_TRAFFIC, DAY, &err);
}

/** The first byte of its first page. */
static uint8_t byte_of(struct nta_store *store, uint64_t number)
{
    NTA_AUTO(nta_buf_done) struct nta_buf bytes = {0};
    struct nta_store_index_at at = {
        .number = number, .class = NTA_CLASS_TRAFFIC, .day = DAY, .part = 1};

    memset(at.sensor, 1, sizeof(at.sensor));
    assert_int_equal(nta_store_get_index(store, &at, &bytes, &err), 1);
    assert_int_equal(bytes.len, NOTED_LEN - 1);
    return bytes.ptr[0];
}

/* What is rolled back leaves nothing that the next one, of the same number, would find there. */
static void an_index_comes_with_its_header_or_not_at_all(void **state)
{
    struct nta_store *store = open_store(state);

    assert_int_equal(put_noted(store, 1, 1), 0);
    assert_int_equal(count(store, 1), NOTED_PARTS);
    /* the content that is there is not this one's, so that all of it is undone */
    sql("INSERT INTO nta.content_2 SELECT day, sensor, 2, tokens, body FROM nta.content_2");
    assert_int_equal(put_noted(store, 2, 7), -EEXIST);
    assert_int_equal(count(store, 2), 0);
    sql("DELETE FROM nta.content_2 WHERE number = 2");
    assert_int_equal(put_noted(store, 2, 9), 0);
    assert_int_equal(count(store, 2), NOTED_PARTS);
    assert_int_equal(byte_of(store, 2), 9);
    assert_int_equal(nta_store_keeps_indexes(store, &err), 0);
}

static void batches_go_without_where_the_account_may_not_insert(void **state)
{
    static const char *const others[] = {"head",      "content_1", "content_2", "content_3",
                                         "content_4", "data_key",  "chain",     "meta",
                                         "index_1",   "index_3",   "index_4"};
    struct nta_store *store = open_store(state);
    char text[160];

    assert_int_equal(put_noted(store, 1, 1), 0);
    sql("REVOKE INSERT ON nta.* FROM nta@localhost");
    for (size_t i = 0; i < NTA_N_ELEMENTS(others); i++) {
        (void)snprintf(text, sizeof(text), "GRANT INSERT ON nta.%s TO nta@localhost", others[i]);
        sql(text);
    }
    store = open_store(state);
    assert_int_equal(nta_store_keeps_indexes(store, &err), 1);
    assert_non_null(strstr(err.text, "user 'nta' may not insert into 'index_2' in 'nta': GRANT "
                                     "SELECT, INSERT ON `nta`.index_2 TO 'nta'"));
    assert_int_equal(put_noted(store, 2, 2), 0);
    assert_int_equal(count(store, 2), 0);
    collect(store, &(struct nta_store_query){0});
    assert_int_equal(seen.n, 2);
    assert_int_equal(seen.n_faulty, 0);
    sql("GRANT INSERT ON nta.* TO nta@localhost");
    assert_int_equal(nta_store_keeps_indexes(store, &err), 0); /* by the same connection */
    assert_int_equal(put_noted(store, 3, 3), 0);
    assert_int_equal(count(store, 3), NOTED_PARTS);
}

static int no_more(void *owner, const char *what, const char *text, struct nta_err *ret_err)
{
    (void)owner;
    (void)what;
    (void)text;
    (void)ret_err;
    return 0;
}

static void batches_go_without_where_the_table_is_lacking(void **state)
{
    struct nta_store *store = open_store(state);

    assert_int_equal(put_noted(store, 1, 1), 0);
    sql("DROP TABLE nta.index_2");
    assert_int_equal(put_noted(store, 2, 2), 0); /* it goes while it is written to */
    store = open_store(state);
    assert_int_equal(put_noted(store, 3, 3), 0);
    assert_int_equal(count(store, 3), 0);
    assert_int_equal(nta_store_keeps_indexes(store, &err), 1);
    assert_non_null(strstr(err.text, "has no table 'index_2' in 'nta': \"nta store --migrate\""));
    collect(store, &(struct nta_store_query){0});
    assert_int_equal(seen.n, 3);
    assert_int_equal(seen.n_faulty, 0);
    struct nta_mysql_options root = options;

    root.user = "root";
    root.password = "";
    assert_int_equal(nta_store_each_lack(&root, true, no_more, NULL, &err), 0);
    assert_int_equal(nta_store_keeps_indexes(store, &err), 0);
    assert_int_equal(put_noted(store, 4, 4), 0);
    assert_int_equal(count(store, 4), NOTED_PARTS);
}

/* Whatever else the server says of an index, all is undone and the batch put without. */
static void batches_go_without_where_an_index_fails(void **state)
{
    struct nta_store *store = open_store(state);

    assert_int_equal(put_noted(store, 1, 1), 0);
    sql("CREATE TRIGGER nta.no BEFORE INSERT ON nta.index_2 FOR EACH ROW IF NEW.part = 1 THEN "
        "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no'; END IF");
    assert_int_equal(put_noted(store, 2, 2), 0);
    assert_int_equal(count(store, 2), 0);
    sql("DROP TRIGGER nta.no");
    assert_int_equal(put_noted(store, 3, 3), 0);
    assert_int_equal(count(store, 3), NOTED_PARTS);
    collect(store, &(struct nta_store_query){0});
    assert_int_equal(seen.n, 3);
    assert_int_equal(seen.n_faulty, 0);
    assert_true(seen.is_chain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(an_index_comes_with_its_header_or_not_at_all),
        TEST(batches_go_without_where_the_account_may_not_insert),
        TEST(batches_go_without_where_the_table_is_lacking),
        TEST(batches_go_without_where_an_index_fails),
#undef TEST
    };

    return cmocka_run_group_tests(tests, connect_admin, disconnect_admin);
}
