/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The journal behind notify/follow.h, which says what each function gives. */

#include "base/err.h"
#include "notify/book.h"

struct nta_follow_journal;

/** Open it at a place. */
int nta_follow_journal_open(const char *unit, const char *place,
                            struct nta_follow_journal **ret_journal, struct nta_err *err);
/** Takes NULL too. */
void nta_follow_journal_free(struct nta_follow_journal **journal);

/** The next event. */
int nta_follow_journal_next(struct nta_follow_journal *journal, struct nta_notify_event *ret_event);

/** Where it goes on. */
void nta_follow_journal_place(struct nta_follow_journal *journal,
                              char ret_place[NTA_NOTIFY_PLACE_SIZE]);

/** Wait for more, for a second at most. */
void nta_follow_journal_wait(struct nta_follow_journal *journal);
