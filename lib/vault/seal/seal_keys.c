/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "vault/seal/sealer.h"

#include <assert.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

enum
{
    KEY_USES = 1 << 20
};

/* ---- the key that signs ---- */

static bool is_equal(const void *owner, const uint8_t public_key[NTA_KEY_LEN])
{
    return memcmp(owner, public_key, NTA_KEY_LEN) == 0;
}

static bool signed_it(const void *owner, const uint8_t public_key[NTA_KEY_LEN])
{
    return nta_header_signed(owner, public_key);
}

static bool is_any(const void *owner, const uint8_t public_key[NTA_KEY_LEN])
{
    (void)owner;
    (void)public_key;
    return true;
}

/** The key on disk that goes on behind a head: as nta_signing_find(). */
static int find_after(const struct nta_signing *signing, const struct nta_sealed *head,
                      uint8_t ret_public[NTA_KEY_LEN], struct nta_err *err)
{
    struct nta_header header;

    if (!nta_header_decode(head->header, &header) || header.version != 2)
        return nta_err_set(err, -EBADMSG,
                           "the head of the sensor's chain is no header of format 2");
    return header.has_next ? nta_signing_find(signing, is_equal, header.next, ret_public, err)
                           : nta_signing_find(signing, signed_it, head, ret_public, err);
}

/*
 * What the head says may be of a store that was put back, or of anybody's making: a key is given up
 * only if the state file does not know it either.
 */
int nta_sealer_find_signing(const struct nta_signing *signing, const struct nta_sealer_known *known,
                            uint8_t ret_public[NTA_KEY_LEN], struct nta_err *err)
{
    struct nta_err ignored = {0};
    int r = known->head ? find_after(signing, known->head, ret_public, err) : 0;

    if (r <= 0 && known->signing) {
        const int found =
            nta_signing_find(signing, is_equal, known->signing, ret_public, r < 0 ? &ignored : err);

        r = found > 0 || r == 0 ? found : r;
    }
    if (r == 0 && known->or_any)
        r = nta_signing_find(signing, is_any, NULL, ret_public, err);
    return r;
}

/** Where nobody knows anything, the key that the first batch names. */
static int find_known(const struct nta_sealer *sealer, const struct nta_signing *signing,
                      const struct nta_sealer_known *known, uint8_t ret_public[NTA_KEY_LEN],
                      struct nta_err *err)
{
    const struct nta_sealer_known first = {.signing = sealer->first.header.next,
                                           .or_any = known->or_any};

    return nta_sealer_find_signing(signing, known->head || known->signing ? known : &first,
                                   ret_public, err);
}

int nta_sealer_resume(struct nta_sealer *sealer, const struct nta_sealer_known *known,
                      enum nta_signing_state *ret_state, struct nta_err *err)
{
    NTA_AUTO(nta_signing_free) struct nta_signing *signing = NULL;
    uint8_t expected[NTA_KEY_LEN] = {0}; /* which is no key's */

    nta_signing_free(&sealer->signing); /* two would lock each other out */
    NTA_SEALER_SHOW(sealer);

    sealer->is_sealed = false;
    int r = nta_signing_open(sealer->state_dir, sealer->secrets->state, &signing, err);

    if (r == 0)
        r = find_known(sealer, signing, known, expected, err);
    if (r >= 0)
        r = nta_signing_resume(signing, expected, ret_state, err);
    if (r == 0)
        sealer->signing = NTA_TAKE(signing);
    return r;
}

int nta_sealer_has_signed(const struct nta_sealer *sealer, const struct nta_sealed *head,
                          struct nta_err *err)
{
    NTA_AUTO(nta_signing_free) struct nta_signing *opened = NULL;
    NTA_SEALER_SHOW(sealer);
    const struct nta_signing *signing = sealer->signing;
    uint8_t public_key[NTA_KEY_LEN];

    if (!signing) {
        int r = nta_signing_open(sealer->state_dir, sealer->secrets->state, &opened, err);

        if (r < 0)
            return r;
        signing = opened;
    }
    return nta_signing_find(signing, signed_it, head, public_key, err);
}

bool nta_sealer_can_sign(const struct nta_sealer *sealer)
{
    return sealer->signing != NULL;
}

void nta_sealer_get_signing(const struct nta_sealer *sealer, uint8_t ret_public[NTA_KEY_LEN])
{
    assert(sealer->signing);
    nta_signing_public(sealer->signing, ret_public);
}

/* ---- data keys ---- */

bool nta_sealer_wants_key(const struct nta_sealer *sealer, enum nta_class class, int64_t wall_ns)
{
    const struct nta_class_keys *keys = &sealer->classes[class];

    return !keys->has_key || keys->n_uses >= KEY_USES || keys->day != nta_day_of(wall_ns);
}

static void drop_key(struct nta_sealer *sealer, size_t class)
{
    sealer->classes[class].has_key = false;
    OPENSSL_cleanse(&sealer->secrets->classes[class].now,
                    sizeof(sealer->secrets->classes[class].now));
}

static void drop_next(struct nta_sealer *sealer, size_t class)
{
    sealer->classes[class].has_next = false;
    OPENSSL_cleanse(sealer->secrets->classes[class].next, NTA_KEY_LEN);
}

/** A key whose day is over seals nothing more, of whatever class. */
static void drop_old(struct nta_sealer *sealer, int64_t day)
{
    for (size_t i = 0; i < NTA_N_CLASSES; i++) {
        if (sealer->classes[i].has_key && sealer->classes[i].day != day)
            drop_key(sealer, i);
        if (sealer->classes[i].has_next && sealer->classes[i].next.day != day)
            drop_next(sealer, i);
    }
}

int nta_sealer_make_key(struct nta_sealer *sealer, enum nta_class class, int64_t wall_ns,
                        struct nta_wrapped_key *ret_key, struct nta_err *err)
{
    struct nta_class_keys *keys = &sealer->classes[class];
    struct nta_wrapped_key key = {.class = class, .day = nta_day_of(wall_ns)};
    struct nta_key_use use = {.class = class, .day = key.day};
    uint8_t *secret = sealer->secrets->classes[class].next;
    NTA_SEALER_SHOW(sealer);

    assert(class != NTA_CLASS_NONE);
    drop_old(sealer, key.day);
    if (keys->has_next) {
        *ret_key = keys->next;
        return 0;
    }
    memcpy(key.sensor, sealer->first.header.sensor, sizeof(key.sensor));
    memcpy(use.sensor, key.sensor, sizeof(use.sensor));
    if (RAND_priv_bytes(secret, NTA_KEY_LEN) != 1)
        return nta_err_set(err, -EIO, "no random numbers for a data key");
    nta_buf_clear(&keys->blob);
    int r = nta_key_blob_make(&use, wall_ns, &sealer->auditors, secret, &keys->blob, err);

    if (r < 0) {
        drop_next(sealer, class);
        return r;
    }
    key.blob = nta_buf_span(&keys->blob);
    nta_key_blob_id(key.blob, key.id);
    keys->next = key;
    keys->has_next = true;
    *ret_key = key;
    return 0;
}

void nta_sealer_use_key(struct nta_sealer *sealer, enum nta_class class)
{
    struct nta_class_keys *keys = &sealer->classes[class];
    NTA_SEALER_SHOW(sealer);

    assert(keys->has_next);
    nta_data_key_expand(sealer->secrets->classes[class].next, &sealer->secrets->classes[class].now);
    memcpy(keys->id, keys->next.id, sizeof(keys->id));
    keys->day = keys->next.day;
    keys->n_uses = 0;
    keys->number = ++sealer->n_keys;
    keys->has_key = true;
    drop_next(sealer, class);
}

void nta_sealer_drop_keys(struct nta_sealer *sealer)
{
    NTA_SEALER_SHOW(sealer);

    for (size_t i = 0; i < NTA_N_CLASSES; i++)
        drop_key(sealer, i);
    sealer->is_sealed = false;
}
