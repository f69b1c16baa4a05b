/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Who answers at the control socket: a thread of its own, so that there is an answer within
 * NTA_DESK_PATIENCE_NS whatever main is at.  (part of ntad.h)
 *
 * Main writes the status down in each form, once a second and when the thread asks for it.  The
 * thread waits a moment for what is new; where nothing comes, it says what was written last, and
 * for how long main has been silent.  Everything else that is asked (reload, notes, deletions) is
 * an errand, of root and of who ntad itself runs as: main gets the connection and the line, and
 * need not ask who it is.
 *
 * Who connects and says nothing holds nobody up: the lines of several are awaited at once, for a
 * moment each, and of a user who has many, who was silent for longest gives way.
 *
 * The thread touches nothing of the pipeline.  What both touch is guarded by one lock, which is
 * never held while anybody waits for anything else.
 */

#include "base/buf.h"
#include "base/err.h"
#include "base/runtime/thread.h"
#include "base/runtime/user.h"
#include "note.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define NTA_DESK_PATIENCE_NS INT64_C(150000000)
/** Main is silent if it has written nothing for so long. */
#define NTA_DESK_SILENT_NS INT64_C(5000000000)

enum
{
    NTA_DESK_LINE_SIZE = NTAD_NOTE_LINE + 1,
    NTA_DESK_ERRANDS = 8,
    NTA_DESK_GUESTS = 16,    ///< Connections that have not said their line yet,
    NTA_DESK_GUESTS_EACH = 4 ///< of one user.
};

enum nta_status_form
{
    NTA_STATUS_TEXT,
    NTA_STATUS_COUNTERS, ///< The text, and each counter.
    NTA_STATUS_JSON,
    NTA_STATUS_PROMETHEUS,
    NTA_N_STATUS_FORMS
};

/** A question that main answers; it takes `fd`. */
struct nta_errand
{
    int fd;
    char line[NTA_DESK_LINE_SIZE];
};

/** Who connected, and what he said so far; he has a moment for all of it.  The thread's. */
struct nta_desk_guest
{
    int fd; ///< Owned; -1: nobody.
    uid_t user;
    int64_t until_ns;
    size_t len;
    char line[NTA_DESK_LINE_SIZE];
};

struct nta_desk
{
    struct nta_thread thread;
    struct nta_desk_guest guests[NTA_DESK_GUESTS];
    int listen_fd;         ///< Owned; -1: closed.
    int main_fd;           ///< Owned eventfd: main is wanted.
    int stop_fd;           ///< Owned eventfd.
    _Atomic gid_t readers; ///< Group of those who may read the store; ours: there is none.
    pthread_mutex_t lock;
    pthread_cond_t written; ///< Monotonic.
    /* guarded */
    uint64_t n_asked, n_written;
    int64_t written_mono_ns; ///< 0: never.
    const char *phase;       ///< "ntad is starting"; NULL: it runs.
    struct nta_buf status[NTA_N_STATUS_FORMS];
    bool good;
    struct nta_errand errands[NTA_DESK_ERRANDS];
    size_t n_errands;
};

/** Answer at `listen_fd`, which it takes, also on failure.  0, or negative errno with `err`. */
int nta_desk_open(struct nta_desk *desk, int listen_fd, struct nta_err *err);
/**
 * Look up again who may read the store.  The system may ask servers for that and wait for them, so
 * it is the thread's of a reload, never the desk's.
 */
void nta_desk_find_readers(struct nta_desk *desk);
/** The thread ends; errands that nobody took are dropped.  Nothing if it was not opened. */
void nta_desk_close(struct nta_desk *desk);

/** Main: in what it is, other than running; `phase` is shared, NULL: it runs. */
void nta_desk_set_phase(struct nta_desk *desk, const char *phase);

/** Main, before it looks: how often it was asked; what it writes then is the answer to these. */
uint64_t nta_desk_begin(struct nta_desk *desk);

/**
 * Main: the status in each form, as it was found after nta_desk_begin(), which gave `n_asked`.
 * Takes what is in the buffers, and gives those of the time before.
 */
void nta_desk_write(struct nta_desk *desk, struct nta_buf status[NTA_N_STATUS_FORMS], bool good,
                    uint64_t n_asked);

/** Main: the oldest errand; false: there is none. */
bool nta_desk_take_errand(struct nta_desk *desk, struct nta_errand *ret_errand);

/** Who is on the other side of `fd`, as the kernel says; (uid_t)-1: it does not. */
uid_t nta_desk_caller(int fd);
/** The same for records, by name where that is told in time; "?". */
void nta_desk_name_caller(int fd, char name[NTA_USER_NAME_SIZE]);

/** Write all of `answer`, with a bounded patience, and close `fd`. */
void nta_desk_send(int fd, const struct nta_buf *answer);
