/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Handshake messages out of TLS records (RFC 8446 section 5.1): a message may lie in many records,
 * a record may hold many messages, and both may arrive in many pieces.
 *
 * The bytes stay with the stream layer, which shows them again until they are consumed.  A cursor,
 * kept between the calls, remembers how far they were looked at, so that no byte is looked at twice
 * however small the pieces are.  A message inside one record is given in place; only one that
 * record headers cut through is copied, into the caller's scratch.
 */

#include "base/bytes.h"
#include "base/parse.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Content types. */
enum
{
    NTA_TLS_RECORD_CHANGE_CIPHER = 20,
    NTA_TLS_RECORD_ALERT = 21,
    NTA_TLS_RECORD_HANDSHAKE = 22,
    NTA_TLS_RECORD_DATA = 23,
};

/** Handshake types (RFC 8446 section 4, RFC 5246 section 7.4). */
enum
{
    NTA_TLS_HELLO_REQUEST = 0,
    NTA_TLS_CLIENT_HELLO = 1,
    NTA_TLS_SERVER_HELLO = 2,
    NTA_TLS_NEW_SESSION_TICKET = 4,
    NTA_TLS_CERTIFICATE = 11,
    NTA_TLS_SERVER_KEY_EXCHANGE = 12,
    NTA_TLS_SERVER_HELLO_DONE = 14,
};

enum
{
    NTA_TLS_RECORD_HEAD = 5,               ///< Type, version, length.
    NTA_TLS_RECORD_MAX = (1 << 14) + 2048, ///< RFC 5246 section 6.2.3.
    NTA_TLS_MESSAGE_HEAD = 4,              ///< Type, 24-bit length.
    NTA_TLS_MESSAGE_MAX = 1 << 16,         ///< Longest message followed, with its head.
    /** Certificate: lengths of the list and of its first entry. */
    NTA_TLS_LEAF_HEAD = NTA_TLS_MESSAGE_HEAD + 6,
    NTA_TLS_LEAF_MAX = 1 << 14, ///< Of a longer first entry, only its beginning is waited for.
};

struct nta_tls_record_head
{
    uint8_t type;
    uint16_t version, len;
};

/** Where one side's records are read.  Zero is the start; plain memory. */
struct nta_tls_cursor
{
    uint32_t offset;                 ///< Bytes behind the reader's position that were looked at.
    uint32_t begin;                  ///< Of these, where the current message begins.
    uint32_t got;                    ///< Bytes of the current message that are there.
    uint32_t want;                   ///< How long it is, as far as known.
    uint16_t record_left;            ///< Bytes of the current record from `offset` on.
    uint16_t first_left;             ///< Bytes of the message's first record from `begin` on.
    bool is_split;                   ///< A record header stands inside the message.
    uint8_t head[NTA_TLS_LEAF_HEAD]; ///< The message's first bytes.
};

/** Read a record's header.  False: too short, or its version or length is none of TLS. */
bool nta_tls_record_head_read(struct nta_reader *r, struct nta_tls_record_head *ret_head);

/**
 * Look for the next message from the reader's position on.  OK: it is there as a whole (of a
 * Certificate: as far as its first entry goes, or NTA_TLS_LEAF_MAX of that).  MORE: not yet.
 * OTHER: the next record is no handshake record (nothing was consumed).  BAD: no TLS record,
 * another record inside a message, or a message too long.  Does not move the reader.
 */
enum nta_parse nta_tls_next(struct nta_tls_cursor *cursor, const struct nta_reader *r);

/**
 * The message found, its head included, after nta_tls_next() said OK; or its first contiguous
 * bytes, after MORE with `cursor->is_split` not set.  Borrows from the reader; not for a split one.
 */
struct nta_span nta_tls_in_place(const struct nta_tls_cursor *cursor, const struct nta_reader *r);

/** Copy a split message into `scratch`. */
struct nta_span nta_tls_gather(const struct nta_tls_cursor *cursor, const struct nta_reader *r,
                               uint8_t scratch[NTA_TLS_MESSAGE_MAX]);

/** Done with the message: move the reader behind it. */
void nta_tls_consume(struct nta_tls_cursor *cursor, struct nta_reader *r);
