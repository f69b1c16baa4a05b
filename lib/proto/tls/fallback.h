/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The last resort of a TCP connection that no protocol knew by its first bytes: watches for TLS
 * that begins later on.
 *
 * STARTTLS and its like (FTP, SMTP, IMAP, POP3, LDAP, XMPP, PostgreSQL, MySQL, RDP, ...), a SOCKS
 * proxy, and protocols we have never heard of differ in what they say before, but the hello that
 * follows begins a segment, or is the last thing in one (behind the command that asked for it, or
 * behind the head of a message that carries it).  A PROXY header in front of a connection (versions
 * 1 and 2 of HAProxy's specification) is passed over; for whom it says that this was opened is told
 * (FORWARDED).  Then the connection is handed over, and what follows is recognised anew.
 *
 * In TDS the hello lies in one of its messages (proto/tls/tds.h).  FTP whose greeting does not name
 * it shows itself by a reply of its login (proto/ftp/ftp.h).
 *
 * BitTorrent peers that negotiated encryption and chose none begin theirs the same way; and so does
 * HTTP behind whatever else was said before, and refused.
 *
 * As long as nothing of a side was taken, the other protocols are asked first, so nothing of theirs
 * is lost.  Given up after 16 KiB from the client, 64 KiB from the server, or 64 pieces from
 * either.
 */

#include "proto/parser.h"

extern const struct nta_proto nta_proto_fallback;
