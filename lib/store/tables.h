/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * MySQL's tables for who looks after them: made and brought up to date on request, and how they
 * are.  The journal's are made with its file.
 */

#include "store/store.h"

/**
 * Something that a database lacks: in a few words, and the statement that puts it right; once that
 * was done, if it is to be.
 */
typedef int nta_store_lack_fn(void *owner, const char *what, const char *sql, struct nta_err *err);
/**
 * What MySQL's tables lack of the present form, in the order in which it is to be put right; each
 * is told and, if this `migrates`, done at once.  Needs the rights of who makes tables, but none to
 * read or write records.  0; what `each` gave; or negative errno, as nta_store_open_mysql():
 * -EPROTO: there is something that is not ours.
 */
int nta_store_each_lack(const struct nta_mysql_options *options, bool migrates,
                        nta_store_lack_fn *each, void *owner, struct nta_err *err);
/** Append the statements that make all of it, a line each. */
void nta_store_put_schema(struct nta_buf *out);

/**
 * MySQL only (else -ENOTSUP): does a connection behave as it was told to?  Then, in `buf`, which
 * server it is and how its partitions are.  0; -EPROTO: it does not, or partitions run out, and the
 * sentence says what to change; or negative errno.
 */
int nta_store_describe(struct nta_store *store, int64_t today, char *buf, size_t size,
                       struct nta_err *err);
