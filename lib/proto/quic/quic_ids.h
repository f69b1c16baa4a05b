/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whose connection a datagram of QUIC belongs to, as far as the wire says: a connection is named by
 * the ids that its ends chose, whatever the ports are (RFC 9000 section 5).
 */

#include "base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

enum
{
    NTA_QUIC_ID_MAX = 20 ///< RFC 9000 section 17.2.
};

struct nta_quic_id
{
    uint8_t len;
    uint8_t bytes[NTA_QUIC_ID_MAX];
};

/** Of a long header: whom it goes to and who sent it. */
struct nta_quic_ids
{
    uint32_t version;
    struct nta_quic_id destination, source;
};

enum nta_quic_form
{
    NTA_QUIC_FORM_SHORT, ///< Its destination stands behind the first byte, of unknown length.
    NTA_QUIC_FORM_INITIAL,
    NTA_QUIC_FORM_RETRY,
    NTA_QUIC_FORM_LONG, ///< Another one of a version that we know.
    NTA_QUIC_FORM_NONE, ///< No packet, or of a version that we do not know.
};

/** Are they the same?  Empty ones name nothing, and are the same as none. */
bool nta_quic_id_equal(const struct nta_quic_id *a, const struct nta_quic_id *b);

/** Does a packet with a short header go to this id?  Never to an empty one. */
bool nta_quic_id_leads(const struct nta_quic_id *id, struct nta_span datagram);

/** Does one of the datagram's packets have a short header, as all behind the handshake have? */
bool nta_quic_has_short(struct nta_span datagram);

/** What a Retry gives its client to send back (RFC 9000 section 17.2.5); empty: it is none. */
struct nta_span nta_quic_retry_token(struct nta_span datagram);

/** The form of a datagram's first packet; `ret_ids` is set if it has a long header. */
enum nta_quic_form nta_quic_ids_read(struct nta_span datagram, struct nta_quic_ids *ret_ids);

/**
 * Is the first packet an Initial that begins a connection of its own: sealed with the client's keys
 * for its own destination (RFC 9001 section 5.2)?
 */
bool nta_quic_begins(struct nta_span datagram);

/**
 * Is the first packet the server's Initial in the connection that the client began with `ids`?  It
 * is sealed with keys from their destination, which only who saw the client's packet can know.
 */
bool nta_quic_answers(struct nta_span datagram, const struct nta_quic_ids *ids);
