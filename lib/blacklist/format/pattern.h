/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Names and addresses with wildcards (part of line.h). */

#include "blacklist/format/range.h"

/** "104.154.": addresses that begin so, one to three numbers and their dots. */
bool nta_list_addr_start(struct nta_span text, struct nta_list_range *ret_range);

/** True if there is a `*` other than that of "*.name". */
static inline bool nta_list_has_wildcard(struct nta_span text)
{
    return nta_span_has(nta_span_from(text, nta_span_starts(text, "*.")), '*');
}

/**
 * True for "ads." and "track.bank7.": names that begin so; "bank7.com." and "track.shop." are
 * names, their dot is the root's.
 */
bool nta_list_is_start(struct nta_span text);

/** A name with `*` in it, and with a sign perhaps; SKIP if it is none or covers too much. */
enum nta_line nta_list_pattern(struct nta_list_reader *reader, struct nta_span text,
                               uint32_t flags);
