/* SPDX-License-Identifier: Apache-2.0 */
#include "base/runtime/user.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/thread.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum
{
    GROUP_BYTES_LEAST = 4096,
    GROUP_BYTES_MAX = 4 << 20,
};

/** What is asked, and its answer. */
struct asking
{
    uid_t uid;
    gid_t gid;
    bool is_of_group; ///< `name` is that of a group.
    bool is_known;    ///< There is an answer.
    char name[NTA_USER_NAME_SIZE];
};

static struct
{
    pthread_mutex_t lock;
    pthread_cond_t answered;
    bool is_busy;             ///< The thread asks.
    uint64_t number;          ///< Of the question at work.
    struct asking asking;     ///< The thread's, while it asks.
    struct nta_thread thread; ///< Runs for one question.
} desk = {.lock = PTHREAD_MUTEX_INITIALIZER, .answered = PTHREAD_COND_INITIALIZER};

static bool find_user(struct asking *asking)
{
    struct passwd entry, *found = NULL;
    char bytes[4096];

    if (getpwuid_r(asking->uid, &entry, bytes, sizeof(bytes), &found) != 0 || !found ||
        !entry.pw_name[0] || strlen(entry.pw_name) >= sizeof(asking->name))
        return false;
    (void)snprintf(asking->name, sizeof(asking->name), "%s", entry.pw_name);
    return true;
}

static bool find_group(struct asking *asking)
{
    struct group entry, *found = NULL;

    for (size_t size = GROUP_BYTES_LEAST; size <= GROUP_BYTES_MAX; size *= 4) {
        NTA_AUTO_FREE char *bytes = malloc(size);
        const int r = bytes ? getgrnam_r(asking->name, &entry, bytes, size, &found) : ENOMEM;

        if (r != ERANGE) {
            if (r == 0 && found)
                asking->gid = found->gr_gid;
            return r == 0 && found;
        }
    }
    return false;
}

static void ask(struct asking *asking)
{
    asking->is_known = asking->is_of_group ? find_group(asking) : find_user(asking);
}

static void *run(void *arg)
{
    struct asking asking = desk.asking;

    (void)arg;
    ask(&asking);
    (void)pthread_mutex_lock(&desk.lock);
    desk.asking = asking;
    desk.is_busy = false;
    (void)pthread_cond_broadcast(&desk.answered);
    (void)pthread_mutex_unlock(&desk.lock);
    return NULL;
}

/** Locked: the thread asks.  False: it still waits for an older answer, or cannot be started. */
static bool begin(const struct asking *asking)
{
    static const struct nta_thread_options options = {.name = "users"};

    if (desk.is_busy)
        return false;
    nta_thread_join(&desk.thread); /* of a question that nobody waited for */
    desk.asking = *asking;
    desk.number++;
    desk.is_busy = nta_thread_start(&options, run, NULL, &desk.thread) == 0;
    return desk.is_busy;
}

/** False: there is no answer in time. */
static bool ask_within(int64_t patience_ns, struct asking *asking)
{
    const int64_t until_ns = nta_clock_mono_ns() + patience_ns;
    const struct timespec until = {.tv_sec = until_ns / NTA_NS_PER_S,
                                   .tv_nsec = until_ns % NTA_NS_PER_S};

    (void)pthread_mutex_lock(&desk.lock);
    bool is_mine = begin(asking);
    const uint64_t mine = desk.number;

    while (is_mine && desk.is_busy && desk.number == mine)
        is_mine = pthread_cond_clockwait(&desk.answered, &desk.lock, CLOCK_MONOTONIC, &until) == 0;
    is_mine = is_mine && desk.number == mine && !desk.is_busy;
    if (is_mine)
        *asking = desk.asking;
    if (!desk.is_busy)
        nta_thread_join(&desk.thread); /* it has nothing left to do, and takes no lock */
    (void)pthread_mutex_unlock(&desk.lock);
    return is_mine && asking->is_known;
}

static const char *say(const struct asking *asking, bool is_known, char buf[NTA_USER_NAME_SIZE])
{
    if (is_known)
        memcpy(buf, asking->name, NTA_USER_NAME_SIZE);
    else
        (void)snprintf(buf, NTA_USER_NAME_SIZE, "uid %u", (unsigned)asking->uid);
    return buf;
}

const char *nta_user_name(uid_t uid, char buf[NTA_USER_NAME_SIZE])
{
    struct asking asking = {.uid = uid};

    ask(&asking);
    return say(&asking, asking.is_known, buf);
}

const char *nta_user_name_within(int64_t patience_ns, uid_t uid, char buf[NTA_USER_NAME_SIZE])
{
    struct asking asking = {.uid = uid};
    const bool is_known = ask_within(patience_ns, &asking);

    return say(&asking, is_known, buf);
}

bool nta_user_group_within(int64_t patience_ns, const char *name, gid_t *ret_group)
{
    struct asking asking = {.is_of_group = true};

    if (strlen(name) >= sizeof(asking.name))
        return false;
    (void)snprintf(asking.name, sizeof(asking.name), "%s", name);
    if (!ask_within(patience_ns, &asking))
        return false;
    *ret_group = asking.gid;
    return true;
}
