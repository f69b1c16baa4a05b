/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a sealer holds (vault/seal.h): seal.c has its batches, seal_keys.c its data keys and the key
 * that signs.  Private to the vault.
 */

#include "base/own.h"
#include "vault/seal.h"
#include "vault/seal/first.h"
#include "vault/seal/maker.h"

/** What must not be swapped out or dumped, and is hidden between the calls of vault/seal.h. */
struct nta_sealer_secrets
{
    uint8_t state[NTA_KEY_LEN], checkpoint[NTA_KEY_LEN];

    struct
    {
        struct nta_data_key now;
        uint8_t next[NTA_KEY_LEN]; ///< What the data key that follows comes of.
    } classes[NTA_N_CLASSES];
};

/** The data keys of a class. */
struct nta_class_keys
{
    bool has_key;
    uint8_t id[NTA_DATA_KEY_ID_LEN];
    int64_t day;
    uint32_t n_uses;
    uint64_t number; ///< In this process.
    /* the one that follows, while it is not known to be stored */
    bool has_next;
    struct nta_wrapped_key next;
    struct nta_buf blob;
};

/** The key on disk that goes on: as nta_signing_find(). */
int nta_sealer_find_signing(const struct nta_signing *signing, const struct nta_sealer_known *known,
                            uint8_t ret_public[NTA_KEY_LEN], struct nta_err *err);

struct nta_sealer
{
    struct nta_sealer_secrets *secrets; ///< Owned (vault/crypto/secret.h).
    struct nta_auditors auditors;
    char *state_dir;            ///< Owned.
    struct nta_buf first_bytes; ///< What `first` borrows from.
    struct nta_first first;
    struct nta_maker *maker;     ///< Owned.
    struct nta_signing *signing; ///< Owned; NULL until nta_sealer_resume().
    struct nta_sealer_at at;
    struct nta_class_keys classes[NTA_N_CLASSES];
    uint64_t n_keys; ///< That were used.
    /* what was sealed last */
    bool is_sealed; ///< It waits for its commit.
    bool changes_key;
    uint8_t link[NTA_HASH_LEN];
    struct nta_buf notes;
};

/** Show what is hidden, until nta_sealer_hide(). */
const struct nta_sealer *nta_sealer_show(const struct nta_sealer *sealer);
/** Hide it. */
void nta_sealer_hide(const struct nta_sealer **shown);

/** In a function that needs it: until its end. */
#define NTA_SEALER_SHOW(sealer)                                                                    \
    __attribute__((unused)) NTA_AUTO(nta_sealer_hide) const struct nta_sealer *shown =             \
        nta_sealer_show(sealer)
