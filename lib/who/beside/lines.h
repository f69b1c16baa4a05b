/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Lines of files that say who has an address: JSON of any program, and leases files of dnsmasq,
 * ISC dhcpd (dhcpd.leases(5), IPv4 and IPv6) and Kea (memfile, CSV).  What kind of file it is its
 * first line tells.
 *
 * JSON, an object a line; all but one of "ip" and "mac", and one of the names, may be left out:
 *
 *     {"time":"2026-01-31T12:00:00Z","ip":"10.0.0.5","mac":"02:00:00:00:00:05","login":"ann",
 *      "name":"laptop-7","person":"Ann Example","until":"2026-01-31T20:00:00Z","source":"portal"}
 *
 * A time is RFC 3339, or seconds since 1970.  "until" that is not after "time": it is over.
 *
 * Everything in a line is hostile: what is none of these is refused and counted, and whatever
 * stands in it, the next one is read as if it had not been there.
 */

#include "who/beside/state.h"

/**
 * One line, without its newline, at this moment.  True: it says `ret_fact`, which borrows from
 * `lines` until the next one.
 */
bool nta_who_line(struct nta_who_lines *lines, struct nta_span line, int64_t now_ns,
                  struct nta_who_fact *ret_fact);

/** "dnsmasq", …; "" for UNKNOWN.  Static. */
const char *nta_who_form_name(enum nta_who_form form);

/** Is a file of this form written anew with each change, so that what is not in it is over? */
bool nta_who_form_is_whole(enum nta_who_form form);
