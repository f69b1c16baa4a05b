/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Pseudonyms: numbers in place of what names somebody, the same for the same as long as a UTC day
 * and this run last.  64 bits of HMAC-SHA256 (RFC 2104) under a key that is made at the start and
 * never stored: whoever has records or the machine later cannot try names out.  Who a pseudonym is
 * stands in records that are sealed like all others (pipeline/privacy/hide.h).
 *
 * Immutable once made: any thread.  The key lies in memory that is neither swapped nor dumped.
 */

#include "base/bytes.h"
#include "base/err.h"

#include <stdint.h>

struct nta_pseudonyms; ///< Opaque.

/** What is named; the same bytes of another kind have another number. */
enum nta_pseudonym_kind
{
    NTA_PSEUDONYM_LOGIN = 1,
    NTA_PSEUDONYM_DEVICE,
    NTA_PSEUDONYM_ADDR,
    NTA_PSEUDONYM_NAME, ///< Of a machine.
    NTA_PSEUDONYM_LINK, ///< A number that links records.
};

/** Under a new key.  0, or negative errno with `err`. */
int nta_pseudonyms_new(struct nta_pseudonyms **ret_pseudonyms, struct nta_err *err);
/** Takes NULL too; the key is overwritten. */
void nta_pseudonyms_free(struct nta_pseudonyms **pseudonyms);

/** The number of a value on the day of `wall_ns`. */
uint64_t nta_pseudonyms_of(const struct nta_pseudonyms *pseudonyms, enum nta_pseudonym_kind kind,
                           int64_t wall_ns, struct nta_span value);
