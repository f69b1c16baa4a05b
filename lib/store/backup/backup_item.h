/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One item of a backup: its bytes, and read again from bytes of any origin.  Pure. */

#include "store/backup/backup.h"

enum
{
    NTA_BACKUP_VERSION = 1,
    /** Bytes of an item: all parts of a batch at their longest, and what CBOR needs for them. */
    NTA_BACKUP_ITEM_MAX =
        NTA_STORE_HEADER_MAX + NTA_SIGNATURE_LEN + NTA_STORE_TOKENS_MAX + NTA_STORE_BODY_MAX + 64
};

/** Append the item's one form. */
void nta_backup_encode(const struct nta_backup_item *item, struct nta_buf *out);

/** False: not byte for byte what nta_backup_encode() would write, or a part is too long. */
bool nta_backup_decode(struct nta_span bytes, struct nta_backup_item *ret_item);

/** The hash over the items before `item`, moved on behind it. */
int nta_backup_hash(uint8_t hash[NTA_HASH_LEN], struct nta_span item);
