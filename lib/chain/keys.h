/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The data keys that batches may name.  Private to the judge. */

#include "base/hash.h"
#include "vault/sealed.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nta_data_key
{
    uint8_t id[NTA_DATA_KEY_ID_LEN], sensor[NTA_SENSOR_ID_LEN];
    enum nta_class class; ///< NTA_CLASS_NONE: of format 1.
    int64_t day;
};

/** Data keys by id. */
struct nta_data_keys
{
    struct nta_data_key *all; ///< Owned.
    uint32_t *places;         ///< Owned: of each the index and 1, at its hash; 0 is free.
    size_t n, size, n_places;
    struct nta_hash_key key;
};

/** Free what they own. */
void nta_data_keys_done(struct nta_data_keys *keys);

/** One more.  0; -E2BIG: more than any store of ours has; -ENOMEM, -EIO. */
int nta_data_keys_keep(struct nta_data_keys *keys, const struct nta_data_key *key);

/** A batch with this header finds its data key among them. */
bool nta_data_keys_have(const struct nta_data_keys *keys, const struct nta_header *header);

/** There is one with this id. */
bool nta_data_keys_have_id(const struct nta_data_keys *keys, const uint8_t id[NTA_DATA_KEY_ID_LEN]);
