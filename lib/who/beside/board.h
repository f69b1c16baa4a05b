/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Facts that are learnt beside the wire, from one thread to all workers.
 *
 * The thread that learns them (main) posts sheets of many facts; each worker reads every sheet, in
 * the order of posting, between two rounds of packets, and whoever is the last to have left one
 * frees it.  A sheet does not change once it is posted: what crosses threads is its address (the
 * `next` of the one before it: release and acquire) and the count of those that are to leave it.
 *
 * Bounded: once NTA_WHO_SHEETS are unread, nta_who_board_has_space() says so, and whoever posts
 * leaves the rest in its file.
 */

#include "who/who.h"

#include <stdatomic.h>

enum
{
    NTA_WHO_SHEET_FACTS = 256,
    NTA_WHO_SHEETS = 64,
};

/** One fact, and whether it is recorded. */
struct nta_who_posted
{
    struct nta_who_fact fact;
    bool is_told;
};

struct nta_who_sheet
{
    struct nta_who_sheet *_Atomic next;
    _Atomic unsigned n_to_leave; ///< Readers that have not gone on to `next`.
    size_t n;
    struct nta_who_posted posted[NTA_WHO_SHEET_FACTS];
    struct nta_buf texts; ///< What the facts' texts borrow from.
};

struct nta_who_board
{
    struct nta_who_sheet *last; ///< Posting thread: the newest that is posted.
    struct nta_who_sheet *open; ///< Posting thread: being filled; NULL: none.
    unsigned n_readers;
    _Atomic unsigned n_unread; ///< Sheets that somebody has not left.
};

/** 0 or -ENOMEM.  `ret_start` is where each of the readers begins. */
int nta_who_board_init(struct nta_who_board *board, unsigned n_readers,
                       struct nta_who_sheet **ret_start);
/** Free what is left behind `start`, where the slowest reader is; nobody reads any more. */
void nta_who_board_done(struct nta_who_board *board, struct nta_who_sheet *const *places, size_t n);

/** Is there space for a sheet more? */
bool nta_who_board_has_space(const struct nta_who_board *board);

/**
 * The posting thread: a fact more, copied; it is read once the sheet is full, or flushed.
 * `is_told`: it is recorded, too.  0 or -ENOMEM.
 */
int nta_who_board_add(struct nta_who_board *board, const struct nta_who_fact *fact, bool is_told);
/** The posting thread: what was added is posted. */
void nta_who_board_flush(struct nta_who_board *board);

/** A reader: the next sheet, which takes the place of `*place`; NULL: there is none yet. */
const struct nta_who_sheet *nta_who_board_next(struct nta_who_board *board,
                                               struct nta_who_sheet **place);
