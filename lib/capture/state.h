/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the parts of the capture module share: the state of one source, which its thread alone
 * touches but for the atomics, and the way of one packet into the dispatch.  No other module
 * includes this.
 */

#include "capture/capture.h"
#include "decode/decode.h"

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
    int fd;       ///< Owned; negative: none.
    bool is_file; ///< Regular: never waits, has a size.
    bool ended;   ///< Nothing follows what is in the buffer.
    int error;    ///< Negative errno if reading failed.
    uint8_t *own; ///< Owned: the buffer.
    uint8_t *buf; ///< Where bytes are: `own`, or lent by the dispatch.
    size_t size;  ///< Of that place.
    size_t pos;   ///< First byte not consumed.
    size_t len;   ///< One past the last byte present.
};

/** Handles of a live source; see live.c. */
struct nta_live
{
    struct pcap *handle; ///< Owned; NULL while the interface is away.
    int link_type;
    int64_t unit_ns;       ///< Of the fraction in libpcap's stamps.
    unsigned if_index;     ///< 0 for "any".
    uint32_t drop_seen;    ///< Kernel drops of this handle, as last counted.
    uint64_t if_base;      ///< Interface's own drop count when the handle was opened.
    uint64_t if_seen;      ///< Interface drops since then, as last counted.
    int64_t stats_mono_ns; ///< When to look at them next.
};

struct nta_capture
{
    struct nta_counters counters;
    struct nta_unknowns unknowns;
    struct nta_capture_options options;
    struct nta_dispatch *dispatch; ///< Borrowed.
    struct nta_decode decode;
    struct nta_outer_packets outer_packets; ///< Of the packet at work.
    struct nta_live live;
    /** The file being read; the first one is open from the start if it can be. */
    struct nta_input input;

    int64_t mono_ns;      ///< Live, or paced, or a pipe: time of the last look at the clock.
    int64_t last_wall_ns; ///< Of the last packet.
    int64_t pace_wall_ns, pace_mono_ns; ///< A packet of the first time is due at the second.
    bool paced;                         ///< The two are set.

    uint64_t canary_served; ///< The last ticket that packets were made for.

    _Atomic bool stop;
    _Atomic bool away;             ///< The interface is lost, and waited for.
    _Atomic uint64_t canary_asked; ///< The last ticket; 0: none yet.
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
static inline bool nta_capture_goes_on(const struct nta_capture *capture)
{
    return !nta_capture_stopped(capture) || !capture->input.is_file;
}

/** `text` escaped into `buf`, for a sentence. */
const char *nta_capture_shown(const char *text, char buf[NTA_NAME_SHOWN]);

/** Open and activate the interface with its filter.  0, or negative errno with the sentence. */
int nta_live_open(struct nta_capture *capture, struct nta_err *err);
/** Close the interface, if it is open. */
void nta_live_close(struct nta_capture *capture);

/** Until stop; survives the interface. */
void nta_live_run(struct nta_capture *capture);

/** Remember where the drop counts of a fresh handle start. */
void nta_stats_start(struct nta_capture *capture);

/** Count what was dropped since the last call. */
void nta_stats_update(struct nta_capture *capture);

/**
 * What the interface itself lost, by the numbers below `root` ("/sys/class/net"); 0 where there are
 * none.
 */
uint64_t nta_stats_interface_drops(const char *root, const char *interface);

/** Read all files.  0, or negative errno with the first problem's sentence. */
int nta_files_run(struct nta_capture *capture, struct nta_err *err);

/** Open file number `i` into capture->input.  0, or negative errno with the sentence. */
int nta_files_open(struct nta_capture *capture, size_t i, struct nta_err *err);

/**
 * Readers of one file from its first byte, which is in capture->input; `name` is escaped.  0 at a
 * clean end (or when stopped); else negative errno with the sentence, after everything readable was
 * dispatched.
 */
int nta_pcapfile_read(struct nta_capture *capture, const char *name, struct nta_err *err);
/** The same for pcapng files, of any byte order and with any number of sections. */
int nta_pcapng_read(struct nta_capture *capture, const char *name, struct nta_err *err);
/** The same for what libpcap reads and the two others do not. */
int nta_pcapodd_read(struct nta_capture *capture, const char *name, struct nta_err *err);

/** True for the first 24 bytes of a file that nta_pcapfile_read() reads without libpcap. */
bool nta_pcapfile_reads(const uint8_t header[24]);
