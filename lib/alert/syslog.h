/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the alert module: the machine's syslog, by its socket /dev/log.
 *
 * A message is one of RFC 5424: its structured data has the fields that the journal has, under the
 * same names, and its text is the line that people read.  It has at most NTA_SYSLOG_MAX bytes, what
 * every receiver should take (section 6.1).  The text is never cut, since it is short enough
 * (NTA_ALERT_LINE_MAX); of the values the longest are shortened, most often the URL, and end with
 * "...".  So who chooses a URL does not choose what else is there.
 *
 * For receivers that know no other there is the older form of RFC 3164, text only, which libc
 * writes.
 *
 * Any thread; one lock.
 */

#include "alert/sinks.h"

#include <stdint.h>

enum
{
    NTA_SYSLOG_MAX = 2048
};

/** One message; what points is borrowed. */
struct nta_syslog_message
{
    int level;                             ///< Syslog's severity, 0 to 7.
    int64_t wall_ns;                       ///< When it is sent.
    const char *host;                      ///< "" and what RFC 5424 does not allow there: not said.
    const char *app;                       ///< The same.
    unsigned long pid;                     ///< Of the process.
    const char *kind;                      ///< MSGID; NULL: not said.
    const struct nta_alert_fields *fields; ///< Structured data; NULL: none.
    struct nta_span line;                  ///< In shown form.
};

/** Append the message as RFC 5424 has it, NTA_SYSLOG_MAX bytes at most. */
void nta_syslog_put(struct nta_buf *out, const struct nta_syslog_message *message);

/** An alert, or what is said of several.  False: nobody takes it. */
bool nta_alert_syslog_send(const struct nta_alert_fields *fields, struct nta_span line);
