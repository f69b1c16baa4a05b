/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What nta verify says of a report's page (export/page/proof.h): is it as its own digests say, do
 * the heads that it names lie in the store's log, was its hash noted there when it was made, and
 * does its program do what this one's does?
 *
 * A page of another form than HTML has neither digests nor heads: whether it was noted is asked.
 *
 * Digests in the page alone find what was changed by mistake, or by who did not know of them.  Only
 * the hash in the chain proves that it is what was made; so a page that nobody noted is never said
 * to hold.
 */

#include "base/buf.h"
#include "base/err.h"
#include "chain/chain.h"
#include "chain/heads.h"
#include "search/stores.h"

#include <stdbool.h>

/**
 * Does the file begin as a page of any form does: HTML, a PDF, a spreadsheet, a map?  False, too,
 * if it cannot be read.
 */
bool nta_page_is_one(const char *path);

/** All of it.  0, or negative errno with a sentence. */
int nta_page_load(const char *path, struct nta_buf *ret_page, struct nta_err *err);

/**
 * Hold it against itself and against what is noted in the store, and add what is to be said; its
 * heads go to `heads`, for the judge of the store.  0, or negative errno with a sentence.
 */
int nta_page_check(const struct nta_buf *page, const struct nta_stores_options *options,
                   struct nta_heads *heads, struct nta_findings *findings, struct nta_err *err);
