/* SPDX-License-Identifier: Apache-2.0 */
#include "watchdog.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/log.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

enum
{
    TELLS = 6, ///< So often within the interval,
    STUCK = 2, ///< and a thread that stands still for one part of so many hangs.
};

/** Tell, unless a thread hangs, which is said once: `is_said`. */
static void tell(const struct nta_watchdog *watchdog, bool *is_said)
{
    char name[NTA_THREAD_NAME_SIZE];
    const int64_t stuck_ns =
        nta_thread_find_stuck(nta_clock_mono_ns(), watchdog->interval_ns / STUCK, name);

    if (stuck_ns == 0) {
        *is_said = false;
        (void)sd_notify(0, "WATCHDOG=1");
    } else if (!*is_said) {
        *is_said = true;
        nta_log_error("the thread %s has not moved for %" PRId64
                      " s: systemd's watchdog is told nothing until it does",
                      name, stuck_ns / NTA_NS_PER_S);
    }
}

static void *run(void *arg)
{
    const struct nta_watchdog *watchdog = arg;
    struct pollfd stop = {.fd = watchdog->stop_fd, .events = POLLIN};
    bool is_said = false;

    do {
        tell(watchdog, &is_said);
    } while (poll(&stop, 1, (int)(watchdog->interval_ns / TELLS / NTA_NS_PER_MS)) <= 0);
    return NULL;
}

int nta_watchdog_start(struct nta_watchdog *watchdog, struct nta_err *err)
{
    uint64_t usec = 0;
    int r;

    *watchdog = (struct nta_watchdog){.stop_fd = -1};
    if (sd_watchdog_enabled(0, &usec) <= 0 || usec > INT32_MAX * UINT64_C(1000))
        return 0;
    watchdog->interval_ns = (int64_t)usec * 1000;
    watchdog->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (watchdog->stop_fd < 0)
        return nta_err_sys(err, -errno, "watchdog");
    r = nta_thread_start(&(struct nta_thread_options){.name = "nta-watchdog"}, run, watchdog,
                         &watchdog->thread);
    if (r < 0)
        nta_watchdog_stop(watchdog);
    return r < 0 ? nta_err_sys(err, r, "the watchdog's thread") : 0;
}

void nta_watchdog_stop(struct nta_watchdog *watchdog)
{
    if (watchdog->interval_ns == 0)
        return;
    if (watchdog->thread.is_started)
        (void)!write(watchdog->stop_fd, &(uint64_t){1}, sizeof(uint64_t));
    nta_thread_join(&watchdog->thread);
    nta_own_close(&watchdog->stop_fd);
    *watchdog = (struct nta_watchdog){.stop_fd = -1};
}
