/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a worker knows of who has which address, beside what it hears: facts that main posts to all
 * (who/beside/board.h), and the table as lines, so that a restart knows it again.
 *
 * The worker's thread, but where it says so.  Each turn has little to do, however large the table:
 * packets wait meanwhile.
 */

#include "session/session.h"
#include "who/beside/board.h"

#include <stdatomic.h>

enum nta_saving
{
    NTA_SAVING_NOT,
    NTA_SAVING_ASKED, ///< The worker is at it.
    NTA_SAVING_DONE,  ///< `lines` is whole, and main's.
};

struct nta_learning
{
    struct nta_who_table *table; ///< Owns.
    struct nta_who_board *board; ///< Borrows; NULL: none.
    struct nta_who_sheet *place; ///< Where on it this worker is.
    bool tells;                  ///< It is the one that records what is new.
    _Atomic int saving;          ///< enum nta_saving.
    size_t saved;                ///< So far, of the table's places.
    uint64_t n_evicted;          ///< Of the table's, those that are counted.
    struct nta_buf lines;        ///< Owns.
};

/** Learn what was posted since, and go on with saving.  `parts` are this worker's. */
void nta_learning_turn(struct nta_learning *learning, struct nta_session_parts *parts,
                       int64_t wall_ns);

/** Main: have it saved, unless it is at it already. */
void nta_learning_ask(struct nta_learning *learning);
/** Main: the lines, once they are there, borrowed until the next time it is asked; else empty. */
struct nta_span nta_learning_take(struct nta_learning *learning);

/** The thread has ended: all of it, appended. */
void nta_learning_put(const struct nta_learning *learning, int64_t wall_ns, struct nta_buf *out);
