/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One writer a store: whoever seals batches into a store holds this lock from before it reads the
 * chain's head until after its last commit.  Two would number their batches alike, and a chain that
 * has parted cannot be mended.
 *
 * It is flock(2) on "journal.lock" beside "journal.db": the system takes it back when its holder
 * ends in any way, so a file that is there says nothing.  Its content (process and command of the
 * last holder) is for people.  Readers, and the shipper of the process that holds it, need no lock.
 */

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct nta_store_lock; ///< Opaque.

/**
 * Take the lock of the store at `path`, which need not be there yet; its folder must.  Another
 * process holds it: -EBUSY at once, or, with `wait`, a line on the log and then it is waited for.
 * The sentence names the holder's process and command.
 */
int nta_store_lock_take(const char *path, bool wait, struct nta_store_lock **ret_lock,
                        struct nta_err *err);
/**
 * Is what is locked still what is there?  If the file, or its whole folder, was removed or
 * replaced, the one that is there now is locked in its place: without that, a second writer could
 * begin.  Cheap if nothing has changed.  0: it is ours; negative errno with a sentence (-EBUSY:
 * another process was quicker): nothing may be written.
 */
int nta_store_lock_keep(struct nta_store_lock *lock, struct nta_err *err);
/** Release it; the file stays, emptied.  Takes NULL too, and clears. */
void nta_store_lock_free(struct nta_store_lock **lock);

/**
 * "journal.db" and ".lock" give "journal.lock", what has no ".db" at its end gets the new one
 * behind it.  -ENAMETOOLONG.
 */
int nta_store_beside(const char *path, const char *end, char *ret_path, size_t size);

/**
 * A file made by root beside a store is its folder's owner's, as SQLite does it: or the service
 * could not open it.
 */
void nta_store_own_as_folder(const char *path, int fd);
