/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Logins by NTLM, as an SMB session's setup and HTTP's credentials carry them (MS-NLMP section
 * 2.2.1.3): the names of account, domain and workstation, which are in clear, and nothing else;
 * proofs of passwords are passed over.  A name that does not fit is left out.
 */

#include "proto/parser.h"

enum
{
    NTA_NTLM_NAME_SIZE = 64
};

/** A login that waits for the server's word. */
struct nta_ntlm
{
    uint64_t message; ///< Of the request that carried it.
    bool waits;
    uint8_t user_len, domain_len, station_len;
    uint8_t user[NTA_NTLM_NAME_SIZE], domain[NTA_NTLM_NAME_SIZE], station[NTA_NTLM_NAME_SIZE];
};

/** Does `token` hold a CHALLENGE message (section 2.2.1.2), which only the server sends? */
bool nta_ntlm_is_challenge(struct nta_span token);

/**
 * The names in the AUTHENTICATE message that `token` holds.  False: there is none with an account.
 */
bool nta_ntlm_read(struct nta_span token, struct nta_ntlm *ret_ntlm);

/** The server accepted it over this protocol: the client's address is that account's. */
void nta_ntlm_tell(const struct nta_proto_io *io, const struct nta_ntlm *ntlm, enum nta_app app);
