/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Contents that go for good, those of a class and a UTC day at a time, in this order: a note in a
 * header says so, signed and durable; the data keys of that class and day are overwritten; the
 * contents are dropped, in slices that batches can wait for.  Heads stay, so the chain holds, and
 * the judge excuses what a note names.  Who is killed in between finds with
 * nta_commit_find_noted(), at its next start, what was begun.
 *
 * Where MySQL is, contents and keys are there, too, and are seen to by a thread of their own
 * (remote.h): what of them is listed here is what nta_commit_survey() found last.
 *
 * All are the committing thread's.
 */

#include "pipeline/commit/commit.h"
#include "pipeline/commit/hold.h"
#include "pipeline/commit/remote.h"
#include "vault/note.h"

enum
{
    NTA_DESTROY_MAX = 7 ///< Days in one header's notes.
};

/** Contents to be destroyed. */
struct nta_destroy
{
    struct nta_store_day day;
    uint64_t noted;        ///< The header that says so.
    bool keys_gone;        ///< The store's own data keys were overwritten,
    bool local_gone;       ///< and its contents are gone: MySQL's are next,
    int64_t waits_mono_ns; ///< once the note is there, too, which is waited for since then.
};

/** True if contents are in MySQL, too. */
bool nta_commit_is_remote(const struct nta_commit *commit);

/**
 * List MySQL's days of these ranges, by class.  0, also where no MySQL is; -EAGAIN: it is being
 * asked, come again; or negative errno, as nta_remote_survey().
 */
int nta_commit_survey(struct nta_commit *commit, const struct nta_remote_range *ranges,
                      struct nta_err *err);

/**
 * What the sensor's heads note of days, in the store and in MySQL, as far as they are proved;
 * settled.  0; -EAGAIN: MySQL is being asked, or there are more heads, come again; or negative
 * errno.
 */
int nta_commit_read_notes(struct nta_commit *commit, struct nta_day_notes *ret_notes,
                          struct nta_err *err);

/** The ranges in which something is noted as destroyed. */
void nta_commit_noted_ranges(const struct nta_day_notes *notes,
                             struct nta_remote_range ret_ranges[NTA_N_CLASSES]);

/** The first day behind `after` that has contents of a class.  1; 0: none; negative errno. */
int nta_commit_next_day(struct nta_commit *commit, enum nta_class class, int64_t after,
                        struct nta_store_day *ret_day, struct nta_err *err);

/** Bytes of a day's batches.  0 or negative errno. */
int nta_commit_weigh_day(struct nta_commit *commit, const struct nta_store_day *day,
                         uint64_t *ret_bytes, struct nta_err *err);

/** Bytes that the store uses on disk, of `bound` (nta_store_used()).  0 or negative errno. */
int nta_commit_used(struct nta_commit *commit, uint64_t bound, uint64_t *ret_bytes,
                    struct nta_err *err);

/**
 * Note that up to NTA_DESTROY_MAX days go: `reason` in the header, and a record each that names
 * `actor`.  From then on they are to be destroyed.  0; -EBUSY: one is today's, whose key is in use;
 * -EACCES, -EPROTO: what was surveyed in MySQL cannot be; or negative errno, and nothing is noted.
 */
int nta_commit_note_destroyed(struct nta_commit *commit, const struct nta_store_day *days,
                              size_t n_days, enum nta_delete_reason reason, struct nta_span actor,
                              struct nta_err *err);

/**
 * One step on the way of a day that was noted.  1: there is more; 0: it is gone; -EBUSY: a reader
 * holds the log, in which its keys still are: again is right; -EAGAIN: MySQL is at it, or has not
 * got the note yet; -ENOTCONN: for half a minute already; or negative errno.
 */
int nta_commit_destroy(struct nta_commit *commit, struct nta_destroy *destroy, struct nta_err *err);

/**
 * Up to NTA_DESTROY_MAX days that are noted as destroyed, and whose contents are there.  Contents
 * that came later, on such a day again, stay (in MySQL with all of the day, whose key and partition
 * go as one), and so does what was held before it was noted, and what is today's.  0 or negative
 * errno.
 */
int nta_commit_find_noted(struct nta_commit *commit, const struct nta_day_notes *notes,
                          const struct nta_holds *holds, struct nta_destroy *ret_days,
                          size_t *ret_n, struct nta_err *err);
