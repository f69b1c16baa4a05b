/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * BitTorrent: which torrent, by its info hash (20 bytes, told as 40 hex digits in place of a path).
 *
 * Peers over TCP (BEP 3): the handshake gives TRANSFER_BEGIN with method PEER, the end of the flow
 * TRANSFER_END with the content of all pieces both ways; the messages are followed by their
 * lengths, and content is passed over.  Peers over uTP (BEP 29): the handshake only; the bytes are
 * those of the flow.  Trackers over UDP (BEP 15): each announcement gives both events with method
 * ANNOUNCE, and so does each torrent that a peer looks for in its own network (BEP 14), with method
 * SEARCH, and says where who searches takes peers: where they encrypt, that is the only sign.  DHT
 * (BEP 5): recognised.  Trackers over HTTP: see nta_bittorrent_announced().
 *
 * Peers who encrypt their connection (MSE) are not recognised, those who only negotiate so and go
 * on in clear are.
 */

#include "proto/parser.h"

enum
{
    NTA_BITTORRENT_HASH_LEN = 20,
    NTA_BITTORRENT_HEX_LEN = 40,
};

extern const struct nta_proto nta_proto_bittorrent;

/** True if these bytes begin with a whole handshake between peers. */
bool nta_bittorrent_is_handshake(struct nta_span bytes);

/**
 * The info hash of an HTTP request to a tracker (BEP 3: parameter info_hash of the query), as hex
 * into `ret_hex`.  False: the target has none.
 */
bool nta_bittorrent_announced(struct nta_span target, char ret_hex[NTA_BITTORRENT_HEX_LEN]);
