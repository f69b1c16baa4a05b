/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The one normal form of names (part of blacklist.h): lower case, A-labels, no last dot, 1 to 63
 * bytes a label, at most 253 in all, of letters, digits, hyphens and underscores, the last label
 * not a number.
 */

#include "blacklist/name/name.h"

/** What was found on the way. */
struct nta_norm
{
    size_t len;        ///< 0: no name.
    unsigned n_labels; ///< Of a name.
    size_t last_label; ///< Where its last label starts.
    bool symbols;      ///< It has some that IDNA 2008 does not: taken after UTS #46.
};

/**
 * A URL's host in its one text: a name, or an address, also one written in wide digits.  Its
 * length, 0: it is neither.
 */
size_t nta_norm_host(struct nta_span host, char buf[NTA_NAME_SIZE]);

/** `text` in the normal form, NUL-terminated in `buf`. */
struct nta_norm nta_norm_name(struct nta_span text, char buf[NTA_NAME_SIZE]);
