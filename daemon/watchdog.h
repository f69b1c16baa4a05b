/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * systemd's watchdog (sd_watchdog_enabled(3)): it is told that ntad lives while each of its threads
 * moves (base/runtime/thread.h), by a thread that does nothing else.  Where one hangs nothing is
 * told any more, and systemd starts ntad anew.
 */

#include "base/err.h"
#include "base/runtime/thread.h"

#include <stdint.h>

struct nta_watchdog
{
    struct nta_thread thread;
    int stop_fd;
    int64_t interval_ns; ///< Within which systemd is to hear of us; 0: it does not wait for that.
};

/** Start to tell; nothing if systemd did not ask for it.  0, or negative errno with `err`. */
int nta_watchdog_start(struct nta_watchdog *watchdog, struct nta_err *err);
/** Stop; takes a zeroed one. */
void nta_watchdog_stop(struct nta_watchdog *watchdog);
