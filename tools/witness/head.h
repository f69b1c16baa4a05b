/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The newest head of this sensor's chain, as ntad signed it, and what witnesses say of it: each is
 * asked by HTTP, is shown that the head continues what it has seen, and cosigns it.  Whether it did
 * is told by its signature alone, never by the status of its answer.
 */

#include "base/buf.h"
#include "search/stores.h"
#include "vault/checkpoint.h"
#include "vault/cosign.h"

struct nta_posted_head
{
    struct nta_stores stores;
    struct nta_buf note; ///< The checkpoint.
    struct nta_checkpoint head;
};

/** Into `head`, which is zeroed.  0, or negative errno with the sentence. */
int nta_posted_head_open(const struct nta_stores_options *options, struct nta_posted_head *head,
                         struct nta_err *err);
/** Also of one that was not opened as a whole. */
void nta_posted_head_done(struct nta_posted_head *head);

/**
 * Have the witness of this key at this URL cosign it, and append its line.  0; -EBADMSG: it
 * refused, or what it answered is not its signature; -ESTALE: it has seen more of this chain than
 * there is; -ENODATA: what proves that the chain goes on is missing; or what failed.
 */
int nta_posted_head_cosign(struct nta_posted_head *head, const char *url,
                           const struct nta_note_key *key, struct nta_buf *lines,
                           struct nta_err *err);

/**
 * Have a time stamping authority (vault/open/stamp.h) stamp it, and append that line in its name;
 * whose it is, is looked at by who checks, with the authority's certificate.  As above.
 */
int nta_posted_head_stamp(struct nta_posted_head *head, const char *url, const char *name,
                          struct nta_buf *lines, struct nta_err *err);
