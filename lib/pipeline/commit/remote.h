/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Contents that are in MySQL, seen to by a thread with a connection of its own: a server that is
 * slow or away holds up no batch.  One thing at a time is asked of it, by one thread, which comes
 * again until it is done.
 */

#include "base/err.h"
#include "pipeline/commit/day_notes.h"
#include "record/class.h"
#include "store/store.h"

struct nta_remote; ///< Opaque.

/** Days behind `after` and before `before`, of one class. */
struct nta_remote_range
{
    int64_t after, before;
};

enum
{
    NTA_REMOTE_DAYS = 2048 ///< At most so many are listed, the oldest of each class.
};

/** Starts the thread; the server is reached when it is needed.  `mysql` is borrowed until stop. */
int nta_remote_start(const struct nta_mysql_options *mysql, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                     struct nta_remote **ret_remote, struct nta_err *err);
/** Waits for what it is at: at most the timeouts of its connection.  Takes NULL too, and clears. */
void nta_remote_stop(struct nta_remote **remote);

/**
 * Look at all of the sensor's heads there, for what they note of days.  0: the reader that did is
 * the caller's; -EAGAIN: it is being asked; or what the store failed with.
 */
int nta_remote_read_notes(struct nta_remote *remote, const struct nta_day_trust *trust,
                          struct nta_day_reader **ret_reader, struct nta_err *err);

/**
 * Which days of these ranges, by class, have contents that can be read; partitions of days that
 * come are made beside.  0: listed, for nta_remote_next(); -EAGAIN: it is being asked; or what the
 * store failed with.
 */
int nta_remote_survey(struct nta_remote *remote, const struct nta_remote_range *ranges,
                      struct nta_err *err);

/** The first of a class that was listed behind `after`; NULL: none.  Borrows until asked again. */
const struct nta_store_day *nta_remote_next(const struct nta_remote *remote, enum nta_class class,
                                            int64_t after);

/**
 * 0: what was surveyed last can be destroyed, or there is nothing; -EACCES, -EPROTO: it cannot, and
 * the sentence says what to do.
 */
int nta_remote_may_destroy(struct nta_remote *remote, struct nta_err *err);

/**
 * The day's keys are overwritten, unless batches came to it later, and its contents dropped.  0:
 * done; -EAGAIN: it is being done; or negative errno.
 */
int nta_remote_destroy(struct nta_remote *remote, const struct nta_store_day *day,
                       struct nta_err *err);
