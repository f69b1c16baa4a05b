/* SPDX-License-Identifier: Apache-2.0 */
#include "signs/clockwatch.h"

#include "base/runtime/clock.h"

#include <inttypes.h>
#include <stdio.h>

#define STEP_NS  INT64_C(2000000000)
#define SHOWN_NS (600 * NTA_NS_PER_S)

static void report_step(struct nta_clock_watch *watch, int64_t from_ns, int64_t to_ns,
                        struct nta_health *health)
{
    char from[NTA_TIME_TEXT_SIZE], to[NTA_TIME_TEXT_SIZE], text[160];
    int64_t by_ns = to_ns - from_ns;
    bool back = by_ns < 0;

    watch->from_ns = from_ns;
    watch->to_ns = to_ns;
    (void)snprintf(text, sizeof(text), "from %.19sZ to %.19sZ, %" PRId64 " s %s",
                   nta_clock_text(from_ns, from), nta_clock_text(to_ns, to),
                   (back ? -by_ns : by_ns) / NTA_NS_PER_S, back ? "back" : "forward");
    nta_health_set(health, NTA_CAUSE_CLOCK, text);
}

void nta_clock_watch_take(struct nta_clock_watch *watch, int64_t wall_ns, int64_t boot_ns,
                          struct nta_health *health)
{
    int64_t due_ns =
        watch->wall_ns + (boot_ns - watch->boot_ns); /* what the wall clock should say */
    int64_t by_ns = wall_ns - due_ns;

    if (watch->boot_ns && (by_ns >= STEP_NS || by_ns <= -STEP_NS)) {
        report_step(watch, due_ns, wall_ns, health);
        watch->clear_boot_ns = boot_ns + SHOWN_NS;
    } else if (watch->clear_boot_ns && boot_ns >= watch->clear_boot_ns) {
        nta_health_set(health, NTA_CAUSE_CLOCK, NULL);
        watch->clear_boot_ns = 0;
    }
    watch->wall_ns = wall_ns;
    watch->boot_ns = boot_ns;
}
