/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * RADIUS accounting (RFC 2866; addresses of IPv6: RFC 3162, RFC 6911) on ports 1813 and 1646: who
 * logged in from where, and has which address.
 *
 * A request is a claim of the access server and says nothing by itself: when the server has
 * acknowledged it, each of its addresses gives one NTA_EVENT_BINDING (BEGIN, RENEW, END for Start,
 * Interim-Update, Stop); one without any address gives one with the station's MAC alone.
 * Accounting-On and -Off end all that this access server told between the same two ends.  Without
 * the secret an answer's authenticator proves nothing here: it must come from the asked server, to
 * the port that asked, with the request's number, within half a minute, once.
 *
 * Passwords are not part of accounting; attributes that are not named here are passed over.
 *
 * Memory: what is shared, NTA_ASKED_MAX requests.
 */

#include "proto/parser.h"

extern const struct nta_proto nta_proto_radius;
