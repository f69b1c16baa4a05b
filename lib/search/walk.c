/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of all stores before the judge. */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "chain/recall.h"
#include "search/index_check.h"
#include "search/remember/seen.h"
#include "search/stores.h"
#include "vault/tree/log_tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is there before the rows ---- */

struct judging
{
    struct nta_stores *stores;
    struct nta_chain *chain;
};

static void report(struct nta_stores *stores, enum nta_finding_kind kind, const char *text)
{
    const struct nta_finding_at nowhere = {.number = 0};

    nta_findings_add(stores->findings, kind, &nowhere, text);
}

/** What can be read was given; the rest is a finding, and no reason to end. */
static int pass_damage(struct nta_stores *stores, int r, const struct nta_err *err)
{
    if (r != -EIO)
        return r;
    report(stores, NTA_FINDING_UNREAD, err->text);
    return 0;
}

/** MySQL went away, or refuses: what it has is not seen. */
static int pass_away(struct nta_stores *stores, int r, const struct nta_err *err)
{
    if ((r != -ENOTCONN && r != -EACCES && r != -EPROTO) || !stores->journal)
        return r;
    stores->is_partial = true;
    stores->is_refused = stores->is_refused || r != -ENOTCONN;
    (void)snprintf(stores->unseen, sizeof(stores->unseen), "%s", err->text);
    return 0;
}

static int put_key(struct nta_stores *stores, const struct nta_wrapped_key *key,
                   struct nta_err *err)
{
    int r = nta_wrapped_keys_put(stores->wrapped, key);

    return r < 0 ? nta_err_sys(err, r, "data keys") : 0;
}

static int on_key(void *owner, const struct nta_stored_key *key, struct nta_err *err)
{
    struct judging *judging = owner;

    return nta_chain_key(judging->chain, key) ? put_key(judging->stores, &key->key, err) : 0;
}

/** As nta_stores_open_key(); gives what nta_wrapped_keys_open() does. */
static int open_key(struct nta_stores *stores, struct nta_opener *opener,
                    const struct nta_header *header)
{
    struct nta_err err;
    int r = nta_wrapped_keys_open(stores->wrapped, opener, header->data_key, &err);

    if (err.text[0] && (r == NTA_WRAPPED_BROKEN || (r == NTA_WRAPPED_OTHER && stores->with_closed)))
        report(stores, NTA_FINDING_KEY_CLOSED, err.text);
    return r;
}

bool nta_stores_open_key(struct nta_stores *stores, struct nta_opener *opener,
                         const struct nta_header *header)
{
    return open_key(stores, opener, header) == NTA_WRAPPED_OPEN;
}

/** Heads that say who signs what, and what is lost or deleted. */
static int on_change(void *owner, const struct nta_stored *row, struct nta_err *err)
{
    struct judging *judging = owner;
    int r = nta_chain_learn(judging->chain, row);

    return r < 0 ? nta_err_sys(err, r, "chain") : 0;
}

/** The tree over what is before the row's batch; a row that rose to a copy has none. */
static int expect_frontier(struct judging *judging, const struct nta_store_chain *row)
{
    struct nta_log_tree tree;
    uint8_t root[NTA_HASH_LEN];

    if (row->frontier.len == 0 || row->number == 0)
        return 0;
    if (!nta_log_from_frontier(row->number - 1, row->frontier, &tree)) {
        report(judging->stores, NTA_FINDING_HEAD,
               "the frontier in a chain row of the store is not of its form");
        return 0;
    }
    nta_log_root(&tree, root);
    return nta_chain_expect(judging->chain, NTA_FINDING_HEAD, row->sensor,
                            &(struct nta_expected){.number = row->number - 1, .root = root});
}

/** A chain row before the walk must lie in what is walked through. */
static int on_head(void *owner, const struct nta_store_chain *row, struct nta_err *err)
{
    struct judging *judging = owner;

    if (row->faults) {
        report(judging->stores, NTA_FINDING_HEAD, "a chain row of the store is not of its form");
        return 0;
    }
    int r = nta_chain_expect(judging->chain, NTA_FINDING_HEAD, row->sensor,
                             &(struct nta_expected){.number = row->number, .link = row->hash});

    if (r == 0)
        r = expect_frontier(judging, row);
    return r < 0 ? nta_err_sys(err, r, "chain") : 0;
}

static int on_head_after(void *owner, const struct nta_store_chain *row, struct nta_err *err)
{
    struct judging *judging = owner;

    (void)err;
    if (!row->faults)
        nta_chain_head_after(judging->chain, row->sensor, row->number);
    return 0;
}

/** Also a key that did not pass, for what is marked as nobody's. */
static int on_any_key(void *owner, const struct nta_stored_key *key, struct nta_err *err)
{
    return key->faults ? 0 : put_key(owner, &key->key, err);
}

/** After those that passed, so that none of them takes the place of one that did. */
static int add_any_keys(struct nta_stores *stores, struct nta_store *store, struct nta_err *err)
{
    if (!store || !stores->unverified)
        return 0;
    return pass_damage(stores, nta_store_each_key(store, on_any_key, stores, err), err);
}

/** What somebody changed in its tables, which kept nothing of it from being read. */
static void on_oddity(void *owner, const char *text)
{
    report(owner, NTA_FINDING_TABLE, text);
}

/** Once: 0, or negative errno. */
static int judge_once(struct judging *judging, struct nta_store *store, struct nta_err *err)
{
    const struct nta_store_query changes = {.marked_only = true, .wants = nta_store_wants_none};
    int r = nta_store_each_key(store, on_key, judging, err);

    r = pass_damage(judging->stores, r, err);
    if (r == 0 && nta_store_format(store) > 1)
        r = pass_damage(judging->stores, nta_store_each(store, &changes, on_change, judging, err),
                        err);
    if (r == 0)
        r = nta_store_each_chain(store, on_head, judging, err);
    nta_store_each_oddity(store, on_oddity, judging->stores);
    return pass_damage(judging->stores, r, err);
}

enum
{
    TRIES = 10 ///< A writer may open a store in the middle of that: -EAGAIN, and it is begun again.
};

static int judge_store(struct judging *judging, struct nta_store *store, struct nta_err *err)
{
    int r = -EAGAIN;

    for (int i = 0; i < TRIES && r == -EAGAIN; i++)
        r = judge_once(judging, store, err);
    return r;
}

int nta_stores_judge(struct nta_stores *stores, bool with_closed, struct nta_chain **ret_chain,
                     struct nta_err *err)
{
    NTA_AUTO(nta_chain_free)
    struct nta_chain *chain = nta_chain_new(&stores->trust, stores->findings);
    struct judging judging = {stores, chain};
    struct nta_store *all[] = {stores->mysql, stores->journal};

    stores->with_closed = with_closed;
    nta_wrapped_keys_free(&stores->wrapped);
    stores->wrapped = nta_wrapped_keys_new();
    if (!chain || !stores->wrapped)
        return nta_err_sys(err, -ENOMEM, "chain");
    for (size_t i = 0; i < 2 * NTA_N_ELEMENTS(all); i++) {
        struct nta_store *store = all[i % NTA_N_ELEMENTS(all)];
        int r = i >= NTA_N_ELEMENTS(all) ? add_any_keys(stores, store, err)
                : store                  ? judge_store(&judging, store, err)
                                         : 0;

        if (store && store == stores->mysql)
            r = pass_away(stores, r, err);
        if (r < 0)
            return r;
    }
    if (!stores->is_restored && nta_seen_expect(&stores->trust, chain, stores->findings) < 0)
        return nta_err_sys(err, -ENOMEM, "chain");
    *ret_chain = NTA_TAKE(chain);
    return 0;
}

/** A sensor has it before its second batch; a mere copy of the journal has not, and may be old. */
static void report_no_state(struct nta_stores *stores, const struct nta_chain *chain)
{
    struct nta_chain_sensor sensor;
    bool any = false;

    for (size_t i = 0; nta_chain_get(chain, i, &sensor); i++)
        any |= sensor.last > 1;
    if (any)
        report(stores, NTA_FINDING_STATE,
               "there is no journal.state beside the journal: this is a copy whose state cannot be "
               "seen, or somebody removed it; whether it is an old one, or was cut off, nobody can "
               "tell from it");
}

int nta_stores_end(struct nta_stores *stores, struct nta_chain *chain, bool wants_given,
                   struct nta_err *err)
{
    struct judging judging = {.stores = stores, .chain = chain};
    struct nta_store *all[] = {stores->mysql, stores->journal};

    for (size_t i = 0; i < NTA_N_ELEMENTS(all); i++) {
        int r = all[i] ? nta_store_each_chain(all[i], on_head_after, &judging, err) : 0;

        if (r == -EAGAIN)
            r = nta_store_each_chain(all[i], on_head_after, &judging, err);

        r = pass_damage(stores, r, err);
        if (r < 0 && all[i] == stores->mysql)
            r = pass_away(stores, r, err);
        if (r < 0)
            return r;
    }
    if (stores->is_partial)
        report(stores, NTA_FINDING_UNSEEN, stores->unseen);
    if (stores->lacks_state)
        report_no_state(stores, chain);
    const struct nta_chain_end end = {
        .is_partial = stores->is_partial,
        .has_head_rows = stores->journal && !stores->mysql && !stores->is_partial,
        .wants_given = wants_given,
    };

    if (nta_chain_end(chain, &end) < 0)
        return nta_err_sys(err, -ENOMEM, "chain");
    if (!nta_findings_of(stores->findings, NTA_WRONG) && !stores->is_partial)
        nta_seen_keep(chain);
    return 0;
}

/* ---- rows ---- */

/** So long a batch is held back, and the time that it takes to fetch the next. */
#define HOLD_NS (50 * NTA_NS_PER_MS)

struct walking
{
    struct nta_stores *stores;
    const struct nta_stores_walk *walk;
    struct nta_indexes *indexes;   ///< Owned; NULL: all is looked at.
    struct nta_index_check *check; ///< Owned; NULL: they are not checked.
    struct nta_verdict verdict;
    bool is_looked;               ///< `verdict` is that of the row that comes,
    uint8_t looked[NTA_HASH_LEN]; ///< of which this is the hash.
    bool is_near, is_wanted;
    bool is_for_index;                   ///< Passed over, but that an index has to be made again.
    bool failed;                         ///< No memory.
    uint8_t absent[NTA_DATA_KEY_ID_LEN]; ///< The data key that was looked for last, in vain.
    bool has_absent;
    unsigned n_held, group; ///< Batches that were given and are not proved; of so many together.
    int64_t held_ns;        ///< Since when.
};

static void walking_done(struct walking *walking)
{
    nta_indexes_free(&walking->indexes);
    nta_index_check_free(&walking->check);
}

static void on_settled(void *owner, uint64_t ticket, bool is_signed)
{
    struct walking *walking = owner;

    walking->n_held = 0;
    walking->walk->settled(walking->walk->owner, ticket, is_signed);
}

/** One more was given that is not proved. */
static void hold(struct walking *walking)
{
    if (walking->n_held++ == 0)
        walking->held_ns = nta_clock_mono_ns();
    if (walking->n_held < walking->group)
        return;
    if (walking->group < NTA_STORES_GROUP)
        walking->group *= 2;
    if (nta_chain_settle(walking->walk->chain) < 0)
        walking->failed = true;
}

/** Nobody waits long for a batch that comes next. */
static void let_go(struct walking *walking)
{
    if (walking->n_held && nta_clock_mono_ns() - walking->held_ns > HOLD_NS &&
        nta_chain_settle(walking->walk->chain) < 0)
        walking->failed = true;
}

/**
 * What is doubtful in any way, or shown without proof, is not held: its signature is one of its
 * faults.
 */
static enum nta_chain_want want_of(struct walking *walking, const struct nta_stored *row)
{
    const struct nta_stores_walk *walk = walking->walk;

    if (!walking->is_wanted)
        return walking->indexes && nta_indexes_name(walking->indexes, row) ? NTA_CHAIN_VOUCHED
                                                                           : NTA_CHAIN_PASS;
    return walk->settled && !walking->stores->unverified && row->faults == 0 &&
                   nta_chain_has_key(walk->chain, &row->header)
               ? NTA_CHAIN_HOLD
               : NTA_CHAIN_NOW;
}

/**
 * Where all is looked at, the copy in the other store is as well: it may be another below the same
 * header.
 */
static bool is_read(const struct walking *walking)
{
    return walking->is_wanted || walking->is_for_index ||
           (!walking->walk->wants && walking->is_near && walking->verdict.is_again);
}

/** What the header says. */
static bool is_passed(const struct walking *walking, const struct nta_stored *row)
{
    const struct nta_stores_walk *walk = walking->walk;

    return walk->narrows && !walk->narrows(walk->wants_owner, &row->header);
}

static bool is_for_index(const struct walking *walking, const struct nta_stored *row)
{
    return walking->check && !(row->faults & NTA_ROW_HEADER) && is_passed(walking, row) &&
           nta_index_check_needs(walking->check, &row->header);
}

/** Header and signature are read: are its tokens? */
static bool narrows(void *owner, const struct nta_stored *row)
{
    const struct walking *walking = owner;
    const struct nta_stores_walk *walk = walking->walk;

    if (is_passed(walking, row))
        return is_for_index(walking, row);
    if (!walking->indexes || !walk->tokens || !nta_indexes_name(walking->indexes, row))
        return true;
    const struct nta_query_tokens *wanted = walk->tokens(walk->wants_owner, &row->header);

    return !wanted || !nta_indexes_exclude(walking->indexes, row, wanted);
}

/** While others are fetched its signature is looked at, as far as it will be needed. */
static bool signer(void *owner, const struct nta_stored *row, uint8_t ret_key[NTA_KEY_LEN])
{
    const struct walking *walking = owner;

    return !(walking->indexes && nta_indexes_name(walking->indexes, row)) &&
           nta_chain_signer(walking->walk->chain, row, ret_key);
}

/** Whose is it, is it wanted, is it signed? */
static bool on_look(void *owner, const struct nta_stored *row)
{
    struct walking *walking = owner;
    const struct nta_stores_walk *walk = walking->walk;
    struct nta_verdict *verdict = &walking->verdict;
    uint8_t hash[NTA_HASH_LEN];

    nta_header_hash(&row->sealed, hash);
    if (walking->is_looked && memcmp(hash, walking->looked, NTA_HASH_LEN) == 0)
        return is_read(walking); /* its reading was begun again: the judge knows this one already */
    let_go(walking);
    walking->is_for_index = is_for_index(walking, row);
    walking->is_near = !walking->is_for_index && narrows(walking, row);
    nta_chain_look(walk->chain, row, walk->with_tokens && walking->is_near, verdict);
    walking->is_looked = true;
    memcpy(walking->looked, hash, NTA_HASH_LEN);
    walking->is_wanted = walking->is_near && (verdict->shows || walking->stores->unverified) &&
                         (!walk->wants || walk->wants(walk->wants_owner, row, verdict));
    if (nta_chain_prove(walk->chain, row, want_of(walking, row), verdict) < 0)
        walking->failed = true;
    walking->is_wanted =
        walking->is_wanted && !verdict->is_again && (verdict->shows || walking->stores->unverified);
    return is_read(walking);
}

/** One that a store has, as nta_stores_judge() takes them.  1: it is in the ring now. */
static int take_key(struct walking *walking, struct nta_store *store,
                    const struct nta_header *header, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf bytes = {0};
    struct nta_stores *stores = walking->stores;
    struct nta_stored_key key;
    int r = nta_store_find_key(store, header->data_key, &bytes, &key, err);

    if (r <= 0)
        return r;
    if (!nta_chain_key(walking->walk->chain, &key) && (key.faults || !stores->unverified))
        return 0;
    r = put_key(stores, &key.key, err);
    return r < 0 ? r : 1;
}

/** ntad makes a new data key while we read; or it gave way in the ring to others. */
static int look_for_key(struct walking *walking, const struct nta_header *header,
                        struct nta_err *err)
{
    struct nta_store *all[] = {walking->stores->journal, walking->stores->mysql};
    int r = 0;

    if (walking->has_absent && memcmp(walking->absent, header->data_key, NTA_DATA_KEY_ID_LEN) == 0)
        return 0;
    for (size_t i = 0; i < NTA_N_ELEMENTS(all) && r == 0; i++)
        r = all[i] ? take_key(walking, all[i], header, err) : 0;
    if (r > 0)
        return 0;
    walking->has_absent = true;
    memcpy(walking->absent, header->data_key, NTA_DATA_KEY_ID_LEN);
    return r == -EIO || r == -ENOTCONN ? 0 : r;
}

/** Signed, and nothing is wrong with it but that its contents are not there. */
static bool is_head(const struct nta_verdict *verdict)
{
    return verdict->is_ours && !verdict->is_again &&
           (verdict->shows || verdict->why == NTA_FINDING_DELETED ||
            verdict->why == NTA_FINDING_CONTENT);
}

/** To who wants it, whole or its head. */
static int give(struct walking *walking, const struct nta_stored *row, struct nta_err *err)
{
    const struct nta_stores_walk *walk = walking->walk;
    struct nta_verdict *verdict = &walking->verdict;
    int r = 0;

    if (!walking->is_wanted || !row->is_whole || verdict->is_again ||
        !(verdict->shows || walking->stores->unverified) || !walk->each)
        return walk->head && is_head(verdict) ? walk->head(walk->owner, row, err) : 0;
    if (walk->opener &&
        open_key(walking->stores, walk->opener, &row->header) == NTA_WRAPPED_ABSENT) {
        r = look_for_key(walking, &row->header, err);
        if (r < 0)
            return r;
        (void)nta_stores_open_key(walking->stores, walk->opener, &row->header);
    }
    r = walk->each(walk->owner, row, verdict, err);
    if (r == 0 && verdict->ticket)
        hold(walking);
    return r;
}

static int on_row(void *owner, const struct nta_stored *row, struct nta_err *err)
{
    struct walking *walking = owner;
    const struct nta_stores_walk *walk = walking->walk;
    struct nta_verdict *verdict = &walking->verdict;
    int r = 0;

    if (!walking->is_looked)
        (void)on_look(walking, row);
    walking->is_looked = false;
    if (walking->failed)
        return nta_err_sys(err, -ENOMEM, "chain");
    if (verdict->is_ours && !nta_chain_has_key(walk->chain, &row->header))
        r = look_for_key(walking, &row->header, err);
    if (r < 0)
        return r;
    nta_chain_complete(walk->chain, row, verdict);
    if (walking->check && verdict->shows && row->is_whole &&
        nta_index_check_take(walking->check, row) < 0)
        walking->failed = true;
    r = give(walking, row, err);
    return r < 0 || !walking->failed ? r : nta_err_sys(err, -ENOMEM, "chain");
}

static int walk_one(struct walking *walking, struct nta_store *store, struct nta_store_marks *marks,
                    struct nta_err *err)
{
    const struct nta_stores_walk *walk = walking->walk;
    struct nta_store_tally tally = {.n_given = 0};
    const struct nta_store_query query = {
        .marks = marks,
        .watch = walk->watch,
        .with_tokens = walk->with_tokens,
        .narrows = narrows,
        .goes_through = !walk->wants && walk->each,
        .signer = signer,
        .wants = on_look,
        .wants_owner = walking,
        .tally = &tally,
    };

    nta_chain_turn(walk->chain);
    int r = pass_damage(walking->stores, nta_store_each(store, &query, on_row, walking, err), err);
    bool is_stopped = walk->watch && atomic_load_explicit(&walk->watch->stop, memory_order_relaxed);

    if (r == 0 && !is_stopped)
        nta_chain_tally(walk->chain, &tally);
    return r;
}

static int copy_marks(const struct nta_store_marks *from, struct nta_store_marks *ret_marks,
                      struct nta_err *err)
{
    *ret_marks = *from;
    ret_marks->size = from->n_marks;
    ret_marks->marks = NULL;
    if (from->n_marks == 0)
        return 0;
    ret_marks->marks = calloc(from->n_marks, sizeof(*from->marks));
    if (!ret_marks->marks)
        return nta_err_sys(err, -ENOMEM, "search");
    memcpy(ret_marks->marks, from->marks, from->n_marks * sizeof(*from->marks));
    return 0;
}

/**
 * MySQL, then the journal.  While that is done, the shipper copies batches from one to the other
 * and makes the journal forget them: so the journal is frozen, and MySQL looked at again, before
 * the journal's turn.  Whatever was forgotten before the freeze is in MySQL then; whatever was not
 * is in what was frozen.  The judge knows what comes again.
 */
static int walk_both(struct walking *walking, struct nta_store_marks *marks, struct nta_err *err)
{
    NTA_AUTO(nta_store_marks_done) struct nta_store_marks again = {0};
    struct nta_stores *stores = walking->stores;
    int r = copy_marks(marks, &again, err);

    if (r == 0)
        r = walk_one(walking, stores->mysql, &again, err);
    if (r == 0 && stores->journal) {
        r = nta_store_freeze(stores->journal, err);
        if (r < 0)
            return r;
        nta_chain_turn(walking->walk->chain);
        nta_chain_mark(walking->walk->chain, &again);
        r = walk_one(walking, stores->mysql, &again, err);
    }
    r = pass_away(stores, r, err);
    if (r == 0 && stores->journal)
        r = walk_one(walking, stores->journal, marks, err);
    if (stores->journal)
        nta_store_thaw(stores->journal);
    /* of sensors that the journal lacks, how far MySQL was looked through */
    if (r == 0 && nta_store_marks_merge(marks, &again) < 0)
        r = nta_err_sys(err, -ENOMEM, "search");
    return r;
}

int nta_stores_each(struct nta_stores *stores, const struct nta_stores_walk *walk,
                    struct nta_err *err)
{
    NTA_AUTO(nta_store_marks_done) struct nta_store_marks none = {0};
    struct nta_store_marks *marks = walk->marks ? walk->marks : &none;
    NTA_AUTO(walking_done)
    struct walking walking = {.stores = stores, .walk = walk, .group = 1};
    int r = walk->wants ? nta_indexes_new(stores, walk->chain, &walking.indexes) : 0;

    if (r == 0 && walk->made)
        r = nta_index_check_new(stores, walk->chain, walk->made, &walking.check);
    if (r < 0)
        return nta_err_sys(err, r, "search");
    r = -EAGAIN;

    nta_chain_notify(walk->chain, walk->settled ? on_settled : NULL, &walking);
    /* what comes again the judge knows */
    for (int i = 0; i < TRIES && r == -EAGAIN; i++)
        r = stores->mysql ? walk_both(&walking, marks, err)
                          : walk_one(&walking, stores->journal, marks, err);
    nta_chain_turn(walk->chain);
    nta_chain_notify(walk->chain, NULL, NULL);
    if (r == 0)
        nta_chain_mark(walk->chain, marks);
    if (r == 0 && walking.check && !stores->is_partial) /* else some are not seen */
        nta_index_check_end(walking.check);
    return r;
}
