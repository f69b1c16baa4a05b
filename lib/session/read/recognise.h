/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which protocol a connection speaks: each is asked whether the bytes are its own, and the first
 * that says yes is started.  What is announced (the data connection of FTP) is asked alone.
 */

#include "session/state/parts.h"

/** Is it this protocol's? */
enum nta_parse nta_recognise_ask(struct nta_session *session, const struct nta_proto *proto,
                                 struct nta_span first);

/** Would `proto` take these bytes for its own, now or with more of them? */
bool nta_recognise_claims(struct nta_session *session, const struct nta_proto *proto,
                          struct nta_span bytes);

/**
 * Ask each protocol.  OK: the parser is started; MORE: perhaps with more bytes; OTHER: nobody's.
 */
enum nta_parse nta_recognise(struct nta_session *session, struct nta_span first);

/**
 * What follows is another protocol inside this one (CONNECT, STARTTLS, WebSocket) and is recognised
 * anew: names in it, if any, are the ones that count.
 */
void nta_recognise_rest(struct nta_session *session);
