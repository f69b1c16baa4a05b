/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * When this sensor did not watch: records of the events start, stop and gap.
 *
 * Beside the store lies watch.state (runfile.h): that ntad runs, or that it was stopped, and up to
 * when all that it saw is stored.  It is written about once a second and at a clean stop; so what
 * it says is at most that much, and after a loss of power some half a minute, too old, and a gap is
 * never told too short.  The next start reads it: what lies between is a gap.  The file is
 * not signed, so it is not believed beyond what the sensor sealed: a run ended at most
 * NTA_GAPS_SEALED_NS after its last batch.
 *
 * While it runs, a store that takes nothing is a gap, told when it is over, or at the stop.  What
 * could not be seen of an interface is told by who captures (capture/capture.h).  What a run would
 * still tell is kept for the next start, in case that it is killed: gaps that are open, losses that
 * no record has yet, and what was told but is not stored yet.  What is stored may be told once more
 * by a start if ntad is killed within the second after that; nothing is told too short.
 *
 * Main only; times are parameters.  Bounded: NTA_GAPS_KEPT gaps, then the oldest that were told go.
 */

#include "base/buf.h"
#include "record/record.h"

#include <stdbool.h>
#include <stdint.h>

/** Losses are kept for the next start that often, while a record has to tell some. */
#define NTA_GAPS_LOSSES_NS INT64_C(4500000000)
#define NTA_GAPS_SEALED_NS INT64_C(60000000000)

enum
{
    NTA_GAPS_KEPT = 192,
    NTA_GAP_NAME_SIZE = 64 ///< Of an interface; a kernel's has 15 bytes at most.
};

struct nta_gap
{
    enum nta_gap_reason reason;
    char interface[NTA_GAP_NAME_SIZE]; ///< "": all.
    int64_t from_ns, to_ns;            ///< Wall time; `to_ns` 0: it is open.
    uint64_t number;                   ///< Of the record that told it; 0: none did.
};

struct nta_gaps_calls
{
    /** Give a record, borrowed for the call; gives its number, from 1. */
    uint64_t (*emit)(void *owner, const struct nta_record *record);
    /**
     * Keep these bytes for the next start, in place of others; empty: nothing.  Borrowed.  False:
     * they are not, so they are given again at the next look.
     */
    bool (*keep)(void *owner, struct nta_span bytes);
    void *owner;
};

/** Records of losses, as bytes that can be kept, and the number of the last one; 0: not told. */
struct nta_gaps_losses
{
    struct nta_buf bytes;
    int64_t from_ns;
    uint64_t number;
};

struct nta_gaps
{
    struct nta_gaps_calls calls;
    int64_t sealed_ns;      ///< Before the start: when the last batch was sealed; 0: not known.
    int fd;                 ///< watch.state; -1: it cannot be written.
    int64_t losses_mono_ns; ///< When they were last kept.
    int64_t stop_wall_ns;   ///< When it was told to stop.
    uint64_t n_unstored;    ///< Records that were lost, at the last look.
    struct nta_gap kept[NTA_GAPS_KEPT];
    size_t n_kept;
    struct nta_gaps_losses untold, told; ///< Losses.
    struct nta_buf lost;                 ///< Those whose record will never be stored, as `bytes`.
    bool is_changed;                     ///< What is kept, since it was given to `keep`.
};

/** What a look at the pipeline gave. */
struct nta_gaps_look
{
    int64_t wall_ns, mono_ns;
    bool store_fails;            ///< Records cannot be stored now.
    uint64_t n_unstored;         ///< Records that were lost so far.
    int64_t stored_ns;           ///< Wall time: all that was seen before is stored.
    uint64_t n_told, n_stored;   ///< Records that were emitted so far, and of these are stored.
    uint64_t lost_from, lost_to; ///< But for these, which never will be; 0: none.
    const struct nta_gap *blind; ///< Interfaces of which nothing can be seen now; open.
    size_t n_blind;
    const struct nta_record *losses; ///< That no record has yet; NULL: none.
};

/**
 * Read the state beside the store `path`, tell what it and the `kept` bytes say of the time before
 * `wall_ns`, and say that it runs.  Zero but for `calls` and `sealed_ns` before.  0; negative
 * errno: the state cannot be kept (the start was told all the same).
 */
int nta_gaps_start(struct nta_gaps *gaps, const char *path, struct nta_span kept, int64_t wall_ns);

/** About once a second. */
void nta_gaps_look(struct nta_gaps *gaps, const struct nta_gaps_look *look);

/** A clean stop begins: the store's gap is told, and the stop. */
void nta_gaps_stop(struct nta_gaps *gaps, const struct nta_gaps_look *look);

/**
 * And is over: all that could be stored is, interfaces were told by who captures.  The state says
 * so; what is not stored is kept.  Frees.
 */
void nta_gaps_end(struct nta_gaps *gaps, const struct nta_gaps_look *look);

/** Free what it owns; the state's file stays as it is. */
void nta_gaps_done(struct nta_gaps *gaps);
