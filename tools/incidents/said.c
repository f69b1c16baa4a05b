/* SPDX-License-Identifier: Apache-2.0 */
#include "incidents/said.h"

#include "base/own.h"
#include "base/prose.h"
#include "incident/say/say.h"
#include "search/words/calendar.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum
{
    DAY_SIZE = 40
};

/** "Monday 2026-11-23", in the sentences' language, whatever that of the terminal. */
static void put_day(int64_t wall_ns, char buf[DAY_SIZE])
{
    static const char *const names[NTA_CALENDAR_WEEK] = {
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
    const struct tm tm = nta_calendar_local(wall_ns);

    (void)snprintf(buf, DAY_SIZE, "%s %04d-%02d-%02d", names[nta_calendar_weekday(&tm)],
                   (tm.tm_year + 1900) % 10000, (tm.tm_mon + 1) % 100, tm.tm_mday % 100);
}

/**
 * " on Monday 2026-11-23", " between Monday 2026-11-23 and Wednesday 2026-11-25".  False: of none.
 */
static bool put_period(const struct nta_incidents *set, char *buf, size_t size)
{
    int64_t begin_ns = INT64_MAX, end_ns = INT64_MIN;
    char from[DAY_SIZE], to[DAY_SIZE];

    for (size_t i = 0; i < nta_incidents_count(set); i++) {
        const struct nta_incident *incident = nta_incidents_get(set, i);

        if (!incident->fits)
            continue;
        begin_ns = incident->begin_ns < begin_ns ? incident->begin_ns : begin_ns;
        end_ns = incident->end_ns > end_ns ? incident->end_ns : end_ns;
    }
    if (end_ns == INT64_MIN)
        return false;
    put_day(begin_ns, from);
    put_day(end_ns, to);
    if (strcmp(from, to) == 0)
        (void)snprintf(buf, size, " on %s", from);
    else
        (void)snprintf(buf, size, " between %s and %s", from, to);
    return true;
}

void nta_incidents_put_said(struct nta_buf *out, const struct nta_incidents *set, unsigned columns)
{
    NTA_AUTO(nta_buf_done) struct nta_buf said = {0};
    char period[2 * DAY_SIZE + 16];

    if (!put_period(set, period, sizeof(period)))
        return;
    nta_incidents_say(&said, set, NTA_LANGUAGE_EN, period);
    nta_buf_puts(&said, "\n\n");
    out->failed |= said.failed;
    nta_prose_put(out, nta_buf_span(&said), columns);
}
