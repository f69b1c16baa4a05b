/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Times that have a begin and an end, in words people use (local, as search/when.h):
 *
 *   today  yesterday  monday  last monday  2026-11-20        a day, from midnight to midnight
 *   this|last hour|week|month|year                           all of it
 *   2026-10  2026                                            a month, a year
 *
 * A day on which clocks change has 23 or 25 hours.
 */

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * The time [from, to) that `text` names, seen from `now_ns`.  0, or -EINVAL with a sentence that
 * shows what would be right.
 */
int nta_period(const char *text, int64_t now_ns, int64_t ret_window_ns[2], struct nta_err *err);

/** The last "7d", "2 weeks", "90m": [that long ago, now).  0, or -EINVAL with a sentence. */
int nta_period_last(const char *text, int64_t now_ns, int64_t ret_window_ns[2],
                    struct nta_err *err);

/**
 * A time of each day, "08:00-16:00", as minutes since local midnight, [from, to); one that goes
 * over midnight ("22:00-6:00") has from > to.  0, or -EINVAL with a sentence.
 */
int nta_period_daily(const char *text, int ret_minutes[2], struct nta_err *err);

/** True if the local clock shows such a time at that moment. */
bool nta_period_daily_has(const int minutes[2], int64_t wall_ns);
