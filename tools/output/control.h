/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The running ntad, asked over its control socket. */

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_CONTROL_PATH_SIZE = 4096
};

/**
 * One question (a line), one answer.  0, or negative errno with a sentence: nobody listens there
 * (-ENOENT, -ECONNREFUSED), this user may not ask (-EACCES), no answer in time.
 */
int nta_control_ask(const char *path, const char *line, struct nta_buf *answer,
                    struct nta_err *err);

/**
 * Where ntad listens, by the configuration `config_path` (NULL: the default one).  One that cannot
 * be read is said on stderr, and the socket is where it is by default: who asks how ntad is may ask
 * because of that.  False: out of memory, which was said.
 */
bool nta_control_find(const char *config_path, char path[NTA_CONTROL_PATH_SIZE]);

/**
 * One question, and its answer's one line into `line`, without its end.  False: there is none, or
 * it is an error; that was said on stderr.
 */
bool nta_control_line(const char *path, const char *question, char *line, size_t size);

/**
 * Ask `question` again and again until its answer, "NUMBER WORDS", has at least the number
 * `wanted`; the words, NUL-terminated, into `words`.  0; -ETIMEDOUT: not within five minutes; -EIO:
 * said on stderr.
 */
int nta_control_await(const char *path, const char *question, uint64_t wanted, char *words,
                      size_t size);

/** Lists were changed: have ntad load them, if one runs, and say on stdout what came of it. */
void nta_control_reload(const char *path);
