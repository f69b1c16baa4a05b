/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Things that go over one connection side by side, as the streams of HTTP/2 do: what is known of
 * the content that is under way is each one's own.  The connection holds what is known of one, the
 * one at work; the others' is kept here.  Thread: the worker's.
 */

#include "session/state/channels.h"
#include "session/state/parts.h"

/** From here on this one is at work.  False: there is no memory to keep the other's. */
bool nta_channel_select(const struct nta_session *session, uint8_t channel);

/** Each in turn is at work, for `step`; then the first one is. */
void nta_channel_each(const struct nta_session *session,
                      void (*step)(const struct nta_session *session));

/** The parser that used them is over: all is given back. */
void nta_channels_release(const struct nta_session *session);
