/* SPDX-License-Identifier: Apache-2.0 */
#include "base/runtime/thread.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum
{
    NAME_SIZE = 16 ///< The kernel's.
};

struct beginning
{
    void *(*run)(void *arg);
    void *arg;
    int nice;
    char name[NAME_SIZE];
};

void nta_thread_be_nice(int nice)
{
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), nice); /* Linux: of this thread alone */
}

static void *begin(void *arg)
{
    struct beginning *heap = arg, beginning = *heap;

    free(heap);
    (void)pthread_setname_np(pthread_self(), beginning.name);
    if (beginning.nice)
        nta_thread_be_nice(beginning.nice);
    return beginning.run(beginning.arg);
}

static int create(const struct nta_thread_options *options, struct beginning *beginning,
                  pthread_t *ret_id)
{
    sigset_t blocked, before;
    int r;

    (void)sigfillset(&blocked);
    if (options->takes_sigbus)
        (void)sigdelset(&blocked, SIGBUS);
    (void)pthread_sigmask(SIG_SETMASK, &blocked, &before); /* it is inherited */
    r = pthread_create(ret_id, NULL, begin, beginning);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return r;
}

int nta_thread_start(const struct nta_thread_options *options, void *(*run)(void *arg), void *arg,
                     struct nta_thread *ret_thread)
{
    struct beginning *beginning = calloc(1, sizeof(*beginning));
    struct nta_thread thread = {.is_started = true};
    int r;

    if (!beginning)
        return -ENOMEM;
    beginning->run = run;
    beginning->arg = arg;
    beginning->nice = options->nice;
    (void)snprintf(beginning->name, sizeof(beginning->name), "%s", options->name);
    r = create(options, beginning, &thread.id);
    if (r != 0) {
        free(beginning);
        return -r;
    }
    *ret_thread = thread;
    return 0;
}

bool nta_thread_has_ended(struct nta_thread *thread)
{
    if (thread->is_started && pthread_tryjoin_np(thread->id, NULL) != EBUSY)
        thread->is_started = false;
    return !thread->is_started;
}

void nta_thread_join(struct nta_thread *thread)
{
    if (thread->is_started)
        (void)pthread_join(thread->id, NULL);
    thread->is_started = false;
}
