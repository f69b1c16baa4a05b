/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What fuzz targets play: bytes of a fuzzer as the pieces of a flow. */

#include "play.h"

/*
 * For fuzzing streams and datagrams.  Pieces: a byte with side (0x80), hole (0x40; where the
 * protocol reads on behind one) and length (6 bits, 63: all that is left), then bytes.
 */
static inline void play_pieces_of(const struct nta_proto *proto, bool tcp, uint16_t server_port,
                                  const uint8_t *data, size_t len)
{
    static struct nta_play play;

    play_begin(&play, proto, tcp, server_port);
    for (size_t at = 0, n; at < len; at += n) {
        uint8_t head = data[at++];

        n = (head & 63U) == 63U || len - at < (head & 63U) ? len - at : head & 63U;
        (void)play_probe(&play, head >> 7, data + at, n);
        if (head & 0x40 && proto->gap)
            play_gap(&play, head >> 7, n + 1);
        play_data(&play, head >> 7, data + at, n);
    }
    play_end(&play);
    play_done(&play);
}

/* For fuzzing: one datagram between two ports, whose first byte says which side it is of. */
static inline void play_datagram(const struct nta_proto *proto, uint16_t client_port,
                                 uint16_t server_port, const uint8_t *data, size_t len)
{
    static struct nta_play play;
    unsigned side = len > 0 ? *data & 1U : 0;

    play_begin(&play, proto, false, server_port);
    play.io.client_port = client_port;
    if (len > 0) {
        (void)play_probe(&play, side, data + 1, len - 1);
        play_data(&play, side, data + 1, len - 1);
    }
    play_end(&play);
    play_done(&play);
}

static inline void play_pieces(const struct nta_proto *proto, uint16_t server_port,
                               const uint8_t *data, size_t len)
{
    play_pieces_of(proto, true, server_port, data, len);
}
