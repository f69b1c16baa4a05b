/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the sensor remembers of its own chain outside of the store: "journal.state" beside
 * "journal.db".  It is a checkpoint (vault/checkpoint.h) of the tree over the chain's links, signed
 * by the sensor's checkpoint key, with these lines of its own behind the hash:
 *
 *     link HEX           of the last batch
 *     signing HEX        public half of the key that signs the next one
 *     frontier HEX       of the tree over the links before the last (tree/log_tree.h), or empty
 *     acknowledged N     the highest number that MySQL has
 *     kept N             up to which batches never leave the journal (a part that forked)
 *
 * Hex in lower case, numbers decimal, in this order.  The checkpoint's size is the last batch's
 * number; its hash is that of frontier and link together, or the file is not of its form.  It is
 * replaced whole, now and then, so it may be behind the store but is never before it: a store that
 * is behind it was put back.
 */

#include "store/writer.h"
#include "vault/seal.h"

struct nta_headfile
{
    struct nta_store_place place;
    uint8_t signing[NTA_KEY_LEN];
    uint64_t acked, kept;
};

/**
 * Of the store at `store_path`.  0; -ENOENT: there is none; -EBADMSG: not of this form, or not this
 * sensor's; -errno.
 */
int nta_headfile_read(const char *store_path, const struct nta_sealer *sealer,
                      struct nta_headfile *ret_file, struct nta_err *err);

/** For who has public keys alone: all of it, with whose it says it is. */
struct nta_headfile_seen
{
    struct nta_headfile file;
    uint8_t sensor[NTA_SENSOR_ID_LEN], root[NTA_HASH_LEN];
};

/**
 * Gives the checkpoint key of a sensor as its proved notes have it; NULL: none is known.
 */
typedef const uint8_t *nta_headfile_key_fn(const void *owner,
                                           const uint8_t sensor[NTA_SENSOR_ID_LEN]);

/** As nta_headfile_read(), for who has public keys alone: is it what that sensor wrote? */
int nta_headfile_check(const char *store_path, nta_headfile_key_fn *find_key, const void *owner,
                       struct nta_headfile_seen *ret_seen, struct nta_err *err);

/** Its text as it is, for a copy of the store.  0; -ENOENT: there is none; or negative errno. */
int nta_headfile_copy(const char *store_path, struct nta_buf *text, struct nta_err *err);

/**
 * Put such a text beside a store that has none: -EBADMSG, and nothing is left, if it is not what
 * that sensor wrote; -EEXIST: there is one.
 */
int nta_headfile_paste(const char *store_path, struct nta_span text, nta_headfile_key_fn *find_key,
                       const void *owner, struct nta_err *err);

/**
 * Write it anew, signed by the sealer's checkpoint key.  0, or negative errno with `err`; then the
 * old one is there still.
 */
int nta_headfile_write(const char *store_path, const struct nta_sealer *sealer,
                       const struct nta_headfile *file, struct nta_err *err);
