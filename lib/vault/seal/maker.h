/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One batch sealed: tokens, body (vault/seal/packer.h) and header, signed by whoever signs
 * (docs/format.md sections 3 to 5).  Holds the memory for that, which is reused, and wiped of
 * records and salts after each batch.
 *
 * Private to the vault.
 */

#include "record/batch.h"
#include "vault/data_key.h"
#include "vault/seal/packer.h"
#include "vault/sealed.h"

struct nta_maker; ///< Opaque.

/** 0, -ENOMEM, or the error of drawing a key for a table. */
int nta_maker_new(struct nta_maker **ret_maker);
/** Takes NULL too. */
void nta_maker_free(struct nta_maker **maker);

/** Sign `domain` ‖ 0x00 ‖ message.  0, or negative errno. */
typedef int nta_maker_sign_fn(const void *signer, const char *domain, struct nta_span message,
                              uint8_t ret_signature[NTA_SIGNATURE_LEN]);

/** What a batch is sealed with. */
struct nta_maker_keys
{
    const struct nta_data_key *data;
    uint64_t number; ///< Of the data key in this process: another one for another key.
    nta_maker_sign_fn *sign;
    const void *signer;
};

/** What is sealed. */
struct nta_maker_batch
{
    const struct nta_batch *records;
    const struct nta_packed *packed; ///< The same, packed before; NULL or empty: that is done now.
};

/**
 * Seal a batch (n_records > 0) under `header`, which has its place, times, data key's id and notes
 * already; what comes of the records is filled in.  `ret_sealed` borrows from the maker until its
 * next call.  0, or negative errno; then the header is as it came, or half filled.
 */
int nta_maker_seal(struct nta_maker *maker, const struct nta_maker_batch *batch,
                   const struct nta_maker_keys *keys, struct nta_header *header,
                   struct nta_sealed *ret_sealed);
