/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/commit/place.h"

#include "base/own.h"
#include "base/runtime/log.h"
#include "pipeline/commit/held.h"
#include "pipeline/commit/say.h"
#include "store/ship/ship.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum
{
    ASK_TIMEOUT_S = 3 ///< MySQL.
};

/** What the stores say. */
struct seen
{
    struct nta_store_place row, mysql_row;
    struct nta_tail journal, mysql; ///< Their last batches.
    struct nta_store *mysql_store;  ///< Owned; NULL: it is not asked, or does not answer.
};

static void seen_done(struct seen *seen)
{
    nta_store_close(&seen->mysql_store);
}

/* ---- what is there ---- */

/**
 * Look at the store's chain row and its last batch, of which `known` is our own word; the row is
 * what the next batch is compared with.
 */
static int look_at_row(struct nta_commit *commit, uint64_t known, struct seen *seen,
                       struct nta_err *err)
{
    struct nta_store_place *row = &seen->row;
    struct nta_err damage = {0};
    int r = nta_store_get_place(commit->store, commit->sensor, row, err);
    bool is_damaged = r == -EBADMSG;

    if (is_damaged) {
        damage = *err;
        *row = (struct nta_store_place){.n_frontier = 0};
    }
    if (r == 0 || is_damaged)
        r = nta_store_newest(commit->store, commit->sensor, nta_store_number_max(known),
                             &seen->journal.last, err);
    if (r < 0)
        return r;
    commit->row = row->head;
    if (row->head.number > nta_store_number_max(known)) {
        (void)nta_err_set(&damage, -EBADMSG,
                          "the store's chain row says batch %" PRIu64 ", which no chain reaches",
                          row->head.number);
        is_damaged = true;
    }
    if (is_damaged) { /* it says nothing; we go on behind what else is known, and set it right */
        nta_log_error("%s; the chain goes on behind what else is known", damage.text);
        nta_commit_raise_alarm(commit, NTA_CAUSE_STORE_CONFLICT, damage.text);
        *row = (struct nta_store_place){.head = seen->journal.last.head};
    }
    return 0;
}

/** 0, or negative errno: then nothing is known of it. */
static int ask_mysql(const struct nta_commit *commit, uint64_t known, struct seen *seen,
                     struct nta_err *err)
{
    struct nta_mysql_options options = commit->options.outlet->mysql->mysql;
    const uint64_t max = nta_store_number_max(known);

    options.timeout_s = ASK_TIMEOUT_S;
    int r = nta_store_open_mysql(&options, &seen->mysql_store, err);

    if (r == 0)
        r = nta_store_get_place(seen->mysql_store, commit->sensor, &seen->mysql_row, err);
    if (r == -EBADMSG || (r == 0 && seen->mysql_row.head.number > max)) {
        nta_log_error("MySQL's chain row of this sensor is not what ntad wrote: its last batch is "
                      "asked instead");
        seen->mysql_row = (struct nta_store_place){.n_frontier = 0};
        r = 0;
    }
    if (r == 0)
        r = nta_store_newest(seen->mysql_store, commit->sensor, max, &seen->mysql.last, err);
    if (r < 0) {
        nta_store_close(&seen->mysql_store);
        seen->mysql_row = (struct nta_store_place){.n_frontier = 0};
        seen->mysql.last.head = (struct nta_store_head){0};
    }
    return r;
}

/** Put the sensor's first batch into a store that has none of it; as the chain's head, if it is. */
static int put_first(struct nta_commit *commit, bool is_head, struct nta_err *err)
{
    struct nta_stored stored = {0};
    struct nta_wrapped_key key;

    nta_sealer_first(commit->sealer, &stored.sealed, &stored.header, &key);
    int r = nta_store_put_key(commit->store, &key, err);

    if (r < 0)
        return r;
    return is_head ? nta_store_append(commit->store, &commit->row, &stored, 1, (struct nta_span){0},
                                      err)
                   : nta_store_put_batches(commit->store, &stored, 1, err);
}

static int begin_store(struct nta_commit *commit, bool is_head, struct seen *seen,
                       struct nta_err *err)
{
    int r = put_first(commit, is_head, err);

    if (r < 0)
        return r;
    nta_tail_of_first(commit->sealer, &seen->journal);
    r = nta_store_get_place(commit->store, commit->sensor, &seen->row, err);
    commit->row = seen->row.head;
    return r == -EBADMSG ? 0 : r;
}

/* ---- where it goes on ---- */

void nta_commit_keep_signing(struct nta_commit *commit, uint64_t behind)
{
    commit->signing = (struct nta_commit_signing){.is_known = true, .behind = behind};
    nta_sealer_get_signing(commit->sealer, commit->signing.key);
}

/** The stores that are there, MySQL first; gives how many. */
static size_t list_stores(const struct nta_commit *commit, const struct seen *seen,
                          struct nta_store *ret_stores[2])
{
    size_t n = 0;

    if (seen->mysql_store)
        ret_stores[n++] = seen->mysql_store;
    ret_stores[n++] = commit->store;
    return n;
}

/** What is above the last batches that hold is nobody's; the highest number that was there. */
static int step_back(const struct nta_commit *commit, struct seen *seen, uint64_t *ret_top,
                     struct nta_err *err)
{
    struct nta_store *stores[2];
    const struct nta_held_stores all = {stores, list_stores(commit, seen, stores)};
    const uint64_t journal = seen->journal.last.head.number;
    const uint64_t mysql = seen->mysql.last.head.number;
    int r = nta_held_step_back(commit, &all, commit->store, &seen->journal.last, err);

    if (r == 0 && seen->mysql_store)
        r = nta_held_step_back(commit, &all, seen->mysql_store, &seen->mysql.last, err);
    seen->journal.has_log = seen->journal.has_log && seen->journal.last.head.number == journal;
    seen->mysql.has_log = seen->mysql.has_log && seen->mysql.last.head.number == mysql;
    *ret_top = journal > mysql ? journal : mysql;
    return r;
}

/**
 * Where the chain stood, from memory, or as the state file says, whose word is signed.  False:
 * neither says anything.
 */
static bool take_place(const struct nta_commit *commit, struct nta_tail *ret_tail)
{
    /* a file that could not be written is behind what was committed since */
    const struct nta_store_place *place = commit->has_place ? &commit->place : &commit->file.place;
    struct nta_tail tail = {.last.head = place->head, .has_log = true};

    if (!(commit->has_place || commit->has_file) || place->head.number <= 1 ||
        !nta_log_from_frontier(place->head.number - 1,
                               (struct nta_span){place->frontier, place->n_frontier}, &tail.log))
        return false;
    *ret_tail = tail;
    return true;
}

/** The last batch of the two, with its tree; without one the first, behind which all is lost. */
static int choose_tail(const struct nta_commit *commit, struct seen *seen,
                       struct nta_tail *ret_tail, struct nta_err *err)
{
    const struct nta_store_place *const places[] = {&seen->row, &commit->file.place,
                                                    &seen->mysql_row};
    struct nta_store *stores[2];
    const struct nta_tail_hints hints = {
        .places = places,
        .n_places = NTA_N_ELEMENTS(places),
        .stores = stores,
        .n_stores = list_stores(commit, seen, stores),
    };
    bool is_mysql = seen->mysql.last.head.number >= seen->journal.last.head.number;
    struct nta_tail *tail = is_mysql ? &seen->mysql : &seen->journal;
    int r = tail->has_log || tail->last.head.number == 0 ? 0 : nta_tail_complete(tail, &hints, err);

    if (r < 0 && r != -EBADMSG)
        return r;
    if (r == 0 && tail->has_log) {
        *ret_tail = *tail;
        return 0;
    }
    if (tail->last.head.number > 0)
        nta_log_error("the tree over the batches up to %" PRIu64 " is not what the last one signs, "
                      "and nobody knows it: the chain goes on behind the first batch, as if those "
                      "were lost",
                      tail->last.head.number);
    nta_tail_of_first(commit->sealer, ret_tail);
    return 0;
}

/** `to` is the last of those that are lost; not above the tail: none is. */
static void stand_on(struct nta_commit *commit, const struct nta_tail *tail, uint64_t to,
                     enum nta_lost_reason reason)
{
    struct nta_sealer_at at = {.number = tail->last.head.number, .log = tail->log};

    memcpy(at.previous, tail->last.head.hash, sizeof(at.previous));
    nta_log_add(&at.log, tail->last.head.hash);
    commit->lost = (struct nta_note){.n_batches = 0};
    if (to > at.number && nta_log_add_lost(&at.log, to - at.number)) {
        commit->lost = (struct nta_note){
            .kind = NTA_HEADER_NOTE_LOST, .from = at.number + 1, .to = to, .reason = reason};
        at.number = to;
    } else { /* it is what was committed last, too */
        commit->place.head = tail->last.head;
        commit->place.n_frontier = nta_log_frontier(&tail->log, commit->place.frontier);
        commit->has_place = true;
    }
    commit->day = nta_day_of(tail->header.sealed_ns);
    commit->sealed_ns = tail->header.sealed_ns;
    nta_sealer_continue(commit->sealer, &at);
    atomic_store_explicit(&commit->last, at.number, memory_order_relaxed);
}

/** Where the commit stood. */
struct stand
{
    struct nta_sealer_at at;
    struct nta_note lost;
    struct nta_store_place place;
    bool has_place;
    int64_t day, sealed_ns;
};

static struct stand get_stand(const struct nta_commit *commit)
{
    return (struct stand){*nta_sealer_get_at(commit->sealer),
                          commit->lost,
                          commit->place,
                          commit->has_place,
                          commit->day,
                          commit->sealed_ns};
}

static void put_stand(struct nta_commit *commit, const struct stand *stand)
{
    nta_sealer_continue(commit->sealer, &stand->at);
    commit->lost = stand->lost;
    commit->place = stand->place;
    commit->has_place = stand->has_place;
    commit->day = stand->day;
    commit->sealed_ns = stand->sealed_ns;
    atomic_store_explicit(&commit->last, stand->at.number, memory_order_relaxed);
}

/** The numbers up to this one are lost, too: from memory, whatever the store says. */
static void lose_up_to(struct nta_commit *commit, uint64_t to, enum nta_lost_reason reason)
{
    struct nta_sealer_at at = *nta_sealer_get_at(commit->sealer);
    const uint64_t from = commit->lost.kind ? commit->lost.from : at.number + 1;

    if (to > at.number && nta_log_add_lost(&at.log, to - at.number)) {
        commit->lost = (struct nta_note){
            .kind = NTA_HEADER_NOTE_LOST, .from = from, .to = to, .reason = reason};
        at.number = to;
    }
    nta_sealer_continue(commit->sealer, &at);
}

/** The key that signs, from memory; at the start as the state file has it. */
static struct nta_commit_signing get_signing(const struct nta_commit *commit)
{
    struct nta_commit_signing signing = {.is_known = commit->has_file,
                                         .behind = commit->file.place.head.number};

    memcpy(signing.key, commit->file.signing, sizeof(signing.key));
    return commit->signing.is_known ? commit->signing : signing;
}

/** Take the key that goes on behind the tail, or where what follows it is lost the known one. */
static int take_key(struct nta_commit *commit, const struct nta_tail *tail,
                    const struct nta_commit_signing *signing, bool is_foreign,
                    enum nta_signing_state *ret_state, struct nta_err *err)
{
    const struct nta_sealed head = nta_tail_sealed(tail);
    const bool is_older = tail->last.n_header == 0 || (commit->lost.kind && signing->is_known &&
                                                       signing->behind > tail->last.head.number);
    const struct nta_sealer_known known = {
        .head = is_older ? NULL : &head,
        .signing = signing->is_known ? signing->key : NULL,
        .or_any = is_foreign, /* whoever put rows there is not to take the key away */
    };

    *ret_state = NTA_SIGNING_SAME;
    if (is_older && commit->signing.is_known && nta_sealer_can_sign(commit->sealer))
        return 0; /* what signs now goes on, whatever files there are */
    return nta_sealer_resume(commit->sealer, &known, ret_state, err);
}

static int resume(struct nta_commit *commit, const struct nta_tail *tail, bool is_foreign,
                  struct nta_err *err)
{
    const struct nta_commit_signing known = get_signing(commit);
    const uint64_t behind = nta_sealer_get_at(commit->sealer)->number;
    enum nta_signing_state state;
    int r = take_key(commit, tail, &known, is_foreign, &state, err);

    if (r < 0)
        return r;
    nta_commit_keep_signing(commit, behind);
    const uint8_t *signing = commit->signing.key;
    bool is_vouched = tail->last.n_header == 0 ? memcmp(known.key, signing, sizeof(known.key)) == 0
                                               : nta_tail_vouches(tail, signing);

    if (state == NTA_SIGNING_LOST)
        nta_commit_report_unadopted(commit, behind + 1,
                                    "the one that the chain names is not in the state folder, or "
                                    "what is there is from a copy: one was made now");
    else if (!is_vouched)
        nta_commit_report_unadopted(commit, behind + 1,
                                    "the batch that names it is among those that are lost");
    return 0;
}

static int stand_and_resume(struct nta_commit *commit, struct seen *seen, uint64_t to,
                            enum nta_lost_reason reason, struct nta_err *err)
{
    struct nta_tail tail = {.last = {.n_header = 0}};
    uint64_t top = 0;
    int r = step_back(commit, seen, &top, err);

    if (r == 0)
        r = choose_tail(commit, seen, &tail, err);
    if (r < 0)
        return r;
    const uint64_t journal = seen->journal.last.head.number, mysql = seen->mysql.last.head.number;
    const uint64_t held = journal > mysql ? journal : mysql;
    bool is_foreign = held < top;

    if (is_foreign && tail.last.head.number <= 1)
        (void)take_place(commit, &tail);
    bool is_moved = is_foreign || tail.last.head.number < journal;

    const struct stand before = get_stand(commit);

    stand_on(commit, &tail, to > top ? to : top, is_moved ? NTA_LOST_CHAIN_ROW : reason);
    r = resume(commit, &tail, is_foreign, err);
    if (r < 0) /* the next attempt is to find all of it again */
        put_stand(commit, &before);
    if (r == 0 && is_foreign)
        nta_commit_report_foreign(commit, held + 1, top);
    return r;
}

/* ---- the start ---- */

static int read_file(struct nta_commit *commit, uint64_t *ret_acked)
{
    struct nta_err why = {0};
    int r =
        nta_headfile_read(commit->options.outlet->store_path, commit->sealer, &commit->file, &why);

    commit->has_file = r == 0;
    if (r == 0) {
        uint64_t max = nta_store_number_max(commit->file.place.head.number);

        *ret_acked = commit->file.acked > max ? 0 : commit->file.acked;
        commit->kept = commit->file.kept > max ? 0 : commit->file.kept;
        return 0;
    }
    commit->file = (struct nta_headfile){.acked = 0};
    if (r != -ENOENT) {
        char detail[NTA_HEALTH_DETAIL_SIZE];

        (void)snprintf(detail, sizeof(detail),
                       "%.400s: that the store is not an old copy cannot be told from it",
                       why.text);
        if (!commit->options.health) /* which says so itself */
            nta_log_error("%s", detail);
        nta_commit_raise_alarm(commit, NTA_CAUSE_STATE, detail);
    }
    return r;
}

/** It is written with the first batch, so a chain that has more had one: somebody removed it. */
static void report_no_file(struct nta_commit *commit, const struct seen *seen)
{
    const uint64_t row = seen->row.head.number, last = seen->journal.last.head.number;
    const struct nta_commit_loss loss = {.first_reason = "state_missing.up_to",
                                         .first = row > last ? row : last};
    char detail[NTA_HEALTH_DETAIL_SIZE];

    if (loss.first <= 1)
        return;
    (void)snprintf(detail, sizeof(detail),
                   "beside the store of %" PRIu64 " batches the file of the chain's state is "
                   "missing (journal.state): that it is not an old copy, or cut, cannot be told",
                   loss.first);
    if (!commit->options.health) /* which says so itself */
        nta_log_error("%s", detail);
    nta_commit_raise_alarm(commit, NTA_CAUSE_STATE, detail);
    nta_commit_put_loss(commit, &loss);
}

static void ask_mysql_at_start(const struct nta_commit *commit, struct seen *seen)
{
    struct nta_err err = {0};

    if (commit->options.outlet->mysql &&
        ask_mysql(commit, commit->file.place.head.number, seen, &err) < 0)
        nta_log_warning(
            "what MySQL has of this sensor is not known yet, and is compared before the "
            "first batch is sent: %s",
            err.text);
}

/** Records go on, since nobody is to stop a sensor by a row; but what they are worth is said. */
static void look_for_revocation(struct nta_commit *commit, const struct seen *seen)
{
    struct nta_store *stores[2];
    const struct nta_held_stores all = {stores, list_stores(commit, seen, stores)};
    struct nta_err err = {0};
    uint64_t number;

    if (nta_held_find_revoked(commit, &all, &number, &err) < 0)
        nta_log_warning("whether the sensor's identity was revoked is not known: %s", err.text);
    else if (number > 0)
        nta_commit_report_revoked(commit, number);
}

int nta_commit_find(struct nta_commit *commit, struct nta_err *err)
{
    NTA_AUTO(seen_done) struct seen seen = {.mysql_store = NULL};
    struct nta_witnesses known = {.acked = 0};
    struct nta_verdict verdict;
    int file = read_file(commit, &known.acked);
    int r = look_at_row(commit, commit->file.place.head.number, &seen, err);

    if (r < 0)
        return r;
    if (file == -ENOENT)
        report_no_file(commit, &seen);
    ask_mysql_at_start(commit, &seen);
    known.row = seen.row.head;
    known.newest = seen.journal.last.head;
    known.file = commit->file.place.head;
    known.mysql = seen.mysql_row.head;
    known.mysql_newest = seen.mysql.last.head;
    known.mysql_answers = seen.mysql_store != NULL;
    nta_witnesses_judge(&known, &verdict);
    commit->acked = known.mysql;
    if (commit->acked.number < known.acked)
        commit->acked = (struct nta_store_head){.number = known.acked};
    if (known.newest.number == 0)
        r = begin_store(commit, verdict.head.number == 0, &seen, err);
    nta_commit_recall_unadopted(commit);
    if (r == 0)
        r = stand_and_resume(commit, &seen, verdict.head.number, verdict.reason, err);
    commit->before_ns = commit->sealed_ns;
    if (r == 0)
        look_for_revocation(commit, &seen);
    if (r == 0 && verdict.last > 0)
        nta_commit_report_rollback(commit, verdict.first, verdict.last, verdict.witness);
    return r;
}

/* ---- while it runs ---- */

static void report_gone(struct nta_commit *commit)
{
    const uint64_t number = nta_sealer_get_at(commit->sealer)->number;
    char detail[NTA_HEALTH_DETAIL_SIZE], shipped[64] = "";
    uint64_t acked;

    (void)pthread_mutex_lock(&commit->lock);
    acked = commit->acked.number;
    (void)pthread_mutex_unlock(&commit->lock);
    const struct nta_commit_loss loss = {"journal_gone.first", "journal_gone.last", acked + 1,
                                         number};

    if (acked)
        (void)snprintf(shipped, sizeof(shipped), ", of which MySQL has up to %" PRIu64, acked);
    (void)snprintf(detail, sizeof(detail),
                   "the journal was removed or replaced while ntad runs; it held batches up to "
                   "%" PRIu64 "%s",
                   number, shipped);
    nta_log_error("%s; it is made again, and the chain goes on", detail);
    nta_commit_raise_alarm(commit, NTA_CAUSE_JOURNAL_GONE, detail);
    nta_commit_put_loss(commit, &loss);
}

/** What is in the file that is there now: all that it lacks, and MySQL has not, is lost. */
static int stand_anew(struct nta_commit *commit, struct seen *seen, struct nta_err *err)
{
    const uint64_t number = nta_sealer_get_at(commit->sealer)->number;
    struct nta_err ignored = {0};
    int r = 0;

    if (commit->options.outlet->mysql)
        (void)ask_mysql(commit, number, seen, &ignored);
    if (seen->journal.last.head.number == 0)
        r = begin_store(commit, false, seen, err);
    if (r < 0)
        return r;
    if (seen->journal.last.head.number < number && seen->mysql.last.head.number < number)
        return stand_and_resume(commit, seen, number, NTA_LOST_FILE_REMOVED, err);
    /* all is there, or more than we know of: memory decides */
    lose_up_to(commit, seen->journal.last.head.number, NTA_LOST_CHAIN_ROW);
    return 0;
}

int nta_commit_open_again(struct nta_commit *commit, struct nta_err *err)
{
    NTA_AUTO(seen_done) struct seen seen = {.mysql_store = NULL};
    const char *path = commit->options.outlet->store_path;

    nta_indexer_forget(&commit->indexer);
    if (commit->store) {
        nta_store_close(&commit->store);
        report_gone(commit);
        nta_sealer_drop_keys(commit->sealer); /* they were in there */
    }
    int r = nta_store_open_sqlite(path, true, &commit->store, err);

    if (r == 0)
        r = look_at_row(commit, nta_sealer_get_at(commit->sealer)->number, &seen, err);
    if (r == 0)
        r = stand_anew(commit, &seen, err);
    if (r < 0)
        nta_store_close(&commit->store); /* tried again, and all of it is said only once */
    return r;
}

int nta_commit_find_again(struct nta_commit *commit, const struct nta_err *conflict,
                          struct nta_err *err)
{
    NTA_AUTO(seen_done) struct seen seen = {.mysql_store = NULL};
    uint64_t to;

    nta_log_error("%s; this store's lock is ours, so the chain goes on behind what is there",
                  conflict->text);
    nta_indexer_forget(&commit->indexer);
    nta_commit_raise_alarm(commit, NTA_CAUSE_STORE_CONFLICT, conflict->text);
    int r = look_at_row(commit, nta_sealer_get_at(commit->sealer)->number, &seen, err);

    if (r < 0)
        return r;
    to = seen.row.head.number;
    if (seen.journal.last.head.number > to)
        to = seen.journal.last.head.number;
    lose_up_to(commit, to, NTA_LOST_CHAIN_ROW);
    return 0;
}

int nta_commit_follow_mysql(struct nta_commit *commit, struct nta_err *err)
{
    NTA_AUTO(seen_done) struct seen seen = {.mysql_store = NULL};
    const uint64_t number = nta_sealer_get_at(commit->sealer)->number;
    struct nta_err why = {0};
    struct nta_store_head acked;
    int r = 0;

    (void)pthread_mutex_lock(&commit->lock);
    acked = commit->acked;
    (void)pthread_mutex_unlock(&commit->lock);
    if (acked.number <= number)
        return 0;
    if (commit->options.outlet->mysql)
        (void)ask_mysql(commit, acked.number, &seen, &why);
    r = look_at_row(commit, number, &seen, err); /* what the journal holds is not MySQL's to deny */
    if (r < 0)
        return r;
    if (seen.mysql.last.head.number >= acked.number)
        r = stand_and_resume(commit, &seen, seen.mysql.last.head.number, NTA_LOST_RECOVERED, err);
    else /* it was there a moment ago, and does not answer now */
        lose_up_to(commit, acked.number, NTA_LOST_STORE_OLDER);
    if (r == 0)
        nta_commit_report_rollback(commit, number + 1, acked.number, "MySQL");
    return r;
}
