/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Indexes over many batches: what they spare a search, and that nothing which somebody does to them
 * hides a record or stays unseen.
 */
#include "chain/recall.h"
#include "search/index_check.h"
#include "search/resume.h"
#include "shelf.h"
#include "vault/index/builder.h"
#include "vault/note.h"

#include <sqlite3.h>

enum
{
    BATCHES = 40, ///< Of a record each: of five users in turn.
    OF_ONE = BATCHES / 5
};

/** An index of all traffic behind this batch, as it was sealed. */
struct indexing
{
    struct nta_store *store;
    struct nta_index_builder builder;
    struct nta_index_table table;
    uint64_t behind, noted;
};

static void indexing_done(struct indexing *indexing)
{
    nta_index_builder_done(&indexing->builder);
    nta_index_table_done(&indexing->table);
}

static int gather(void *owner, const struct nta_stored *row, struct nta_err *err)
{
    struct indexing *indexing = owner;

    (void)err;
    if (row->header.class == NTA_CLASS_TRAFFIC && row->header.number > indexing->behind)
        assert_int_equal(nta_index_builder_add(&indexing->builder, &row->sealed, &row->header), 0);
    return 0;
}

/** With the batch that notes it. */
static int put(void *owner, const struct nta_stored *row, struct nta_err *err)
{
    struct indexing *indexing = owner;
    struct nta_stored_index parts[8];
    struct nta_stored stored = *row;

    if (row->header.number != indexing->noted)
        return 0;
    assert_in_range(indexing->table.n_parts, 1, NTA_N_ELEMENTS(parts));
    for (uint32_t i = 0; i < indexing->table.n_parts; i++)
        parts[i] = (struct nta_stored_index){.class = indexing->table.class,
                                             .day = indexing->table.day,
                                             .part = i,
                                             .bytes = nta_index_table_part(&indexing->table, i)};
    stored.indexes = parts;
    stored.n_indexes = indexing->table.n_parts;
    return nta_store_put_batches(indexing->store, &stored, 1, err);
}

/** What somebody did who has the key. */
enum index_form
{
    INDEX_TRUE,
    INDEX_EMPTY,   ///< Its batches, and none of their tokens.
    INDEX_OF_NONE, ///< So, and its last batch is none that there is.
    INDEX_BEHIND,  ///< So, and its last number is that of the header that notes it.
};

static void deform(struct nta_index_builder *builder, enum index_form form)
{
    const size_t last = builder->n_batches - 1;

    if (form == INDEX_TRUE)
        return;
    memset(builder->ends, 0, sizeof(builder->ends));
    builder->n_tokens = 0;
    if (form == INDEX_OF_NONE)
        builder->links[last][0] ^= 1;
    if (form == INDEX_BEHIND)
        builder->numbers[last]++;
}

/** Make an index and note it; gives the number of the header that does. */
static uint64_t add_index(struct shelf *shelf, uint64_t behind, enum index_form form)
{
    NTA_AUTO(indexing_done)
    struct indexing indexing = {.store = shelf->store, .behind = behind};
    const struct nta_store_query all = {.sensor = NULL};
    struct nta_note note = {.kind = NTA_HEADER_NOTE_INDEX, .class = NTA_CLASS_TRAFFIC};

    assert_int_equal(nta_store_each(shelf->store, &all, gather, &indexing, &shelf->err), 0);
    deform(&indexing.builder, form);
    assert_int_equal(nta_index_build(&indexing.builder, &indexing.table), 0);
    note.day = indexing.table.day;
    memcpy(note.key, indexing.table.hash, NTA_HASH_LEN);
    shelf_note(shelf, &note, SHELF_START_NS + BATCHES * NTA_NS_PER_S);
    indexing.noted = nta_sealer_get_at(shelf->sealer)->number;
    assert_int_equal(nta_store_each(shelf->store, &all, put, &indexing, &shelf->err), 0);
    return indexing.noted;
}

static void change(const struct shelf *shelf, const char *sql)
{
    sqlite3 *db = NULL;
    char *what = NULL;

    assert_int_equal(sqlite3_open(shelf->journal, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &what) != SQLITE_OK)
        fail_msg("%s: %s", sql, what);
    assert_true(sqlite3_changes(db) > 0);
    (void)sqlite3_close(db);
}

static int on_found(void *owner, const struct nta_found *found, struct nta_err *err)
{
    (void)found;
    (void)err;
    ++*(size_t *)owner;
    return 0;
}

/** What a search for user 3, and who verifies, find. */
struct seen
{
    size_t n;
    uint64_t n_wrong, n_index, n_tokens, n_signature, n_unseen;
};

static void take(struct nta_findings *findings, struct seen *seen)
{
    seen->n_wrong = nta_findings_of(findings, NTA_WRONG);
    seen->n_index = nta_findings_of_kind(findings, NTA_FINDING_INDEX);
    seen->n_tokens = nta_findings_of_kind(findings, NTA_FINDING_TOKENS);
    seen->n_signature = nta_findings_of_kind(findings, NTA_FINDING_SIGNATURE);
    seen->n_unseen = nta_findings_of(findings, NTA_UNSEEN);
}

static struct seen look(struct shelf *shelf)
{
    NTA_AUTO(nta_search_close) struct nta_search *search = shelf_search(shelf);
    NTA_AUTO(nta_query_done) struct nta_query query = {0};
    struct seen seen = {.n = 0};
    const struct nta_search_options options = {.each = on_found, .owner = &seen.n};

    assert_int_equal(nta_query_user(&query, "10.0.0.3", &shelf->err), 0);
    if (nta_search_each(search, &query, &options, NULL, &shelf->err) != 0)
        fail_msg("%s", shelf->err.text);
    take(nta_search_stores(search)->findings, &seen);
    return seen;
}

static bool narrows(void *owner, const struct nta_header *header)
{
    return !nta_resume_passes(owner, header);
}

/** What was verified before: up to this batch, of this sensor, and these indexes. */
struct verified
{
    struct nta_sealer_at at;
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    uint64_t made_to;
};

static void recall(struct shelf *shelf, const struct verified *verified, struct nta_stores *stores,
                   struct nta_chain *chain, struct nta_made *made)
{
    uint8_t root[NTA_HASH_LEN];
    const struct nta_expected head = {verified->at.number, verified->at.previous, root};

    nta_log_root(&verified->at.log, root);
    assert_int_equal(nta_chain_recall_from(chain, verified->sensor, &head), 0);
    assert_int_equal(nta_stores_recall_chosen(stores, chain, NULL, &shelf->err), 0);
    assert_int_equal(nta_chain_recalled(chain, verified->sensor), verified->at.number);
    nta_made_find(made, verified->sensor)->before = verified->made_to;
}

/**
 * As `nta verify`; `ret_n_gone`: indexes that are missing.  `copy`: what MySQL has, in another
 * file; `verified`: with --resume, and it is told what is verified now.  NULL: without.
 */
static struct seen verify_with(struct shelf *shelf, const char *copy, struct verified *verified,
                               uint64_t *ret_n_gone)
{
    NTA_AUTO(nta_made_done) struct nta_made made = {.n = 0};
    NTA_AUTO(nta_chain_free) struct nta_chain *chain = NULL;
    const struct nta_stores_options options = {.dir = shelf->dir};
    struct nta_stores stores;
    struct seen seen = {.n = 0};

    if (nta_stores_open(&options, &stores, &shelf->err) < 0 ||
        (copy && nta_store_open_sqlite(copy, false, &stores.mysql, &shelf->err) < 0) ||
        nta_stores_judge(&stores, false, &chain, &shelf->err) < 0 ||
        nta_made_init(&made, &stores.trust) < 0)
        fail_msg("%s", shelf->err.text);
    if (verified && verified->at.number > 0)
        recall(shelf, verified, &stores, chain, &made);
    const struct nta_stores_walk walk = {
        .chain = chain, .made = &made, .narrows = verified ? narrows : NULL, .wants_owner = chain};

    if (nta_stores_each(&stores, &walk, &shelf->err) < 0 ||
        nta_stores_end(&stores, chain, false, &shelf->err) < 0)
        fail_msg("%s", shelf->err.text);
    take(stores.findings, &seen);
    if (verified)
        verified->made_to =
            nta_made_to(&made, verified->sensor, nta_sealer_get_at(shelf->sealer)->number);
    *ret_n_gone = nta_findings_of_kind(stores.findings, NTA_FINDING_INDEX_GONE);
    nta_chain_free(&chain); /* it borrows of the stores */
    nta_stores_close(&stores);
    return seen;
}

static struct seen verify(struct shelf *shelf, uint64_t *ret_n_gone)
{
    return verify_with(shelf, NULL, NULL, ret_n_gone);
}

static void what_an_index_excludes_is_not_read(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
    uint64_t n_gone;

    (void)state;
    shelf_fill(&shelf, 0, BATCHES, 1);
    (void)add_index(&shelf, 1, INDEX_TRUE);
    assert_int_equal(look(&shelf).n, OF_ONE);
    assert_int_equal(verify(&shelf, &n_gone).n_wrong, 0);
    assert_int_equal(n_gone, 0);
    /* of another user: number 2 has the first record */
    change(&shelf, "UPDATE content_2 SET tokens = zeroblob(length(tokens)) WHERE number = 2");
    struct seen seen = look(&shelf);

    assert_int_equal(seen.n, OF_ONE);
    assert_int_equal(seen.n_wrong, 0);
    change(&shelf, "DELETE FROM index_2");
    seen = look(&shelf);
    assert_int_equal(seen.n, OF_ONE);
    assert_int_equal(seen.n_tokens, 1);
}

/** An index vouches for the header that it names, and for no other. */
static void a_header_that_was_changed_is_found(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
    struct seen seen;

    (void)state;
    shelf_fill(&shelf, 0, BATCHES, 1);
    (void)add_index(&shelf, 1, INDEX_TRUE);
    change(&shelf, "UPDATE head SET signature = zeroblob(64) WHERE number = 2");
    seen = look(&shelf);
    assert_int_equal(seen.n, OF_ONE);
    assert_int_equal(seen.n_signature, 1);
}

static void whatever_is_done_to_an_index_hides_nothing_and_is_found(void **state)
{
    static const struct
    {
        const char *sql;
        uint64_t n_index, n_gone; ///< Of the search; of who verifies (which finds the others, too).
    } rows[] = {
        {"UPDATE index_2 SET bytes = substr(bytes, 1, 40) || x'ff' || substr(bytes, 42)"
         " WHERE part = 0",
         1, 0},
        {"UPDATE index_2 SET bytes = substr(bytes, 1, length(bytes) - 1) WHERE part = 1", 1, 0},
        {"UPDATE index_2 SET bytes = zeroblob(length(bytes)) WHERE part = 1", 1, 0},
        {"UPDATE index_2 SET bytes = x'' WHERE part = 0", 1, 0},
        {"UPDATE index_2 SET bytes = 'text' WHERE part = 0", 1, 0},
        {"DELETE FROM index_2 WHERE part = 0", 0, 1},
        {"DELETE FROM index_2 WHERE part = 1", 0, 1},
        {"UPDATE index_2 SET day = day + 1", 0, 1},
        {"UPDATE index_2 SET number = number + 1", 0, 1},
        {"DROP TABLE index_2; UPDATE chain SET number = number", 0, 1},
        {"INSERT INTO index_1 SELECT * FROM index_2; DELETE FROM index_2", 0, 1},
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
        uint64_t n_gone;

        shelf_fill(&shelf, 0, BATCHES, 1);
        (void)add_index(&shelf, 1, INDEX_TRUE);
        change(&shelf, rows[i].sql);
        const struct seen seen = look(&shelf), verified = verify(&shelf, &n_gone);

        if (seen.n != OF_ONE || seen.n_index != rows[i].n_index || n_gone != rows[i].n_gone ||
            verified.n_index != rows[i].n_index || seen.n_wrong != seen.n_index)
            fail_msg("%s: %zu found, %d and %d indexes wrong, %d gone", rows[i].sql, seen.n,
                     (int)seen.n_index, (int)verified.n_index, (int)n_gone);
    }
}

/** Who took the key hides what this key signed, and who verifies finds it. */
static void an_index_that_leaves_out_tokens_is_found(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
    uint64_t n_gone;

    (void)state;
    shelf_fill(&shelf, 0, BATCHES, 1);
    (void)add_index(&shelf, 1, INDEX_EMPTY);
    assert_int_equal(look(&shelf).n, 0);
    assert_int_equal(verify(&shelf, &n_gone).n_index, 1);
}

/** Also where it cannot be made again, since it names a batch that never was. */
static void an_index_that_cannot_be_made_again_is_found(void **state)
{
    static const enum index_form forms[] = {INDEX_OF_NONE, INDEX_BEHIND};

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(forms); i++) {
        NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
        uint64_t n_gone;

        shelf_fill(&shelf, 0, BATCHES, 1);
        (void)add_index(&shelf, 1, forms[i]);
        assert_int_equal(verify(&shelf, &n_gone).n_index, 1);
        assert_int_equal(n_gone, 0);
    }
}

static int take_sensor(void *owner, const struct nta_stored *row, struct nta_err *err)
{
    (void)err;
    memcpy(owner, row->header.sensor, NTA_SENSOR_ID_LEN);
    return 1;
}

/** Verified in the midst of its batches: those before are needed once more. */
static void an_index_is_made_again_where_verifying_resumes_within_it(void **state)
{
    static const enum index_form forms[] = {INDEX_TRUE, INDEX_EMPTY, INDEX_OF_NONE};
    const struct nta_store_query all = {.sensor = NULL};

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(forms); i++) {
        NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
        struct verified verified;
        uint64_t n_gone;

        shelf_fill(&shelf, 0, BATCHES / 2, 1);
        verified.at = *nta_sealer_get_at(shelf.sealer);
        assert_int_equal(
            nta_store_each(shelf.store, &all, take_sensor, verified.sensor, &shelf.err), 1);
        shelf_fill(&shelf, BATCHES / 2, BATCHES, 1);
        (void)add_index(&shelf, 1, forms[i]);
        verified.made_to = verified.at.number;
        const struct seen seen = verify_with(&shelf, NULL, &verified, &n_gone);

        assert_int_equal(seen.n_index, forms[i] != INDEX_TRUE);
        assert_int_equal(seen.n_wrong, seen.n_index);
    }
}

/** All of it is verified, and what follows begins behind it. */
static struct seen verify_all(struct shelf *shelf, struct verified *ret_verified)
{
    const struct nta_store_query all = {.sensor = NULL};
    uint64_t n_gone;

    *ret_verified = (struct verified){.made_to = 0};
    assert_int_equal(
        nta_store_each(shelf->store, &all, take_sensor, ret_verified->sensor, &shelf->err), 1);
    const struct seen seen = verify_with(shelf, NULL, ret_verified, &n_gone);

    ret_verified->at = *nta_sealer_get_at(shelf->sealer);
    return seen;
}

static void an_index_that_was_made_again_is_not_needed_by_who_resumes(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
    struct verified verified;
    uint64_t n_gone;

    (void)state;
    shelf_fill(&shelf, 0, BATCHES, 1);
    const uint64_t noted = add_index(&shelf, 1, INDEX_TRUE);

    assert_int_equal(verify_all(&shelf, &verified).n_wrong, 0);
    assert_int_equal(verified.made_to, noted);
    shelf_fill(&shelf, BATCHES, BATCHES + 2, 1);
    const struct seen seen = verify_with(&shelf, NULL, &verified, &n_gone);

    assert_int_equal(seen.n_wrong + seen.n_unseen + n_gone, 0);
    assert_int_equal(verified.made_to, noted + 2);
}

/** Who has the key notes one that leaves out tokens, and puts it there once all was verified. */
static void an_index_that_comes_after_verifying_is_made_again_by_who_resumes(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
    struct verified verified;
    uint64_t n_gone;

    (void)state;
    shelf_fill(&shelf, 0, BATCHES, 1);
    const uint64_t noted = add_index(&shelf, 1, INDEX_EMPTY);

    change(&shelf, "CREATE TABLE kept AS SELECT * FROM index_2 LIMIT 0;"
                   "INSERT INTO kept SELECT * FROM index_2");
    change(&shelf, "DELETE FROM index_2");
    assert_int_equal(verify_all(&shelf, &verified).n_wrong, 0);
    assert_int_equal(verified.made_to, noted - 1);
    assert_int_equal(verify_with(&shelf, NULL, &verified, &n_gone).n_index, 0);
    assert_int_equal(verified.made_to, noted - 1);
    change(&shelf, "INSERT INTO index_2 SELECT * FROM kept");
    assert_int_equal(look(&shelf).n, 0);
    assert_int_equal(verify_with(&shelf, NULL, &verified, &n_gone).n_index, 1);
}

/** The journal as it lies there now, for MySQL's place. */
static void copy_journal(struct shelf *shelf, char *copy, size_t size)
{
    sqlite3 *db = NULL;
    char sql[200];

    (void)snprintf(copy, size, "%s/copy.db", shelf->dir);
    (void)snprintf(sql, sizeof(sql), "VACUUM INTO '%s'", copy);
    assert_int_equal(sqlite3_open(shelf->journal, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    (void)sqlite3_close(db);
}

/** Of which the one store has all, and the other half: they come once more, and not in order. */
static void an_index_over_batches_of_both_stores_is_made_again(void **state)
{
    static const enum index_form forms[] = {INDEX_TRUE, INDEX_EMPTY, INDEX_OF_NONE};

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(forms); i++) {
        NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
        char copy[128];
        uint64_t n_gone;

        shelf_fill(&shelf, 0, BATCHES / 2, 1);
        copy_journal(&shelf, copy, sizeof(copy));
        shelf_fill(&shelf, BATCHES / 2, BATCHES, 1);
        (void)add_index(&shelf, 1, forms[i]);
        assert_int_equal(verify_with(&shelf, copy, NULL, &n_gone).n_index, forms[i] != INDEX_TRUE);
    }
}

/** Somebody took one out of MySQL which the journal still has. */
static void an_index_whose_batches_come_in_another_order_is_unseen(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
    char copy[128], journal[sizeof(shelf.journal)];
    uint64_t n_gone;

    (void)state;
    shelf_fill(&shelf, 0, BATCHES, 1);
    (void)add_index(&shelf, 1, INDEX_EMPTY);
    copy_journal(&shelf, copy, sizeof(copy));
    memcpy(journal, shelf.journal, sizeof(journal));
    memcpy(shelf.journal, copy, sizeof(copy));
    change(&shelf, "DELETE FROM head WHERE number = 5");
    change(&shelf, "DELETE FROM content_2 WHERE number = 5");
    memcpy(shelf.journal, journal, sizeof(journal));
    const struct seen seen = verify_with(&shelf, copy, NULL, &n_gone);

    assert_int_equal(seen.n_wrong, 0);
    assert_int_equal(seen.n_unseen, 1);
}

/** One store's is as noted: the other's is looked at as well. */
static void an_index_that_one_store_has_otherwise_is_found(void **state)
{
    static const char *const changes[] = {
        "UPDATE index_2 SET bytes = x'00' WHERE part = 0",
        "UPDATE index_2 SET bytes = zeroblob(length(bytes)) WHERE part = 1",
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(changes); i++) {
        NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
        char copy[128], journal[sizeof(shelf.journal)];
        uint64_t n_gone;

        shelf_fill(&shelf, 0, BATCHES, 1);
        (void)add_index(&shelf, 1, INDEX_TRUE);
        copy_journal(&shelf, copy, sizeof(copy));
        assert_int_equal(verify_with(&shelf, copy, NULL, &n_gone).n_index, 0);
        memcpy(journal, shelf.journal, sizeof(journal));
        memcpy(shelf.journal, copy, sizeof(copy));
        change(&shelf, changes[i]);
        memcpy(shelf.journal, journal, sizeof(journal));
        assert_int_equal(verify_with(&shelf, copy, NULL, &n_gone).n_index, 1);
        change(&shelf, changes[i]);
        assert_true(verify_with(&shelf, copy, NULL, &n_gone).n_index > 0);
    }
}

/** What a walk gives, as if each batch had the most tokens that a store reads. */
static int take_many_tokens(void *owner, const struct nta_stored *row, struct nta_err *err)
{
    static uint8_t many[NTA_STORE_TOKENS_MAX];
    struct nta_stored stored = *row;

    (void)err;
    stored.sealed.tokens = (struct nta_span){many, sizeof(many)};
    return nta_index_check_take(owner, &stored);
}

/** Whoever has the key signs what it likes, and who verifies has so much memory, and no more. */
static void tokens_beyond_those_of_any_index_are_found_and_not_gathered(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
    NTA_AUTO(nta_index_check_free) struct nta_index_check *check = NULL;
    NTA_AUTO(nta_chain_free) struct nta_chain *chain = NULL;
    const struct nta_stores_options options = {.dir = shelf.dir};
    const struct nta_store_query all = {.sensor = NULL};
    NTA_AUTO(nta_made_done) struct nta_made made = {0};
    struct nta_stores stores;

    (void)state;
    shelf_fill(&shelf, 0, BATCHES, 1);
    (void)add_index(&shelf, 1, INDEX_TRUE);
    if (nta_stores_open(&options, &stores, &shelf.err) < 0 ||
        nta_stores_judge(&stores, false, &chain, &shelf.err) < 0 ||
        nta_made_init(&made, &stores.trust) < 0)
        fail_msg("%s", shelf.err.text);
    assert_int_equal(nta_index_check_new(&stores, chain, &made, &check), 0);
    assert_int_equal(nta_store_each(stores.journal, &all, take_many_tokens, check, &shelf.err), 0);
    nta_index_check_end(check);
    assert_int_equal(nta_findings_of_kind(stores.findings, NTA_FINDING_INDEX), 1);
    nta_index_check_free(&check);
    nta_chain_free(&chain);
    nta_stores_close(&stores);
}

/** But nothing that an earlier key signed. */
static void a_later_key_says_nothing_of_earlier_batches(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
    const int64_t behind_ns = SHELF_START_NS + BATCHES * NTA_NS_PER_S;
    const struct nta_record record = {.event = NTA_RECORD_STOP, .time_ns = behind_ns};

    (void)state;
    shelf_fill(&shelf, 0, BATCHES, 1);
    assert_int_equal(nta_batch_add(&shelf.batch, &record), 0);
    shelf_seal(&shelf, shelf.store,
               &(struct nta_seal_options){
                   .class = NTA_CLASS_LOG, .wall_ns = behind_ns, .clock = 1, .changes_key = true});
    (void)add_index(&shelf, 1, INDEX_EMPTY);
    const struct seen seen = look(&shelf);
    uint64_t n_gone;

    assert_int_equal(seen.n, OF_ONE);
    assert_int_equal(seen.n_wrong, 0);
    assert_int_equal(verify(&shelf, &n_gone).n_index, 1);
}

/** Nor a later index, of what belongs to one before. */
static void a_batch_belongs_to_the_first_index_behind_it(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();

    (void)state;
    shelf_fill(&shelf, 0, BATCHES / 2, 1);
    const uint64_t noted = add_index(&shelf, 1, INDEX_TRUE);

    shelf_fill(&shelf, BATCHES / 2, BATCHES, 1);
    (void)add_index(&shelf, noted, INDEX_TRUE);
    (void)add_index(&shelf, 1, INDEX_EMPTY);
    assert_int_equal(look(&shelf).n, OF_ONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_an_index_excludes_is_not_read),
        cmocka_unit_test(a_header_that_was_changed_is_found),
        cmocka_unit_test(whatever_is_done_to_an_index_hides_nothing_and_is_found),
        cmocka_unit_test(an_index_that_leaves_out_tokens_is_found),
        cmocka_unit_test(an_index_that_cannot_be_made_again_is_found),
        cmocka_unit_test(an_index_is_made_again_where_verifying_resumes_within_it),
        cmocka_unit_test(an_index_that_was_made_again_is_not_needed_by_who_resumes),
        cmocka_unit_test(an_index_that_comes_after_verifying_is_made_again_by_who_resumes),
        cmocka_unit_test(an_index_over_batches_of_both_stores_is_made_again),
        cmocka_unit_test(an_index_whose_batches_come_in_another_order_is_unseen),
        cmocka_unit_test(an_index_that_one_store_has_otherwise_is_found),
        cmocka_unit_test(tokens_beyond_those_of_any_index_are_found_and_not_gathered),
        cmocka_unit_test(a_later_key_says_nothing_of_earlier_batches),
        cmocka_unit_test(a_batch_belongs_to_the_first_index_behind_it),
    };

    (void)setenv("XDG_STATE_HOME", "/dev/null", 1); /* nothing is remembered */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
