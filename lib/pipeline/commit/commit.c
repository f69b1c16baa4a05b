/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/commit/commit.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/log.h"
#include "pipeline/commit/place.h"
#include "pipeline/commit/say.h"
#include "store/lock.h"
#include "store/ship/ship.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum
{
    TRIES_MAX = 4 ///< Of one attempt, after the chain's place was found anew.
};

#define HEAD_NS (3600 * NTA_NS_PER_S) /* the chain's head is told */
#define FILE_NS (5 * NTA_NS_PER_S)    /* and written down */

void nta_commit_close(struct nta_commit **commit)
{
    struct nta_commit *dead = NTA_TAKE(*commit);

    if (!dead)
        return;
    nta_remote_stop(&dead->remote);
    nta_day_reader_free(&dead->reading);
    (void)pthread_mutex_destroy(&dead->lock);
    nta_indexer_done(&dead->indexer);
    nta_sealer_free(&dead->sealer);
    nta_store_close(&dead->store);
    free(dead);
}

/* ---- the state file ---- */

static void write_file(struct nta_commit *commit, int64_t mono_ns)
{
    struct nta_headfile *file = &(struct nta_headfile){.place = commit->place};
    struct nta_err err = {0};

    if (!commit->has_place || !nta_sealer_can_sign(commit->sealer))
        return;
    (void)pthread_mutex_lock(&commit->lock);
    file->acked = commit->acked.number;
    file->kept = commit->kept;
    (void)pthread_mutex_unlock(&commit->lock);
    nta_sealer_get_signing(commit->sealer, file->signing);
    if (file->place.head.number == commit->file.place.head.number &&
        file->acked == commit->file.acked && file->kept == commit->file.kept &&
        memcmp(file->signing, commit->file.signing, sizeof(file->signing)) == 0)
        return;
    commit->file_mono_ns = mono_ns;
    int r = nta_headfile_write(commit->options.outlet->store_path, commit->sealer, file, &err);

    if (r == 0)
        commit->file = *file;
    else if (!commit->file_failed)
        nta_log_warning("%s: a store that is put back to before batch %" PRIu64
                        " would be noticed, a newer one not",
                        err.text, commit->file.place.head.number + 1);
    commit->has_file = commit->has_file || r == 0;
    commit->file_failed = r < 0;
}

static void write_file_if_due(struct nta_commit *commit, int64_t mono_ns)
{
    if (mono_ns - commit->file_mono_ns >= FILE_NS)
        write_file(commit, mono_ns);
}

/* ---- the start ---- */

static int open_all(struct nta_commit *commit, struct nta_err *err)
{
    const struct nta_outlet *outlet = commit->options.outlet;
    const struct nta_keys_place place = {outlet->keys_dir, outlet->state_dir};
    int r = nta_sealer_new(&place, &commit->sealer, err);

    if (r < 0)
        return r;
    nta_sealer_get_sensor(commit->sealer, commit->sensor);
    (void)nta_hex_text(commit->sensor, sizeof(commit->sensor), commit->text);
    r = nta_store_open_sqlite(outlet->store_path, true, &commit->store, err);
    if (r == 0)
        r = nta_commit_find(commit, err);
    if (r == 0 && !commit->has_file) /* there is one before there is a second batch */
        write_file(commit, nta_clock_mono_ns());
    return r;
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

    if (r == 0 && options->outlet->mysql)
        r = nta_remote_start(options->outlet->retention ? options->outlet->retention
                                                        : &options->outlet->mysql->mysql,
                             commit->sensor, &commit->remote, err);
    if (r < 0)
        return r;
    *ret_commit = NTA_TAKE(commit);
    return 0;
}

/* ---- one batch more ---- */

/** The lock first: what is made or opened anew must not be another writer's. */
static int be_open(struct nta_commit *commit, struct nta_err *err)
{
    struct nta_store_lock *lock = commit->options.outlet->lock;
    int r = lock ? nta_store_lock_keep(lock, err) : 0;

    if (r < 0)
        return r;
    return commit->store && !nta_store_has_moved(commit->store)
               ? 0
               : nta_commit_open_again(commit, err);
}

static int make_key(struct nta_commit *commit, enum nta_class class, int64_t wall_ns,
                    struct nta_err *err)
{
    struct nta_wrapped_key key;

    if (!nta_sealer_wants_key(commit->sealer, class, wall_ns))
        return 0;
    int r = nta_sealer_make_key(commit->sealer, class, wall_ns, &key, err);

    if (r == 0)
        r = nta_store_put_key(commit->store, &key, err);
    if (r == 0)
        nta_sealer_use_key(commit->sealer, class);
    return r;
}

/** What is to be committed. */
struct task
{
    const struct nta_batch *batch;
    const struct nta_packed *packed; ///< The same, packed before; NULL: it was not.
    bool is_last;
    nta_commit_notes_fn *make_notes; ///< NULL: none.
    void *owner;
    /* of the attempt that was made last */
    int64_t wall_ns;
    bool changes_key, adopts;
    struct nta_note notes[NTA_NOTES_MAX];
    size_t n_notes;
    struct nta_store_place place; ///< What the chain's row is then.
    struct nta_stored stored;
};

/** What is to be adopted; an error where file, store and the key on disk do not agree. */
static int look_at_unadopted(const struct nta_commit *commit, struct nta_commit_next *next,
                             struct nta_err *err)
{
    const struct nta_unadopted *unadopted = &commit->unadopted;
    struct nta_unadopted_range range;

    if (unadopted->n == 0)
        return 0;
    int r = nta_unadopted_measure(unadopted, commit->store, commit->sensor, next->number - 1,
                                  &range, err);

    if (r == 0 && unadopted->n == 1 && (range.has_first || range.from == next->number) &&
        memcmp(range.signing, next->signing, sizeof(range.signing)) != 0)
        r = nta_err_set(err, -EBADMSG,
                        "the key that is to be adopted from batch %" PRIu64
                        " on does not lead to the one that is in the state folder now",
                        range.from);
    if (r < 0)
        return r;
    next->unadopted = range.from;
    next->unadopted_to = range.to;
    next->n_unadopted = range.n_proved;
    memcpy(next->signing, unadopted->keys[0].key, sizeof(next->signing));
    return 0;
}

/** The caller's. */
static int make_notes(struct nta_commit *commit, struct task *task, struct nta_err *err)
{
    struct nta_commit_next next = {.number = nta_sealer_get_at(commit->sealer)->number + 1};
    size_t n = 0;

    memcpy(next.sensor, commit->sensor, sizeof(next.sensor));
    nta_sealer_get_signing(commit->sealer, next.signing);
    int r = look_at_unadopted(commit, &next, err);

    if (r == 0)
        r = task->make_notes(task->owner, &next, task->notes + task->n_notes, &n, err);

    if (r < 0)
        return r;
    assert(n < NTA_NOTES_MAX);
    for (size_t i = 0; i < n; i++)
        task->adopts |= task->notes[task->n_notes + i].kind == NTA_HEADER_NOTE_ADOPTED;
    task->n_notes += n;
    return 0;
}

static int gather_notes(struct nta_commit *commit, struct task *task, struct nta_err *err)
{
    int r = 0;

    task->n_notes = 0;
    task->adopts = false;
    if (commit->lost.kind)
        task->notes[task->n_notes++] = commit->lost;
    if (task->make_notes)
        r = make_notes(commit, task, err);
    if (r == 0)
        task->n_notes +=
            nta_indexer_note(&commit->indexer, task->changes_key, task->notes + task->n_notes,
                             NTA_NOTES_MAX - task->n_notes);
    return r;
}

static int seal_once(struct nta_commit *commit, struct task *task, struct nta_err *err)
{
    uint32_t error_ms;
    const bool is_synchronised = nta_clock_is_synchronised(&error_ms);
    const struct nta_seal_options options = {
        .class = task->batch->class,
        .wall_ns = task->wall_ns,
        .clock = is_synchronised ? (uint64_t)error_ms + 1 : 0,
        .notes = task->notes,
        .n_notes = task->n_notes,
        .changes_key = task->changes_key,
        .packed = task->packed,
    };

    task->place.n_frontier =
        nta_log_frontier(&nta_sealer_get_at(commit->sealer)->log, task->place.frontier);
    return nta_sealer_seal(commit->sealer, task->batch, &options, &task->stored.sealed,
                           &task->stored.header, err);
}

/** A key that cannot be changed now signs on: records are not to wait for it. */
static int seal(struct nta_commit *commit, struct task *task, struct nta_err *err)
{
    int r = seal_once(commit, task, err);

    if (r == 0 || !task->changes_key)
        return r;
    const struct nta_err why = *err;

    task->changes_key = false;
    r = seal_once(commit, task, err);
    if (r == 0 && !commit->change_failed) {
        nta_log_error("the signing key cannot be changed, and is tried again: %s", why.text);
        nta_commit_raise_alarm(commit, NTA_CAUSE_STATE, why.text);
        commit->change_failed = true;
    }
    return r;
}

/** One attempt at the place where the chain is taken to be. */
static int attempt(struct nta_commit *commit, struct task *task, struct nta_err *err)
{
    int r = be_open(commit, err);

    if (r == 0)
        r = nta_commit_follow_mysql(commit, err);
    if (r == 0 && !nta_sealer_can_sign(commit->sealer))
        r = nta_err_set(err, -ENOKEY,
                        "the signing key in the state folder cannot be read: put the folder back "
                        "as it was, or start again");
    task->wall_ns = nta_clock_wall_ns();
    /* who leaves a head with such notes out of a case leaves out the key of those behind it */
    task->changes_key =
        task->is_last || task->make_notes || nta_day_of(task->wall_ns) != commit->day;
    if (r == 0)
        r = make_key(commit, task->batch->class, task->wall_ns, err);
    if (r == 0)
        r = gather_notes(commit, task, err);
    if (r == 0)
        r = seal(commit, task, err);
    const struct nta_span frontier = {task->place.frontier, task->place.n_frontier};

    if (r == 0)
        nta_indexer_put(&commit->indexer, &task->stored);
    if (r == 0)
        r = nta_store_append(commit->store, &commit->row, &task->stored, 1, frontier, err);
    /* written into a file that went away under it is not written */
    if (r == 0 && nta_store_has_moved(commit->store))
        r = nta_err_set(err, -ESTALE, "the journal was removed or replaced during a commit");
    return r;
}

/** The store has it: the chain goes on behind it. */
static void move_on(struct nta_commit *commit, struct task *task)
{
    struct nta_err err = {0};
    const int64_t mono_ns = nta_clock_mono_ns();

    task->place.head.number = task->stored.header.number;
    nta_header_hash(&task->stored.sealed, task->place.head.hash);
    nta_indexer_take(&commit->indexer, task->changes_key, &task->stored);
    if (nta_sealer_commit(commit->sealer, &err) < 0)
        nta_log_error("%s: tried again with the next change of the signing key", err.text);
    nta_commit_keep_signing(commit, task->place.head.number);
    commit->place = task->place;
    commit->has_place = true;
    commit->row = task->place.head;
    commit->lost = (struct nta_note){.n_batches = 0};
    if (task->changes_key) {
        commit->day = nta_day_of(task->wall_ns);
        commit->change_failed = false;
    }
    atomic_store_explicit(&commit->last, task->place.head.number, memory_order_relaxed);
    if (task->adopts)
        nta_commit_end_unadopted(commit);
    if (commit->options.live && (!commit->head_mono_ns || mono_ns >= commit->head_mono_ns)) {
        commit->head_mono_ns = mono_ns + HEAD_NS;
        nta_commit_log_head(commit);
    }
    if (task->changes_key) /* the file is to know which key signs */
        write_file(commit, mono_ns);
    else
        write_file_if_due(commit, mono_ns);
    nta_commit_end_alarms(commit, mono_ns);
}

static int perform(struct nta_commit *commit, struct task *task,
                   struct nta_committed *ret_committed, struct nta_err *err)
{
    int r = -EEXIST;

    assert(task->batch->class != NTA_CLASS_NONE);
    for (int i = 0; i < TRIES_MAX && r < 0; i++) {
        r = attempt(commit, task, err);
        if (r == -EEXIST) {
            struct nta_err conflict = *err;

            r = nta_commit_find_again(commit, &conflict, err);
            r = r < 0 ? r : -EEXIST;
        }
        if (r != -EEXIST && r != -ESTALE)
            break;
    }
    if (r < 0)
        return r;
    *ret_committed = (struct nta_committed){
        .number = task->stored.header.number,
        .n_bytes = task->stored.sealed.header.len + task->stored.sealed.signature.len +
                   task->stored.sealed.tokens.len + task->stored.sealed.body.len,
    };
    move_on(commit, task);
    return 0;
}

int nta_commit_try(struct nta_commit *commit, const struct nta_commit_batch *batch,
                   struct nta_committed *ret_committed, struct nta_err *err)
{
    struct task task = {
        .batch = batch->records, .packed = batch->packed, .is_last = batch->is_last};

    return perform(commit, &task, ret_committed, err);
}

int nta_commit_note(struct nta_commit *commit, const struct nta_commit_noting *noting,
                    struct nta_committed *ret_committed, struct nta_err *err)
{
    struct task task = {
        .batch = noting->batch,
        .make_notes = noting->make,
        .owner = noting->owner,
    };

    return perform(commit, &task, ret_committed, err);
}

/* ---- besides ---- */

void nta_commit_tend(struct nta_commit *commit)
{
    struct nta_err err = {0};

    if (be_open(commit, &err) == 0) /* what fails is said when a batch needs it */
        (void)nta_commit_follow_mysql(commit, &err);
    write_file_if_due(commit, nta_clock_mono_ns());
    nta_commit_end_alarms(commit, nta_clock_mono_ns());
}

void nta_commit_end(struct nta_commit *commit)
{
    write_file(commit, nta_clock_mono_ns());
    if (commit->options.live && commit->has_place && !commit->lost.kind)
        nta_commit_log_head(commit);
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

uint64_t nta_commit_last(const struct nta_commit *commit)
{
    return atomic_load_explicit(&commit->last, memory_order_relaxed);
}

int64_t nta_commit_sealed_before(const struct nta_commit *commit)
{
    return commit->before_ns;
}

const char *nta_commit_sensor(const struct nta_commit *commit)
{
    return commit->text;
}

void nta_commit_get_sensor(const struct nta_commit *commit, uint8_t ret_id[NTA_SENSOR_ID_LEN])
{
    memcpy(ret_id, commit->sensor, sizeof(commit->sensor));
}

uint64_t nta_commit_kept(const struct nta_commit *commit)
{
    return commit->kept;
}

uint64_t nta_commit_acked(const struct nta_commit *commit)
{
    return commit->acked.number;
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
