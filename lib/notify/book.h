/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What one receiver is to be told: incidents that are gathered, and messages that wait to be sent.
 *
 * An incident is what one user did with one entry of one list.  Its alerts are gathered for a while
 * (`gather`), then they are one message; what follows within `window` is one more at its end, or
 * sooner if it proves more than what was told (nta_notify_event_rank()).  Beyond `per_hour`
 * messages incidents are told together, in one at the hour's end; a quarter is kept for high and
 * critical ones.  In quiet hours they go on being gathered.
 *
 * A message has an id that stays, however often it is tried: it is the mail's Message-ID, Matrix's
 * transaction and a webhook's Idempotency-Key.
 *
 * Memory is bounded: of open incidents those are given up that were told and had nothing since;
 * what finds no room is told together with others.  If too many messages wait,
 * nta_notify_book_is_full() says so, and whoever reads the log waits: it has not read them, so
 * nothing is lost.
 *
 * Time is the wall clock's, since a book outlives its program; one that was set back holds nothing
 * up for longer than a window.  One thread.
 */

#include "base/buf.h"
#include "notify/event.h"
#include "notify/receiver.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_NOTIFY_OPEN_MAX = 512,
    NTA_NOTIFY_READY_MAX = 256,
    NTA_NOTIFY_ITEMS_MAX = NTA_NOTIFY_OPEN_MAX + NTA_NOTIFY_READY_MAX + 1,
    NTA_NOTIFY_ID_SIZE = 33,
    NTA_NOTIFY_PLACE_SIZE = 1024,
};

struct nta_notify_item
{
    bool ready;                  ///< A message; else an incident that is open.
    bool lingers;                ///< Nothing came in a window after it was told.
    char id[NTA_NOTIFY_ID_SIZE]; ///< Of a message.
    int64_t first_ns, last_ns;   ///< When its alerts came.
    int64_t due_ns;              ///< Then it is looked at, or tried, again.
    int64_t made_ns;             ///< Of a message.
    uint64_t tries;
    uint64_t taken;    ///< Of a mail: a bit for each address that has it, in the receiver's order;
    uint64_t taken_of; ///< of these addresses, a hash of them.
    uint64_t n;        ///< Alerts; 0: all were told.
    uint64_t n_incidents; ///< Told together; 0: it is a single one.
    uint64_t told;        ///< 1 + the rank of what was told; 0: nothing was.
    struct nta_notify_event best;
};

struct nta_notify_book
{
    struct nta_notify_item *items[NTA_NOTIFY_ITEMS_MAX]; ///< Owned.
    size_t n;
    int64_t hour_ns; ///< When it began,
    uint64_t n_made; ///< and how many messages were made in it.
    char
        place[NTA_NOTIFY_PLACE_SIZE]; ///< Up to where the log was read, in shown form; "": nowhere.
};

/** Free all of it; an empty book is left. */
void nta_notify_book_done(struct nta_notify_book *book);

/** Take an event that the receiver wants.  0 or -ENOMEM: it was not taken. */
int nta_notify_book_take(struct nta_notify_book *book, const struct nta_notify_receiver *receiver,
                         const struct nta_notify_event *event, int64_t wall_ns);

/**
 * Is the event of an incident that the book has?  Repeats are: the log says of them neither how bad
 * they are nor whose, so they cannot be chosen by that.
 */
bool nta_notify_book_has(const struct nta_notify_book *book, const struct nta_notify_event *event);

/**
 * Make messages of what is due.  True: the book is another one than before, and is to be kept
 * before a message is sent.
 */
bool nta_notify_book_turn(struct nta_notify_book *book, const struct nta_notify_receiver *receiver,
                          int64_t wall_ns);

/** As many messages wait as may. */
bool nta_notify_book_is_full(const struct nta_notify_book *book);

/**
 * The clock was set, by so much: whatever waits has waited, and waits on, for as long as before.
 */
void nta_notify_book_shift(struct nta_notify_book *book, int64_t by_ns);

/**
 * The oldest message that may be tried now, also as far as the receiver's quiet hours say; NULL:
 * none.  Borrows until the next change.
 */
struct nta_notify_item *nta_notify_book_find(struct nta_notify_book *book,
                                             const struct nta_notify_receiver *receiver,
                                             int64_t wall_ns);

/** If the receiver has other addresses than at the last try, the message goes to all of them. */
void nta_notify_book_address(struct nta_notify_item *item,
                             const struct nta_notify_receiver *receiver);

/** The message was sent, or is given up. */
void nta_notify_book_drop(struct nta_notify_book *book, const struct nta_notify_item *item);

/** How many messages wait. */
size_t nta_notify_book_n_ready(const struct nta_notify_book *book);

/** Append the book as text. */
void nta_notify_book_put(const struct nta_notify_book *book, struct nta_buf *out);

/** Read it again, in place of what is in `book`.  0, or -EINVAL: it is none; `book` is empty. */
int nta_notify_book_read(struct nta_notify_book *book, struct nta_span text);
