/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/say.h"

#include "ask/tell.h"
#include "base/file/path.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/user.h"
#include "config/config.h"
#include "config/secret.h"
#include "pipeline/commit/commit.h"
#include "search/stores.h"
#include "store/lock.h"
#include "vault/vault.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

struct saying
{
    const struct nta_saying *what;
    char socket[NTA_PATH_SIZE]; ///< Empty: no configuration, so no ntad.
    char store_path[NTA_PATH_SIZE], keys_dir[NTA_PATH_SIZE], state_dir[NTA_PATH_SIZE];
};

static const char *event_of(const struct saying *saying)
{
    return nta_record_event_name(saying->what->event);
}

static int put_path(char ret_path[NTA_PATH_SIZE], const char *dir, const char *name,
                    struct nta_err *err)
{
    return nta_path_join(dir, name, ret_path, NTA_PATH_SIZE)
               ? 0
               : nta_err_set(err, -ENAMETOOLONG, "%.200s: too long", dir);
}

static int find_places(struct saying *saying, struct nta_err *err)
{
    const struct nta_saying *what = saying->what;
    NTA_AUTO(nta_config_free) struct nta_config *config = NULL;

    if (what->dir) {
        int r = nta_stores_paths(what->dir, saying->store_path, saying->keys_dir, err);

        return r < 0 ? r : put_path(saying->state_dir, what->dir, "state", err);
    }
    int r = nta_config_load(what->config ? what->config : NTA_DEFAULT_CONFIG, &config, err);

    if (r == 0)
        r = put_path(saying->store_path, config->store.dir, "journal.db", err);
    if (r == 0)
        r = put_path(saying->state_dir, config->store.dir, "state", err);
    if (r == 0)
        r = put_path(saying->socket, config->control.socket, "", err);
    if (r == 0 && saying->socket[0] && saying->socket[strlen(saying->socket) - 1] == '/')
        saying->socket[strlen(saying->socket) - 1] = '\0';
    return r < 0 ? r : nta_config_keys_dir(config, saying->keys_dir, sizeof(saying->keys_dir), err);
}

/* ---- by the ntad that runs ---- */

/** 1: nobody listens there. */
static int ask_daemon(struct saying *saying, struct nta_err *err)
{
    struct nta_told ignored;
    int r = saying->socket[0] ? nta_control_tell(saying->socket, saying->what->line, &ignored, err)
                              : -ENOENT;

    return r == -ENOENT || r == -ECONNREFUSED ? 1 : r;
}

/* ---- without one ---- */

static int put_record(const struct saying *saying, struct nta_batch *batch)
{
    char actor[NTA_USER_NAME_SIZE];
    struct nta_record_log log = *saying->what->log;
    const int64_t began_ns = saying->what->began_ns;
    const struct nta_record record = {
        .event = saying->what->event,
        .time_ns = began_ns ? began_ns : nta_clock_wall_ns(),
        .end_ns = saying->what->ended_ns,
        .log = &log,
    };

    log.actor = nta_span_of(nta_user_name(getuid(), actor));
    batch->class = NTA_CLASS_LOG;
    return nta_batch_add(batch, &record);
}

static int check_sensor(const struct saying *saying, const struct nta_commit *commit,
                        struct nta_err *err)
{
    const char *sensor = saying->what->sensor;
    const char *own = nta_commit_sensor(commit);

    if (!sensor || (strncmp(sensor, own, strlen(own)) == 0 && sensor[strlen(own)] == '-'))
        return 0;
    return nta_err_set(err, -EREMOTE,
                       "the incident was seen by sensor %.32s, and this is the store of %s: say it "
                       "on that sensor's machine",
                       sensor, own);
}

static int commit_it(const struct saying *saying, struct nta_store_lock *lock, struct nta_err *err)
{
    const struct nta_outlet outlet = {
        .store_path = saying->store_path,
        .keys_dir = saying->keys_dir,
        .state_dir = saying->state_dir,
        .lock = lock,
    };
    const struct nta_commit_options options = {.outlet = &outlet};
    NTA_AUTO(nta_batch_done) struct nta_batch batch = {0};
    NTA_AUTO(nta_commit_close) struct nta_commit *commit = NULL;
    struct nta_committed committed = {.number = 0};

    nta_batch_init(&batch);
    int r = put_record(saying, &batch);

    if (r < 0)
        return nta_err_sys(err, r, "%s", event_of(saying));
    r = nta_commit_open(&options, &commit, err);
    if (r < 0)
        return nta_err_prefix(err, r,
                              "the %s is signed with the sensor's key, which cannot be used here: "
                              "say it on the machine that has it, as who may read it",
                              event_of(saying));
    r = check_sensor(saying, commit, err);
    if (r == 0)
        r = nta_commit_try(commit, &(struct nta_commit_batch){.records = &batch, .is_last = true},
                           &committed, err);
    if (r < 0)
        return r;
    nta_commit_end(commit);
    return 0;
}

static int write_it(const struct saying *saying, struct nta_err *err)
{
    NTA_AUTO(nta_store_lock_free) struct nta_store_lock *lock = NULL;

    if (access(saying->store_path, F_OK) < 0)
        return nta_err_sys(err, -errno,
                           "%.200s: the %s belongs into the journal of the sensor that saw it: "
                           "say it there",
                           saying->store_path, event_of(saying));
    int r = nta_store_lock_take(saying->store_path, false, &lock, err);

    if (r < 0)
        return nta_err_prefix(err, r,
                              r == -EBUSY ? "another program writes there: try again when it has "
                                            "ended, or with --config, by the ntad that runs"
                                          : "a trace is left by who may write to the store");
    return commit_it(saying, lock, err);
}

int nta_say_here(const struct nta_saying *what, struct nta_err *err)
{
    struct saying saying = {.what = what};
    const int r = find_places(&saying, err);

    return r < 0 ? r : write_it(&saying, err);
}

int nta_say(const struct nta_saying *what, struct nta_err *err)
{
    struct saying saying = {.what = what};
    int r = find_places(&saying, err);

    if (r == 0)
        r = ask_daemon(&saying, err);
    return r == 1 ? write_it(&saying, err) : r;
}
