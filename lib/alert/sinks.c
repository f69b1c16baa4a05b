/* SPDX-License-Identifier: Apache-2.0 */
#include "alert/sinks.h"

#include "alert/alert.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>
#include <syslog.h>

enum
{
    /**
     * Of a datagram: what every receiver takes (RFC 3164 section 4.1; RFC 5426 section 3.2 says
     * that 2048 should be).
     */
    SYSLOG_MAX = 1024,
    SYSLOG_LEAST = 64, ///< A program's name may be long.
};

/**
 * Bytes that glibc writes before the text: "<191>Jan 31 12:00:00 ntad[4194304]: " is the longest.
 */
static size_t head_len(void)
{
    return strlen("<191>Jan 31 12:00:00 [4194304]: ") + strlen(program_invocation_short_name);
}

void nta_alert_syslog_send(int level, struct nta_span line)
{
    size_t head = head_len(),
           space = SYSLOG_MAX - SYSLOG_LEAST > head ? SYSLOG_MAX - head : SYSLOG_LEAST;
    bool whole = line.len <= space;

    if (!whole)
        line.len = nta_text_cut(line, space - strlen("..."));
    syslog(LOG_DAEMON | level, "%.*s%s", (int)line.len, (const char *)line.ptr, whole ? "" : "...");
}

void nta_alert_log_syslog(enum nta_log_level level, const char *text)
{
    nta_alert_syslog_send((int)level, nta_span_of(text));
}
