/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The shipper: one thread that copies sealed batches and data keys from the journal to MySQL, and
 * lets the journal forget them once MySQL has acknowledged.  It retries for ever with a growing
 * pause (1 s to 60 s), says an outage once and its end once, and never makes the recorder wait.
 * Opens its own handles.
 *
 * Killed anywhere, it loses nothing and stores nothing twice: a batch leaves the journal only after
 * MySQL's commit, and one that MySQL has already is recognised by its place in the chain.  The
 * journal's last batch stays there all the same, so that its last batch is the one its chain row
 * names, and so do heads (without their contents) that name a key or have notes, and data keys.
 * Before the first batch is sent, both chains are held against each other; a row of MySQL's chain
 * that somebody else moved stops the shipping, with a sentence, and one that is behind what MySQL
 * acknowledged (a copy that was put back) is an alarm for an hour, while what the journal still has
 * is sent again.  Memory: one transaction, about 16 MiB.
 */

#include "base/err.h"
#include "base/runtime/counters.h"
#include "store/ship/ship_options.h"

#include <stdbool.h>
#include <stdint.h>

struct nta_ship;

/** Starts the thread.  An unreachable server is no failure; a journal that cannot be opened is. */
int nta_ship_start(const struct nta_ship_options *options, struct nta_ship **ret_ship,
                   struct nta_err *err);

/**
 * A batch was committed: look now (if the server is reached; an outage has its own pace).  Any
 * thread.
 */
void nta_ship_wake(struct nta_ship *ship);

/**
 * Try for at most `drain_ns` to ship what is left, then stop.  Frees.  A call to the server that is
 * going on then may take its timeout_s longer.
 */
void nta_ship_stop(struct nta_ship **ship, int64_t drain_ns);

/** What the shipper counts; borrowed until nta_ship_stop(), read by any thread. */
const struct nta_counters *nta_ship_counters(const struct nta_ship *ship);

/** Age of the oldest batch not yet shipped, in ns of wall time; 0 if there is none.  Any thread. */
int64_t nta_ship_lag_ns(const struct nta_ship *ship, int64_t wall_ns);
/** Whether the server was reached when it was last tried; false before that.  Any thread. */
bool nta_ship_connected(const struct nta_ship *ship);
