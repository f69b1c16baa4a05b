/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The one text of a site, whoever names it: DNS, a hello, a certificate, a Host field.  It is what
 * is recorded, compared and held against the lists.
 */

#include "blacklist/name/name.h"

#include <stdbool.h>

/** How a name is written. */
enum nta_site_form
{
    NTA_SITE_DNS, ///< As parsers give names of DNS: "\." is a dot inside a label, "\\" a backslash.
    NTA_SITE_TEXT, ///< A dot parts labels, always.
    NTA_SITE_HOST, ///< The same of a URL, where "%41" stands for "A".
};

/**
 * `wire` in its one text, in `buf`: a host name or an address as nta_blacklist_name() gives it.
 * What is neither is in lower case, without its last dot, with dots and backslashes escaped as in
 * DNS, and of more than 253 bytes the right end: that is where a name's owner stands.
 */
struct nta_span nta_site_text(struct nta_span wire, enum nta_site_form form,
                              char buf[NTA_NAME_SIZE]);

/**
 * A site as it is looked up: each dot parts two labels, since those inside a label are replaced.
 * Borrows from `site`, or lies in `buf`.
 */
struct nta_span nta_site_labels(struct nta_span site, char buf[NTA_NAME_SIZE]);
