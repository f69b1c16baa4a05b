/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * DHCP for IPv6 (RFC 8415; the client's name: RFC 4704; its MAC as a relay sees it: RFC 6939) on
 * ports 546 and 547, also through relays.
 *
 * Each address or delegated prefix of a message gives one NTA_EVENT_BINDING, with the client's
 * DUID, its name, its maker's class and the relay's interface; a message without any gives one that
 * names the station alone.  What the server's Reply gives is a fact only if the client was seen to
 * ask for it, by transaction and DUID: BEGIN after a Solicit or Request, RENEW after a Renew or
 * Rebind; a lifetime of zero, or a status that says no, is REFUSED.  A client's Release ends, its
 * Decline refuses.
 *
 * Memory: what is shared, NTA_ASKED_MAX questions.
 */

#include "proto/parser.h"

extern const struct nta_proto nta_proto_dhcpv6;
