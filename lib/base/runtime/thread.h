/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Threads: the one way to start them, and to wait for their end.
 *
 * A thread takes no signals: they are the main thread's, and a pipe without a reader shall be an
 * error, not a SIGPIPE.  It has its name and its niceness before it runs the first line of its
 * function.
 *
 * Whoever starts a thread owns its `struct nta_thread`, a zeroed one is a thread that was not
 * started, and waits for it from one thread at a time.  What the function is given must live until
 * nta_thread_join() has returned.
 */

#include <pthread.h>
#include <stdbool.h>

struct nta_thread
{
    pthread_t id;
    bool is_started; ///< And not waited for yet.
};

struct nta_thread_options
{
    const char *name;  ///< At most 15 bytes are shown.
    int nice;          ///< How much nicer than others, 1 to 19 (0: not); a refusal does not matter.
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
