/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the flow module: a stream's beginning as it would be if a copy that was not shown were
 * what the receiver took.
 */

#include "flow/entry.h"
#include "flow/keep/copies.h"

/** The stream's number in its entry. */
static inline uint8_t nta_flow_stream_index(const struct nta_flow_entry *entry,
                                            const struct nta_flow_stream *stream)
{
    return stream != entry->streams;
}

/** The flow's newest copy; NULL: none. */
static inline struct nta_flow_copy *nta_flow_reading_newest(const struct nta_flows *flows,
                                                            const struct nta_flow_entry *entry)
{
    return nta_flow_copies_newest(flows->copies, nta_flow_id(flows, entry));
}

/** Copy a piece of the stream (nta_flow_copies_add()). */
static inline struct nta_flow_copy *nta_flow_reading_copy(struct nta_flows *flows,
                                                          const struct nta_flow_entry *entry,
                                                          const struct nta_flow_stream *stream,
                                                          struct nta_flow_piece piece,
                                                          enum nta_flow_copy_kind kind)
{
    return nta_flow_copies_add(flows->copies, nta_flow_id(flows, entry),
                               nta_flow_stream_index(entry, stream), stream->isn + 1, piece, kind);
}

/** Space for one; of the table's worker. */
struct nta_flow_reading
{
    uint8_t bytes[NTA_FLOW_COPIES_REACH];
    const struct nta_flow_copy *copies[NTA_FLOW_COPIES_MAX]; ///< What it is made of,
    uint32_t ends[NTA_FLOW_COPIES_MAX];                      ///< each up to that number.
    size_t n;
};

/**
 * The stream's first bytes with those of `copy` in place of what was shown there: before it what
 * was shown, behind it what came later, or other copies.  From the first byte on or, where its
 * beginning is not known any more, from the copy's; `ret_piece`: without a break, borrowed until
 * the next call.  False: what is before it has not come yet.
 */
bool nta_flow_reading_of(const struct nta_flows *flows, const struct nta_flow_stream *stream,
                         const struct nta_flow_entry *entry, const struct nta_flow_copy *copy,
                         struct nta_flow_piece *ret_piece);

/** Are the piece's numbers, as far as they were shown or are held, there with other bytes? */
bool nta_flow_reading_differs(const struct nta_flows *flows, const struct nta_flow_entry *entry,
                              const struct nta_flow_stream *stream,
                              const struct nta_flow_piece *piece);

/** Has the copy other bytes at the numbers that both have? */
bool nta_flow_reading_contradicts(const struct nta_flow_copy *copy,
                                  const struct nta_flow_piece *piece);
