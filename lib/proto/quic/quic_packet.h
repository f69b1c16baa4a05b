/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Headers of QUIC packets as far as they are in clear: RFC 9000 section 17.2, RFC 9369 section 3.2,
 * RFC 8999.  A datagram may hold several packets, one behind the other.  The second bit of a packet
 * may be anything (RFC 9287).
 */

#include "base/bytes.h"
#include "base/parse.h"
#include "proto/quic/quic_keys.h"

#include <stddef.h>
#include <stdint.h>

enum nta_quic_type
{
    NTA_QUIC_INITIAL,
    NTA_QUIC_ZERO_RTT,
    NTA_QUIC_HANDSHAKE,
    NTA_QUIC_RETRY,
    NTA_QUIC_VERSION_NEGOTIATION,
    NTA_QUIC_OF_OTHER_VERSION, ///< A long header whose version we cannot open.
    NTA_QUIC_SHORT,            ///< 1-RTT; nothing of it can be read.
};

struct nta_quic_packet
{
    enum nta_quic_type type;
    uint32_t version;
    const struct nta_quic_version *row;  ///< Of `version`; NULL if there is none.
    struct nta_span destination, source; ///< Connection ids.
    struct nta_span whole;               ///< From the first byte to the packet's end.
    size_t number_offset; ///< INITIAL, ZERO_RTT, HANDSHAKE: where in `whole` the packet number is.
};

/**
 * Read the next packet of a datagram and go behind it; RETRY, VERSION_NEGOTIATION, OF_OTHER_VERSION
 * and SHORT take all that is left.  OK.  MORE: the datagram ends inside the packet (`type`,
 * `version` and `row` are set, if not zero).  OTHER: no QUIC.  Spans borrow from the reader.
 */
enum nta_parse nta_quic_packet_read(struct nta_reader *r, struct nta_quic_packet *ret_packet);
