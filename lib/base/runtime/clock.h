/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The only places that read a clock, and times as text.  Parsers and tables get time as a
 * parameter.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NTA_NS_PER_S  INT64_C(1000000000)
#define NTA_NS_PER_MS INT64_C(1000000)

enum
{
    /** Space for "2026-01-31T12:00:00.123456789+01:00" and far years. */
    NTA_TIME_TEXT_SIZE = 40
};

/** Nanoseconds since 1970-01-01 UTC. */
int64_t nta_clock_wall_ns(void);

/** Nanoseconds of a clock that only goes forward. */
int64_t nta_clock_mono_ns(void);

/** As it, and going forward while the machine sleeps. */
int64_t nta_clock_boot_ns(void);

/**
 * What the kernel says of the wall clock (adjtimex): true if it is synchronised, with the estimated
 * error in milliseconds, rounded.
 */
bool nta_clock_is_synchronised(uint32_t *ret_error_ms);

/** RFC 3339 in UTC with nine decimals into `text`, NUL-terminated; gives `text`. */
const char *nta_clock_text(int64_t wall_ns, char text[NTA_TIME_TEXT_SIZE]);

/** The same moment in the local zone, with its offset: "2026-01-31T13:00:00.123456789+01:00". */
const char *nta_clock_text_local(int64_t wall_ns, char text[NTA_TIME_TEXT_SIZE]);
