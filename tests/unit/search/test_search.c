/* SPDX-License-Identifier: Apache-2.0 */
/* From a question to records: what is found, in which order, and how a search ends. */
#include "shelf.h"
#include "store/headfile.h"

#include <errno.h>

struct seen
{
    unsigned n;
    uint64_t first, last, sum; ///< Of the records' bytes, which are their numbers.
    char id[NTA_FOUND_ID_SIZE];
    unsigned stop_at;
    volatile sig_atomic_t stop;
    int result;
    struct shelf *shelf;
    unsigned n_idle;
};

static int on_found(void *owner, const struct nta_found *found, struct nta_err *err)
{
    struct seen *seen = owner;
    uint64_t number = found->record->down.bytes;

    (void)err;
    if (seen->n++ == 0)
        seen->first = number;
    else
        assert_true(number > seen->last);
    seen->last = number;
    seen->sum += number;
    (void)nta_found_id(found, seen->id);
    if (seen->n == seen->stop_at)
        seen->stop = 1;
    return seen->result;
}

static struct seen look(struct nta_search *search, struct nta_query *query,
                        struct nta_search_options *options, struct nta_search_state *state)
{
    struct seen seen = {.stop_at = options->stop ? 5 : 0};
    struct nta_err err = {0};

    options->each = on_found;
    options->owner = &seen;
    if (options->stop)
        options->stop = &seen.stop;
    if (nta_search_each(search, query, options, state, &err) != 0)
        fail_msg("%s", err.text);
    return seen;
}

/** Of the command line is what it says itself, not what is written in the file that it names. */
static void a_broken_configuration_is_no_wrong_usage(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
    const char *const keys[] = {"no key"};
    char path[NTA_PATH_SIZE];
    struct nta_search *search = NULL;

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/ntad.conf", shelf.dir);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs("store = {", file) >= 0);
    assert_int_equal(fclose(file), 0);
    const struct nta_stores_options broken = {.config = path};
    const struct nta_stores_options wrong = {.dir = shelf.dir, .keys = keys, .n_keys = 1};

    assert_int_equal(nta_search_open(&broken, &search, &shelf.err), -EUCLEAN);
    assert_int_equal(nta_search_open(&wrong, &search, &shelf.err), -EINVAL);
}

static void everything_comes_in_order(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();

    (void)state;
    shelf_fill(&shelf, 0, 1000, 64);
    NTA_AUTO(nta_search_close) struct nta_search *search = shelf_search(&shelf);
    struct nta_query all = {0};
    struct nta_search_options options = {0};
    struct nta_search_state how = {0};
    struct seen seen = look(search, &all, &options, &how);

    assert_int_equal(seen.n, 1000);
    assert_int_equal(seen.sum, 999 * 1000 / 2);
    assert_int_equal(how.n_found, 1000);
    assert_int_equal(how.n_records, 1001); /* with the first batch's, which nobody asked for */
    assert_int_equal(how.n_all, 17);
    assert_true(how.n_batches >= 17);
    assert_false(how.is_limited || how.is_stopped);
}

struct asked
{
    unsigned n;
    int answer;
};

static int on_asked(void *owner, const struct nta_stores *stores, struct nta_err *err)
{
    struct asked *asked = owner;

    assert_non_null(stores->journal);
    asked->n++;
    return asked->answer ? nta_err_set(err, asked->answer, "not now") : 0;
}

/** And nothing is opened unless who is asked has nothing against it. */
static void a_gate_is_asked_before_what_is_anybodys(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();

    (void)state;
    shelf_fill(&shelf, 0, 100, 64);
    NTA_AUTO(nta_search_close) struct nta_search *search = shelf_search(&shelf);
    struct asked asked = {.n = 0};
    uint64_t n_given = 0;
    const struct nta_search_gate gate = {.ask = on_asked, .owner = &asked, .n_given = &n_given};
    struct nta_query log = {.events = 1U << NTA_RECORD_AUDIT | 1U << NTA_RECORD_START}, all = {0};
    struct nta_search_options options = {0};

    nta_search_set_gate(search, &gate);
    (void)look(search, &log, &options, NULL);
    assert_int_equal(asked.n, 0);
    struct seen seen = look(search, &all, &options, NULL);

    assert_int_equal(seen.n, 100);
    assert_int_equal(asked.n, 1);
    assert_int_equal(n_given, 100);
    char id[NTA_FOUND_ID_SIZE];

    (void)snprintf(id, sizeof(id), "%s", seen.id);
    seen = (struct seen){.n = 0};
    assert_int_equal(nta_search_one(search, id, on_found, &seen, &shelf.err), 0);
    assert_int_equal(asked.n, 2);
    assert_int_equal(n_given, 101);

    asked.answer = -EPERM;
    seen = (struct seen){.n = 0};
    options.owner = &seen;
    assert_int_equal(nta_search_each(search, &all, &options, NULL, &shelf.err), -EPERM);
    assert_string_equal(shelf.err.text, "not now");
    struct nta_search_state how = {0};

    assert_int_equal(nta_search_follow(search, &all, &options, &how, &shelf.err), -EPERM);
    assert_int_equal(seen.n, 0);
    assert_int_equal(n_given, 101);
}

static void tokens_choose_the_batches(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();

    (void)state;
    shelf_fill(&shelf, 0, 100, 1); /* a batch each */
    NTA_AUTO(nta_search_close) struct nta_search *search = shelf_search(&shelf);
    struct nta_query query = {0};
    struct nta_search_options options = {0};
    struct nta_search_state how = {0};

    assert_int_equal(nta_query_user(&query, "10.0.0.2", &shelf.err), 0);
    assert_int_equal(nta_query_site(&query, "host-1.example", &shelf.err), 0);
    struct seen seen = look(search, &query, &options, &how);

    assert_int_equal(seen.n, 7); /* 7, 22, 37, ... 97 */
    assert_int_equal(seen.first, 7);
    assert_int_equal(how.n_records, 7); /* no other batch was opened */
    nta_query_done(&query);
    assert_int_equal(nta_query_user(&query, "Laptop-3", &shelf.err), 0);
    seen = look(search, &query, &options, &how);
    assert_int_equal(seen.n, 20);
    assert_int_equal(how.n_records, 20);
    nta_query_done(&query);
    assert_int_equal(nta_query_user(&query, "nobody", &shelf.err), 0);
    seen = look(search, &query, &options, &how);
    assert_int_equal(seen.n + how.n_records, 0);
    nta_query_done(&query);
}

static void parts_alone_are_decoded_where_asked(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();

    (void)state;
    shelf_fill(&shelf, 0, 50, 50);
    NTA_AUTO(nta_search_close) struct nta_search *search = shelf_search(&shelf);
    /* the shelf's batches are all of one class, in which nobody would look for an alert alone */
    struct nta_query query = {.events = 1U << NTA_RECORD_ALERT | 1U << NTA_RECORD_LOOKUP};
    struct nta_search_options options = {.parts = NTA_PART_COUNTS};
    struct seen seen = look(search, &query, &options, NULL);

    assert_int_equal(seen.n, 5);
    assert_int_equal(seen.sum, 9 + 19 + 29 + 39 + 49);
}

static void limit_and_stop_end_it_cleanly(void **state)
{
    static const volatile sig_atomic_t yes = 1;
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();

    (void)state;
    shelf_fill(&shelf, 0, 500, 10);
    NTA_AUTO(nta_search_close) struct nta_search *search = shelf_search(&shelf);
    struct nta_query all = {0};
    struct nta_search_options options = {.limit = 7};
    struct nta_search_state how = {0};
    struct seen seen = look(search, &all, &options, &how);

    assert_int_equal(seen.n, 7);
    assert_true(how.is_limited && !how.is_stopped);
    options = (struct nta_search_options){.stop = &yes};
    seen = look(search, &all, &options, &how);
    assert_int_equal(seen.n, 10); /* the fifth said stop: its batch is looked through */
    assert_true(how.is_stopped && !how.is_limited);
    assert_int_equal(how.at_ns, SHELF_START_NS + 9 * NTA_NS_PER_S);
    /* and once more, whole: nothing was left behind */
    options = (struct nta_search_options){0};
    assert_int_equal(look(search, &all, &options, &how).n, 500);
}

static void what_the_callback_fails_with_comes_back(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();

    (void)state;
    shelf_fill(&shelf, 0, 20, 5);
    NTA_AUTO(nta_search_close) struct nta_search *search = shelf_search(&shelf);
    struct nta_query all = {0};
    struct seen seen = {.result = -ENOSPC};
    const struct nta_search_options options = {.each = on_found, .owner = &seen};

    assert_int_equal(nta_search_each(search, &all, &options, NULL, &shelf.err), -ENOSPC);
    assert_int_equal(seen.n, 1);
}

static void one_record_is_found_by_its_id(void **state)
{
    static const char *const bad[] = {"", "1-2-3", "00112233445566778899aabbccddeeff",
                                      "00112233445566778899aabbccddeeff-0-0", "\033[31m"};
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();

    (void)state;
    shelf_fill(&shelf, 0, 100, 10);
    NTA_AUTO(nta_search_close) struct nta_search *search = shelf_search(&shelf);
    struct nta_query all = {0};
    struct nta_search_options options = {.limit = 43};
    struct seen seen = look(search, &all, &options, NULL), one = {0};
    char other[NTA_FOUND_ID_SIZE];

    assert_int_equal(nta_search_one(search, seen.id, on_found, &one, &shelf.err), 0);
    assert_int_equal(one.n, 1);
    assert_int_equal(one.last, 42);
    (void)snprintf(other, sizeof(other), "%.32s-%s", seen.id, "999-0");
    assert_int_equal(nta_search_one(search, other, on_found, &one, &shelf.err), -ENOENT);
    (void)snprintf(other, sizeof(other), "%.32s-%s", seen.id, "1-10");
    assert_int_equal(nta_search_one(search, other, on_found, &one, &shelf.err), -ENOENT);
    for (size_t i = 0; i < NTA_N_ELEMENTS(bad); i++)
        assert_int_equal(nta_search_one(search, bad[i], on_found, &one, &shelf.err), -EINVAL);
    assert_int_equal(one.n, 1);
}

/** While nothing is new: more is recorded, under a new data key; then it is enough. */
static void record_more(void *owner)
{
    struct seen *seen = owner;

    seen->n_idle++;
    if (seen->n_idle == 1)
        shelf_fill(seen->shelf, 10, 15, 5);
    if (seen->n_idle == 2)
        shelf_fill(seen->shelf, 100000, 100005, 5); /* a day later */
    if (seen->n_idle == 3)
        seen->stop = 1;
}

static void following_gives_what_is_recorded_meanwhile(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
    struct seen seen = {.shelf = &shelf};
    struct nta_search_state how = {0};
    struct nta_query all = {0};

    (void)state;
    shelf_fill(&shelf, 0, 10, 5);
    NTA_AUTO(nta_search_close) struct nta_search *search = shelf_search(&shelf);
    struct nta_search_options options = {
        .each = on_found, .owner = &seen, .stop = &seen.stop, .idle = record_more};

    assert_int_equal(nta_search_follow(search, &all, &options, &how, &shelf.err), 0);
    assert_int_equal(seen.n, 20); /* each once, in order */
    assert_int_equal(seen.last, 100004);
    struct nta_search_proof proof;

    nta_search_get_proof(search, &proof);
    assert_int_equal(proof.n_wrong, 0);
}

/* ---- what format 2 is for ---- */

struct counting
{
    struct nta_opener *opener;
    size_t n, n_open;
};

static int count_key(void *owner, const struct nta_stored_key *key, struct nta_err *err)
{
    struct counting *counting = owner;

    (void)err;
    counting->n++;
    counting->n_open += nta_opener_has_key(counting->opener, key->key.id);
    return 0;
}

/** Three days; a search of the last one needs no key of the others. */
static void data_keys_are_unwrapped_for_what_is_asked(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
    const unsigned day = 86400;

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        shelf_fill(&shelf, i * day, i * day + 20, 5);
    for (int by_token = 0; by_token < 2; by_token++) {
        NTA_AUTO(nta_search_close) struct nta_search *search = shelf_search(&shelf);
        NTA_AUTO(nta_query_done)
        struct nta_query query = {.since_ns = SHELF_START_NS + 2 * day * NTA_NS_PER_S};
        struct nta_search_options options = {.parts = 0};
        struct counting counting = {.opener = nta_search_opener(search)};

        if (by_token)
            assert_int_equal(nta_query_site(&query, "host-1.example", &shelf.err), 0);
        assert_int_equal(look(search, &query, &options, NULL).n, by_token ? 7 : 20);
        assert_int_equal(nta_store_each_key(shelf.store, count_key, &counting, &shelf.err), 0);
        assert_int_equal(counting.n, 4); /* the first batch's, and one a day */
        assert_int_equal(counting.n_open, 1);
    }
}

/** What ended later than the batch before it began lies where its end says. */
static void a_record_is_found_while_it_went_on(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
    const int64_t hour_ns = 3600 * NTA_NS_PER_S;
    struct nta_record record = {
        .event = NTA_RECORD_FLOW,
        .time_ns = SHELF_START_NS,
        .end_ns = SHELF_START_NS + 5 * hour_ns,
        .user = {.addr = nta_addr_v4((const uint8_t[]){10, 0, 0, 9})},
        .down = {.bytes = 77},
    };
    struct nta_search_state how = {0};

    (void)state;
    assert_int_equal(nta_batch_add(&shelf.batch, &record), 0);
    shelf_commit(&shelf);
    shelf_fill(&shelf, 1, 6, 5); /* within the hour before what is asked for, and not in it */
    NTA_AUTO(nta_search_close) struct nta_search *search = shelf_search(&shelf);
    struct nta_query query = {.since_ns = SHELF_START_NS + hour_ns / 2};
    struct nta_search_options options = {.parts = 0};
    struct seen seen = look(search, &query, &options, &how);

    assert_int_equal(seen.n, 1);
    assert_int_equal(seen.last, 77);
    assert_int_equal(how.n_records, 1); /* nothing else was opened */
    struct nta_search_proof proof;

    nta_search_get_proof(search, &proof);
    assert_int_equal(proof.n_wrong, 0);
}

/** Deleted as a later batch notes: told, and no fault. */
static void what_was_deleted_is_no_fault(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
    struct nta_note note = {.kind = NTA_HEADER_NOTE_DELETED,
                            .class = NTA_CLASS_TRAFFIC,
                            .day = nta_day_of(SHELF_START_NS),
                            .n_batches = 4,
                            .reason = NTA_DELETE_COMMAND};
    uint8_t sensor[NTA_SENSOR_ID_LEN];

    (void)state;
    shelf_fill(&shelf, 0, 20, 5);
    nta_sealer_get_sensor(shelf.sealer, sensor);
    for (int noted = 0; noted < 2; noted++) {
        if (noted)
            shelf_note(&shelf, &note, SHELF_START_NS + 60 * NTA_NS_PER_S);
        assert_int_equal(
            nta_store_destroy_key(shelf.store, sensor, NTA_CLASS_TRAFFIC, note.day, &shelf.err), 0);
        NTA_AUTO(nta_search_close) struct nta_search *search = shelf_search(&shelf);
        struct nta_query all = {0};
        struct nta_search_options options = {.parts = 0};
        struct nta_search_proof proof;

        assert_int_equal(look(search, &all, &options, NULL).n, 0);
        nta_search_get_proof(search, &proof);
        assert_int_equal(proof.n_wrong, noted ? 0 : 4);
        assert_int_equal(proof.n_deleted, noted ? 4 : 0);
        assert_int_equal(
            nta_findings_of_kind(nta_search_stores(search)->findings, NTA_FINDING_DELETED), noted);
    }
}

/* ---- the state beside the journal ---- */

static void write_state(struct shelf *shelf, const struct nta_sealer_at *at, bool is_other)
{
    struct nta_headfile file = {.place = {.head = {.number = at->number}}};
    struct nta_log_tree before = shelf->before;

    memcpy(file.place.head.hash, at->previous, NTA_HASH_LEN);
    file.place.head.hash[0] ^= is_other;
    file.place.n_frontier = nta_log_frontier(&before, file.place.frontier);
    nta_sealer_get_signing(shelf->sealer, file.signing);
    if (nta_headfile_write(shelf->journal, shelf->sealer, &file, &shelf->err) < 0)
        fail_msg("%s", shelf->err.text);
}

static uint64_t wrong_by_state(struct shelf *shelf)
{
    NTA_AUTO(nta_chain_free) struct nta_chain *chain = NULL;
    const struct nta_stores_options options = {.dir = shelf->dir};
    struct nta_stores stores;

    if (nta_stores_open(&options, &stores, &shelf->err) < 0 ||
        nta_stores_judge(&stores, false, &chain, &shelf->err) < 0 ||
        nta_stores_check_state(&stores, chain, &shelf->err) < 0 ||
        nta_stores_each(&stores, &(struct nta_stores_walk){.chain = chain}, &shelf->err) < 0 ||
        nta_stores_end(&stores, chain, false, &shelf->err) < 0)
        fail_msg("%s", shelf->err.text);
    uint64_t n = nta_findings_of(stores.findings, NTA_WRONG);

    assert_int_equal(n, nta_findings_of_kind(stores.findings, NTA_FINDING_STATE));
    nta_chain_free(&chain); /* it borrows of the stores */
    nta_stores_close(&stores);
    return n;
}

static void the_state_beside_the_journal_is_held_against_it(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
    char path[160];

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/journal.state", shelf.dir);
    assert_int_equal(wrong_by_state(&shelf), 0); /* there is none */
    shelf_fill(&shelf, 0, 50, 5);
    write_state(&shelf, nta_sealer_get_at(shelf.sealer), false);
    assert_int_equal(wrong_by_state(&shelf), 0);
    shelf_fill(&shelf, 50, 60, 5); /* it may be behind */
    assert_int_equal(wrong_by_state(&shelf), 0);
    write_state(&shelf, nta_sealer_get_at(shelf.sealer),
                true); /* of another chain: head and tree */
    assert_int_equal(wrong_by_state(&shelf), 1);
    NTA_AUTO_FILE FILE *file = fopen(path, "r+e");

    assert_non_null(file);
    assert_int_equal(fseek(file, 50, SEEK_SET), 0);
    assert_int_equal(fputc('~', file), '~');
    assert_int_equal(fflush(file), 0);
    assert_int_equal(wrong_by_state(&shelf), 1);
}

/* ---- journal and database ---- */

struct shipping
{
    struct nta_stores *stores;
    struct nta_store *writer; ///< The journal's.
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    uint64_t last, ship_at, ship_to;
    unsigned n;
    struct nta_err err;
};

struct copy
{
    struct nta_store *to;
    uint64_t up_to;
};

static int copy_one(void *owner, const struct nta_stored *batch, struct nta_err *err)
{
    struct copy *copy = owner;

    return batch->header.number > copy->up_to ? 0 : nta_store_put_batches(copy->to, batch, 1, err);
}

/** What the shipper does: put into the one, then forget in the other. */
static void ship(struct shipping *shipping, uint64_t up_to)
{
    const struct nta_store_query all = {0};
    struct copy copy = {.to = shipping->stores->mysql, .up_to = up_to};

    assert_int_equal(nta_store_each(shipping->writer, &all, copy_one, &copy, &shipping->err), 0);
    assert_int_equal(nta_store_forget(shipping->writer, shipping->sensor, up_to, &shipping->err),
                     0);
}

static int on_stored(void *owner, const struct nta_stored *batch, const struct nta_verdict *verdict,
                     struct nta_err *err)
{
    struct shipping *shipping = owner;

    (void)err;
    assert_true(verdict->shows);
    assert_int_equal(batch->header.number, shipping->last + 1);
    shipping->last = batch->header.number;
    shipping->n++;
    if (shipping->last == shipping->ship_at)
        ship(shipping, shipping->ship_to);
    return 0;
}

static void batches_that_move_during_the_walk_are_reported_once(void **state)
{
    /* shipped when the first batch of the database is told; when its last is; when the journal's
     * are */
    static const uint64_t ship_at[] = {1, 4, 6, 9};

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(ship_at); i++) {
        NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
        NTA_AUTO(nta_chain_free) struct nta_chain *chain = NULL;
        struct nta_stores stores = {.findings = nta_findings_new()};
        struct nta_trusted local = {.name = "local"};
        char path[160];

        (void)snprintf(path, sizeof(path), "%s/database.db", shelf.dir);
        assert_int_equal(nta_store_open_sqlite(path, true, &stores.mysql, &shelf.err), 0);
        shelf_fill(&shelf, 0, 50, 5); /* batches 2 to 11 */
        assert_int_equal(nta_store_open_sqlite(shelf.journal, false, &stores.journal, &shelf.err),
                         0);
        assert_int_equal(nta_keys_sensor_public(shelf.keys, local.public_key, &shelf.err), 0);
        assert_int_equal(nta_trust_add(&stores.trust, &local, &shelf.err), 0);
        struct shipping shipping = {.stores = &stores, .writer = shelf.store};

        nta_sensor_id(local.public_key, shipping.sensor);
        ship(&shipping, 4);
        shipping.ship_at = ship_at[i];
        shipping.ship_to = 9;
        assert_int_equal(nta_stores_judge(&stores, false, &chain, &shelf.err), 0);
        const struct nta_stores_walk walk = {.chain = chain, .each = on_stored, .owner = &shipping};

        assert_int_equal(nta_stores_each(&stores, &walk, &shelf.err), 0);
        assert_int_equal(shipping.n, 11);
        assert_int_equal(nta_stores_end(&stores, chain, false, &shelf.err), 0);
        assert_int_equal(nta_findings_of_kind(stores.findings, NTA_FINDING_HOLE), 0);
        assert_int_equal(nta_findings_of_kind(stores.findings, NTA_FINDING_LINK), 0);
        assert_int_equal(nta_findings_of_kind(stores.findings, NTA_FINDING_REPEAT), 0);
        nta_chain_free(&chain);
        nta_stores_close(&stores);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_broken_configuration_is_no_wrong_usage),
        cmocka_unit_test(everything_comes_in_order),
        cmocka_unit_test(a_gate_is_asked_before_what_is_anybodys),
        cmocka_unit_test(tokens_choose_the_batches),
        cmocka_unit_test(parts_alone_are_decoded_where_asked),
        cmocka_unit_test(limit_and_stop_end_it_cleanly),
        cmocka_unit_test(what_the_callback_fails_with_comes_back),
        cmocka_unit_test(one_record_is_found_by_its_id),
        cmocka_unit_test(following_gives_what_is_recorded_meanwhile),
        cmocka_unit_test(data_keys_are_unwrapped_for_what_is_asked),
        cmocka_unit_test(a_record_is_found_while_it_went_on),
        cmocka_unit_test(what_was_deleted_is_no_fault),
        cmocka_unit_test(the_state_beside_the_journal_is_held_against_it),
        cmocka_unit_test(batches_that_move_during_the_walk_are_reported_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
