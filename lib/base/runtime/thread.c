/* SPDX-License-Identifier: Apache-2.0 */
#include "base/runtime/thread.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

struct beginning
{
    void *(*run)(void *arg);
    void *arg;
    int nice;
    unsigned cpu;
    bool is_watched;
    char name[NTA_THREAD_NAME_SIZE];
};

/** One that is watched.  Taken and given back under `pulses_lock`, by its thread. */
struct pulse
{
    _Atomic uint64_t beats; ///< Twice their number, and 1 while it waits; 0: free.
    char name[NTA_THREAD_NAME_SIZE];
    uint64_t seen; ///< The last look's.
    int64_t seen_mono_ns;
};

static pthread_mutex_t pulses_lock = PTHREAD_MUTEX_INITIALIZER;
static struct pulse pulses[NTA_THREADS_WATCHED];
static _Thread_local struct pulse *pulse; ///< The calling thread's; NULL: it is not watched.

void nta_thread_watch(const char *name)
{
    (void)pthread_mutex_lock(&pulses_lock);
    for (size_t i = 0; i < NTA_THREADS_WATCHED && !pulse; i++) {
        if (atomic_load_explicit(&pulses[i].beats, memory_order_relaxed) != 0)
            continue;
        pulse = &pulses[i];
        (void)snprintf(pulse->name, sizeof(pulse->name), "%s", name);
        pulse->seen = 0;
        atomic_store_explicit(&pulse->beats, 2, memory_order_relaxed);
    }
    (void)pthread_mutex_unlock(&pulses_lock);
}

void nta_thread_unwatch(void)
{
    if (!pulse)
        return;
    (void)pthread_mutex_lock(&pulses_lock);
    atomic_store_explicit(&pulse->beats, 0, memory_order_relaxed);
    (void)pthread_mutex_unlock(&pulses_lock);
    pulse = NULL;
}

void nta_thread_beat(void)
{
    if (pulse)
        atomic_store_explicit(&pulse->beats,
                              (atomic_load_explicit(&pulse->beats, memory_order_relaxed) | 1U) + 1,
                              memory_order_relaxed);
}

void nta_thread_wait(void)
{
    if (pulse)
        atomic_store_explicit(&pulse->beats,
                              atomic_load_explicit(&pulse->beats, memory_order_relaxed) | 1U,
                              memory_order_relaxed);
}

/** For how long it has not moved. */
static int64_t look(struct pulse *at, int64_t mono_ns)
{
    const uint64_t beats = atomic_load_explicit(&at->beats, memory_order_relaxed);

    if (beats != at->seen || (beats & 1U) || beats == 0) {
        at->seen = beats;
        at->seen_mono_ns = mono_ns;
    }
    return mono_ns - at->seen_mono_ns;
}

int64_t nta_thread_find_stuck(int64_t mono_ns, int64_t longest_ns,
                              char ret_name[NTA_THREAD_NAME_SIZE])
{
    int64_t found_ns = 0;

    (void)pthread_mutex_lock(&pulses_lock);
    for (size_t i = 0; i < NTA_THREADS_WATCHED; i++) {
        const int64_t since_ns = look(&pulses[i], mono_ns);

        if (since_ns < longest_ns || since_ns <= found_ns)
            continue;
        found_ns = since_ns;
        memcpy(ret_name, pulses[i].name, NTA_THREAD_NAME_SIZE);
    }
    (void)pthread_mutex_unlock(&pulses_lock);
    return found_ns;
}

void nta_thread_be_nice(int nice)
{
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), nice); /* Linux: of this thread alone */
}

/** A refusal does not matter: it runs elsewhere then. */
static void stay_on(unsigned cpu)
{
    cpu_set_t cpus;

    CPU_ZERO(&cpus);
    CPU_SET(cpu - 1, &cpus);
    (void)pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus);
}

static void *begin(void *arg)
{
    struct beginning *heap = arg, beginning = *heap;

    free(heap);
    (void)pthread_setname_np(pthread_self(), beginning.name);
    if (beginning.nice)
        nta_thread_be_nice(beginning.nice);
    if (beginning.cpu)
        stay_on(beginning.cpu);
    if (beginning.is_watched)
        nta_thread_watch(beginning.name);
    void *result = beginning.run(beginning.arg);

    nta_thread_unwatch();
    return result;
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
    beginning->cpu = options->cpu;
    beginning->is_watched = options->is_watched;
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
