/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * ntad: the pipeline as a service.  One main thread that starts the parts in order, waits for
 * signals, the control socket and a timer, and stops the parts backwards; the work is in the
 * pipeline's threads.
 */

#include "alert/alert.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/runtime/health.h"
#include "base/runtime/thread.h"
#include "config/where.h"
#include "desk.h"
#include "pipeline/known.h"
#include "pipeline/pipeline.h"
#include "policy/policy.h"
#include "signs/canary.h"
#include "signs/clockwatch.h"
#include "signs/gaps.h"
#include "signs/losses.h"
#include "signs/rate.h"
#include "store/lock.h"
#include "store/ship/ship.h"
#include "watchdog.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

enum
{
    NTAD_PATH_SIZE = 4096,
    NTAD_PASSWORD_SIZE = 256
};

enum
{
    NTAD_WATCHES = 2 * NTA_CONFIG_MAX
};

/** A folder in which list files are. */
struct nta_watched
{
    int wd;
    char name[NAME_MAX + 1]; ///< The file in there; "": each *.txt.
};

/** Looks for list files that change (watch.c). */
struct nta_watch
{
    int fd; ///< inotify; -1: not asked for.
    struct nta_watched items[NTAD_WATCHES];
    size_t n;
    int64_t settle_ns;
    int64_t due_mono_ns; ///< When files have stayed long enough as they are; 0: nothing changed.
};

/**
 * A policy that is being made by a thread of its own (reload.c); main touches it while the thread
 * does not run.
 */
struct nta_loading
{
    struct nta_thread thread;
    int done_fd; ///< The thread's last word.
    bool again;  ///< Asked for once more meanwhile.
    int result;
    struct nta_config *config;
    struct nta_policy *policy;
    struct nta_err err;
};

/** What the log was told of a cause. */
struct nta_health_logged
{
    bool on;
    uint64_t n_times, n_details;
};

struct nta_daemon
{
    const char *config_path;
    bool foreground, under_systemd, is_stopping;
    struct nta_config *config; ///< As started with; what needs a restart is read from here.
    struct nta_health *health;
    struct nta_health_logged logged[NTA_N_CAUSES];
    struct nta_losses losses;
    struct nta_gaps gaps;
    bool is_untold_lost; ///< What is kept of that for the next start could not be written.
    struct nta_clock_watch clock;
    struct nta_policy *policy; ///< Until the pipeline takes it.
    struct nta_store_lock *store_lock;
    struct nta_alerter *alerter;
    struct nta_pipeline *pipeline;
    struct nta_capture_options sources[NTA_CONFIG_MAX];  ///< One for each interface.
    char interfaces[NTA_CONFIG_MAX][NTA_INTERFACE_SIZE]; ///< Their names.
    struct nta_ship_options mysql;
    struct nta_mysql_options retention; ///< The same for who deletes.
    char password[NTAD_PASSWORD_SIZE], retention_password[NTAD_PASSWORD_SIZE];
    char store_path[NTAD_PATH_SIZE], keys_dir[NTAD_PATH_SIZE], state_dir[NTAD_PATH_SIZE];
    char keep_dir[NTAD_PATH_SIZE];    ///< Lists as last accepted.
    char history_dir[NTAD_PATH_SIZE]; ///< And all that were in force, by their hashes.
    int signal_fd, timer_fd;
    int control_lock_fd; ///< While it is held, the control socket is ours.
    struct nta_watchdog watchdog;
    struct nta_desk desk;
    struct nta_readings readings;
    struct nta_loading loading;
    struct nta_watch watch;
    struct nta_canary canary;
    struct nta_known known;
    struct nta_rate rates[NTA_CONFIG_MAX]; ///< Of each interface.
    uint64_t n_alerts;                     ///< At the last look.
    int64_t alert_wall_ns;                 ///< When there were more than before; 0: never.
    int64_t started_wall_ns, policy_wall_ns;
    uint64_t started_boot_ms; ///< Since the machine was started: later runs have a higher one.
    uint64_t n_reloads, n_reloads_refused;
    uint64_t n_lost;           ///< Records that were made and could not be stored, at the end.
    uint64_t n_refused;        ///< For which the store at its bound had no room, at the end.
    struct nta_err reload_err; ///< Why the last reload was refused; empty: it was not.
};

/* ---- service.c ---- */

/**
 * Start everything, run until SIGTERM or SIGINT or until capture ends, stop everything.  An exit
 * status.
 */
int nta_daemon_run(struct nta_daemon *daemon);

/* ---- check.c ---- */

/** Try everything that a start needs, run nothing, print a line or more each.  An exit status. */
int nta_daemon_check(struct nta_daemon *daemon);

/* ---- prepare.c ---- */

/** Fill store_path, keys_dir, state_dir, sources and mysql from the configuration. */
int nta_daemon_prepare(struct nta_daemon *daemon, struct nta_err *err);

/** Of that, what needs no file: all but mysql. */
int nta_daemon_prepare_paths(struct nta_daemon *daemon, struct nta_err *err);

/** And how to get to the server. */
int nta_daemon_prepare_server(struct nta_daemon *daemon, struct nta_err *err);

/**
 * Where the identity's secret, sensor.key, still lies on this machine: it is to be taken away, and
 * nothing here needs it.  NULL: it was found nowhere.
 */
const char *nta_daemon_find_identity(const struct nta_daemon *daemon, char buf[NTAD_PATH_SIZE]);

/* ---- reload.c ---- */

/** Be ready for reloads, and watch the lists' files.  0, or negative errno with `err`. */
int nta_daemon_start_loading(struct nta_daemon *daemon, struct nta_err *err);

/** A policy that is still being made is waited for and dropped. */
void nta_daemon_stop_loading(struct nta_daemon *daemon);

/**
 * A new policy beside the running one, all or nothing, made by a thread of low priority.  While one
 * is being made already, another one follows it.  Gives the number of the load that will tell: so
 * many have ended by then.
 */
uint64_t nta_daemon_reload(struct nta_daemon *daemon);

/** loading.done_fd is readable: the new policy takes over, or the log says why not. */
void nta_daemon_loaded(struct nta_daemon *daemon);

/* ---- watch.c ---- */

/**
 * Watch the folders of a configuration's lists, if it wants that, in place of those watched before.
 */
void nta_daemon_watch(struct nta_daemon *daemon, const struct nta_config *config);

/** watch.fd is readable: note what changed. */
void nta_daemon_watch_read(struct nta_daemon *daemon);

/**
 * Files had changed and have settled: the lists are to be loaded anew.  True once for each time.
 */
bool nta_daemon_watch_settled(struct nta_daemon *daemon, int64_t mono_ns);
/** Milliseconds until files that changed have settled, -1 if none did. */
int nta_daemon_watch_wait(const struct nta_daemon *daemon, int64_t mono_ns);

/**
 * A policy from a configuration; what was accepted is kept.  Logs complaints and what it consists
 * of.
 */
int nta_daemon_make_policy(const struct nta_daemon *daemon, const struct nta_config *config,
                           const struct nta_policy *old, struct nta_policy **ret_policy,
                           struct nta_err *err);

/** Log what a policy consists of. */
void nta_daemon_log_policy(const struct nta_policy *policy);
