/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The table of URLs: sorted by hashed host and path, with the text of each (part of blacklist.h).
 *
 * An entry covers a request to its host whose target starts with its path; if the path ends in a
 * letter or digit, the target must end there too or go on with something else, so that /a.exe
 * covers /a.exe?x but not /a.exec.  Each entry knows the longest other one that its text starts
 * with, so the answer is one binary search and a short walk.
 */

#include "base/buf.h"
#include "base/bytes.h"
#include "blacklist/table/names.h"

struct nta_url
{
    uint64_t tag;   ///< The host's, by nta_names_hash().
    uint64_t start; ///< Of host and path in `text`.
    uint32_t len;   ///< Of the path.
    uint32_t value;
    uint32_t parent; ///< From 1; 0: none.
    uint8_t host_len;
};

struct nta_urls
{
    struct nta_url *urls; ///< Owns.
    size_t n_urls, size;
    struct nta_buf text; ///< Owns.
};

/** Called with each entry that goes: it was there already. */
typedef void nta_url_twice_fn(void *owner, uint32_t value);

/** Free what it owns; it is empty afterwards. */
void nta_urls_done(struct nta_urls *urls);

/** Note an entry.  0, or -ENOMEM. */
int nta_urls_add(struct nta_urls *urls, uint64_t tag, struct nta_span host, struct nta_span path,
                 uint32_t value);

/** Take out the entries of which `drops` says so, before the table is made. */
void nta_urls_drop(struct nta_urls *urls, bool (*drops)(void *owner, uint32_t value), void *owner);

/** Make the table; of equal entries the later go if `goes` says so (NULL: always). */
void nta_urls_fill(struct nta_urls *urls, nta_value_goes_fn *goes, nta_url_twice_fn *twice,
                   void *owner);

/** The entry that decides for a request, or NULL. */
const struct nta_url *nta_urls_decide(const struct nta_urls *urls, uint64_t tag,
                                      struct nta_span target);

/** The next entry that covers the request, less specific than `url`, or NULL. */
const struct nta_url *nta_urls_next(const struct nta_urls *urls, const struct nta_url *url,
                                    struct nta_span target);
