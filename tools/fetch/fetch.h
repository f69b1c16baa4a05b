/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One list or geo database, fetched and put in its place.
 *
 * What comes is written beside its place, held against its publisher's SHA-256 if one is named, and
 * read as ntad will read it: a list that would be refused, or that lost more of its entries than
 * blacklist.shrink_limit, and a database that does not open, never replace what is there.  So
 * whatever fails, the old file stays as it was.
 */

#include "base/err.h"
#include "config/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nta_fetch
{
    const struct nta_config *config;
    bool is_geo;
    size_t number; ///< In geo.fetch or blacklist.files.
    const char *ca_path;
    uint64_t seconds;
    bool dry_run;
};

enum nta_fetched
{
    NTA_FETCHED_SAME,    ///< Nothing is new.
    NTA_FETCHED_CHANGED, ///< The new file is in place, or would be.
};

/** What it is called, into `buf`. */
const char *nta_fetch_name(const struct nta_fetch *fetch, char *buf, size_t size);

/** What the configuration says of it. */
const struct nta_config_list *nta_fetch_list(const struct nta_fetch *fetch);

/**
 * Fetch it.  0 and what came of it, with `ret_entries` of a list that changed, or negative errno
 * with a sentence.
 */
int nta_fetch_file(const struct nta_fetch *fetch, enum nta_fetched *ret_fetched,
                   uint64_t *ret_entries, struct nta_err *err);
