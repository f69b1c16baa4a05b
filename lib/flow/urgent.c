/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/urgent.h"

#include "flow/reading.h"
#include "flow/stream.h"

/** An urgent byte is not among the others. */
static void take_urgent(struct nta_flows *flows, struct nta_flow_entry *entry,
                        struct nta_flow_stream *sender, struct nta_flow_piece piece, uint32_t off)
{
    struct nta_flow_piece before = piece, urgent = piece;

    before.wire_len = off;
    before.len = before.len < off ? before.len : off;
    nta_flow_piece_advance(&urgent, off);
    piece = urgent;
    urgent.len = 0;
    urgent.wire_len = 1;
    urgent.ptr = NULL;
    urgent.urgent = true;
    nta_flow_piece_advance(&piece, 1);
    if (before.wire_len > 0)
        nta_flow_stream_take(flows, entry, sender, before);
    nta_flow_stream_take(flows, entry, sender, urgent);
    if (piece.wire_len > 0)
        nta_flow_stream_take(flows, entry, sender, piece);
}

void nta_flow_urgent_take(struct nta_flows *flows, struct nta_flow_entry *entry,
                          struct nta_flow_stream *sender, struct nta_flow_piece piece,
                          uint32_t urgent)
{
    if (urgent == 0 || urgent > piece.wire_len) {
        nta_flow_stream_take(flows, entry, sender, piece);
        return;
    }
    struct nta_flow_copy *copy =
        nta_seq_ahead(sender->next_seq, piece.seq) > 0
            ? NULL
            : nta_flow_reading_copy(flows, entry, sender, piece, NTA_FLOW_COPY_OTHER);

    if (copy) {
        copy->is_unlikely = true;
        sender->second = true;
    }
    take_urgent(flows, entry, sender, piece, urgent - 1);
}
