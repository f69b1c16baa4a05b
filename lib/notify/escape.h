/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Text that a stranger chose (names of sites, files, users), for each channel so that it is text
 * there and nothing else: no link that somebody clicks, no mention that calls people, no markup.
 *
 * A dot between letters or digits of a name becomes "[.]" and "://" becomes "[:]//", since
 * programs make links of what looks like one (an address of digits stays); "@" becomes "(at)".
 * Then what means something to the channel is escaped: "&", "<" and ">" of Slack and of HTML.  JSON
 * is escaped by who puts it there.  Nothing is done to mail and plain JSON but that: mail is plain
 * text, and programs read JSON, which gets the text as it is.
 */

#include "base/buf.h"
#include "notify/receiver.h"

/** Append a text, which is in shown form, as the channel may have it. */
void nta_notify_escape(struct nta_buf *out, enum nta_notify_channel channel, struct nta_span shown);

/** Append a text as HTML: "&", "<", ">" and quotes. */
void nta_notify_html(struct nta_buf *out, struct nta_span text);
