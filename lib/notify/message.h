/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A message as its channel has it: a mail (RFC 5322, plain text in base64), or the body of a
 * webhook's request.  Its words are those of notify/template.h.
 */

#include "base/buf.h"
#include "notify/template.h"

/** Append the whole mail, with CRLF; its Message-ID is the item's id at the host. */
void nta_notify_put_mail(struct nta_buf *out, const struct nta_notify_letter *letter);

/** Append the JSON body of a webhook. */
void nta_notify_put_body(struct nta_buf *out, const struct nta_notify_letter *letter);

/** A file that goes with a mail of its own words, or is only spoken of (`page` empty).  Borrows. */
struct nta_notify_report
{
    const char *id, *subject, *text, *name;
    struct nta_span page;
};

/** Append the mail of a report. */
void nta_notify_put_report(struct nta_buf *out, const struct nta_notify_letter *letter,
                           const struct nta_notify_report *report);

/** Append the JSON body of a webhook about a report. */
void nta_notify_put_report_body(struct nta_buf *out, const struct nta_notify_letter *letter,
                                const struct nta_notify_report *report);
