/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A message's words, made of templates.
 *
 * A template is text with names in braces: {incident}, {n}, {severity}, {list}, {category},
 * {entry}, {user}, {department}, {act}, {site}, {file}, {bytes}, {from}, {until}, {record}, {host},
 * {look}, {cause}, {said}; "{{" is a brace.  What a stranger chose goes through notify/escape.h.
 * Where a receiver may not have names ("content"), {entry}, {user}, {site}, {file}, {bytes}, and
 * {said} of an alert, are "(in the records)".
 */

#include "base/buf.h"
#include "base/err.h"
#include "notify/book.h"
#include "notify/receiver.h"

/** What a message is made of.  Borrows. */
struct nta_notify_letter
{
    const struct nta_notify_receiver *receiver;
    const struct nta_notify_item *item;
    const char *host;
    int64_t wall_ns; ///< Now.
};

/** Is it a template?  0, or -EINVAL with a sentence: the name that is not known. */
int nta_notify_template_check(const char *text, struct nta_err *err);

/** Append the first line as the channel may have it. */
void nta_notify_put_subject(struct nta_buf *out, const struct nta_notify_letter *letter);

/** Append what follows. */
void nta_notify_put_text(struct nta_buf *out, const struct nta_notify_letter *letter);
