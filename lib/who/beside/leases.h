/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the parsers of lines share (inside the module). */

#include "who/beside/state.h"

/** A decimal number, all of the text.  False: it is none, or too large. */
bool nta_leases_number(struct nta_span text, int64_t max, int64_t *ret_number);

/** Seconds since 1970 to nanoseconds; what is beyond them is the last or first moment. */
int64_t nta_leases_ns(int64_t seconds);

/** "2026-01-31T12:00:00.5Z", "2026-01-31 12:00:00+01:00" (RFC 3339 section 5.6).  UTC. */
bool nta_leases_rfc3339(struct nta_span text, int64_t *ret_ns);

/** Seconds since 1970 of a moment of UTC.  False: there is none such. */
bool nta_leases_seconds(const int parts[6], int64_t *ret_seconds);

/** The fact's address.  False: it is none. */
bool nta_leases_ip(struct nta_who_fact *fact, struct nta_span text);

/** The fact's MAC, "02:00:00:00:00:05", perhaps behind "01-" (dnsmasq's type of hardware). */
bool nta_leases_mac(struct nta_who_fact *fact, struct nta_span text);

/** Bytes out of hexadecimal digits with or without colons, at most NTA_WHO_TEXT_MAX of them. */
struct nta_span nta_leases_hex(struct nta_span text, uint8_t buf[NTA_WHO_TEXT_MAX]);

/** The MAC that a DUID is made of, where it is (RFC 8415 sections 11.2 and 11.4). */
void nta_leases_duid(struct nta_who_fact *fact, struct nta_span duid);

/** A copy into `buf`; too long: empty, since a cut name would be another's. */
struct nta_span nta_leases_copy(struct nta_span text, uint8_t buf[NTA_WHO_TEXT_MAX]);

/** The next word, up to white space; empty: there is none. */
struct nta_span nta_leases_word(struct nta_span *rest);
