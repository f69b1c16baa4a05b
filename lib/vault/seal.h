/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Sealing for a store that may refuse: a data key in two steps, so that nothing is ever sealed
 * under a key that is nowhere; and the sensor's signature under other things than batches.
 */

#include "vault/vault.h"

/**
 * The data key that comes next, wrapped: what is sealed stays with the one before until
 * nta_sealer_use_key().  As long as it is not used, the same one again (whoever stored it may not
 * know whether it is there).  The blob borrows from the sealer until the next call.
 */
int nta_sealer_make_key(struct nta_sealer *sealer, int64_t wall_ns, struct nta_wrapped_key *ret_key,
                        struct nta_err *err);

/** It is stored: seal with it from now on. */
void nta_sealer_use_key(struct nta_sealer *sealer);

/** The store that held the key is gone: the next seal needs a new one. */
void nta_sealer_drop_key(struct nta_sealer *sealer);

/**
 * Sign something that is no batch with the sensor's key, under a domain of its own; and whether
 * that was done.
 */
int nta_sealer_sign(const struct nta_sealer *sealer, const char *domain, struct nta_span message,
                    uint8_t ret_signature[NTA_SIGNATURE_LEN]);
/** Is it a signature of the sensor's key over this message under this domain? */
bool nta_sealer_signed(const struct nta_sealer *sealer, const char *domain, struct nta_span message,
                       const uint8_t signature[NTA_SIGNATURE_LEN]);
/** The same for who has a public key alone. */
bool nta_signed_by(const uint8_t public_key[NTA_KEY_LEN], const char *domain,
                   struct nta_span message, const uint8_t signature[NTA_SIGNATURE_LEN]);
