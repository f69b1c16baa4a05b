/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One question to the running ntad, and its answer. */

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>

enum
{
    NTA_CONTROL_ANSWER_MAX = 4 << 20 ///< Bytes; ntad's longest are far below one MiB.
};

/**
 * One question (a line), one answer of NTA_CONTROL_ANSWER_MAX bytes at most.  0, or negative errno
 * with a sentence: nobody listens there (-ENOENT, -ECONNREFUSED), this user may not ask (-EACCES),
 * no whole answer in time (-EAGAIN), or one that is too long (-EMSGSIZE).
 */
int nta_control_ask(const char *path, const char *line, struct nta_buf *answer,
                    struct nta_err *err);

/**
 * The same for who can wait only so many seconds: for the connection, and from the call on for all
 * of the question and the answer, however slowly it comes.
 */
int nta_control_ask_within(int patience_s, const char *path, const char *line,
                           struct nta_buf *answer, struct nta_err *err);

/**
 * Of an answer to "status ...": does its first line say "good N" or "bad N", with N bytes behind
 * it?  Gives which, and those bytes, borrowed from `answer`; false: it is not a whole one.
 */
bool nta_control_split(const struct nta_buf *answer, bool *ret_good, struct nta_span *ret_rest);
