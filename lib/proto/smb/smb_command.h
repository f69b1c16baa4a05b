/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What SMB's requests and responses say of shares and files ([MS-SMB2] section 2.2).  Private to
 * smb.c, which frames them.
 */

#include "proto/skip.h"
#include "proto/smb/ntlm.h"
#include "proto/smb/smb_message.h"
#include "proto/smb/smb_table.h"

#include <stdbool.h>
#include <stdint.h>

#define NTA_SMB_STATUS_MORE UINT32_C(0xc0000016) ///< A login is to go on.

struct nta_smb_side
{
    uint32_t frame_left;       ///< Of the frame under way.
    uint32_t pass_left;        ///< Of it, to be passed over: the rest of a command.
    uint32_t content_left;     ///< Of that, content.
    struct nta_skip skip;      ///< Of that, not shown.
    struct nta_smb_ref file;   ///< Whose content it is.
    uint64_t offset;           ///< Where in the file the rest of it belongs.
    bool begun;                ///< Some of it was SMB, or lost.
    bool lost;                 ///< Where the next frame begins is not known.
    struct nta_smb_ref opened; ///< By the last CREATE of the message, for commands related to it.
};

struct nta_smb_state
{
    struct nta_smb_side sides[2];
    struct nta_smb_table table;
    struct nta_ntlm login; ///< Sent, and not yet answered.
    bool is_challenged;    ///< The server said that a login is to go on.
    bool has_key;          ///< SMB 1: what it said at the beginning is a challenge for all logins.
    bool settled;
};

/**
 * A request: its header, and as much of it as is looked at.  Sets whose content follows on its
 * side.
 */
void nta_smb_take_request(struct nta_smb_state *state, struct nta_proto_io *io,
                          const struct nta_smb_header *header, struct nta_span bytes);

/** The same of a response. */
void nta_smb_take_response(struct nta_smb_state *state, struct nta_proto_io *io,
                           const struct nta_smb_header *header, struct nta_span bytes);
