/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The trace of a reading: who wanted to know what of a store's records, when, and how many records
 * that were.  The ntad that writes the store is asked to note it, before anything is opened; whose
 * process asks, the kernel tells it.  What is noted is a record of the event `audit` in the
 * sensor's chain, which nobody can take back (`nta audit`).
 *
 * A reading leaves two of them with the same time, actor and question: one at its begin, and one at
 * its end, which has an `end` and says how many records were given.  A reading that was killed has
 * no second one.  Who knows the number at once, or has opened already, leaves one that says both.
 *
 * Readings of what the sensor says of itself (class 4) leave none.
 *
 * Any thread; each call waits until the record is stored.
 */

#include "ask/tell.h"
#include "base/bytes.h"
#include "base/err.h"

#include <stdint.h>

enum
{
    NTA_OPENING_MAX = 600,   ///< Bytes of a question that are noted; what is longer ends in "...".
    NTA_OPENING_PERSON = 100 ///< And of a person.
};

/** What is borrowed until the call returns. */
struct nta_opening
{
    const char *socket;       ///< Where the ntad listens that writes the store.
    struct nta_span question; ///< As it was asked; not empty.
    /** For whom a service asks, by the login that it knows; empty: for whoever runs the process. */
    struct nta_span person;
    int64_t began_ns; ///< By nta_opening_begin(): the first record's time.
};

/** Before anything is opened.  0: it is stored; or negative errno, as nta_control_tell(). */
int nta_opening_begin(struct nta_opening *reading, struct nta_err *err);

/** After nta_opening_begin(): so many records were given.  As above. */
int nta_opening_end(const struct nta_opening *reading, uint64_t n_records, struct nta_err *err);

/** All of it in one record.  As above. */
int nta_opening_note(const struct nta_opening *reading, uint64_t n_records, struct nta_err *err);
