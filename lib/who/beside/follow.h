/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A file that says who has an address, followed: as it grows, when another one takes its place, and
 * when it is written anew where it lies.  A FIFO is read as long as there is something in it.
 *
 * One thread, asked each second or so.  Nothing here waits: what is not there is looked for again,
 * and at most NTA_FOLLOW_BYTES are read each time.  A line that is longer than NTA_WHO_LINE_MAX is
 * none.
 */

#include "base/err.h"
#include "who/beside/lines.h"

#include <sys/types.h>

enum
{
    NTA_FOLLOW_BYTES = 4 << 20,
    NTA_FOLLOW_LEASES = 65536, ///< Of a file that is written anew: those that may end by that.
};

struct nta_follow
{
    const char *path; ///< Borrows.
    int fd;           ///< -1: not open.
    dev_t dev;
    ino_t ino;
    off_t at;                  ///< How much of it is read.
    struct timespec changed;   ///< When it was, at its last reading.
    bool is_fifo, was_missing; ///< The latter: it is said once.
    bool is_anew;              ///< It is read from its beginning.
    off_t resume_at;           ///< So much of it was read before the program's start; 0: nothing.
    dev_t resume_dev;
    ino_t resume_ino;
    struct nta_who_lines lines;
    uint8_t *line; ///< Owns: the line that is not whole yet; NTA_WHO_LINE_MAX.
    size_t line_len;
    bool is_too_long; ///< What comes up to the next newline is passed over.
    /** Owns: addresses of a file that is written anew: of its last reading, and of this one. */
    struct nta_addr *had, *has;
    size_t n_had, n_has;
};

/** What is done with what it says. */
struct nta_follow_calls
{
    /** False: no more now. */
    bool (*has_space)(void *owner);
    void (*fact)(void *owner, const struct nta_who_fact *fact);
    void *owner;
};

/** 0 or -ENOMEM.  done() takes it in any case. */
int nta_follow_init(struct nta_follow *follow, const char *path);
/** Frees what it owns; takes one of zeros, too. */
void nta_follow_done(struct nta_follow *follow);

/**
 * How far it is read, for the next start; false: it is to be read from its beginning then, since
 * what stands in it has times of its own.
 */
bool nta_follow_place(const struct nta_follow *follow, uint64_t *ret_dev, uint64_t *ret_ino,
                      uint64_t *ret_at);
/** Before its first reading: it was read so far; if it still is that file, go on from there. */
void nta_follow_resume(struct nta_follow *follow, uint64_t dev, uint64_t ino, uint64_t at);

/**
 * Read on, at this moment.  0: all there is was read; 1: there is more.  Negative errno with a
 * sentence, once for each time that it begins to be so: it cannot be read.
 */
int nta_follow_read(struct nta_follow *follow, int64_t now_ns, const struct nta_follow_calls *calls,
                    struct nta_err *err);
