/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * libpcap, live and from files, into a dispatch.
 *
 * One source is one thing to read: an interface (also "any"), or a list of files read in order ("-"
 * is standard input).  nta_capture_run() is the body of its thread: it reads, decodes, dispatches,
 * and returns at the end of the files, on nta_capture_stop(), or on failure.  Everything read
 * before a failure has been dispatched.
 *
 * Live: never waits for a worker; drops are counted apart (kernel, interface, ring); an interface
 * that goes away is opened again as soon as it is back, and said once.  Files: waits, drops
 * nothing; pcap and pcapng with micro- or nanosecond stamps, read in large pieces.
 */

#include "base/err.h"
#include "base/hash.h"
#include "base/runtime/counters.h"
#include "decode/owner.h"
#include "ring/dispatch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nta_capture; ///< Opaque.
struct nta_fanout;  ///< Captures that share an interface: capture/share/fanout.h.

enum
{
    NTA_CAPTURE_LINK_SIZE = 64 ///< Space for the name of a link type.
};

/** What can be seen of an interface. */
enum nta_sight
{
    NTA_SIGHT_FINE,      ///< Or nothing that the kernel calls an interface ("any", "nflog").
    NTA_SIGHT_GONE,      ///< It is not there, or another one has its name now.
    NTA_SIGHT_RENAMED,   ///< It has another name now.
    NTA_SIGHT_DOWN,      ///< Set down: nothing comes in.
    NTA_SIGHT_NO_CARRIER ///< Set up, but nobody is on the other end.
};

/** A time in which nothing could be seen of an interface. */
struct nta_absence
{
    const char *interface;  ///< Borrows for the call.
    enum nta_sight sight;   ///< Why; not FINE.
    int64_t from_ns, to_ns; ///< Wall time; never too short.
};

struct nta_capture_options
{
    const char *interface;    ///< Live: its name; NULL for files.
    const char *const *files; ///< Files: paths in order, "-" is standard input.  Borrows.
    size_t n_files;
    const char *filter; ///< BPF expression or NULL.
    /** Live: with which others it shares the interface; NULL: with none.  Borrows until free. */
    struct nta_fanout *fanout;
    bool follows; ///< Another one of those counts what the card has missed, and tells absences.
    uint32_t snap_len;       ///< Bytes; live.
    uint64_t buffer_bytes;   ///< Kernel buffer; live.
    bool promiscuous;        ///< Live.
    bool waits;              ///< Live: one that is not there at the start is waited for.
    bool pace;               ///< Files: at the speed they were captured.
    uint8_t source;          ///< Number put into each packet.
    struct nta_hash_key key; ///< For the flows' hash; the same in all sources.
    bool is_confined;        ///< Its thread gives up what it has no need of (runtime/confine.h).
    bool is_merged;          ///< Live: with other sources; nothing is kept back, times are passed.
    const char *canary;      ///< Live: name for made-up packets (canary.h); NULL: none.  Borrows.
    /** Whose a packet is.  Borrows; may be NULL if there is one worker: then no end is outside. */
    const struct nta_owner *whose;

    /**
     * Files: one cannot be read, or not whole; its sentence.  From the capture's thread, or NULL.
     */
    void (*complain)(void *owner, const char *sentence);
    /** Live: such a time is over.  From the capture's thread, or NULL. */
    void (*tell_absence)(void *owner, const struct nta_absence *absence);
    void *owner; ///< Of both; borrows.
};

/**
 * Open and check: the interface is there, the filter compiles, the file can be opened.  Of several
 * files, and of a folder, run says what is wrong, and reads the others.  0, or negative errno with
 * the sentence in `err` (names the interface, file or filter).  Interface options are borrowed
 * until free.
 */
int nta_capture_open(const struct nta_capture_options *options, struct nta_dispatch *dispatch,
                     struct nta_capture **ret_capture, struct nta_err *err);
/** Takes NULL too.  Its thread has ended; closes interfaces and files. */
void nta_capture_free(struct nta_capture **capture);

/**
 * Read to the end, then nta_dispatch_end().  0: all was read.  Negative errno: some input could not
 * be read (whole); the first problem's sentence is in `err`, later files were read all the same.
 */
int nta_capture_run(struct nta_capture *capture, struct nta_err *err);

/** Ask run to end soon.  Any thread, async-signal-safe. */
void nta_capture_stop(struct nta_capture *capture);

/**
 * Live: have the capture thread make up packets for a name below `canary`, for each worker;
 * `ticket` grows with each call and stands in the name.  One thread asks.
 */
void nta_capture_ask(struct nta_capture *capture, uint64_t ticket);

/**
 * Open an interface as a start would, without its filter, and close it again (`ntad --check`).  0
 * with its link type, or negative errno with the start's sentence.
 */
int nta_capture_try(const struct nta_capture_options *options, int *ret_link_type,
                    struct nta_err *err);

/**
 * Compile a filter for a kind of link; negative: for Ethernet.  0, or -EINVAL with the sentence.
 */
int nta_capture_check_filter(const char *filter, int link_type, struct nta_err *err);

/** Shared with readers in other threads. */
const struct nta_counters *nta_capture_counters(const struct nta_capture *capture);
/** Numbers that the decoder did not know, each once.  Shared with readers in other threads. */
const struct nta_unknowns *nta_capture_unknowns(const struct nta_capture *capture);

/**
 * Live: the link type as libpcap names it ("EN10MB"), or its number, into `buf`; "" of files, and
 * while it is not known, since the interface was not there yet.
 */
const char *nta_capture_link(const struct nta_capture *capture, char buf[NTA_CAPTURE_LINK_SIZE]);

/**
 * Live: what can be seen of the interface now; of a time without anything that is over, absences
 * were told by then.  Any thread.
 */
enum nta_sight nta_capture_sight(const struct nta_capture *capture);

/** And since when, wall time, if nothing can be seen of it.  Any thread. */
int64_t nta_capture_blind_since(const struct nta_capture *capture);

/** Live: how long nothing could be seen of it so far, in all.  Any thread. */
int64_t nta_capture_blind_ns(const struct nta_capture *capture, int64_t mono_ns);

/**
 * Bytes of the files read so far and in all (0 if unknown: standard input), for a progress line.
 */
void nta_capture_progress(const struct nta_capture *capture, uint64_t *ret_done, uint64_t *ret_all);
