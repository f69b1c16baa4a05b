/* SPDX-License-Identifier: Apache-2.0 */
/* A record's line: of two moments with the same local time it shows which. */
#include "base/text.h"
#include "output/line.h"
#include "unit.h"

#include <stdlib.h>
#include <time.h>

static void check_line(const char *tz, enum nta_record_event event, int64_t time_ns,
                       const char *begins)
{
    const struct nta_record record = {
        .event = event,
        .time_ns = time_ns,
        .user = {.addr = nta_addr_v4((const uint8_t[]){10, 0, 0, 5})},
        .peer = {.addr = nta_addr_v4((const uint8_t[]){192, 0, 2, 80}), .port = 443},
        .site = nta_span_of("x.example"),
    };
    struct nta_buf out = {0};

    (void)setenv("TZ", tz, 1);
    tzset();
    nta_record_line(&out, &record, false);
    nta_buf_put_u8(&out, 0);
    if (out.failed || strncmp((const char *)out.ptr, begins, strlen(begins)) != 0)
        fail_msg("\"%s\" does not begin with \"%s\"", (const char *)out.ptr, begins);
    nta_buf_done(&out);
}

static void the_line_of_an_hour_that_was_there_twice_shows_which(void **state)
{
    static const enum nta_record_event events[] = {NTA_RECORD_FLOW, NTA_RECORD_ALERT,
                                                   NTA_RECORD_LOSS};

    const int64_t hour_ns = INT64_C(3600000000000);
    const int64_t first_ns = INT64_C(1792889940003000000); /* 25 October 2026, 00:59 UTC */

    (void)state;
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        enum nta_record_event event = events[i];

        check_line("Europe/Brussels", event, first_ns, "2026-10-25 02:59:00.003 +02:00 ");
        check_line("Europe/Brussels", event, first_ns + hour_ns, "2026-10-25 02:59:00.003 +01:00 ");
        check_line("UTC0", event, first_ns, "2026-10-25 00:59:00.003 ");
    }
    check_line("Europe/Brussels", NTA_RECORD_FLOW, first_ns - hour_ns,
               "2026-10-25 01:59:00.003 flow");
    check_line("Europe/Brussels", NTA_RECORD_FLOW, first_ns + 2 * hour_ns,
               "2026-10-25 03:59:00.003 flow");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_line_of_an_hour_that_was_there_twice_shows_which),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
