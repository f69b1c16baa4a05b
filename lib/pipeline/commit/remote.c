/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/commit/remote.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/log.h"
#include "base/runtime/thread.h"
#include "pipeline/commit/day_keys.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum errand
{
    NOTHING,
    READ_NOTES,
    SURVEY,
    DESTROY
};

struct nta_remote
{
    struct nta_mysql_options mysql;
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    struct nta_thread thread;
    struct nta_store *store; ///< The thread's, owned.
    bool has_warned;         ///< The thread's: said that partitions are not made.
    pthread_mutex_t lock;    ///< Guards what follows; what is asked is the thread's until `done`.
    pthread_cond_t changed;
    bool is_stopping;
    enum errand asked, done; ///< Not both at once.
    int result;
    struct nta_err err;
    struct nta_day_trust trust;
    struct nta_day_reader *reader; ///< Owned.
    struct nta_remote_range ranges[NTA_N_CLASSES];
    int may_destroy; ///< What was surveyed; negative errno, as `may_err` says.
    struct nta_err may_err;
    struct nta_store_day day; ///< To be destroyed.
    struct nta_store_day days[NTA_REMOTE_DAYS];
    size_t n_days; ///< By class, then day.
};

/* ---- the thread ---- */

/** What was destroyed and not dropped: by somebody who was cut off, or waited for other sensors. */
static int drop_left(struct nta_remote *remote, enum nta_class class, struct nta_err *err)
{
    const struct nta_remote_range *range = &remote->ranges[class];
    const struct nta_store_day last = {.class = class, .day = range->before - 1};
    int r = 0;

    if (range->after == INT64_MIN && range->before > INT64_MIN)
        do
            r = nta_store_drop_day(remote->store, remote->sensor, &last, err);
        while (r == 1);
    return r;
}

static int list_class(struct nta_remote *remote, enum nta_class class, struct nta_err *err)
{
    const struct nta_remote_range *range = &remote->ranges[class];
    struct nta_store_day day = {.day = range->after};
    int r = range->before > range->after ? 1 : 0;

    while (r == 1 && remote->n_days < NTA_REMOTE_DAYS) {
        r = nta_store_next_day(remote->store, remote->sensor, class, day.day, &day, err);
        if (r == 1 && day.day >= range->before)
            break;
        if (r == 1)
            remote->days[remote->n_days++] = day;
    }
    return r < 0 ? r : 0;
}

/**
 * Who may not destroy, or not make partitions, may wish that somebody else does it: it matters when
 * a day is to go.
 */
static int prepare(struct nta_remote *remote, struct nta_err *err)
{
    const bool has_days = remote->n_days > 0;
    int r = nta_store_prepare_days(remote->store, nta_day_of(nta_clock_wall_ns()), has_days, err);
    const bool may_not = r == -EACCES || r == -EPROTO;

    remote->may_destroy = may_not && has_days ? r : 0;
    remote->may_err = *err;
    if (!may_not)
        return r;
    if (!has_days && !remote->has_warned) {
        nta_log_warning("%s", err->text);
        remote->has_warned = true;
    }
    return 0;
}

static int survey(struct nta_remote *remote, struct nta_err *err)
{
    int r = 0;

    remote->n_days = 0;
    for (unsigned class = NTA_CLASS_EVIDENCE; class < NTA_N_CLASSES && r == 0; class ++) {
        const size_t before = remote->n_days;

        r = list_class(remote, (enum nta_class) class, err);
        if (r == 0 && remote->n_days == before)
            r = drop_left(remote, (enum nta_class) class, err);
    }
    return r < 0 ? r : prepare(remote, err);
}

static int read_notes(struct nta_remote *remote, struct nta_err *err)
{
    nta_day_reader_free(&remote->reader);
    int r = nta_day_reader_new(&remote->trust, &remote->reader, err);

    return r < 0 ? r : nta_day_reader_look(remote->reader, remote->store, false, 0, err);
}

static int destroy(struct nta_remote *remote, struct nta_err *err)
{
    int r = nta_day_keys_destroy(remote->store, remote->sensor, &remote->day, err);

    while (r == 0 &&
           (r = nta_store_drop_day(remote->store, remote->sensor, &remote->day, err)) == 1)
        r = 0;
    return r;
}

static int run_errand(struct nta_remote *remote, enum errand errand, struct nta_err *err)
{
    int r = 0;

    if (!remote->store)
        r = nta_store_open_mysql(&remote->mysql, &remote->store, err);
    if (r < 0)
        return r;
    switch (errand) {
    case NOTHING: break;
    case READ_NOTES: r = read_notes(remote, err); break;
    case SURVEY: r = survey(remote, err); break;
    case DESTROY: r = destroy(remote, err); break;
    }
    /* what is granted later counts for a new connection */
    if (r == -EACCES || (errand == SURVEY && remote->may_destroy == -EACCES))
        nta_store_close(&remote->store);
    return r == -EAGAIN ? -EBUSY : r; /* a lock that was held for too long */
}

static void *run(void *owner)
{
    struct nta_remote *remote = owner;

    (void)pthread_mutex_lock(&remote->lock);
    while (!remote->is_stopping) {
        const enum errand errand = remote->asked;
        struct nta_err err = {0};

        if (errand == NOTHING) {
            (void)pthread_cond_wait(&remote->changed, &remote->lock);
            continue;
        }
        (void)pthread_mutex_unlock(&remote->lock);
        int r = run_errand(remote, errand, &err);

        (void)pthread_mutex_lock(&remote->lock);
        remote->result = r;
        remote->err = err;
        remote->asked = NOTHING;
        remote->done = errand;
    }
    (void)pthread_mutex_unlock(&remote->lock);
    nta_store_close(&remote->store);
    nta_store_thread_done();
    return NULL;
}

int nta_remote_start(const struct nta_mysql_options *mysql, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                     struct nta_remote **ret_remote, struct nta_err *err)
{
    struct nta_remote *remote = calloc(1, sizeof(*remote));

    if (!remote)
        return nta_err_sys(err, -ENOMEM, "MySQL");
    remote->mysql = *mysql;
    memcpy(remote->sensor, sensor, sizeof(remote->sensor));
    (void)pthread_mutex_init(&remote->lock, NULL);
    (void)pthread_cond_init(&remote->changed, NULL);
    int r = nta_thread_start(&(struct nta_thread_options){.name = "nta-remote"}, run, remote,
                             &remote->thread);

    *ret_remote = remote;
    if (r < 0) {
        nta_remote_stop(ret_remote);
        return nta_err_sys(err, r, "cannot start a thread");
    }
    return 0;
}

void nta_remote_stop(struct nta_remote **remote)
{
    struct nta_remote *dead = NTA_TAKE(*remote);

    if (!dead)
        return;
    (void)pthread_mutex_lock(&dead->lock);
    dead->is_stopping = true;
    (void)pthread_cond_signal(&dead->changed);
    (void)pthread_mutex_unlock(&dead->lock);
    nta_thread_join(&dead->thread);
    (void)pthread_cond_destroy(&dead->changed);
    (void)pthread_mutex_destroy(&dead->lock);
    nta_day_reader_free(&dead->reader);
    free(dead);
}

/* ---- who asks ---- */

/** What became of it, if it is done; else it is asked for, once the thread has nothing else. */
static int ask(struct nta_remote *remote, enum errand errand, struct nta_err *err)
{
    int r = -EAGAIN;

    (void)pthread_mutex_lock(&remote->lock);
    if (remote->asked == NOTHING && remote->done == errand) {
        r = remote->result;
        if (r < 0)
            *err = remote->err;
        remote->done = NOTHING;
    } else if (remote->asked == NOTHING) {
        remote->done = NOTHING;
        remote->asked = errand;
        (void)pthread_cond_signal(&remote->changed);
    }
    (void)pthread_mutex_unlock(&remote->lock);
    assert(r <= 0);
    return r;
}

/** Put what is asked into its place, if nobody reads it now; an answer to anything else is void. */
static void set(struct nta_remote *remote, void *place, const void *question, size_t len)
{
    (void)pthread_mutex_lock(&remote->lock);
    if (remote->asked == NOTHING && memcmp(place, question, len) != 0) {
        memcpy(place, question, len);
        remote->done = NOTHING;
    }
    (void)pthread_mutex_unlock(&remote->lock);
}

int nta_remote_read_notes(struct nta_remote *remote, const struct nta_day_trust *trust,
                          struct nta_day_reader **ret_reader, struct nta_err *err)
{
    set(remote, &remote->trust, trust, sizeof(*trust));
    int r = ask(remote, READ_NOTES, err);

    if (r < 0)
        return r;
    *ret_reader = NTA_TAKE(remote->reader);
    return 0;
}

int nta_remote_survey(struct nta_remote *remote, const struct nta_remote_range *ranges,
                      struct nta_err *err)
{
    set(remote, remote->ranges, ranges, sizeof(remote->ranges));
    return ask(remote, SURVEY, err);
}

const struct nta_store_day *nta_remote_next(const struct nta_remote *remote, enum nta_class class,
                                            int64_t after)
{
    for (size_t i = 0; i < remote->n_days; i++)
        if (remote->days[i].class == class && remote->days[i].day > after)
            return &remote->days[i];
    return NULL;
}

int nta_remote_may_destroy(struct nta_remote *remote, struct nta_err *err)
{
    (void)pthread_mutex_lock(&remote->lock);
    int r = remote->may_destroy;

    if (r < 0)
        *err = remote->may_err;
    (void)pthread_mutex_unlock(&remote->lock);
    return r;
}

int nta_remote_destroy(struct nta_remote *remote, const struct nta_store_day *day,
                       struct nta_err *err)
{
    set(remote, &remote->day, day, sizeof(*day));
    return ask(remote, DESTROY, err);
}
