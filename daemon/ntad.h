/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * ntad: the pipeline as a service.  One main thread that starts the parts in order, waits for signals, the control
 * socket and a timer, and stops the parts backwards; the work is in the pipeline's threads.
 */

#include "alert/alert.h"
#include "base/buf.h"
#include "base/err.h"
#include "config/config.h"
#include "pipeline/pipeline.h"
#include "pipeline/policy.h"

#include <stdbool.h>
#include <stdint.h>

enum
{
    NTAD_PATH_SIZE = 4096,
    NTAD_PASSWORD_SIZE = 256
};

struct nta_daemon
{
    const char *config_path;
    bool foreground, under_systemd;
    struct nta_config *config; ///< As started with; what needs a restart is read from here.
    struct nta_policy *policy; ///< Until the pipeline takes it.
    struct nta_alerter *alerter;
    struct nta_pipeline *pipeline;
    struct nta_capture_options sources[NTA_CONFIG_MAX];
    struct nta_ship_options mysql;
    char password[NTAD_PASSWORD_SIZE];
    char store_path[NTAD_PATH_SIZE], keys_dir[NTAD_PATH_SIZE];
    char keep_dir[NTAD_PATH_SIZE]; ///< Lists as last accepted.
    int signal_fd, timer_fd, control_fd;
    int64_t started_wall_ns, policy_wall_ns;
    uint64_t n_reloads, n_reloads_refused;
    struct nta_err reload_err; ///< Why the last reload was refused; empty: it was not.
};

/* ---- service.c ---- */

/** Start everything, run until SIGTERM or SIGINT or until capture ends, stop everything.  An exit status. */
int nta_daemon_run(struct nta_daemon *daemon);

/* ---- check.c ---- */

/** Try everything that a start needs, run nothing, print one line each.  An exit status. */
int nta_daemon_check(struct nta_daemon *daemon);

/** Fill store_path, keys_dir, sources and mysql from the configuration. */
int nta_daemon_prepare(struct nta_daemon *daemon, struct nta_err *err);

/* ---- reload.c ---- */

/** SIGHUP: a new policy beside the running one; all or nothing. */
void nta_daemon_reload(struct nta_daemon *daemon);

/** A policy from a configuration; what was accepted is kept.  Logs complaints and what it consists of. */
int nta_daemon_make_policy(const struct nta_daemon *daemon, const struct nta_config *config,
                           const struct nta_policy *old, struct nta_policy **ret_policy,
                           struct nta_err *err);

/** Log what a policy consists of. */
void nta_daemon_log_policy(const struct nta_policy *policy);

/* ---- control.c ---- */

/** Listen on control.socket. */
int nta_daemon_open_control(struct nta_daemon *daemon, struct nta_err *err);
void nta_daemon_close_control(struct nta_daemon *daemon);

/** One connection: read its one line, answer, close.  Never waits for a slow peer. */
void nta_daemon_serve_control(struct nta_daemon *daemon);

/* ---- health.c ---- */

/** Append what is not well, a sentence a line; gives how many. */
size_t nta_daemon_health(const struct nta_daemon *daemon, struct nta_buf *reasons);

/* ---- status.c ---- */

enum nta_status_form
{
    NTA_STATUS_TEXT,
    NTA_STATUS_JSON,
    NTA_STATUS_PROMETHEUS
};

void nta_daemon_status(const struct nta_daemon *daemon, enum nta_status_form form,
                       struct nta_buf *out);
