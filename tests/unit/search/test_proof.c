/* SPDX-License-Identifier: Apache-2.0 */
/* What the search gives of a store that was changed. */
#include "search/search.h"
#include "shelf.h"

#include <sqlite3.h>

struct seen
{
    size_t n, n_unverified;
};

static int on_found(void *owner, const struct nta_found *found, struct nta_err *err)
{
    struct seen *seen = owner;

    (void)err;
    seen->n++;
    seen->n_unverified += found->unverified != NULL;
    return 0;
}

/** So many records, ten a batch, then a statement. */
static struct shelf changed_of(unsigned n_records, const char *statement)
{
    struct shelf shelf = shelf_new();
    sqlite3 *db = NULL;

    shelf_fill(&shelf, 0, n_records, 10);
    nta_store_close(&shelf.store);
    assert_int_equal(sqlite3_open(shelf.journal, &db), SQLITE_OK);
    if (sqlite3_exec(db, statement, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", statement, sqlite3_errmsg(db));
    (void)sqlite3_close(db);
    return shelf;
}

/** Three batches. */
static struct shelf changed(const char *statement)
{
    return changed_of(30, statement);
}

/** Search it; gives the things that do not hold. */
static uint64_t search(const struct shelf *shelf, bool unverified, struct nta_query *query,
                       struct seen *ret_seen)
{
    const struct nta_stores_options options = {.dir = shelf->dir, .unverified = unverified};
    const struct nta_search_options take = {.each = on_found, .owner = ret_seen};
    NTA_AUTO(nta_search_close) struct nta_search *search = NULL;
    struct nta_search_proof proof;
    struct nta_err err = {0};

    *ret_seen = (struct seen){.n = 0};
    if (nta_search_open(&options, &search, &err) < 0 ||
        nta_search_each(search, query, &take, NULL, &err) < 0)
        fail_msg("%s", err.text);
    nta_search_get_proof(search, &proof);
    assert_true(proof.is_whole);
    return proof.n_wrong;
}

static void columns_hide_nothing_from_a_search_by_time(void **state)
{
    NTA_AUTO(shelf_done)
    struct shelf shelf = changed("UPDATE head SET first_ns = 0, last_ns = 0");
    NTA_AUTO(nta_query_done) struct nta_query query = {.since_ns = SHELF_START_NS};
    struct seen seen;

    (void)state;
    assert_int_equal(search(&shelf, false, &query, &seen), 4);
    assert_int_equal(seen.n, 30);
}

static void what_is_not_signed_is_given_on_demand_only_and_marked(void **state)
{
    static const char *const statements[] = {
        "UPDATE head SET signature = zeroblob(64) WHERE number = 3",
        "UPDATE content_2 SET tokens = x'0011223344556677' WHERE number = 3",
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(statements); i++) {
        NTA_AUTO(shelf_done) struct shelf shelf = changed(statements[i]);
        NTA_AUTO(nta_query_done) struct nta_query query = {.begun = false};
        struct seen seen;

        /* of a part that got another length, the columns tell another, too */
        assert_int_equal(search(&shelf, false, &query, &seen), i + 1);
        assert_int_equal(seen.n, 20);
        assert_int_equal(seen.n_unverified, 0);
        assert_int_equal(search(&shelf, true, &query, &seen), i + 1);
        assert_int_equal(seen.n, 30);
        assert_int_equal(seen.n_unverified, 10);
    }
}

/**
 * Batches are proved in groups, by the last one's signature: one that is not signed is told from
 * those around it.
 */
static void one_that_is_not_signed_hides_no_other_of_its_group(void **state)
{
    static const char *const forged[] = {"2", "3", "12, 13", "41", "3, 9, 17, 18, 33, 41"};
    static const size_t n_forged[] = {1, 1, 2, 1, 6};
    static const size_t n_wrong[] = {1, 1, 2, 2, 7}; /* 41 is what the chain row names */

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(forged); i++) {
        char statement[200];
        struct seen seen;
        NTA_AUTO(nta_query_done) struct nta_query query = {.begun = false};

        (void)snprintf(statement, sizeof(statement),
                       "UPDATE head SET signature = zeroblob(64) WHERE number IN (%s)", forged[i]);
        NTA_AUTO(shelf_done) struct shelf shelf = changed_of(400, statement);

        assert_int_equal(search(&shelf, false, &query, &seen), n_wrong[i]);
        assert_int_equal(seen.n, 400 - 10 * n_forged[i]);
        assert_int_equal(search(&shelf, true, &query, &seen), n_wrong[i]);
        assert_int_equal(seen.n, 400);
        assert_int_equal(seen.n_unverified, 10 * n_forged[i]);
    }
}

/** Signed, but which batches a search by time opens is decided by these times. */
static void times_that_are_not_those_of_the_records_are_said(void **state)
{
    static const struct
    {
        int64_t first_s, last_s;
        uint64_t n_wrong;
    } lies[] = {{0, 0, 0}, {-1, 0, 1}, {1, 0, 1}, {0, 1, 1}, {0, -1, 1}};

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(lies); i++) {
        NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
        NTA_AUTO(nta_query_done) struct nta_query query = {.begun = false};
        struct seen seen;

        for (unsigned k = 0; k < 10; k++)
            shelf_add(&shelf, k);
        shelf.batch.first_ns += lies[i].first_s * NTA_NS_PER_S;
        shelf.batch.last_ns += lies[i].last_s * NTA_NS_PER_S;
        shelf_commit(&shelf);
        assert_int_equal(search(&shelf, false, &query, &seen), lies[i].n_wrong);
        assert_int_equal(seen.n, 10);
        assert_int_equal(seen.n_unverified, 0);
    }
}

/** Tokens that are not the signed ones do not choose. */
static void emptied_tokens_are_said_by_a_search_that_uses_them(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = changed("UPDATE content_2 SET tokens = x''");
    NTA_AUTO(nta_query_done) struct nta_query query = {.begun = false};
    struct nta_err err;
    struct seen seen;

    (void)state;
    assert_int_equal(nta_query_site(&query, "host-1.example", &err), 0);
    assert_true(search(&shelf, false, &query, &seen) >= 3);
    assert_int_equal(seen.n, 0);
    assert_true(search(&shelf, true, &query, &seen) >= 3);
    assert_int_equal(seen.n, 10);
}

/** Sensor, time and class come first: what they leave out costs no tokens. */
static void tokens_are_read_where_the_header_leaves_a_question(void **state)
{
    NTA_AUTO(shelf_done)
    struct shelf shelf = changed("UPDATE content_2 SET tokens = x'' WHERE number < 4");
    NTA_AUTO(nta_query_done) struct nta_query query = {.begun = false};
    NTA_AUTO(nta_query_done) struct nta_query alerts = {.events = 1U << NTA_RECORD_ALERT};
    struct nta_err err;
    struct seen seen;

    (void)state;
    assert_int_equal(nta_query_site(&query, "host-1.example", &err), 0);
    assert_true(search(&shelf, false, &query, &seen) >= 2);
    query.since_ns = SHELF_START_NS + 20 * NTA_NS_PER_S; /* that of batch 4 */
    assert_int_equal(search(&shelf, false, &query, &seen), 0);
    assert_true(seen.n > 0);
    assert_int_equal(nta_query_site(&alerts, "host-1.example", &err), 0);
    assert_int_equal(search(&shelf, false, &alerts, &seen), 0);
}

static void who_removes_a_batch_does_not_hide_the_next(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = changed("DELETE FROM head WHERE number = 3");
    NTA_AUTO(nta_query_done) struct nta_query query = {.begun = false};
    struct seen seen;

    (void)state;
    /* it is missing, and its contents lie there without it */
    assert_int_equal(search(&shelf, false, &query, &seen), 2);
    assert_int_equal(seen.n, 20);
}

static void what_was_cut_off_is_missed(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = changed("DELETE FROM head WHERE number = 4");
    NTA_AUTO(nta_query_done) struct nta_query query = {.begun = false};
    struct seen seen;

    (void)state;
    assert_true(search(&shelf, false, &query, &seen) > 0);
    assert_int_equal(seen.n, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_hide_nothing_from_a_search_by_time),
        cmocka_unit_test(what_is_not_signed_is_given_on_demand_only_and_marked),
        cmocka_unit_test(one_that_is_not_signed_hides_no_other_of_its_group),
        cmocka_unit_test(times_that_are_not_those_of_the_records_are_said),
        cmocka_unit_test(emptied_tokens_are_said_by_a_search_that_uses_them),
        cmocka_unit_test(tokens_are_read_where_the_header_leaves_a_question),
        cmocka_unit_test(who_removes_a_batch_does_not_hide_the_next),
        cmocka_unit_test(what_was_cut_off_is_missed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
