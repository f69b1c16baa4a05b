/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Logins by NTLM over HTTP (MS-NTHT): the account that Authorization or Proxy-Authorization names
 * in its last message, once a response that asks for no other accepts it.  Names alone are taken;
 * of any other scheme nothing is looked at.
 */

#include "proto/http/http_head.h"
#include "proto/smb/ntlm.h"

/** A request's head: the login that it carries waits. */
void nta_http_login_ask(struct nta_ntlm *login, const struct nta_http_head *head);

/** A final response's head, to the newest request: what waited is told if it was accepted. */
void nta_http_login_answer(struct nta_ntlm *login, const struct nta_proto_io *io,
                           const struct nta_http_head *head);
