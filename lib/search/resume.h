/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Up to which batch this user's nta has verified a store, so that the next time may begin behind
 * it.
 *
 * It is the file `verified` of the user's state folder (search/remember/remember.h), a line each:
 *
 *     SENSOR: batch NUMBER, LINK, tree ROOT, opened, store ID, at SECONDS, all since SECONDS,
 *         indexes to NUMBER
 *
 * all in one; `opened`, or `closed` where contents were hashed but not opened, or `quick` where
 * indexes were not made again, either; ID is of the journal's file (device, inode, and when it was
 * made) and of MySQL's hosts and database; the times are when that was verified, and since when all
 * before it was read; up to the last number all indexes that are noted were made again (without it,
 * as former versions wrote lines: none).  A line counts for that sensor in that store, if as much
 * was done then as now, and only if the tree over the headers that are there is the one that it
 * names (chain/recall.h): else it is NTA_FINDING_SEEN, and nothing is passed over.  So a change of
 * a header is found, one of what lies below it is not: contents of batches that are passed over are
 * not read, nor is it looked whether they are there.
 *
 * Bounded: NTA_RESUME_MAX lines; one more takes the place of the oldest.
 */

#include "search/remember/made.h"
#include "search/stores.h"

enum
{
    NTA_RESUME_MAX = 4096
};

struct nta_resume; ///< Opaque.

/** What is done with each batch; each with all that those before it do. */
enum nta_resume_depth
{
    NTA_RESUME_QUICK,
    NTA_RESUME_CLOSED,
    NTA_RESUME_OPENED,
};

/** Of which kind this verifying is. */
static inline enum nta_resume_depth nta_resume_depth(bool is_quick, bool opens)
{
    return is_quick ? NTA_RESUME_QUICK : opens ? NTA_RESUME_OPENED : NTA_RESUME_CLOSED;
}

/** Where it began behind. */
struct nta_resumed
{
    uint64_t to; ///< The last number that is passed over.
    int64_t wall_ns, since_ns;
};

/** Before anything is verified.  NULL: no memory. */
struct nta_resume *nta_resume_new(void);

/**
 * Behind nta_stores_judge(), before the walk, if something may be passed over: read the file, have
 * the judge expect what it says of this store, and read all headers up to there once; `made` is
 * told which indexes were made again before.  A file that is not of its form is NTA_FINDING_SEEN,
 * one that may not be read NTA_FINDING_UNSEEN.  0, or -ENOMEM.
 */
int nta_resume_begin(struct nta_stores *stores, struct nta_chain *chain,
                     enum nta_resume_depth depth, struct nta_made *made, struct nta_resume *resume,
                     struct nta_err *err);
/** Takes NULL too. */
void nta_resume_free(struct nta_resume **resume);

/** True if a batch with this header is passed over. */
bool nta_resume_passes(const struct nta_chain *chain, const struct nta_header *header);

/** Of this sensor.  False: from its first batch on; `resume` may be NULL. */
bool nta_resume_get(const struct nta_resume *resume, const struct nta_chain *chain,
                    const uint8_t sensor[NTA_SENSOR_ID_LEN], struct nta_resumed *ret_resumed);

/**
 * All of it held: remember how far, as deep and with the indexes that are `made`.  It began at
 * `wall_ns`, where `resume` says.  Nothing is remembered of a sensor of which nothing as deep is
 * there, if the file was written meanwhile: somebody may have forgotten it.
 */
void nta_resume_keep(const struct nta_stores *stores, const struct nta_chain *chain,
                     const struct nta_resume *resume, enum nta_resume_depth depth,
                     const struct nta_made *made, int64_t wall_ns);

/** Something does not hold: nothing counts any more of what was verified in this store before. */
void nta_resume_forget(const struct nta_stores *stores);
