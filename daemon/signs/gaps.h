/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * When this sensor did not watch: records of the events start, stop and gap.
 *
 * Beside the store lies watch.state, one line: that ntad runs, or that it was stopped, and when it
 * last said so.  It is written every NTA_GAPS_BEAT_NS and at a clean stop, without waiting for the
 * disk; so what it says is at most that much, and after a loss of power some half a minute, too
 * old, and a gap is never told too short.  The next start reads it: what lies between is a gap.
 * The file is not signed, so it is not believed beyond what the sensor sealed: a run ended at most
 * NTA_GAPS_SEALED_NS after its last batch.
 * While it runs, a store that takes nothing is a gap, told when it is over, or at the stop.  (What
 * could not be seen of an interface is told by who captures: capture/capture.h.)
 *
 * Main only; times are parameters.
 */

#include "record/record.h"

#include <stdbool.h>
#include <stdint.h>

#define NTA_GAPS_BEAT_NS   INT64_C(5000000000)
#define NTA_GAPS_SEALED_NS INT64_C(60000000000)

struct nta_gaps
{
    int fd;                    ///< watch.state; -1: it cannot be written.
    int64_t beat_mono_ns;      ///< When it was last written.
    int64_t unstored_since_ns; ///< 0: the store takes what there is.
    uint64_t n_unstored;       ///< Records that were lost, at the last look.
    int64_t sealed_ns;         ///< Before the start: when the last batch was sealed; 0: not known.
    /** Give a record; borrowed for the call. */
    void (*emit)(void *owner, const struct nta_record *record);
    void *owner;
};

/** What a look at the pipeline gave. */
struct nta_gaps_look
{
    int64_t wall_ns, mono_ns;
    bool store_fails;    ///< Records cannot be stored now.
    uint64_t n_unstored; ///< Records that were lost so far.
};

/**
 * Read the state beside the store `path`, tell what it says of the time before `wall_ns`, and say
 * that it runs.  0; negative errno: the state cannot be kept (the start was told all the same).
 */
int nta_gaps_start(struct nta_gaps *gaps, const char *path, int64_t wall_ns);

/** About once a second. */
void nta_gaps_look(struct nta_gaps *gaps, const struct nta_gaps_look *look);

/** A clean stop: what is open is told, and the stop; then the state says so. */
void nta_gaps_stop(struct nta_gaps *gaps, const struct nta_gaps_look *look);

/** Close the state's file; it stays as it is. */
void nta_gaps_done(struct nta_gaps *gaps);
