/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Times in words people use, in the local zone (of the environment variable TZ) unless they say
 * another:
 *
 *   now  today  yesterday  tomorrow  midnight  noon          days begin at midnight
 *   monday  mon                                              the latest one that has begun, today
 *           included
 *   last monday                                              the latest one before today
 *   this|last hour|day|week|month|year                       its beginning; weeks begin on Monday
 *   2h  -2h  2h ago  2 hours ago  1d12h  3 weeks ago         s m h d w, months and years by the
 *       calendar
 *   2026-11-20  2026-11-20 14:00  2026-11-20T14:00:05.25     local
 *   2026-11-20T14:00:00Z  2026-11-20T14:00:00+01:00          RFC 3339
 *   14:00  yesterday 14:00  monday 9:30                      that day's; alone: today's
 *   @1795788000                                              seconds since 1970, as date(1) has it
 *
 * Upper and lower case are the same, and so are blanks, "_" and "-" between words.
 *
 * A local time that stands for two moments (in the hour in which clocks are set back) gives both:
 * what begins there begins at the earlier, what ends there ends at the later.  One that does not
 * exist (clocks were set forward) is the moment of that.
 */

#include "base/err.h"
#include "search/words/calendar.h"

#include <stdint.h>

/**
 * What `text` names, seen from `now_ns`.  0, or -EINVAL with a sentence that shows what would be
 * right.
 */
int nta_when(const char *text, int64_t now_ns, struct nta_moment *ret_moment, struct nta_err *err);

/**
 * The window [from, to) moved back: "yesterday" or "day" by a day, "last-week" by a week,
 * "last-month" by a month, "last-year" by a year, each by the local calendar (so a day of 23 hours
 * is still one day), "before" to right before it.  0, or -EINVAL with a sentence.
 */
int nta_when_before(const char *text, const int64_t window_ns[2], int64_t ret_window_ns[2],
                    struct nta_err *err);

/**
 * The beginning of the local day, ISO week, month or year ("day", "week", "month", "year") that
 * `ns` lies in.
 */
int64_t nta_when_begin(const char *unit, int64_t ns);
