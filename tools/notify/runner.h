/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One receiver: reads the log, keeps a book of what it is to be told, and sends it.  Each has a
 * thread, a place in the log and a book of its own, so that a server that does not answer holds no
 * other receiver up.
 *
 * What holds over a crash: place and book are one file (STATE/NAME.book), written whole or not at
 * all.  A message is kept there before it is sent and leaves it after its server has taken it.  So
 * nothing is lost, and what was sent in the moment before a crash is sent again, under the same id:
 * mail programs, Matrix and who looks at Idempotency-Key show it once.  What cannot be kept is not
 * sent.
 */

#include "base/err.h"
#include "notify/settings.h"

#include <stdatomic.h>
#include <stdint.h>

struct nta_notify_runner
{
    const struct nta_notify_settings *settings; ///< Borrows, as all of these.
    const struct nta_notify_receiver *receiver;
    const char *state, *host;
    const atomic_bool *is_over;
    atomic_uint n_waiting; ///< Messages that could not be sent so far.
};

/** Go on until it is over; the thread's function.  Gives NULL. */
void *nta_notify_run(void *runner);

/** Send a made-up incident now.  0, or negative errno with a sentence. */
int nta_notify_try(const struct nta_notify_runner *runner, struct nta_err *err);

/**
 * Send a weekly report to a receiver that wants it ("report"), tried a few times.  0 (also when it
 * wants none), or negative errno with a sentence.
 */
int nta_notify_send_page(const struct nta_notify_runner *runner, const char *path,
                         struct nta_err *err);
