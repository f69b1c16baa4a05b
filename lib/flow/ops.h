/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the table of flows tells their owner, and asks him. */

#include "base/bytes.h"
#include "decode/packet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nta_flow;

enum nta_dir
{
    NTA_DIR_UP,   ///< Client to server.
    NTA_DIR_DOWN, ///< Server to client.
};

enum nta_flow_end
{
    NTA_FLOW_END_CLOSED,  ///< FIN both ways, RST, or another connection on the same ports.
    NTA_FLOW_END_IDLE,    ///< Nothing seen for too long.
    NTA_FLOW_END_EVICTED, ///< The table was full.
    NTA_FLOW_END_DRAIN,   ///< The program or the input ends.
};

/** What the owner did with stream bytes. */
struct nta_taken
{
    size_t consumed; ///< From the front; the rest is presented again with more behind it.
    /** Behind the given bytes: this many need not be shown (a body). Only with consumed == len. */
    uint64_t skip;
    bool stop; ///< Nothing of this direction need be shown any more.
    /** With `stop`: but once its receiver has acknowledged all of it, what comes next is shown. */
    bool again;
};

/** How likely it is that a reading is what the receiver took. */
enum nta_flow_likely
{
    NTA_FLOW_LIKELY_LESS, ///< Less than what was shown.
    NTA_FLOW_LIKELY_SAME, ///< Nobody can tell.
    NTA_FLOW_LIKELY_SAID, ///< Nor here; it acknowledged all that was said so far.
    NTA_FLOW_LIKELY_SURE, ///< It acknowledged just that.
};

/** What the owner makes of it. */
enum nta_flow_verdict
{
    NTA_FLOW_VERDICT_MORE, ///< More bytes may tell.
    NTA_FLOW_VERDICT_DONE, ///< It need not be asked again.
    NTA_FLOW_VERDICT_TAKE, ///< What was shown of this direction is void, this is shown instead.
};

/**
 * The owner's side.  All calls come from within nta_flows_packet(), _tick() and _drain(); `owner`
 * is passed back.
 */
struct nta_flow_ops
{
    /**
     * In-order bytes of one TCP direction, `len` > 0, borrowed for the call.  `wall_ns` is the
     * packet's time.  Skipped bytes and gaps never are in it.
     */
    struct nta_taken (*data)(void *owner, struct nta_flow *flow, enum nta_dir dir,
                             struct nta_span bytes, int64_t wall_ns);
    /**
     * `len` bytes of one TCP direction were never seen, or are given up since the owner left more
     * than the limit; what was left unconsumed before them is gone.  0: only that is.  A hole
     * inside skipped bytes is not reported here.  False: show nothing more of this direction.
     */
    bool (*gap)(void *owner, struct nta_flow *flow, enum nta_dir dir, uint64_t len);
    /**
     * One UDP payload, or the chunks of an SCTP packet, borrowed for the call; may be cut (len <
     * wire length).
     */
    void (*datagram)(void *owner, struct nta_flow *flow, enum nta_dir dir, struct nta_span bytes,
                     int64_t wall_ns);
    /** Last call for this flow; the owner releases `conn`. */
    void (*ended)(void *owner, struct nta_flow *flow, enum nta_flow_end why);
    /** It is so late now, and something ends or goes on after it.  May be NULL. */
    void (*passed)(void *owner, int64_t wall_ns);
    /** The flow goes on; called each `long_flow_ns` of its life. */
    void (*active_timeout)(void *owner, struct nta_flow *flow);
    /**
     * Client and server of the flow have changed places, whoever found out (nta_flows_swap()): all
     * that the owner keeps by direction is to be turned, too.  Never within another call but the
     * owner's own nta_flows_swap().
     */
    void (*turned)(void *owner, struct nta_flow *flow);
    /**
     * Of a flow that the owner parted (owner.h), a UDP packet from the client of `newest` (`dir`
     * UP) or its server: the part that it belongs to, or NULL for a new one.  May be NULL.
     */
    struct nta_flow *(*part)(void *owner, struct nta_flow *newest, enum nta_dir dir,
                             struct nta_span bytes);
    /**
     * A frame of direction `dir` of `flow` has another source MAC than those before: is it another
     * machine's?  False: a router's, which there may be several of.  May be NULL.
     */
    bool (*is_other_machine)(void *owner, const struct nta_flow *flow, enum nta_dir dir,
                             const struct nta_packet *packet);
    /** TCP: `proved` is set from now on, or it is disowned no more (owner.h).  May be NULL. */
    void (*proved)(void *owner, struct nta_flow *flow);
    /** TCP: what nta_flow_wait() was called for has come.  NULL: nobody calls it. */
    void (*taken)(void *owner, struct nta_flow *flow);
    /**
     * TCP: both sides have closed it, and all that they said was shown, or told to be missing.
     * What still comes are repeats.  May be NULL.
     */
    void (*closed)(void *owner, struct nta_flow *flow);
    /**
     * TCP: other bytes of this direction than those that were shown, from its beginning on (or as
     * far back as is known), borrowed for the call.  Not for TAKE where bytes came from the other
     * side, unless SURE.  May be NULL.
     */
    enum nta_flow_verdict (*other)(void *owner, struct nta_flow *flow, enum nta_dir dir,
                                   struct nta_span bytes, enum nta_flow_likely likely);
};
