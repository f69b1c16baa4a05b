/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/retain.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/log.h"
#include "config/config.h"
#include "pipeline/retain/gather.h"
#include "pipeline/retain/hold.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#define DAY_NS     (86400 * NTA_NS_PER_S)
#define MEASURE_NS (5 * NTA_NS_PER_S)
#define AGE_NS     (600 * NTA_NS_PER_S) /* old days are looked for */
#define TROUBLE_NS (10 * NTA_NS_PER_S)  /* until it is tried again */
#define BUSY_NS    (NTA_NS_PER_S / 2)   /* a reader holds the log */
#define ASK_NS     (NTA_NS_PER_S / 20)  /* MySQL is asked, or at it */
#define HEAD_BYTES 450                  /* of a batch whose content went */

enum
{
    BUSY_TRIES = 3 ///< Each waits for the log itself; then it is said.
};

struct nta_retain
{
    struct nta_retain_options options;
    struct nta_retain_policy policy;
    struct nta_destroy queue[NTA_DESTROY_MAX];
    size_t n, at;               ///< Of the queue; those before `at` are gone.
    struct nta_day_notes notes; ///< Owned; what heads said at the start, until it is done.
    bool has_notes;
    struct nta_holds holds; ///< Owned; what heads say, once it `has_notes`.
    bool finished_begun;    ///< What was noted before the start is gone.
    struct nta_retain_room room;
    int64_t measure_mono_ns, age_mono_ns; ///< When next.
    int64_t offset_ns;                    ///< Of the clocks, as they were last.
    bool jumped;                          ///< The wall clock did, by more than a day.
    unsigned n_busy;                      ///< Tries in a row in which a reader held the log.
    pthread_mutex_t lock;                 ///< Guards what follows.
    bool is_asked;
    struct nta_retain_request request;
    struct nta_retain_told told;
};

struct nta_retain_policy nta_retain_policy_of(const struct nta_config *config)
{
    return (struct nta_retain_policy){
        .keep_ns =
            {
                [NTA_CLASS_EVIDENCE] = config->retention.evidence_ns,
                [NTA_CLASS_TRAFFIC] = config->retention.traffic_ns,
                [NTA_CLASS_WHO] = config->retention.who_ns,
                [NTA_CLASS_LOG] = config->retention.log_ns,
            },
        .size_bytes = config->store.size_bytes,
        .free_share = config->store.free_share,
        .deletes_oldest = strcmp(config->store.full, "oldest") == 0,
    };
}

int nta_retain_new(const struct nta_retain_options *options, struct nta_retain **ret_retain,
                   struct nta_err *err)
{
    struct nta_retain *retain = options->policy ? calloc(1, sizeof(*retain)) : NULL;

    *ret_retain = retain;
    if (!options->policy)
        return 0;
    if (!retain)
        return nta_err_sys(err, -ENOMEM, "recorder");
    retain->options = *options;
    retain->policy = *options->policy;
    retain->offset_ns = nta_clock_wall_ns() - nta_clock_boot_ns();
    retain->told.is_done = true;
    (void)pthread_mutex_init(&retain->lock, NULL);
    return 0;
}

void nta_retain_free(struct nta_retain **retain)
{
    struct nta_retain *dead = NTA_TAKE(*retain);

    if (!dead)
        return;
    (void)pthread_mutex_destroy(&dead->lock);
    nta_day_notes_done(&dead->notes);
    nta_holds_done(&dead->holds);
    free(dead);
}

bool nta_retain_takes(const struct nta_retain *retain, enum nta_class class)
{
    return nta_retain_admits(&retain->policy, &retain->room, class);
}

void nta_retain_took(struct nta_retain *retain, uint64_t n_bytes)
{
    struct nta_retain_room *room = &retain->room;

    n_bytes += HEAD_BYTES;
    room->used_bytes += n_bytes;
    room->disk_free -= n_bytes < room->disk_free ? n_bytes : room->disk_free;
}

/* ---- how things are ---- */

static void say_full(struct nta_retain *retain)
{
    static const enum nta_class last[] = {NTA_CLASS_EVIDENCE, NTA_CLASS_LOG, NTA_CLASS_WHO,
                                          NTA_CLASS_TRAFFIC};

    char text[160];

    for (size_t i = 0; i < NTA_N_ELEMENTS(last); i++) {
        if (nta_retain_takes(retain, last[i]))
            continue;
        (void)snprintf(text, sizeof(text),
                       "records of %s%s are not stored: the store is at its bound (store.size, "
                       "store.free)",
                       nta_class_name(last[i]), last[i] == NTA_CLASS_TRAFFIC ? "" : ", too,");
        nta_health_set(retain->options.health, NTA_CAUSE_STORE_FULL, text);
        return;
    }
    nta_health_set(retain->options.health, NTA_CAUSE_STORE_FULL, NULL);
}

/** Heads are never deleted: what they make of the bound is worth a word long before it matters. */
static void say_heads(struct nta_retain *retain, const struct nta_commit *commit)
{
    const uint64_t size = retain->policy.size_bytes;
    const uint64_t heads = nta_commit_last(commit) * HEAD_BYTES;
    char text[160];

    if (!size || heads < size / 2 || nta_commit_is_remote(commit)) { /* where they are, too */
        nta_health_set(retain->options.health, NTA_CAUSE_HEADS, NULL);
        return;
    }
    (void)snprintf(text, sizeof(text),
                   "about %" PRIu64 " MiB of store.size (%" PRIu64
                   " MiB), and they are never deleted: give it more room, or let batches be larger "
                   "(record.batch_time)",
                   heads >> 20, size >> 20);
    nta_health_set(retain->options.health, NTA_CAUSE_HEADS, text);
}

static void measure(struct nta_retain *retain, struct nta_commit *commit, int64_t mono_ns)
{
    struct nta_err err = {0};
    struct statvfs disk;

    if (mono_ns < retain->measure_mono_ns)
        return;
    retain->measure_mono_ns = mono_ns + MEASURE_NS;
    if (nta_commit_used(commit, retain->policy.size_bytes, &retain->room.used_bytes, &err) < 0)
        return; /* the store is not there, which is said elsewhere */
    if (statvfs(retain->options.store_path, &disk) == 0) {
        retain->room.disk_free = (uint64_t)disk.f_bavail * disk.f_frsize;
        retain->room.disk_size = (uint64_t)disk.f_blocks * disk.f_frsize;
    }
    say_full(retain);
    say_heads(retain, commit);
}

/** By age, only a clock that can be believed decides. */
static bool trusts_clock(struct nta_retain *retain)
{
    const int64_t offset_ns = nta_clock_wall_ns() - nta_clock_boot_ns();
    const int64_t step_ns = offset_ns - retain->offset_ns;
    uint32_t error_ms;

    retain->jumped |= step_ns > DAY_NS || step_ns < -DAY_NS;
    retain->offset_ns = offset_ns;
    return !retain->jumped && nta_clock_is_synchronised(&error_ms);
}

/* ---- what is to go ---- */

static struct nta_gather begin(const struct nta_retain *retain, struct nta_commit *commit,
                               struct nta_err *err)
{
    return (struct nta_gather){
        .commit = commit,
        .policy = &retain->policy,
        .holds = &retain->holds,
        .request = &retain->request,
        .err = err,
    };
}

/** Note what was gathered, and queue it. */
static int note(struct nta_retain *retain, struct nta_gather *gather, enum nta_delete_reason reason,
                const char *actor)
{
    if (gather->n == 0)
        return 0;
    int r = nta_commit_note_destroyed(gather->commit, gather->days, gather->n, reason,
                                      nta_span_of(actor), gather->err);

    if (r < 0)
        return r;
    for (size_t i = 0; i < gather->n; i++) {
        const struct nta_store_day *day = &gather->days[i];
        char date[NTA_DAY_TEXT_SIZE];

        retain->queue[i] =
            (struct nta_destroy){.day = *day, .noted = nta_commit_last(gather->commit)};
        nta_log_notice("records of %s of %s (UTC) are deleted (%s): %" PRIu64 " batch%s",
                       nta_class_name(day->class), nta_day_text(day->day, date),
                       nta_delete_reason_name(reason), day->n_batches,
                       day->n_batches == 1 ? "" : "es");
    }
    retain->n = gather->n;
    retain->at = 0;
    return 0;
}

/* ---- what is asked for ---- */

int nta_retain_ask(struct nta_retain *retain, const struct nta_retain_request *request)
{
    int r = -EBUSY;

    (void)pthread_mutex_lock(&retain->lock);
    if (!retain->is_asked) {
        retain->request = *request;
        retain->told = (struct nta_retain_told){.is_done = false};
        retain->is_asked = true;
        r = 0;
    }
    (void)pthread_mutex_unlock(&retain->lock);
    return r;
}

void nta_retain_tell(struct nta_retain *retain, struct nta_retain_told *ret_told)
{
    (void)pthread_mutex_lock(&retain->lock);
    *ret_told = retain->told;
    (void)pthread_mutex_unlock(&retain->lock);
}

static bool is_asked(struct nta_retain *retain)
{
    (void)pthread_mutex_lock(&retain->lock);
    bool asked = retain->is_asked;

    (void)pthread_mutex_unlock(&retain->lock);
    return asked;
}

/** What was noted of the request; nothing more, or a failure, ends it. */
static void tell_request(struct nta_retain *retain, const struct nta_gather *gather, int r)
{
    (void)pthread_mutex_lock(&retain->lock);
    for (size_t i = 0; i < gather->n && r == 0; i++) {
        retain->told.n_days++;
        retain->told.n_batches += gather->days[i].n_batches;
    }
    if (r < 0 || gather->n == 0) {
        retain->told.result = r;
        if (r < 0)
            retain->told.err = *gather->err;
        retain->told.is_done = true;
        retain->is_asked = false;
    }
    (void)pthread_mutex_unlock(&retain->lock);
}

/* ---- steps ---- */

/** Who asked is told what keeps it from being done; what was noted is tried on all the same. */
static void fail_request(struct nta_retain *retain, int r, const struct nta_err *err)
{
    (void)pthread_mutex_lock(&retain->lock);
    if (retain->is_asked) {
        retain->told.result = r;
        retain->told.err = *err;
        retain->told.is_done = true;
        retain->is_asked = false;
    }
    (void)pthread_mutex_unlock(&retain->lock);
}

/** Nanoseconds until the next step; `r`: what became of the last. */
static int64_t rest(struct nta_retain *retain, int r, const struct nta_err *err)
{
    if (r == -EAGAIN)
        return ASK_NS;
    retain->n_busy = r == -EBUSY ? retain->n_busy + 1 : 0;
    if (r == -EBUSY && retain->n_busy < BUSY_TRIES)
        return BUSY_NS;
    if (r < 0)
        fail_request(retain, r, err);
    /* a server that is away is said by the shipper */
    nta_health_set(retain->options.health, NTA_CAUSE_RETENTION,
                   r < 0 && r != -ENOTCONN ? err->text : NULL);
    return r < 0 ? TROUBLE_NS : 0;
}

static int64_t destroy_some(struct nta_retain *retain, struct nta_commit *commit)
{
    struct nta_err err = {0};
    int r = nta_commit_destroy(commit, &retain->queue[retain->at], &err);

    if (r == 0) {
        retain->at++;
        retain->measure_mono_ns = 0;
    }
    return rest(retain, r, &err);
}

/** What was noted before the start, by this run's heads or others': read once. */
static int read_notes(struct nta_retain *retain, struct nta_commit *commit, struct nta_err *err)
{
    int r = retain->has_notes ? 0 : nta_commit_read_notes(commit, &retain->notes, err);

    if (r == 0 && !retain->has_notes)
        r = nta_holds_take(&retain->holds, &retain->notes, err);
    retain->has_notes = r == 0;
    return r;
}

static int64_t finish_begun(struct nta_retain *retain, struct nta_commit *commit)
{
    struct nta_remote_range ranges[NTA_N_CLASSES];
    struct nta_err err = {0};
    size_t n = 0;
    int r = read_notes(retain, commit, &err);

    if (r == 0) {
        nta_commit_noted_ranges(&retain->notes, ranges);
        r = nta_commit_survey(commit, ranges, &err);
    }
    if (r == 0)
        r = nta_commit_find_noted(commit, &retain->notes, &retain->holds, retain->queue, &n, &err);
    if (r == 0) {
        retain->n = n;
        retain->at = 0;
        retain->finished_begun = n == 0;
    }
    if (retain->finished_begun)
        nta_day_notes_done(&retain->notes);
    return rest(retain, r, &err);
}

static int64_t prune(struct nta_retain *retain, struct nta_commit *commit)
{
    struct nta_err err = {0};
    struct nta_gather gather = begin(retain, commit, &err);
    struct nta_remote_range ranges[NTA_N_CLASSES];

    nta_gather_ranges(&retain->policy, &retain->request, ranges);
    int r = nta_commit_survey(commit, ranges, &err);

    if (r == 0)
        r = nta_gather_all(&gather, nta_gather_by_command);
    if (r == 0)
        r = note(retain, &gather, NTA_DELETE_COMMAND, retain->request.actor);
    if (r != -EAGAIN)
        tell_request(retain, &gather, r);
    if (r == 0)
        retain->jumped = false; /* somebody looked */
    return rest(retain, r, &err);
}

/** What is held or released is done when it is noted. */
static int64_t hold(struct nta_retain *retain, struct nta_commit *commit)
{
    const struct nta_hold *asked = &retain->request.hold;
    const struct nta_remote_range days = {asked->first_day - 1, asked->last_day + 1};
    const struct nta_remote_range ranges[NTA_N_CLASSES] = {
        [NTA_CLASS_EVIDENCE] = days, [NTA_CLASS_LOG] = days};
    struct nta_retain_told told = {.is_done = true};

    told.result = nta_commit_survey(commit, ranges, &told.err);
    if (told.result == -EAGAIN)
        return ASK_NS;
    if (told.result == 0)
        told.result = nta_retain_hold(commit, &retain->request, &retain->holds, &told, &told.err);
    (void)pthread_mutex_lock(&retain->lock);
    retain->told = told;
    retain->is_asked = false;
    (void)pthread_mutex_unlock(&retain->lock);
    return 0;
}

static int64_t make_room(struct nta_retain *retain, struct nta_commit *commit)
{
    struct nta_err err = {0};
    struct nta_gather gather = begin(retain, commit, &err);
    int r = nta_gather_oldest(&gather, &retain->room);

    if (r == 0)
        r = note(retain, &gather, NTA_DELETE_SIZE, "ntad");
    if (r == 0 && gather.n == 0)
        return TROUBLE_NS; /* nothing can go: what may be stored is decided by class */
    return rest(retain, r, &err);
}

static int64_t delete_old(struct nta_retain *retain, struct nta_commit *commit, int64_t mono_ns)
{
    struct nta_err err = {0};
    struct nta_gather gather = begin(retain, commit, &err);
    const bool trusted = trusts_clock(retain);
    struct nta_remote_range ranges[NTA_N_CLASSES];

    nta_gather_ranges(&retain->policy, NULL, ranges);
    int r = nta_commit_survey(commit, ranges, &err);

    if (r == 0)
        r = nta_gather_all(&gather, nta_gather_by_age);

    if (r == 0 && gather.n > 0 && !trusted)
        r = nta_err_set(&err, -ETIME,
                        "%s: records are kept for longer than they should be, until `nta prune` is "
                        "asked",
                        retain->jumped ? "the clock jumped by more than a day"
                                       : "the clock is not synchronised");
    if (r == 0)
        r = note(retain, &gather, NTA_DELETE_AGE, "ntad");
    if (r != -EAGAIN && (r != 0 || gather.n < NTA_DESTROY_MAX))
        retain->age_mono_ns = mono_ns + AGE_NS;
    return rest(retain, r, &err);
}

int64_t nta_retain_tend(struct nta_retain *retain, struct nta_commit *commit)
{
    const int64_t mono_ns = nta_clock_mono_ns();

    measure(retain, commit, mono_ns);
    if (retain->at < retain->n)
        return destroy_some(retain, commit);
    if (!retain->finished_begun)
        return finish_begun(retain, commit);
    if (is_asked(retain))
        return retain->request.deed == NTA_RETAIN_PRUNE ? prune(retain, commit)
                                                        : hold(retain, commit);
    if (mono_ns >= retain->age_mono_ns)
        return delete_old(retain, commit, mono_ns);
    /* what waits for MySQL does not go for room: it would have to go there, too */
    if (!nta_commit_is_remote(commit) &&
        nta_retain_gives_way(&retain->policy, &retain->room, nta_retain_order(0)))
        return make_room(retain, commit);
    return MEASURE_NS;
}
