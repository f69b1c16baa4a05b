/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How ntad is: what main looks at, what it says of it, and to whom. */

#include "ntad.h"

/* ---- control.c ---- */

/** Listen on control.socket. */
int nta_daemon_open_control(struct nta_daemon *daemon, struct nta_err *err);
/** Close the socket and take its file away. */
void nta_daemon_close_control(struct nta_daemon *daemon);

/** desk.main_fd is readable: do its errands, and write the status anew. */
void nta_daemon_serve_desk(struct nta_daemon *daemon);

/** Write the status anew, so that the desk has what is of now. */
void nta_daemon_write_status(struct nta_daemon *daemon);

/* ---- untold.c ---- */

/** Tell what is known of the time before this run.  Never fails: what is wrong is said. */
int nta_daemon_start_gaps(struct nta_daemon *daemon, struct nta_err *err);
/** About once a second. */
void nta_daemon_look_for_gaps(struct nta_daemon *daemon);
/** While the pipeline still takes records, */
void nta_daemon_stop_gaps(struct nta_daemon *daemon);
/** and when it has ended. */
void nta_daemon_end_gaps(struct nta_daemon *daemon);

/* ---- health.c ---- */

/**
 * Look at all that main looks at itself, and set or clear its causes: each second, and when
 * somebody asks.
 */
void nta_daemon_look(struct nta_daemon *daemon);

/**
 * A round of the canary is over: say so, and have a restart made of it if that is wanted and may
 * help.
 */
void nta_daemon_canary_missed(struct nta_daemon *daemon);

/** How old a list is. */
struct nta_list_ages
{
    int64_t changed_ns; ///< Ago its file was changed; 0: it is not there.
    int64_t checked_ns; ///< Ago `nta lists fetch` last found it good; negative: never.
};

/** Of a file: a list's, or a geo database's. */
struct nta_list_ages nta_daemon_list_ages(const char *path);

/** Prometheus' gauges of each list: entries, age of its file. */
void nta_daemon_put_list_gauges(const struct nta_policy *policy, struct nta_buf *out);

/* ---- health_log.c ---- */

/** Say each change of a cause once, in the log. */
void nta_daemon_log_health(struct nta_daemon *daemon);

/** Append the one line for systemd: what is wrong first, then what was seen. */
void nta_daemon_put_line(const struct nta_daemon *daemon, struct nta_buf *out);

/* ---- prune.c ---- */

/**
 * Answer a line of the control socket that is about deleting or holding records; `fd` is who asks.
 * False: it is about something else.
 */
bool nta_daemon_prune(struct nta_daemon *daemon, int fd, const char *line, struct nta_buf *answer);

/* ---- status.c ---- */

/** Looks anew, and appends what there is to say, in each form.  True: the state is good. */
bool nta_daemon_status(struct nta_daemon *daemon, struct nta_buf forms[NTA_N_STATUS_FORMS]);
