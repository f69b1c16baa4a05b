/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Logins by NTLM over HTTP (MS-NTHT): the account that Authorization or Proxy-Authorization
 * names in its last message, once a response accepts it.  It counts as the answer to the
 * server's challenge on the same connection alone: else a client says what it likes, and the
 * page is served to anybody.  Names alone are taken; of any other scheme nothing is looked at.
 */

#include "proto/http/http_head.h"
#include "proto/smb/ntlm.h"

struct nta_http_login
{
    struct nta_ntlm sent; ///< Not yet answered.
    bool is_challenged;   ///< The server sent a challenge that no login has answered.
};

/** A request's head: the login that it carries waits; `is_alone`: for no other's answer. */
void nta_http_login_ask(struct nta_http_login *login, const struct nta_http_head *head,
                        bool is_alone);

/** A final response's head, to the newest request: what waited is told if it was accepted. */
void nta_http_login_answer(struct nta_http_login *login, const struct nta_proto_io *io,
                           const struct nta_http_head *head);
