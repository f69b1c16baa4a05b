/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/keycheck.h"

#include "base/own.h"
#include "vault/auditors.h"
#include "vault/seal/first.h"
#include "vault/seal/sealer.h"
#include "vault/statefile.h"

#include <openssl/crypto.h>

/** Who is told of what is wrong. */
struct checking
{
    nta_keys_fault_fn *fault;
    void *owner;
};

/** True if there was no fault. */
static bool told(const struct checking *checking, int r, const struct nta_err *err)
{
    if (r < 0)
        checking->fault(checking->owner, r, err->text);
    return r >= 0;
}

/** The state folder's files; `state_key` NULL: it is not there. */
static void check_state(const struct checking *checking, const struct nta_keydir *keys,
                        const struct nta_keydir *state, const uint8_t *state_key)
{
    NTA_AUTO(nta_buf_done) struct nta_buf bytes = {0};
    uint8_t secret[NTA_KEY_LEN];
    struct nta_first first;
    struct nta_err err = {0};

    if (!told(checking, nta_first_load(state, &bytes, &first, &err), &err))
        return;
    (void)told(checking, nta_first_check_sensor(&first, keys, state, &err), &err);
    if (state_key)
        (void)told(checking, nta_first_read_checkpoint(&first, state, state_key, secret, &err),
                   &err);
    OPENSSL_cleanse(secret, sizeof(secret));
}

bool nta_keys_check(const struct nta_keys_place *place, nta_keys_fault_fn *fault, void *owner)
{
    NTA_AUTO(nta_keydir_close) struct nta_keydir keys = {.fd = -1};
    NTA_AUTO(nta_keydir_close) struct nta_keydir state = {.fd = -1};
    const struct checking checking = {.fault = fault, .owner = owner};
    struct nta_auditors auditors;
    uint8_t public_key[NTA_KEY_LEN], state_key[NTA_KEY_LEN];
    struct nta_err err = {0};

    if (!told(&checking, nta_keydir_open(place->keys_dir, false, &keys, &err), &err))
        return true;
    const bool is_sealed = nta_state_key_is_sealed(&keys);

    if (!nta_keydir_has(&keys, "sensor.pub")) /* what is there is held against the first batch */
        (void)told(&checking, nta_sensor_pub_read(&keys, public_key, &err), &err);
    (void)told(&checking, nta_auditors_read(&keys, &auditors, &err), &err);
    const bool has_key =
        !is_sealed && told(&checking, nta_state_key_read(&keys, state_key, &err), &err);

    if (told(&checking, nta_statedir_open(place->state_dir, false, &state, &err), &err))
        check_state(&checking, &keys, &state, has_key ? state_key : NULL);
    OPENSSL_cleanse(state_key, sizeof(state_key));
    return !is_sealed;
}

int nta_keys_public(const struct nta_keys_place *place, struct nta_sensor_public *ret_sensor,
                    struct nta_err *err)
{
    NTA_AUTO(nta_keydir_close) struct nta_keydir keys = {.fd = -1};
    NTA_AUTO(nta_keydir_close) struct nta_keydir state = {.fd = -1};
    NTA_AUTO(nta_buf_done) struct nta_buf bytes = {0};
    struct nta_first first;
    int r = nta_keydir_open(place->keys_dir, false, &keys, err);

    if (r == 0)
        r = nta_statedir_open(place->state_dir, false, &state, err);
    if (r == 0)
        r = nta_first_load(&state, &bytes, &first, err);
    if (r == 0)
        r = nta_first_check_sensor(&first, &keys, &state, err);
    if (r == 0)
        nta_first_public(&first, ret_sensor);
    return r;
}

int nta_keys_has_signing(const struct nta_keys_place *place, const struct nta_sealer_known *known,
                         struct nta_err *err)
{
    NTA_AUTO(nta_keydir_close) struct nta_keydir keys = {.fd = -1};
    NTA_AUTO(nta_signing_free) struct nta_signing *signing = NULL;
    uint8_t state_key[NTA_KEY_LEN], public_key[NTA_KEY_LEN];
    int r = nta_keydir_open(place->keys_dir, false, &keys, err);

    if (r == 0)
        r = nta_state_key_read(&keys, state_key, err);
    if (r == 0)
        r = nta_signing_view(place->state_dir, state_key, &signing, err);
    OPENSSL_cleanse(state_key, sizeof(state_key));
    return r == 0 ? nta_sealer_find_signing(signing, known, public_key, err) : r;
}
