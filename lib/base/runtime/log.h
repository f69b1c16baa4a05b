/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the program says about itself (not alerts: those are records, see alert/).
 *
 * One line a call, to a sink that the program chooses at start: the terminal (default), or the
 * journal (see alert/journal.h).  Any thread but a worker or a capture thread may call; those count
 * instead (base/runtime/counters.h).  Text from outside is escaped by the caller.
 */

/** Levels have syslog's numbers (RFC 5424 section 6.2.1). */
enum nta_log_level
{
    NTA_LOG_ERROR = 3,
    NTA_LOG_WARNING = 4,
    NTA_LOG_NOTICE = 5,
    NTA_LOG_INFO = 6,
};

/** `text` is one line without its newline, borrowed for the call. */
typedef void nta_log_sink_fn(enum nta_log_level level, const char *text);

/** Choose where lines go; NULL is the terminal (stderr).  Call before other threads start. */
void nta_log_to(nta_log_sink_fn *sink);

/** One line, formatted, to the sink; any thread.  Untrusted text must have been escaped. */
void nta_log(enum nta_log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#define nta_log_error(...)   nta_log(NTA_LOG_ERROR, __VA_ARGS__)
#define nta_log_warning(...) nta_log(NTA_LOG_WARNING, __VA_ARGS__)
#define nta_log_notice(...)  nta_log(NTA_LOG_NOTICE, __VA_ARGS__)
#define nta_log_info(...)    nta_log(NTA_LOG_INFO, __VA_ARGS__)
