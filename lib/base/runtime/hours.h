/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Hours of the week, in local time: "Mon-Fri 08:00-16:00, Sat 08:00-12:00".
 *
 * Parts are separated by commas.  A part is days, hours, or both: days alone wait for the hours
 * that follow ("Mon, Wed 08:00-12:00"), hours alone take the days before them ("Mon-Fri
 * 08:00-12:00, 13:00-16:00"), and each day if there are none.  Days are English, in three letters
 * or whole, and a range may go over Sunday ("Fri-Mon").  Hours are HH:MM-HH:MM, the end not in them
 * and 24:00 at the latest; an end before the beginning lies on the next day ("Fri 22:00-06:00").
 *
 * A moment lies in them if the clock on the wall shows such a time then.  So an hour that happens
 * twice (clocks are set back) counts both times, and what is missing (they are set forward) is not
 * waited for.
 */

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_HOURS_MAX = 32, ///< Spans in all.
    NTA_DAY_MINUTES = 1440,
};

/** Some days from one minute to another. */
struct nta_hours_span
{
    uint8_t days;         ///< Bit 0: Sunday, as tm_wday.
    uint16_t from, until; ///< Minutes of the day; `until` is not in it; 1440: midnight.
};

struct nta_hours
{
    struct nta_hours_span spans[NTA_HOURS_MAX];
    size_t n; ///< 0: always.
};

/** 0, or -EINVAL with a sentence; `ret_hours` is untouched then. */
int nta_hours_parse(const char *text, struct nta_hours *ret_hours, struct nta_err *err);

/** Does this minute (0 to 1439) of this day of the week (0: Sunday) lie in them? */
bool nta_hours_have(const struct nta_hours *hours, unsigned day, unsigned minute);

/** Does this moment, as the machine's clock on the wall shows it? */
bool nta_hours_at(const struct nta_hours *hours, int64_t wall_ns);
