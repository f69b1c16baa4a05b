/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Kerberos (RFC 4120) on port 88, over UDP and TCP: whose account a client's address uses.
 *
 * An answer that holds a ticket, to a request that was seen, gives one NTA_EVENT_BINDING of the
 * client's address: BEGIN for a first ticket (AS-REP), RENEW for another one (TGS-REP).  The
 * account is the one that the server names, the realm is `domain`; an account that ends with `$`,
 * and one of a service on a host, is a computer's and becomes the station's name.  A request alone
 * proves nothing: anybody may ask for anybody's ticket.
 *
 * Tickets and everything encrypted are passed over and kept nowhere.  Names of a message that was
 * cut off, or stands behind its first 8 KiB, are not read.
 *
 * Memory: the state.
 */

#include "proto/parser.h"

extern const struct nta_proto nta_proto_kerberos;
