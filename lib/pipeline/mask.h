/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Credentials out of packets that are about to be kept: each byte of a secret becomes an 'x', so that lengths and
 * everything else stay as they were captured.
 *
 * What is shown is what is known to hold no secret; all other payload is masked as a whole:
 *
 *   TLS            records, from the first one on
 *   HTTP/1         request and status lines, header fields but for those that carry credentials (Authorization, Cookie,
 *                  Set-Cookie, and names that speak of a token, key, secret, session or password), and a response's body
 *                  unless it is JSON.  Never a request's body, nor what follows an upgrade to another protocol.
 *   FTP, SMTP,     commands that are known to be harmless, with their arguments, and the server's replies; of USER, PASS,
 *   IMAP, POP3     ACCT, AUTH, APOP, LOGIN and AUTHENTICATE the word alone
 *   SOCKS          all but user and password
 *   datagrams and streams that the caller calls plain: DNS, QUIC and the like, which have no place for credentials
 *
 * In what is shown, user-info in URLs is masked too, and queries (or whole URLs) as far as `record.url` leaves them out.
 *
 * Streams are put together before they are read, so that a secret may lie in several packets, in any order, and
 * repeated.  A packet that says something else about bytes that another one had is masked whole.  Behind a hole the
 * rest of a line is masked, since it may be a secret's end.
 *
 * No allocation.  RFC 9112, 9110 section 11 and 6265 (HTTP), RFC 959 (FTP), RFC 4954 (SMTP AUTH), RFC 9051 (IMAP),
 * RFC 1939 and 5034 (POP3), RFC 1928 and 1929 (SOCKS).
 */

#include "pipeline/policy.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_MASK_BYTES = 65536, ///< Of one stream, at most; what is beyond is masked.
    NTA_MASK_PIECES = 1024, ///< Likewise.
};

/** The payload of one packet, in place. */
struct nta_mask_piece
{
    uint8_t *bytes;
    uint32_t len;
    uint32_t seq;    ///< Of the first byte.
    uint32_t masked; ///< Result: bytes that are masked now.
};

/** Space to work in; no state from call to call. */
struct nta_mask
{
    uint8_t stream[NTA_MASK_BYTES], secret[NTA_MASK_BYTES];
    uint32_t order[NTA_MASK_PIECES], at[NTA_MASK_PIECES];
};

struct nta_mask_options
{
    enum nta_url_detail urls;
    bool from_client;
    bool from_start; ///< Sequence number `first_seq` is the stream's first byte.
    uint32_t first_seq;
};

/** Mask one direction of a TCP stream: its packets in the order in which they came.  Gives the bytes masked. */
size_t nta_mask_stream(struct nta_mask *mask, const struct nta_mask_options *options,
                       struct nta_mask_piece *pieces, size_t n_pieces);

/** Mask all of it. */
void nta_mask_all(struct nta_mask_piece *piece);

/* ---- mask_text.c, mask_http.c: what a run of a stream holds ---- */

/** What is known of a direction when a run begins. */
enum nta_mask_mode
{
    NTA_MASK_START, ///< A message begins.
    NTA_MASK_HEAD,  ///< Header fields of HTTP.
    NTA_MASK_BODY,  ///< A response's body.
    NTA_MASK_TLS,   ///<
    NTA_MASK_REST,  ///< All that follows is masked.
};

struct nta_mask_scan
{
    const uint8_t *bytes;
    uint8_t *secret; ///< One for each byte: not 0 if it is to be masked.
    size_t len, at;
    const struct nta_mask_options *options;
    enum nta_mask_mode mode;
    bool has_length;    ///< The response says how long it is.
    uint64_t body_left; ///< Of a request, masked.
    bool folded_secret; ///< A header line that goes on belongs to a secret.
    bool to_rest;       ///< Behind this head another protocol begins.
    bool hide_body;     ///< The response's body is masked.
    bool is_connect;    ///< The request asks for a tunnel.
    bool starts_stream; ///< This run holds the stream's first byte.
};

/** Mark the secrets of one run; the mode is carried to the next.  `joined`: no hole before it. */
void nta_mask_run(struct nta_mask_scan *scan, bool joined);
