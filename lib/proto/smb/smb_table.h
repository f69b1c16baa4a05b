/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What one SMB connection has open: shares, files, and requests that wait for their answer.  Plain
 * memory of fixed size, zero is empty; at each bound the one used longest ago gives its place.
 */

#include "base/bytes.h"
#include "proto/smb/smb_message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_SMB_FILES_MAX = 16,
    NTA_SMB_TREES_MAX = 6,
    NTA_SMB_PENDING_MAX = 46,
    NTA_SMB_PATH_SIZE = 208,
    NTA_SMB_SHARE_SIZE = 112,
};

/** A share: "//server/share". */
struct nta_smb_tree
{
    uint64_t message; ///< Of its request, while `requested`.
    uint32_t id;
    uint32_t used; ///< 0: free; the larger the later.
    bool requested, is_pipe;
    uint8_t len;
    uint8_t text[NTA_SMB_SHARE_SIZE];
};

struct nta_smb_file
{
    uint64_t message; ///< Of its request, while `requested`.
    int64_t begin_wall_ns;
    uint64_t bytes_read, bytes_written;
    uint32_t lost_read, lost_written; ///< Of these, not captured; stay at their largest value.
    uint64_t size;                    ///< As the server said when it was opened; 0: it did not.
    uint64_t key;                     ///< Which file it is, for all connections of its session.
    uint64_t shown;                   ///< Of `bytes_read`, told as content.
    uint32_t serial;                  ///< Tells this file from the next in the same place; 0: free.
    uint32_t used;                    ///< The larger the later.
    uint32_t tree;                    ///< Id of its share.
    bool requested, is_folder;
    bool read_emitted, write_emitted; ///< TRANSFER_BEGIN was given.
    bool began;                       ///< Its first bytes came.
    bool is_learnt;                   ///< Another connection opened it.
    const char *type;                 ///< By these; NULL: not known.
    uint8_t len;
    uint8_t id[NTA_SMB_ID_LEN];
    uint8_t path[NTA_SMB_PATH_SIZE]; ///< In the share, with '/' between names.
};

/** A file, as others remember it: good as long as the serial is that of the file in this place. */
struct nta_smb_ref
{
    uint32_t serial; ///< 0: none.
    uint8_t place;
};

/** A request about a file that waits for its answer. */
struct nta_smb_pending
{
    uint64_t message;
    struct nta_smb_ref file; ///< Serial 0: free.
    uint64_t offset;         ///< READ from here on.
};

struct nta_smb_table
{
    uint32_t clock;
    uint32_t next_pending;
    struct nta_smb_tree trees[NTA_SMB_TREES_MAX];
    struct nta_smb_file files[NTA_SMB_FILES_MAX];
    struct nta_smb_pending pending[NTA_SMB_PENDING_MAX];
};

/** A share is asked for by `message`; `path` is its text in UTF-16. */
void nta_smb_tree_request(struct nta_smb_table *table, uint64_t message, struct nta_span path);

/** The share asked for by `message`, no longer asked for; or NULL. */
struct nta_smb_tree *nta_smb_tree_answer(struct nta_smb_table *table, uint64_t message);

/** A share of this id, known from elsewhere; gives its place, its text empty. */
struct nta_smb_tree *nta_smb_tree_put(struct nta_smb_table *table, uint32_t id);

/** The share with this id, or NULL. */
struct nta_smb_tree *nta_smb_tree_find(struct nta_smb_table *table, uint32_t id);

/**
 * The place for another file: a free one, or that of the file used longest ago, which the caller
 * tells.
 */
struct nta_smb_file *nta_smb_file_place(struct nta_smb_table *table);

/** Put a file in a place, emptied. */
void nta_smb_file_open(struct nta_smb_table *table, struct nta_smb_file *file);

/** The file asked for by `message`, or that with this id; or NULL. */
struct nta_smb_file *nta_smb_file_requested(struct nta_smb_table *table, uint64_t message);
/** The open file of this id (16 bytes), or NULL. */
struct nta_smb_file *nta_smb_file_find(struct nta_smb_table *table, const uint8_t *id);

/** How to name a file whose place may be another's later. */
struct nta_smb_ref nta_smb_ref_of(const struct nta_smb_table *table,
                                  const struct nta_smb_file *file);
/** The file so named, or NULL if its place is another's now. */
struct nta_smb_file *nta_smb_file_of(struct nta_smb_table *table, struct nta_smb_ref ref);

/**
 * Remember a request, and find it again when its answer comes: serial 0 if it was not remembered.
 */
void nta_smb_pending_put(struct nta_smb_table *table, struct nta_smb_pending request);
/** Take out the request of this message; serial 0 if it was not remembered. */
struct nta_smb_pending nta_smb_pending_take(struct nta_smb_table *table, uint64_t message);
