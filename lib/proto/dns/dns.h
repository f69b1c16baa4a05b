/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * DNS over UDP and TCP (RFC 1035), multicast DNS (RFC 6762), LLMNR (RFC 4795) and the NetBIOS name
 * service (RFC 1002).  The event's app says which, decided by the port: 5353, 5355, 137; all others
 * are DNS.  On ports other than these and 53 only a message whose every field makes sense is taken
 * for DNS.
 *
 * A question gives DNS_QUESTION at once and is kept, at most NTA_DNS_PENDING_LARGE a flow
 * (NTA_DNS_PENDING_SMALL where no more memory is lent); the response with its id, name and type
 * gives DNS_LOOKUP.  A question without a response gives its DNS_LOOKUP (answered false) when newer
 * questions need its place or the flow ends.  The same question sent again is one question.  A
 * response whose question was not seen gives DNS_LOOKUP too; one that carries no question at all
 * (NetBIOS) is named by the owner of its first record.  Of the messages of a zone transfer (RFC
 * 5936) the first one is told, and no other.  A multicast announcement gives a lookup for each
 * owner of its records, 16 at most, with the answers of that owner; it is told as truncated if
 * there were more.  A dynamic update (RFC 2136) asks for its zone and, with it, for up to 7 hosts
 * whose records it sets or deletes.
 *
 * Listed are whole records of class IN in the answer section; for multicast DNS also in the
 * additional section, where announcements put addresses.  SVCB and HTTPS records give one answer
 * for each address hint, and one with an address of all zeros if they have none (RFC 9460).  A
 * NetBIOS NB record gives one answer of type A for each of its addresses.  NetBIOS names are
 * decoded, without their padding and their type byte.  EDNS (RFC 6891) is passed over.  An inverse
 * query is named by the record it asks about.  A message that is cut short or broken still gives
 * the question and the records before the cut, as truncated.
 *
 * Whoever sends the first response is the server, except in multicast DNS.  TCP: after a hole the
 * next message boundary is found by lengths where the hole lies within a message, else by the next
 * segment that starts a message.
 *
 * Memory: the state, about 1.3 KiB, and 28 KiB lent to a flow with many questions under way.  While
 * none is, over UDP, nothing is kept but a bit in `memo`.
 */

#include "proto/parser.h"

extern const struct nta_proto nta_proto_dns;
