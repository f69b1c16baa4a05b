/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Sealed batches in a file, as they are, to be carried from one store to another (docs/format.md).
 *
 * The file is a row of CBOR byte strings (RFC 8742), each of which holds one item in its one form:
 *
 *     [0, "nta backup", 1]                     first
 *     [1, blob]                                a data key
 *     [2, header, signature]                   a batch without its contents
 *     [3, header, signature, tokens, body]     a batch
 *     [4, text]                                journal.state of the store (store/headfile.h)
 *     [5, items, hash]                         last: how many are before it, and their hash
 *
 * The hash over no items is zeros; over one more it is SHA-256(hash ‖ item).  It tells a file that
 * was cut short or damaged, and nothing else: whoever can write the file can write that, too.  What
 * a batch is worth its signature says, and the judge of the chain (chain/).
 *
 * The data key of a batch is the last one of its class before it, or the other store has it.  One
 * thread a file; memory is that of one item, of which the longest has about 10 MiB.
 */

#include "base/buf.h"
#include "base/err.h"
#include "store/stored.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum nta_backup_kind
{
    NTA_BACKUP_BEGIN,
    NTA_BACKUP_KEY,
    NTA_BACKUP_HEAD,
    NTA_BACKUP_BATCH,
    NTA_BACKUP_STATE,
    NTA_BACKUP_END,
    NTA_BACKUP_N_KINDS
};

enum
{
    NTA_BACKUP_STATE_MAX = 16384 ///< Bytes of journal.state.
};

/** One item; its spans borrow. */
struct nta_backup_item
{
    enum nta_backup_kind kind;
    struct nta_span bytes;    ///< Of a data key its blob, of a state its text.
    struct nta_sealed sealed; ///< Of a batch; of a head without tokens and body.
    uint64_t n_items;         ///< Of the end, with
    uint8_t hash[NTA_HASH_LEN];
};

/** Where a file is, written or read. */
struct nta_backup_place
{
    uint64_t n_items, n_bytes; ///< Done.
    uint8_t hash[NTA_HASH_LEN];
};

/* ---- written ---- */

struct nta_backup_writer
{
    int fd; ///< Borrowed.
    struct nta_backup_place place;
    struct nta_buf item; ///< Owned.
};

/** Begin: the first item.  0, or negative errno with `err`, as all of these. */
int nta_backup_begin(struct nta_backup_writer *writer, int fd, struct nta_err *err);
/** One item more, but no first or last one. */
int nta_backup_put(struct nta_backup_writer *writer, const struct nta_backup_item *item,
                   struct nta_err *err);
/** The last item.  That it is on the disk is the caller's to see to. */
int nta_backup_end(struct nta_backup_writer *writer, struct nta_err *err);
/** Free what it owns. */
void nta_backup_writer_done(struct nta_backup_writer *writer);

/* ---- read ---- */

/** Gives up to `size` bytes more: how many, 0 at the end, or negative errno. */
typedef ssize_t nta_backup_pull_fn(void *owner, void *bytes, size_t size);

struct nta_backup_reader
{
    nta_backup_pull_fn *pull;
    void *owner; ///< For `pull`.
    struct nta_backup_place place;
    /** Owned: the item that was read last.  Who wants to keep it leaves another buffer there. */
    struct nta_buf item;
    bool is_done;
};

/**
 * The next item, all but the first one and the last; its spans borrow from `reader->item`.  1; 0:
 * the last one was read, and all before it is what was written; -EBADMSG: not of this form, cut
 * short, damaged, or from a newer nta, with a sentence; or negative errno.  Nothing is asked of a
 * file behind its last item but whether something is there.
 */
int nta_backup_next(struct nta_backup_reader *reader, struct nta_backup_item *ret_item,
                    struct nta_err *err);
/** Free what it owns. */
void nta_backup_reader_done(struct nta_backup_reader *reader);

/**
 * A batch or head as the row of a store that it would be; it borrows what the item does.  What is
 * wrong with its form it says.
 */
void nta_backup_row(const struct nta_backup_item *item, struct nta_stored *ret_row);
