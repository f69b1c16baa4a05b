/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/commit.h"

#include "base/hex.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/log.h"
#include "pipeline/witness.h"
#include "store/headfile.h"
#include "store/lock.h"
#include "store/ship/ship.h"
#include "vault/seal.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum
{
    SENSOR_TEXT_SIZE = 2 * NTA_SENSOR_ID_LEN + 1,
    LOSSES_MAX = 8,
    ASK_TIMEOUT_S = 3, ///< MySQL at the start.
    TRIES_MAX = 4      ///< Of one attempt, after the chain's place was found anew.
};

#define HEAD_NS  (3600 * NTA_NS_PER_S) /* the chain's head is told */
#define FILE_NS  (5 * NTA_NS_PER_S)    /* and written down */
#define ALARM_NS (3600 * NTA_NS_PER_S)

struct nta_commit
{
    struct nta_commit_options options;
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    char text[SENSOR_TEXT_SIZE];
    struct nta_sealer *sealer;
    struct nta_store *store;    ///< NULL: it could not be opened again yet.
    struct nta_store_head row;  ///< The store's chain row as it was last read or set.
    struct nta_store_head head; ///< What the next batch follows.
    _Atomic uint64_t last;      ///< Number of the last batch that was committed.
    int64_t head_mono_ns;       ///< When the head is told next; 0: with the first batch.
    int64_t file_mono_ns;       ///< When the state file was written last.
    struct nta_headfile file;   ///< What it says.
    int64_t alarm_mono_ns; ///< When something was wrong with the chain last; 0: nothing is said.
    bool file_failed;      ///< Said that it cannot be written.
    pthread_mutex_t lock;  ///< Guards what follows.
    struct nta_store_head acked;
    uint64_t kept;
    struct nta_commit_loss losses[LOSSES_MAX];
    size_t n_losses;
};

void nta_commit_close(struct nta_commit **commit)
{
    struct nta_commit *dead = NTA_TAKE(*commit);

    if (!dead)
        return;
    (void)pthread_mutex_destroy(&dead->lock);
    nta_sealer_free(&dead->sealer);
    nta_store_close(&dead->store);
    free(dead);
}

/* ---- what is said ---- */

static void put_loss(struct nta_commit *commit, const char *first_reason, const char *last_reason,
                     uint64_t first, uint64_t last)
{
    if (first > last)
        return;
    (void)pthread_mutex_lock(&commit->lock);
    if (commit->n_losses < LOSSES_MAX)
        commit->losses[commit->n_losses++] = (struct nta_commit_loss){
            .first_reason = first_reason,
            .last_reason = last_reason,
            .first = first,
            .last = last,
        };
    (void)pthread_mutex_unlock(&commit->lock);
}

bool nta_commit_take_loss(struct nta_commit *commit, struct nta_commit_loss *ret_loss)
{
    (void)pthread_mutex_lock(&commit->lock);
    bool any = commit->n_losses > 0;

    if (any)
        *ret_loss = commit->losses[--commit->n_losses];
    (void)pthread_mutex_unlock(&commit->lock);
    return any;
}

/** What happened once stays BAD for a while: whoever looks now and then is to see it. */
static void raise_alarm(struct nta_commit *commit, enum nta_cause cause, const char *detail)
{
    nta_health_set(commit->options.health, cause, detail);
    commit->alarm_mono_ns = nta_clock_mono_ns();
}

static void end_alarms(struct nta_commit *commit, int64_t mono_ns)
{
    static const enum nta_cause causes[] = {NTA_CAUSE_ROLLBACK, NTA_CAUSE_JOURNAL_GONE,
                                            NTA_CAUSE_STORE_CONFLICT, NTA_CAUSE_STATE};

    if (!commit->alarm_mono_ns || mono_ns - commit->alarm_mono_ns < ALARM_NS)
        return;
    for (size_t i = 0; i < NTA_N_ELEMENTS(causes); i++)
        nta_health_set(commit->options.health, causes[i], NULL);
    commit->alarm_mono_ns = 0;
}

/** The store lacks batches that were committed once: it was put back, cut, or is another one. */
static void report_rollback(struct nta_commit *commit, uint64_t first, uint64_t last,
                            const char *witness)
{
    char detail[NTA_HEALTH_DETAIL_SIZE];

    (void)snprintf(detail, sizeof(detail),
                   "batches %" PRIu64 " to %" PRIu64
                   " were written (%s knows), and the journal does not hold them as it did: it was "
                   "put back from a copy, cut or removed; the numbers go on behind them",
                   first, last, witness);
    if (!commit->options.health) /* which says so itself */
        nta_log_error("the store is older than what was written before: %s", detail);
    raise_alarm(commit, NTA_CAUSE_ROLLBACK, detail);
    put_loss(commit, "rolled_back.first", "rolled_back.last", first, last);
}

static void go_on_behind(struct nta_commit *commit, const struct nta_store_head *head)
{
    commit->head = *head;
    nta_sealer_continue(commit->sealer, head->number + 1, head->hash);
}

/** The chain's head: whoever keeps the log elsewhere is a witness that nothing was cut off. */
static void log_head(const struct nta_commit *commit)
{
    char text[NTA_HEX_SIZE(NTA_HASH_LEN)];

    nta_log_notice("chain head of sensor %s: batch %" PRIu64 ", %s", commit->text,
                   commit->head.number,
                   nta_hex_text(commit->head.hash, sizeof(commit->head.hash), text));
}

/* ---- the state file ---- */

static void write_file(struct nta_commit *commit, int64_t mono_ns)
{
    struct nta_headfile file = {.head = commit->head};
    struct nta_err err = {0};

    (void)pthread_mutex_lock(&commit->lock);
    file.acked = commit->acked.number;
    file.kept = commit->kept;
    (void)pthread_mutex_unlock(&commit->lock);
    if (file.head.number == commit->file.head.number && file.acked == commit->file.acked &&
        file.kept == commit->file.kept)
        return;
    commit->file_mono_ns = mono_ns;
    int r = nta_headfile_write(commit->options.outlet->store_path, commit->sealer, &file, &err);

    if (r == 0)
        commit->file = file;
    else if (!commit->file_failed)
        nta_log_warning("%s: a store that is put back to before batch %" PRIu64
                        " would be noticed, a newer one not",
                        err.text, commit->file.head.number + 1);
    commit->file_failed = r < 0;
}

static void write_file_if_due(struct nta_commit *commit, int64_t mono_ns)
{
    if (mono_ns - commit->file_mono_ns >= FILE_NS)
        write_file(commit, mono_ns);
}

/* ---- the start ---- */

static int read_file(struct nta_commit *commit, struct nta_witnesses *known)
{
    struct nta_err err = {0};
    int r =
        nta_headfile_read(commit->options.outlet->store_path, commit->sealer, &commit->file, &err);

    if (r == 0) {
        known->file = commit->file.head;
        uint64_t max = nta_store_number_max(known->file.number);

        known->acked = commit->file.acked > max ? 0 : commit->file.acked;
        commit->kept = commit->file.kept > max ? 0 : commit->file.kept;
    } else if (r != -ENOENT) {
        char detail[NTA_HEALTH_DETAIL_SIZE];

        (void)snprintf(detail, sizeof(detail),
                       "%.400s: that the store is not an old copy cannot be told from it",
                       err.text);
        if (!commit->options.health) /* which says so itself */
            nta_log_error("%s", detail);
        raise_alarm(commit, NTA_CAUSE_STATE, detail);
    }
    known->has_file = r == 0;
    return r;
}

static void ask_mysql(struct nta_commit *commit, struct nta_witnesses *known)
{
    NTA_AUTO(nta_store_close) struct nta_store *mysql = NULL;
    struct nta_mysql_options options = commit->options.outlet->mysql->mysql;
    struct nta_err err = {0};

    options.timeout_s = ASK_TIMEOUT_S;
    int r = nta_store_open_mysql(&options, &mysql, &err);

    if (r == 0)
        r = nta_store_last(mysql, commit->sensor, &known->mysql.number, known->mysql.hash, &err);
    if (r == 0 && known->mysql.number > nta_store_number_max(known->file.number))
        r = nta_err_set(&err, -EPROTO,
                        "its chain row says batch %" PRIu64 ", which no chain reaches",
                        known->mysql.number);
    if (r < 0) {
        nta_log_warning(
            "what MySQL has of this sensor is not known yet, and is compared before the "
            "first batch is sent: %s",
            err.text);
        known->mysql = (struct nta_store_head){0};
    }
}

/** Hold what is known against each other; the chain goes on behind the highest. */
static void compare(struct nta_commit *commit, const struct nta_witnesses *known)
{
    struct nta_verdict verdict;

    nta_witnesses_judge(known, &verdict);
    commit->acked = known->mysql;
    if (commit->acked.number < known->acked)
        commit->acked = (struct nta_store_head){.number = known->acked};
    go_on_behind(commit, &verdict.head);
    atomic_store_explicit(&commit->last, verdict.head.number, memory_order_relaxed);
    if (verdict.last > 0)
        report_rollback(commit, verdict.first, verdict.last, verdict.witness);
}

/**
 * Look at the store's chain row and its last batch, of which `known` is our own word; the row is
 * what the next batch is compared with.
 */
static int look_at_row(struct nta_commit *commit, uint64_t known, struct nta_store_head *ret_row,
                       struct nta_store_head *ret_newest, struct nta_err *err)
{
    struct nta_store_head row;
    int r = nta_store_last(commit->store, commit->sensor, &row.number, row.hash, err);
    struct nta_err damage = {0};
    bool is_damaged = r == -EBADMSG;

    if (is_damaged)
        damage = *err;
    if (r == 0 || is_damaged)
        r = nta_store_newest(commit->store, commit->sensor, nta_store_number_max(known), ret_newest,
                             err);
    if (r < 0)
        return r;
    commit->row = *ret_row = row;
    if (row.number > nta_store_number_max(known)) {
        (void)nta_err_set(&damage, -EBADMSG,
                          "the store's chain row says batch %" PRIu64 ", which no chain reaches",
                          row.number);
        is_damaged = true;
    }
    if (is_damaged) { /* it says nothing; we go on behind what else is known, and set it right */
        nta_log_error("%s; the chain goes on behind what else is known", damage.text);
        raise_alarm(commit, NTA_CAUSE_STORE_CONFLICT, damage.text);
        *ret_row = *ret_newest;
    }
    return 0;
}

static int open_all(struct nta_commit *commit, struct nta_err *err)
{
    const struct nta_outlet *outlet = commit->options.outlet;
    struct nta_witnesses known = {0};
    int r = nta_sealer_new(outlet->keys_dir, &commit->sealer, err);

    if (r < 0)
        return r;
    nta_sealer_get_sensor(commit->sealer, commit->sensor);
    (void)nta_hex_text(commit->sensor, sizeof(commit->sensor), commit->text);
    r = nta_store_open_sqlite(outlet->store_path, true, &commit->store, err);
    int file = r < 0 ? r : read_file(commit, &known);

    if (r == 0)
        r = look_at_row(commit, known.file.number, &known.row, &known.newest, err);
    if (r < 0)
        return r;
    if (file == -ENOENT && known.row.number > 0)
        nta_log_notice("beside the store there is no file of the chain's state yet: that this "
                       "store is not an old copy cannot be told from it");
    if (outlet->mysql)
        ask_mysql(commit, &known);
    compare(commit, &known);
    return 0;
}

int nta_commit_open(const struct nta_commit_options *options, struct nta_commit **ret_commit,
                    struct nta_err *err)
{
    NTA_AUTO(nta_commit_close) struct nta_commit *commit = calloc(1, sizeof(*commit));

    if (!commit)
        return nta_err_sys(err, -ENOMEM, "recorder");
    commit->options = *options;
    (void)pthread_mutex_init(&commit->lock, NULL);
    int r = open_all(commit, err);

    if (r < 0)
        return r;
    *ret_commit = NTA_TAKE(commit);
    return 0;
}

/* ---- while it runs ---- */

/** The file is gone, or another one: make or take what is there now, and go on from memory. */
static int open_again(struct nta_commit *commit, struct nta_err *err)
{
    const char *path = commit->options.outlet->store_path;
    struct nta_store_head row = {0}, newest = {0};

    if (commit->store) {
        char detail[NTA_HEALTH_DETAIL_SIZE], shipped[64] = "";
        uint64_t acked;

        nta_store_close(&commit->store);
        (void)pthread_mutex_lock(&commit->lock);
        acked = commit->acked.number;
        (void)pthread_mutex_unlock(&commit->lock);
        if (acked)
            (void)snprintf(shipped, sizeof(shipped), ", of which MySQL has up to %" PRIu64, acked);
        (void)snprintf(detail, sizeof(detail),
                       "the journal was removed or replaced while ntad runs; it held batches up to "
                       "%" PRIu64 "%s",
                       commit->head.number, shipped);
        nta_log_error("%s; it is made again, and the chain goes on", detail);
        raise_alarm(commit, NTA_CAUSE_JOURNAL_GONE, detail);
        put_loss(commit, "journal_gone.first", "journal_gone.last", acked + 1, commit->head.number);
        nta_sealer_drop_key(commit->sealer); /* it was in there */
    }
    int r = nta_store_open_sqlite(path, true, &commit->store, err);

    if (r == 0)
        r = look_at_row(commit, commit->head.number, &row, &newest, err);
    if (r < 0) {
        nta_store_close(&commit->store); /* tried again, and all of it is said only once */
        return r;
    }
    if (row.number > commit->head.number)
        go_on_behind(commit, &row);
    return 0;
}

/** The lock first: what is made or opened anew must not be another writer's. */
static int be_open(struct nta_commit *commit, struct nta_err *err)
{
    struct nta_store_lock *lock = commit->options.outlet->lock;
    int r = lock ? nta_store_lock_keep(lock, err) : 0;

    if (r < 0)
        return r;
    return commit->store && !nta_store_has_moved(commit->store) ? 0 : open_again(commit, err);
}

/**
 * Somebody moved the chain's row, or put batches there: look where it is now.  The lock is ours, so
 * it goes on there.
 */
static int find_place(struct nta_commit *commit, const struct nta_err *conflict,
                      struct nta_err *err)
{
    struct nta_store_head row = {0}, newest = {0};
    nta_log_error("%s; this store's lock is ours, so the chain goes on behind what is there",
                  conflict->text);
    raise_alarm(commit, NTA_CAUSE_STORE_CONFLICT, conflict->text);
    int r = look_at_row(commit, commit->head.number, &row, &newest, err);

    if (r < 0)
        return r;
    if (newest.number > row.number)
        row = newest;
    if (row.number >= commit->head.number)
        go_on_behind(commit, &row);
    else
        go_on_behind(commit, &commit->head);
    return 0;
}

/**
 * MySQL has more than we ever wrote down: the journal and its state file were put back together.
 */
static void follow_mysql(struct nta_commit *commit)
{
    struct nta_store_head acked;

    (void)pthread_mutex_lock(&commit->lock);
    acked = commit->acked;
    (void)pthread_mutex_unlock(&commit->lock);
    if (acked.number <= commit->head.number)
        return;
    uint64_t first = commit->head.number + 1;

    go_on_behind(commit, &acked);
    report_rollback(commit, first, acked.number, "MySQL");
}

static int make_key(struct nta_commit *commit, struct nta_err *err)
{
    int64_t wall_ns = nta_clock_wall_ns();
    struct nta_wrapped_key key;

    if (!nta_sealer_wants_key(commit->sealer, wall_ns))
        return 0;
    int r = nta_sealer_make_key(commit->sealer, wall_ns, &key, err);

    if (r == 0)
        r = nta_store_put_key(commit->store, &key, err);
    if (r == 0)
        nta_sealer_use_key(commit->sealer);
    return r;
}

/** One attempt at the place where the chain is taken to be. */
static int attempt(struct nta_commit *commit, const struct nta_batch *batch,
                   struct nta_stored *stored, struct nta_err *err)
{
    int r = be_open(commit, err);

    if (r < 0)
        return r;
    follow_mysql(commit);
    r = make_key(commit, err);
    if (r == 0)
        r = nta_sealer_seal(commit->sealer, batch, &stored->sealed, &stored->header, err);
    if (r == 0)
        r = nta_store_append(commit->store, &commit->row, stored, 1, err);
    /* written into a file that went away under it is not written */
    if (r == 0 && nta_store_has_moved(commit->store))
        r = nta_err_set(err, -ESTALE, "the journal was removed or replaced during a commit");
    return r;
}

int nta_commit_try(struct nta_commit *commit, const struct nta_batch *batch,
                   struct nta_committed *ret_committed, struct nta_err *err)
{
    struct nta_stored stored = {0};
    int r = -EEXIST;

    for (int i = 0; i < TRIES_MAX && r < 0; i++) {
        r = attempt(commit, batch, &stored, err);
        if (r == -EEXIST) {
            struct nta_err conflict = *err;

            r = find_place(commit, &conflict, err);
            r = r < 0 ? r : -EEXIST;
        }
        if (r != -EEXIST && r != -ESTALE)
            break;
    }
    if (r < 0)
        return r;
    nta_sealer_commit(commit->sealer);
    commit->head.number = stored.header.number;
    nta_header_hash(&stored.sealed, commit->head.hash);
    commit->row = commit->head;
    atomic_store_explicit(&commit->last, stored.header.number, memory_order_relaxed);
    *ret_committed = (struct nta_committed){
        .number = stored.header.number,
        .n_bytes = stored.sealed.header.len + stored.sealed.tokens.len + stored.sealed.body.len,
    };
    int64_t mono_ns = nta_clock_mono_ns();

    if (commit->options.live && (!commit->head_mono_ns || mono_ns >= commit->head_mono_ns)) {
        commit->head_mono_ns = mono_ns + HEAD_NS;
        log_head(commit);
    }
    write_file_if_due(commit, mono_ns);
    end_alarms(commit, mono_ns);
    return 0;
}

void nta_commit_tend(struct nta_commit *commit)
{
    struct nta_err err = {0};

    if (be_open(commit, &err) == 0) /* what fails is said when a batch needs it */
        follow_mysql(commit);
    write_file_if_due(commit, nta_clock_mono_ns());
    end_alarms(commit, nta_clock_mono_ns());
}

void nta_commit_end(struct nta_commit *commit)
{
    write_file(commit, nta_clock_mono_ns());
    if (commit->options.live && commit->head.number > 0)
        log_head(commit);
}

uint64_t nta_commit_last(const struct nta_commit *commit)
{
    return atomic_load_explicit(&commit->last, memory_order_relaxed);
}

const char *nta_commit_sensor(const struct nta_commit *commit)
{
    return commit->text;
}

uint64_t nta_commit_kept(const struct nta_commit *commit)
{
    return commit->kept;
}

void nta_commit_acknowledged(void *owner, const struct nta_store_head *head, uint64_t kept)
{
    struct nta_commit *commit = owner;

    uint64_t max = nta_store_number_max(nta_commit_last(commit));

    (void)pthread_mutex_lock(&commit->lock);
    if (head->number > commit->acked.number && head->number <= max)
        commit->acked = *head;
    if (kept > commit->kept && kept <= max)
        commit->kept = kept;
    (void)pthread_mutex_unlock(&commit->lock);
}
