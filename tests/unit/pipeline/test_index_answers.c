/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stores as chance has them (classes, days, starts, keys that change, how many records a batch has)
 * with the indexes that a sensor makes, and questions as chance has them: each is answered with
 * indexes as it is without.
 */
#include "pipeline/commit/indexer.h"
#include "search/shelf.h"

#include <sqlite3.h>

enum
{
    STORES = 3, ///< With NTA_LONG; else one, which is asked little.
    BATCHES = 700,
    USERS = 40,
    SITES = 60,
    QUESTIONS = 400,
    FEW_QUESTIONS = 40
};

static uint32_t chance;
static size_t n_questions = FEW_QUESTIONS;

static uint32_t below(uint32_t n)
{
    chance ^= chance << 13;
    chance ^= chance >> 17;
    chance ^= chance << 5;
    return chance % n;
}

/** A store being made. */
struct making
{
    struct shelf shelf;
    struct nta_indexer indexer;
    int64_t now_ns;
    size_t n_notes;
};

static void making_done(struct making *making)
{
    nta_indexer_done(&making->indexer);
    shelf_done(&making->shelf);
}

/** Few users have much, and many little; so have sites. */
static uint32_t skewed(uint32_t n)
{
    return below(1 + below(n));
}

static void add_record(struct making *making, enum nta_class class)
{
    char site[32], name[16];
    const uint32_t user = skewed(USERS);

    making->now_ns += below(30) * NTA_NS_PER_S;
    (void)snprintf(site, sizeof(site), "host-%u.example", skewed(SITES));
    (void)snprintf(name, sizeof(name), "laptop-%u", user);
    struct nta_record record = {
        .event = class == NTA_CLASS_EVIDENCE ? NTA_RECORD_ALERT
                 : class == NTA_CLASS_WHO    ? NTA_RECORD_LEASE
                                             : NTA_RECORD_FLOW,
        .time_ns = making->now_ns,
        .user = {.addr = nta_addr_v4((const uint8_t[]){10, 0, 0, (uint8_t)user}),
                 .name = nta_span_of(user % 3 == 0 ? name : "")},
        .basis = NTA_BASIS_SNI,
        .down = {.bytes = below(100000)},
    };

    if (class != NTA_CLASS_WHO)
        record.site = nta_span_of(site);
    assert_int_equal(nta_batch_add(&making->shelf.batch, &record), 0);
}

/** As a sensor seals and commits. */
static void put_batch(struct making *making, enum nta_class class, bool changes_key)
{
    struct shelf *shelf = &making->shelf;
    struct nta_note notes[NTA_NOTES_MAX];
    const struct nta_seal_options options = {
        .class = class,
        .wall_ns = making->now_ns,
        .clock = 1,
        .notes = notes,
        .n_notes = nta_indexer_note(&making->indexer, changes_key, notes, NTA_NOTES_MAX),
        .changes_key = changes_key,
    };
    struct nta_stored stored = {.faults = 0};
    struct nta_wrapped_key key;

    if (nta_sealer_wants_key(shelf->sealer, class, making->now_ns)) {
        assert_int_equal(
            nta_sealer_make_key(shelf->sealer, class, making->now_ns, &key, &shelf->err), 0);
        assert_int_equal(nta_store_put_key(shelf->store, &key, &shelf->err), 0);
        nta_sealer_use_key(shelf->sealer, class);
    }
    making->n_notes += options.n_notes;
    if (nta_sealer_seal(shelf->sealer, &shelf->batch, &options, &stored.sealed, &stored.header,
                        &shelf->err) < 0)
        fail_msg("%s", shelf->err.text);
    nta_indexer_put(&making->indexer, &stored);
    assert_int_equal(nta_store_put_batches(shelf->store, &stored, 1, &shelf->err), 0);
    nta_indexer_take(&making->indexer, changes_key, &stored);
    assert_int_equal(nta_sealer_commit(shelf->sealer, &shelf->err), 0);
    nta_batch_clear(&shelf->batch);
}

static void make(struct making *making)
{
    making->shelf = shelf_new();
    making->now_ns = SHELF_START_NS;
    making->n_notes = 0;
    for (size_t i = 0; i < BATCHES; i++) {
        const enum nta_class class = below(4) ? NTA_CLASS_TRAFFIC : NTA_CLASS_EVIDENCE + below(3);
        const bool is_next_day = below(150) == 0;

        if (is_next_day)
            making->now_ns += (8 + below(40)) * 3600 * NTA_NS_PER_S;
        if (below(200) == 0)
            nta_indexer_forget(&making->indexer); /* it was killed, and started again */
        for (uint32_t n = 1 + skewed(12); n > 0; n--)
            add_record(making, class);
        put_batch(making, class, is_next_day || below(120) == 0);
    }
    add_record(making, NTA_CLASS_WHO);
    put_batch(making, NTA_CLASS_WHO, true);
}

/** What a question found: each record, in order. */
struct answer
{
    size_t n;
    uint64_t sum;
};

static int on_found(void *owner, const struct nta_found *found, struct nta_err *err)
{
    struct answer *answer = owner;

    (void)err;
    answer->n++;
    answer->sum = answer->sum * 1000003 + found->header->number * 4096 + found->index;
    return 0;
}

static void some_query(struct nta_query *query, struct nta_err *err)
{
    static const char *const events[] = {"flow", "alert", "lease", "flow,alert,lease"};
    char text[32];
    int r = 0;

    if (below(4)) {
        (void)snprintf(text, sizeof(text), below(4) ? "10.0.0.%u" : "laptop-%u", below(USERS + 5));
        r |= nta_query_user(query, text, err);
    }
    if (below(2)) {
        (void)snprintf(text, sizeof(text), "host-%u.example", below(SITES + 5));
        r |= nta_query_site(query, text, err);
    }
    if (below(3) == 0)
        r |= nta_query_event(query, events[below(NTA_N_ELEMENTS(events))], err);
    if (below(3) == 0) {
        query->since_ns = SHELF_START_NS + below(200) * 3600 * NTA_NS_PER_S;
        query->until_ns = query->since_ns + (1 + below(72)) * 3600 * NTA_NS_PER_S;
    }
    assert_int_equal(r, 0);
}

static struct answer ask(struct shelf *shelf, struct nta_search *search, uint32_t question)
{
    NTA_AUTO(nta_query_done) struct nta_query query = {0};
    struct answer answer = {.n = 0};
    const struct nta_search_options options = {.each = on_found, .owner = &answer};
    const uint32_t before = chance;

    chance = question;
    some_query(&query, &shelf->err);
    chance = before;
    if (nta_search_each(search, &query, &options, NULL, &shelf->err) != 0)
        fail_msg("%s", shelf->err.text);
    assert_int_equal(nta_findings_of(nta_search_stores(search)->findings, NTA_WRONG), 0);
    return answer;
}

static void forget_indexes(const struct shelf *shelf)
{
    static const char sql[] = "DELETE FROM index_1; DELETE FROM index_2; DELETE FROM index_3;"
                              "DELETE FROM index_4";
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(shelf->journal, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    (void)sqlite3_close(db);
}

static void answer_all(struct shelf *shelf, const uint32_t *questions, struct answer *ret_answers)
{
    NTA_AUTO(nta_search_close) struct nta_search *search = shelf_search(shelf);

    for (size_t i = 0; i < n_questions; i++)
        ret_answers[i] = ask(shelf, search, questions[i]);
}

static void each_question_is_answered_as_without_indexes(void **state)
{
    static struct answer with[QUESTIONS], without[QUESTIONS];
    uint32_t questions[QUESTIONS];
    const char *is_long = getenv("NTA_LONG");
    const uint32_t n_stores = is_long && strcmp(is_long, "1") == 0 ? STORES : 1;

    (void)state;
    if (n_stores == STORES)
        n_questions = QUESTIONS;
    for (uint32_t seed = 1; seed <= n_stores; seed++) {
        NTA_AUTO(making_done) struct making making = {.n_notes = 0};
        size_t n_found = 0;

        chance = seed * 2654435761U;
        make(&making);
        assert_true(making.n_notes >= 3);
        for (size_t i = 0; i < n_questions; i++)
            questions[i] = 1 + below(UINT32_MAX - 1);
        answer_all(&making.shelf, questions, with);
        forget_indexes(&making.shelf);
        answer_all(&making.shelf, questions, without);
        for (size_t i = 0; i < n_questions; i++) {
            if (with[i].n != without[i].n || with[i].sum != without[i].sum)
                fail_msg("store %u, question %u: %zu records with indexes, %zu without", seed,
                         questions[i], with[i].n, without[i].n);
            n_found += without[i].n > 0;
        }
        assert_in_range(n_found, n_questions / 10, n_questions - 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_question_is_answered_as_without_indexes),
    };

    (void)setenv("XDG_STATE_HOME", "/dev/null", 1); /* nothing is remembered */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
