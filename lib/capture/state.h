/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the parts of the capture module share: the state of one source, which its thread alone
 * touches but for the atomics, and the way of one packet into the dispatch.  No other module
 * includes this.
 */

#include "base/bytes.h"
#include "capture/capture.h"
#include "capture/sight.h"
#include "capture/tunnel/ends.h"
#include "decode/decode.h"
#include "decode/order.h"
#include "unpack/unpack.h"

#include <pcap/bpf.h>
#include <stdatomic.h>

enum
{
    NTA_NAME_SHOWN = 200,             ///< Space for an escaped name in a sentence.
    NTA_CAPTURE_SNAP_MAX = 256 * 1024 ///< libpcap's own limit for the link types that we know.
};

#define NTA_FLUSH_NS (10 * NTA_NS_PER_MS)

/** The file or pipe being read; see input.h. */
struct nta_input
{
    struct nta_capture *capture; ///< Borrowed.
    int fd;                      ///< Owned; negative: none.
    bool is_file;                ///< Regular: never waits, has a size.
    bool ended;                  ///< Nothing follows what is in the buffer.
    bool begun;                  ///< Its first bytes said whether it is packed.
    int error;                   ///< Negative errno if reading failed.
    struct nta_unpack *unpack;   ///< Owned; NULL: it is not packed.
    uint8_t *packed_buf;         ///< Owned: packed bytes,
    struct nta_span packed;      ///< of which these were not unpacked yet.
    uint8_t *own;                ///< Owned: the buffer.
    uint8_t *buf;                ///< Where bytes are: `own`, or lent by the dispatch.
    size_t size;                 ///< Of that place.
    size_t pos;                  ///< First byte not consumed.
    size_t len;                  ///< One past the last byte present.
    uint64_t n_read;
};

enum
{
    NTA_FILTER_SPARES = 4 ///< Kinds of link that an interface may come back with.
};

/** A filter compiled for a kind of link. */
struct nta_filter_program
{
    struct bpf_program program; ///< Owned, if `is_compiled`.
    int link_type;              ///< DLT_…
    bool is_compiled;
};

/** The compiled filter of a live source; see filter.h.  Zero is the start. */
struct nta_filter
{
    struct nta_filter_program own; ///< For the interface as it was last opened.
    struct nta_filter_program spares[NTA_FILTER_SPARES];
    bool has_spares; ///< It was tried once.
};

/** Handles of a live source; see live.c. */
struct nta_live
{
    struct pcap *handle; ///< Owned; NULL while the interface is away.
    struct nta_sight_watch watch;
    _Atomic int link_type;    ///< DLT_…; negative: not known yet.
    int64_t unit_ns;          ///< Of the fraction in libpcap's stamps.
    struct nta_filter filter; ///< Owned.
    unsigned if_index;        ///< 0 for "any".
    uint32_t drop_seen;       ///< Kernel drops of this handle, as last counted.
    uint32_t n_taken;         ///< Packets that its handle gave, also to be dropped; wraps, as the
                              ///< kernel's do.
    uint64_t missed_seen;     ///< What its card had missed, as last counted.
    unsigned n_quiet;         ///< Waits in a row that brought no packet.
    int64_t stats_mono_ns;    ///< When to look at them, and at the interface, next.
    int64_t fine_wall_ns;     ///< When the interface was last seen to be fine,
    int64_t fine_mono_ns;     ///< and the same by the other clock.
};

/** Decoding, and the outer connections of the packet at work. */
struct nta_decoding
{
    struct nta_decode decode;
    struct nta_outer_packets outer_packets;
};

struct nta_capture
{
    struct nta_counters counters;
    struct nta_unknowns unknowns;
    struct nta_capture_options options;
    struct nta_dispatch *dispatch; ///< Borrowed.
    uint32_t n_workers;            ///< Of the dispatch.
    struct nta_decoding frames;    ///< Of what is captured.
    struct nta_decoding datagrams; ///< Of what was put together from fragments.
    struct nta_decoding hearsay;   ///< Of what ICMP errors quote; counted by who is told.
    struct nta_counters unheard;   ///< Of `hearsay`.
    struct nta_unknowns unheard_of;
    struct nta_tunnel_ends tunnel_ends;
    struct nta_fragments *fragments; ///< Owned.
    int64_t quiet_until_ns;          ///< Before this order none of them has to be given up.
    struct nta_live live;
    struct nta_reading *first_file; ///< Owned; open from the start, if it can be, until its turn.
    size_t n_open;                  ///< Files that are being read.
    bool peeks;                     ///< Only their first packets are looked for.

    int64_t mono_ns;      ///< Live, or paced, or a pipe: time of the last look at the clock.
    int64_t last_wall_ns; ///< Of the last packet.
    struct nta_order order;
    int64_t pace_wall_ns, pace_mono_ns; ///< A packet of the first time is due at the second.
    bool paced;                         ///< The two are set.

    uint64_t canary_served; ///< The last ticket that packets were made for.

    _Atomic bool stop;
    _Atomic int sight;              ///< What can be seen of the interface: enum nta_sight.
    _Atomic int64_t blind_from_ns;  ///< Monotonic; since when nothing is; 0: it is fine.
    _Atomic int64_t blind_ns;       ///< And how long before.
    _Atomic int64_t blind_since_ns; ///< Wall time of `blind_from_ns`, or of the last one.
    _Atomic uint64_t canary_asked;  ///< The last ticket; 0: none yet.
    _Atomic uint64_t bytes_done, bytes_all;
};

/** One packet as it was captured; `bytes` is borrowed for the call. */
struct nta_frame
{
    int64_t wall_ns;
    uint32_t cap_len, wire_len;
    int link_type; ///< DLT_…
    const uint8_t *bytes;
};

/** Count, decode and dispatch.  Live: dropped and counted if there is no block.  Files: waits. */
void nta_capture_packet(struct nta_capture *capture, const struct nta_frame *frame);

/** Nothing to read just now: hand over what is old, give the time to idle workers. */
void nta_capture_idle(struct nta_capture *capture, int64_t wall_ns);

/** Was it asked to stop?  Any thread. */
static inline bool nta_capture_stopped(const struct nta_capture *capture)
{
    return atomic_load_explicit(&capture->stop, memory_order_relaxed);
}

/**
 * Whether an input's next packet is taken.  A stop ends a file at once; of a pipe what was read
 * already is taken first: nobody could read it again.
 */
static inline bool nta_input_goes_on(const struct nta_input *input)
{
    return !nta_capture_stopped(input->capture) || !input->is_file;
}

/** `text` escaped into `buf`, for a sentence. */
const char *nta_capture_shown(const char *text, char buf[NTA_NAME_SHOWN]);

/**
 * Open and activate the interface with its filter.  0, or negative errno with the sentence; one
 * that is not there or is down is waited for if that is wanted, which is 0, too.
 */
int nta_live_start(struct nta_capture *capture, struct nta_err *err);
/** Close all that was opened, if anything was. */
void nta_live_end(struct nta_capture *capture);

/** Until stop; survives the interface. */
void nta_live_run(struct nta_capture *capture);

/** Count what a handle loses from now on. */
void nta_stats_start(struct nta_capture *capture);
/** What it lost since the last call. */
void nta_stats_update(struct nta_capture *capture);
/** The same, and what it still holds: it is closed. */
void nta_stats_end(struct nta_capture *capture);

/**
 * Packets that an interface's card missed, out of the kernel's answer to RTM_GETLINK
 * (rtnetlink(7)).  False: it is another message, or says nothing of that.
 */
bool nta_stats_read(struct nta_span message, uint64_t *ret_missed);

/** Open the first file: a pipe must not be closed in between.  0, or negative errno and why. */
int nta_files_open(struct nta_capture *capture, struct nta_err *err);

/** Close it, if its turn did not come. */
void nta_files_close(struct nta_capture *capture);

/**
 * Read all files, merged by the times of their packets.  0, or negative errno with the first
 * problem's sentence.
 */
int nta_files_run(struct nta_capture *capture, struct nta_err *err);
