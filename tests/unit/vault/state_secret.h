/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What is sealed in a kit's state folder, for tests. */

#include "vault/statefile.h"
#include "vault/vault_kit.h"

/** The secret of a file of the state folder that is sealed for its own name. */
static inline void kit_state_secret(const struct vault_kit *kit, const char *name,
                                    uint8_t ret_secret[NTA_KEY_LEN])
{
    NTA_AUTO(nta_keydir_close) struct nta_keydir keys = {.fd = -1};
    NTA_AUTO(nta_keydir_close) struct nta_keydir state = {.fd = -1};
    uint8_t key[NTA_KEY_LEN];

    assert_int_equal(nta_keydir_open(kit->dir, false, &keys, NULL), 0);
    assert_int_equal(nta_statedir_open(kit->state_dir, false, &state, NULL), 0);
    assert_int_equal(nta_state_key_read(&keys, key, NULL), 0);
    assert_int_equal(nta_statefile_read(&state, name, name, key, ret_secret, NULL), 0);
    explicit_bzero(key, sizeof(key));
}
