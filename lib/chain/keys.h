/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The data keys that batches may name, by id.  Private to the judge. */

#include "base/hash.h"
#include "vault/vault.h"

/** One of a sensor; of format 2 for a class and a day. */
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

/** Free what it owns; it is empty afterwards. */
void nta_data_keys_done(struct nta_data_keys *keys);

/** One more, unless it is there.  0, -ENOMEM, -EIO; -E2BIG: no store of ours has so many. */
int nta_data_keys_put(struct nta_data_keys *keys, const struct nta_data_key *key);

/** There is this very one. */
bool nta_data_keys_have(const struct nta_data_keys *keys, const struct nta_data_key *wanted);

/** There is one with this id, whatever it is for. */
bool nta_data_keys_have_id(const struct nta_data_keys *keys, const uint8_t id[NTA_DATA_KEY_ID_LEN]);
