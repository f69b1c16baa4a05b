/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Threads: the one way to start them, and to wait for their end.
 *
 * A thread takes no signals: they are the main thread's, and a pipe without a reader shall be an
 * error, not a SIGPIPE.  It has its name and its niceness before it runs the first line of its
 * function.
 *
 * A watched thread says that it moves, so that who keeps the program alive (systemd's watchdog) can
 * tell one that hangs from one that waits.
 *
 * Whoever starts a thread owns its `struct nta_thread`, a zeroed one is a thread that was not
 * started, and waits for it from one thread at a time.  What the function is given must live until
 * nta_thread_join() has returned.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct nta_thread
{
    pthread_t id;
    bool is_started; ///< And not waited for yet.
};

struct nta_thread_options
{
    const char *name;  ///< At most 15 bytes are shown.
    int nice;          ///< How much nicer than others, 1 to 19 (0: not); a refusal does not matter.
    unsigned cpu;      ///< Runs on this processor alone, counted from 1; 0: on any.
    bool is_watched;   ///< It beats, until it ends.
    bool takes_sigbus; ///< It reads a mapped file that somebody may cut, and has to be told.
};

/** Run `run(arg)` in a thread.  0, or negative errno: then `ret_thread` is as it was. */
int nta_thread_start(const struct nta_thread_options *options, void *(*run)(void *arg), void *arg,
                     struct nta_thread *ret_thread);

/** Wait for its end; nothing if it was not started, or was waited for. */
void nta_thread_join(struct nta_thread *thread);

/**
 * Has it ended, or was it never started?  Then it was waited for.  For whoever has something to do
 * meanwhile.
 */
bool nta_thread_has_ended(struct nta_thread *thread);

/**
 * Be `nice` from now on, for the calling thread; what it starts then is, too.  A refusal does not
 * matter.
 */
void nta_thread_be_nice(int nice);

enum
{
    NTA_THREAD_NAME_SIZE = 16, ///< The kernel's.
    NTA_THREADS_WATCHED = 512, ///< At most; of more than that nobody looks at the others.
};

/** The calling thread, which nta_thread_start() did not start, is watched from now on: main. */
void nta_thread_watch(const char *name);
/** And not any more. */
void nta_thread_unwatch(void);

/**
 * The calling thread moves: once in each turn of its loop, which takes a few seconds at most.
 * Costs a store; nothing in a thread that is not watched.
 */
void nta_thread_beat(void);
/**
 * From here to its next beat it waits for somebody else, or for a disk.  However long that takes,
 * it moves.
 */
void nta_thread_wait(void);

/**
 * A watched thread that has not moved for `longest_ns` or more: its name, and how long in ns; 0:
 * all move.  To be asked more often than that, by one thread: it goes by what it saw before.
 */
int64_t nta_thread_find_stuck(int64_t mono_ns, int64_t longest_ns,
                              char ret_name[NTA_THREAD_NAME_SIZE]);
