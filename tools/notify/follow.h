/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The log, read forward from a place that was kept: ntad's entries of the journal, or alert.json.
 *
 * A place is text without blanks and outlives the program: the journal's cursor, or device, inode
 * and offset of the file with a hash of its beginning.  alert.json is followed over logrotate: what
 * was not read of the renamed one (.1 beside it) is read before the new one.  That something is
 * missing between the place and what is there now is said.  One thread each.
 */

#include "base/err.h"
#include "notify/book.h"

struct nta_follow;

/**
 * Open `source` ("journal", or a path) at `place`; "": at what comes from now on.  `unit` as in
 * the settings.  0, or negative errno with a sentence.
 */
int nta_follow_open(const char *source, const char *unit, const char *place,
                    struct nta_follow **ret_follow, struct nta_err *err);
/** Takes NULL too. */
void nta_follow_free(struct nta_follow **follow);

/** The next event into `ret_event`.  1; 0: none yet; negative errno. */
int nta_follow_next(struct nta_follow *follow, struct nta_notify_event *ret_event);

/** Where reading goes on: behind what nta_follow_next() gave last. */
void nta_follow_place(struct nta_follow *follow, char ret_place[NTA_NOTIFY_PLACE_SIZE]);

/** Wait until there may be more, for a second at most. */
void nta_follow_wait(struct nta_follow *follow);
