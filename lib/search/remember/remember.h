/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What this user's nta remembers of chains: files of lines in the user's state folder,
 * $XDG_STATE_HOME/nta or ~/.local/state/nta, and how a head stands in such a line:
 *
 *     SENSOR: batch NUMBER, LINK, tree ROOT
 *
 * Where there is no such folder and none can be made (a service without a home), nothing is
 * remembered.  A file is replaced whole; of two programs at a time one waits a moment for the
 * other, and reads what it wrote before it writes.  Whoever may write there may write anything:
 * each line says only where to look, or what must be found.  Private to the search.
 */

#include "base/file/newfile.h"
#include "chain/chain.h"

enum
{
    NTA_REMEMBER_LINE_SIZE = 512
};

/** The head of a chain that was whole, and whose tree is known. */
struct nta_remembered
{
    uint8_t sensor[NTA_SENSOR_ID_LEN], link[NTA_HASH_LEN], root[NTA_HASH_LEN];
    uint64_t number;
};

/** That of a sensor by now.  False: its chain is not whole, or its tree not known. */
bool nta_remember_of(const struct nta_chain_sensor *sensor, struct nta_remembered *ret_head);

/** Append it as above. */
void nta_remember_put(struct nta_buf *out, const struct nta_remembered *head);

/** Take it; `*pos` stands behind it then.  False: there is none. */
bool nta_remember_take(const char **pos, struct nta_remembered *ret_head);

/** Take this word.  False: it is another. */
bool nta_remember_take_word(const char **pos, const char *word);

/** Take a decimal number from 1 on, without zeros before it.  False: there is none. */
bool nta_remember_take_number(const char **pos, uint64_t *ret_number);

/** Which file stands there.  Whoever writes puts another one in its place. */
struct nta_remember_mark
{
    uint64_t dev, ino;
    int64_t changed_ns;
};

/** That of the file `name` by now; zeros: there is none. */
struct nta_remember_mark nta_remember_mark(const char *name);

/** One line with its end.  False: it is none of ours, or one too many. */
typedef bool nta_remember_line_fn(void *owner, const char *line);

/**
 * Each line of the file `name`, which has at most `n_max` of them.  0; -ENOENT: there is none;
 * -EBADMSG: not of its form; -EKEYREJECTED: it or its folder is another user's, or others may write
 * to it; or negative errno.
 */
int nta_remember_read(const char *name, size_t n_max, nta_remember_line_fn *each, void *owner);

/** Such a failure, other than -ENOENT, as a finding: `what` is what the file is of. */
void nta_remember_tell(const char *name, const char *what, int why, struct nta_findings *findings);

/** Begin the file anew, which is the lock, too.  False: nothing can be remembered. */
bool nta_remember_begin(const char *name, struct nta_newfile *ret_file);

/** Write it, if memory did not lack for `text`. */
void nta_remember_write(struct nta_newfile *file, const struct nta_buf *text);
