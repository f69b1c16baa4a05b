/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Where records are, as the admin names it: a folder (--store DIR) or what ntad.conf says (its journal, and MySQL
 * behind it); and a walk over the sealed batches of all of that in the order of their numbers, each batch once.
 */

#include "base/err.h"
#include "store/store.h"
#include "vault/vault.h"

#include <stdbool.h>
#include <stdint.h>

enum
{
    NTA_PATH_SIZE = 4096
};

#define NTA_DEFAULT_CONFIG "/etc/nta/ntad.conf"

/** DIR/journal.db and DIR/keys.  0, or -ENAMETOOLONG. */
int nta_stores_paths(const char *dir, char ret_store[NTA_PATH_SIZE], char ret_keys[NTA_PATH_SIZE],
                     struct nta_err *err);

struct nta_stores
{
    struct nta_store *journal; ///< NULL: not there.
    struct nta_store *mysql;   ///< NULL: none configured.
    char keys_dir[NTA_PATH_SIZE];
};

/** `dir` NULL: by `config_path` (NULL: the default one).  0, or negative errno with `err`. */
int nta_stores_open(const char *dir, const char *config_path, struct nta_stores *ret_stores,
                    struct nta_err *err);
void nta_stores_close(struct nta_stores *stores);

/**
 * As nta_store_each(), over MySQL and then what the journal holds beyond it: each batch once, none missed, also while the
 * shipper moves them from one to the other.
 */
int nta_stores_each(struct nta_stores *stores, const struct nta_store_query *query,
                    nta_store_each_fn *each, void *owner, struct nta_err *err);

/** As nta_store_count(), over both. */
int nta_stores_count(struct nta_stores *stores, const struct nta_store_query *query,
                     uint64_t *ret_n_batches, struct nta_err *err);

/** Give all data keys to an opener.  0, or negative errno; keys that are not for this auditor are counted only. */
int nta_stores_unlock(struct nta_stores *stores, struct nta_opener *opener, size_t *ret_n_foreign,
                      struct nta_err *err);
