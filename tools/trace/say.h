/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a command adds to a chain: a note about an incident, or the trace of who opened what.  The
 * ntad that runs there writes it, asked over its control socket; where none runs, whoever may hold
 * the store's lock and use its signing key.  Anybody else is told where to say it.
 */

#include "base/err.h"
#include "record/record.h"

#include <stdint.h>

struct nta_saying
{
    const char *dir, *config;         ///< Where the store is, as nta_stores_options has it.
    enum nta_record_event event;      ///< NTA_RECORD_NOTE or NTA_RECORD_AUDIT.
    const struct nta_record_log *log; ///< All but `actor`, which is who is asked for it.
    const char *line;                 ///< The same as ntad is told (daemon/note.h).
    int64_t began_ns, ended_ns;       ///< Of a trace written here; 0: now, and not yet.
    /** An id that begins with the sensor whose chain it belongs into; NULL: any that is here. */
    const char *sensor;
};

/**
 * Write it and wait until it is stored.  0, or negative errno with a sentence: -EREMOTE: refused,
 * since it is not to be said here.
 */
int nta_say(const struct nta_saying *what, struct nta_err *err);

/** The same where no ntad runs: by this process, with the store's lock and its signing key. */
int nta_say_here(const struct nta_saying *what, struct nta_err *err);
