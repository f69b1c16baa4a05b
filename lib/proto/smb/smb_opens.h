/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Files that sessions have open, for all connections: a session may use several ([MS-SMB2] section
 * 3.2.4.1.7, multichannel; its setup binds each by the session's id), and a file opened over one of
 * them is read over all.  Plain memory of fixed size, zero is empty; at the bound the one opened
 * longest ago gives its place.  A worker's own: who reaches the server over two addresses of his
 * may be known to two workers.
 */

#include "base/addr.h"
#include "proto/smb/smb_table.h"

enum
{
    NTA_SMB_OPENS_MAX = 64
};

/** Whose connection it is. */
struct nta_smb_ends
{
    struct nta_addr addrs[2]; ///< By enum nta_side.
    uint64_t link;            ///< nta_proto_io.link.
};

struct nta_smb_open
{
    struct nta_smb_ends ends;
    uint64_t session, size, key;
    uint32_t used; ///< The larger the later; 0: free.
    uint8_t id[NTA_SMB_ID_LEN];
    uint8_t share_len, path_len;
    bool is_pipe;
    bool is_closed; ///< And told by whoever closed it.
    uint8_t share[NTA_SMB_SHARE_SIZE], path[NTA_SMB_PATH_SIZE];
};

struct nta_smb_opens
{
    uint32_t clock;
    struct nta_smb_open opens[NTA_SMB_OPENS_MAX];
};

/** A file was opened, on a share; session 0 is none. */
void nta_smb_opens_note(struct nta_smb_opens *opens, const struct nta_smb_ends *ends,
                        uint64_t session, const struct nta_smb_file *file,
                        const struct nta_smb_tree *tree);

/** Which file it is: by the connection that opened it, the session, and its id; never 0. */
uint64_t nta_smb_open_key(const struct nta_smb_ends *ends, uint64_t session, const uint8_t *id);

/** It is closed, over whatever connection. */
void nta_smb_opens_close(struct nta_smb_opens *opens, uint64_t key);

/** The file with this key is closed. */
bool nta_smb_opens_are_closed(const struct nta_smb_opens *opens, uint64_t key);

/**
 * The file of this id (16 bytes) that the session opened, or NULL.  Servers count both alike, so
 * the connection has an end in common with the one that opened it, in the same network.
 */
const struct nta_smb_open *nta_smb_opens_find(const struct nta_smb_opens *opens,
                                              const struct nta_smb_ends *ends, uint64_t session,
                                              const uint8_t *id);
