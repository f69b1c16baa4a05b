/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Logins over SMB 1 ([MS-CIFS] section 2.2.4.53, [MS-SMB] section 2.2.4.6): the account that a
 * session's setup names, in a message of NTLM or beside the answers to a challenge, once the server
 * accepted it.  It had to challenge the client first.  Private to smb.c, which frames them.
 */

#include "proto/smb/smb_command.h"

enum
{
    NTA_SMB_OLD_HEADER_LEN = 32
};

/**
 * Is it such a setup, or what comes before it, or an answer to either?  All of it that is looked at
 * has to be there then.
 */
bool nta_smb_old_is_setup(struct nta_span message);

/** Such a message. */
void nta_smb_old_take(struct nta_smb_state *state, const struct nta_proto_io *io,
                      struct nta_span message, bool from_server);
