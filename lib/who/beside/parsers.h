/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Leases files' parsers: what a line says, into `lines->fact`; false: nothing, or it is none. */

#include "who/beside/state.h"

/** A lease of dnsmasq, or what parts its two kinds. */
bool nta_who_line_dnsmasq(struct nta_who_lines *lines, struct nta_span line, int64_t now_ns);
/** A line of a lease of ISC dhcpd: its last one says it. */
bool nta_who_line_isc(struct nta_who_lines *lines, struct nta_span line, int64_t now_ns);
/** A lease of Kea, or the columns' names. */
bool nta_who_line_kea(struct nta_who_lines *lines, struct nta_span line, int64_t now_ns);
