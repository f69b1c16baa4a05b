/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Credentials out of packets that are about to be kept: each byte of a secret becomes an 'x', so
 * that lengths and everything else stay as they were captured.
 *
 * What is shown is on a list of what is known to hold no secret (redact_harmless.c has the tables);
 * all other payload is redacted as a whole:
 *
 *   TLS            records, from the first one on
 *   HTTP/1         methods, versions, codes, of URLs the scheme, host, path (but for what in it
 *                  may let somebody in, nta_redact_path()) and the names of a query's parameters,
 *                  the names of the header fields in the table, and their values as far as they
 *                  are of the form that it says: known words with their numbers, dates, hosts.  Of
 *                  bodies those of responses that begin as a file does that is no text (an image,
 *                  a film, a program), unless a hole is in front.  Never a request's body, nor
 *                  what follows an upgrade to another protocol, nor header lines that are folded
 *                  (obs-fold).  Trailers are as their field is.
 *   FTP, SMTP,     if the server speaks first and greets like one:
 *   IMAP, POP3     the codes or words of its replies, and ports; the commands in the table with
 *                  arguments of their form; never mail, nor literals, nor what answers AUTH.
 *                  What FTP's data connections carry if it begins as such a file.
 *   SOCKS          all but user and password
 *   TFTP           requests without their options; of other datagrams the head
 *   DNS            heads, names and addresses; no texts, options and signatures
 *   QUIC, DTLS     packets and records of the handshake
 *   BitTorrent     the handshake of peers; who looks for which torrent
 *
 * Queries (or whole paths and names of files) are redacted as far as `record.url` leaves them out.
 *
 * Streams are put together before they are read, so that a secret may lie in several packets, in
 * any order, and repeated.  A packet that says something else about bytes that another one had is
 * redacted whole.  Behind a hole the rest of a line is redacted, since it may be a secret's end.
 *
 * No allocation.  RFC 9112, 9110 section 11 and 6265 (HTTP), RFC 959 (FTP), RFC 4954 (SMTP AUTH),
 * RFC 9051 (IMAP), RFC 1939 and 5034 (POP3), RFC 1928 and 1929 (SOCKS), RFC 1350 (TFTP).
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

/** Of which protocols a server begins like this. */
enum nta_redact_talk nta_redact_greets(struct nta_span begin);

/**
 * Redact what a datagram of TFTP carries: of a file, or of an error; of a request its options, and
 * at NTA_URL_SITE the name (RFC 1350, RFC 2347).
 */
void nta_redact_tftp(struct nta_redact_piece *piece, enum nta_url_detail urls);

/** Redact of a datagram what is not of the form that it was recognised as. */
void nta_redact_datagram(struct nta_redact *redact, struct nta_redact_piece *piece,
                         enum nta_redact_plain plain);

/** Redact all of it. */
void nta_redact_all(struct nta_redact_piece *piece);
