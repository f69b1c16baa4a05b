/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* alert.json behind notify/follow.h, which says what each function gives. */

#include "base/err.h"
#include "notify/book.h"

struct nta_follow_file;

/** Open it at a place. */
int nta_follow_file_open(const char *path, const char *place, struct nta_follow_file **ret_file,
                         struct nta_err *err);
/** Takes NULL too. */
void nta_follow_file_free(struct nta_follow_file **file);

/** The next event. */
int nta_follow_file_next(struct nta_follow_file *file, struct nta_notify_event *ret_event);

/** Where it goes on. */
void nta_follow_file_place(struct nta_follow_file *file, char ret_place[NTA_NOTIFY_PLACE_SIZE]);

/** Wait for more, for a second at most. */
void nta_follow_file_wait(struct nta_follow_file *file);
