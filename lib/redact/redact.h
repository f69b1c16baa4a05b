/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Credentials out of packets that are about to be kept: each byte of a secret becomes an 'x', so
 * that lengths and everything else stay as they were captured.
 *
 * What is shown is what is known to hold no secret; all other payload is redacted as a whole:
 *
 *   TLS            records, from the first one on
 *   HTTP/1         request and status lines, the names of header fields, the values of those that
 *                  are known to hold no secret (redact_http.c lists them), and a response's body,
 *                  unless it is JSON or a form, by its type or as it begins, and unless a hole is
 *                  in it or in its head.  Never a request's body, nor what follows an upgrade to
 *                  another protocol, nor header lines that are folded (obs-fold).  Trailers are as
 *                  their field is.
 *   FTP, SMTP,     if the server greets like one: commands that are known to be harmless, with
 *   IMAP, POP3     their arguments, and the server's replies, but for the text of those about who
 *                  somebody is, and of all of IMAP and POP3 behind the greeting; never mail that is
 *                  sent, nor literals; of USER, PASS, ACCT, AUTH, APOP, LOGIN and AUTHENTICATE the
 *                  word alone
 *   SOCKS          all but user and password
 *   datagrams and streams that the caller calls plain: DNS, QUIC and the like, which have no place
 *   for credentials
 *
 * In what is shown, user-info in URLs is redacted too, the values of parameters whose names say
 * that they are credentials (redact_url.c lists them) up to & or #, and queries (or whole URLs) as
 * far as `record.url` leaves them out.
 *
 * Streams are put together before they are read, so that a secret may lie in several packets, in
 * any order, and repeated.  A packet that says something else about bytes that another one had is
 * redacted whole.  Behind a hole the rest of a line is redacted, since it may be a secret's end.
 *
 * No allocation.  RFC 9112, 9110 section 11 and 6265 (HTTP), RFC 959 (FTP), RFC 4954 (SMTP AUTH),
 * RFC 9051 (IMAP), RFC 1939 and 5034 (POP3), RFC 1928 and 1929 (SOCKS).
 */

#include "base/bytes.h"
#include "redact/options.h"

#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_REDACT_BYTES = 65536, ///< Of one stream, at most; what is beyond is redacted.
    NTA_REDACT_PIECES = 1024, ///< Likewise.
};

/** The payload of one packet, in place. */
struct nta_redact_piece
{
    uint8_t *bytes;
    uint32_t len;
    uint32_t seq;      ///< Of the first byte.
    uint32_t redacted; ///< Result: bytes that are redacted now.
};

/** Space to work in; no state from call to call. */
struct nta_redact
{
    uint8_t stream[NTA_REDACT_BYTES], secret[NTA_REDACT_BYTES];
    uint32_t order[NTA_REDACT_PIECES], at[NTA_REDACT_PIECES];
};

/**
 * Redact one direction of a TCP stream: its packets in the order in which they came.  Gives the
 * bytes redacted.
 */
size_t nta_redact_stream(struct nta_redact *redact, const struct nta_redact_options *options,
                         struct nta_redact_piece *pieces, size_t n_pieces);

/** A server of FTP, SMTP, IMAP or POP3 begins like this. */
bool nta_redact_greets(struct nta_span begin);

/** Redact all of it. */
void nta_redact_all(struct nta_redact_piece *piece);
