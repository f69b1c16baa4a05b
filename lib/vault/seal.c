/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/seal.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "vault/auditors.h"
#include "vault/crypto/curve.h"
#include "vault/crypto/gcm.h"
#include "vault/crypto/secret.h"
#include "vault/header.h"
#include "vault/leaves.h"
#include "vault/tokens.h"
#include "vault/wrap.h"

#include <assert.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#define KEY_LIFE_NS (INT64_C(86400) * NTA_NS_PER_S)

enum
{
    KEY_USES = 1 << 20
};

/** What must not be swapped out or dumped. */
struct secrets
{
    uint8_t sensor[NTA_KEY_LEN];
    struct nta_hmac_key tokens;
    uint8_t data_key[NTA_KEY_LEN], next_data_key[NTA_KEY_LEN];
    uint8_t salt_key[NTA_KEY_LEN];
};

struct nta_sealer
{
    struct secrets *secrets; ///< Owned (vault/crypto/secret.h).
    struct nta_auditors auditors;
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    struct nta_body *body;          ///< Owned.
    struct nta_leaves *leaves;      ///< Owned.
    struct nta_tokens *tokens_made; ///< Owned.
    /* the chain: what the next batch says */
    uint64_t number;
    uint8_t previous[NTA_HASH_LEN];
    bool is_sealed; ///< A batch waits for its commit.
    /* the data key */
    bool has_key;
    uint8_t key_id[NTA_DATA_KEY_ID_LEN];
    int64_t key_made_ns;
    uint32_t key_uses;
    /* the one that follows, while it is not known to be stored */
    bool has_next;
    struct nta_wrapped_key next;
    /* what was given last */
    struct nta_buf header, aad, tokens, packed, sealed, blob;
    uint8_t signature[NTA_SIGNATURE_LEN];
};

void nta_sealer_free(struct nta_sealer **sealer)
{
    struct nta_sealer *s = *sealer;

    if (!s)
        return;
    nta_secret_free(s->secrets, sizeof(*s->secrets));
    nta_body_free(&s->body);
    nta_leaves_free(&s->leaves);
    nta_tokens_free(&s->tokens_made);
    nta_buf_done(&s->header);
    nta_buf_done(&s->aad);
    nta_buf_done(&s->tokens);
    if (s->packed.ptr) /* records in clear, compressed */
        OPENSSL_cleanse(s->packed.ptr, s->packed.size);
    nta_buf_done(&s->packed);
    nta_buf_done(&s->sealed);
    nta_buf_done(&s->blob);
    free(s);
    *sealer = NULL;
}

static int load_keys(struct nta_sealer *sealer, const char *dir, struct nta_err *err)
{
    NTA_AUTO(nta_keydir_close) struct nta_keydir keys = {.fd = -1};
    uint8_t token_key[NTA_KEY_LEN], public_key[NTA_KEY_LEN];
    int r = nta_keydir_open(dir, false, &keys, err);

    if (r == 0)
        r = nta_keyfile_secret(&keys, "sensor.key", NTA_KEY_SENSOR_SECRET, sealer->secrets->sensor,
                               err);
    if (r == 0)
        r = nta_keyfile_secret(&keys, "token.key", NTA_KEY_TOKEN_SECRET, token_key, err);
    if (r == 0)
        r = nta_auditors_read(&keys, &sealer->auditors, err);
    if (r == 0 && nta_ed25519_public(sealer->secrets->sensor, public_key) < 0)
        r = nta_err_set(err, -EIO, "%s/sensor.key: cannot be used", keys.shown);
    if (r == 0)
        r = nta_sensor_pub_check(&keys, public_key, err);
    if (r == 0) {
        nta_sensor_id(public_key, sealer->sensor);
        nta_hmac_key_init(&sealer->secrets->tokens,
                          (struct nta_span){.ptr = token_key, .len = sizeof(token_key)});
    }
    OPENSSL_cleanse(token_key, sizeof(token_key));
    return r;
}

/** Everything behind the allocation. */
static int set_up(struct nta_sealer *sealer, const char *dir, struct nta_err *err)
{
    sealer->number = 1;
    sealer->secrets = nta_secret_new(sizeof(*sealer->secrets));
    if (!sealer->secrets || nta_body_new(&sealer->body) < 0 ||
        nta_leaves_new(&sealer->leaves) < 0 || nta_tokens_new(&sealer->tokens_made) < 0)
        return nta_err_set(err, -ENOMEM, "no memory for sealing");
    return load_keys(sealer, dir, err);
}

int nta_sealer_new(const char *dir, struct nta_sealer **ret_sealer, struct nta_err *err)
{
    struct nta_sealer *sealer = calloc(1, sizeof(*sealer));

    if (!sealer)
        return nta_err_set(err, -ENOMEM, "no memory for sealing");
    int r = set_up(sealer, dir, err);

    if (r < 0)
        nta_sealer_free(&sealer);
    else
        *ret_sealer = sealer;
    return r;
}

void nta_sealer_get_sensor(const struct nta_sealer *sealer, uint8_t ret_id[NTA_SENSOR_ID_LEN])
{
    memcpy(ret_id, sealer->sensor, sizeof(sealer->sensor));
}

void nta_sealer_continue(struct nta_sealer *sealer, uint64_t number,
                         const uint8_t previous[NTA_HASH_LEN])
{
    sealer->number = number;
    sealer->is_sealed = false;
    memcpy(sealer->previous, previous, sizeof(sealer->previous));
}

/** A clock that was set back must not make a key live on. */
static bool is_young(int64_t made_ns, int64_t wall_ns)
{
    return wall_ns >= made_ns && wall_ns - made_ns < KEY_LIFE_NS;
}

bool nta_sealer_wants_key(const struct nta_sealer *sealer, int64_t wall_ns)
{
    return !sealer->has_key || sealer->key_uses >= KEY_USES ||
           !is_young(sealer->key_made_ns, wall_ns);
}

int nta_sealer_make_key(struct nta_sealer *sealer, int64_t wall_ns, struct nta_wrapped_key *ret_key,
                        struct nta_err *err)
{
    struct nta_wrapped_key key = {.made_ns = wall_ns};
    struct secrets *secrets = sealer->secrets;

    if (sealer->has_next && is_young(sealer->next.made_ns, wall_ns)) {
        *ret_key = sealer->next;
        return 0;
    }
    sealer->has_next = false;
    if (RAND_priv_bytes(secrets->next_data_key, sizeof(secrets->next_data_key)) != 1 ||
        RAND_bytes(key.id, sizeof(key.id)) != 1)
        return nta_err_set(err, -EIO, "no random numbers for a data key");
    nta_buf_clear(&sealer->blob);
    int r = nta_wrap(secrets->sensor, &sealer->auditors, &key, secrets->next_data_key,
                     &sealer->blob, err);

    if (r < 0)
        return r;
    key.blob = nta_buf_span(&sealer->blob);
    sealer->next = key;
    sealer->has_next = true;
    *ret_key = key;
    return 0;
}

void nta_sealer_use_key(struct nta_sealer *sealer)
{
    struct secrets *secrets = sealer->secrets;

    assert(sealer->has_next);
    memcpy(secrets->data_key, secrets->next_data_key, sizeof(secrets->data_key));
    OPENSSL_cleanse(secrets->next_data_key, sizeof(secrets->next_data_key));
    memcpy(sealer->key_id, sealer->next.id, sizeof(sealer->key_id));
    sealer->key_made_ns = sealer->next.made_ns;
    sealer->key_uses = 0;
    sealer->has_key = true;
    sealer->has_next = false;
}

void nta_sealer_drop_key(struct nta_sealer *sealer)
{
    sealer->has_key = false;
    sealer->is_sealed = false;
}

int nta_sealer_new_key(struct nta_sealer *sealer, int64_t wall_ns, struct nta_wrapped_key *ret_key,
                       struct nta_err *err)
{
    sealer->has_next = false;
    int r = nta_sealer_make_key(sealer, wall_ns, ret_key, err);

    if (r == 0)
        nta_sealer_use_key(sealer);
    return r;
}

int nta_sealer_sign(const struct nta_sealer *sealer, const char *domain, struct nta_span message,
                    uint8_t ret_signature[NTA_SIGNATURE_LEN])
{
    return nta_ed25519_sign(sealer->secrets->sensor, domain, message, ret_signature);
}

bool nta_sealer_signed(const struct nta_sealer *sealer, const char *domain, struct nta_span message,
                       const uint8_t signature[NTA_SIGNATURE_LEN])
{
    uint8_t public_key[NTA_KEY_LEN];

    return nta_ed25519_public(sealer->secrets->sensor, public_key) == 0 &&
           nta_signed_by(public_key, domain, message, signature);
}

bool nta_signed_by(const uint8_t public_key[NTA_KEY_LEN], const char *domain,
                   struct nta_span message, const uint8_t signature[NTA_SIGNATURE_LEN])
{
    return nta_ed25519_verify(public_key, domain, message,
                              (struct nta_span){signature, NTA_SIGNATURE_LEN});
}

/** The Merkle root over salted records, and the packed body with the salt key in it. */
static int pack(struct nta_sealer *sealer, const struct nta_batch *batch, struct nta_header *header)
{
    uint8_t *salt_key = sealer->secrets->salt_key;
    int r = RAND_priv_bytes(salt_key, NTA_KEY_LEN) == 1 ? 0 : -EIO;

    nta_buf_clear(&sealer->packed);
    if (r == 0)
        r = nta_leaves_root(sealer->leaves, batch, salt_key, header->root);
    if (r == 0)
        r = nta_body_pack(sealer->body, batch, salt_key, &sealer->packed);
    OPENSSL_cleanse(salt_key, NTA_KEY_LEN);
    return r;
}

/** Encrypt the packed body under the header's other fields, then finish and sign the header. */
static int encrypt_and_sign(struct nta_sealer *sealer, struct nta_header *header)
{
    if (RAND_bytes(header->nonce, sizeof(header->nonce)) != 1)
        return -EIO;
    sealer->key_uses++;
    nta_buf_clear(&sealer->header);
    nta_buf_clear(&sealer->aad);
    nta_buf_clear(&sealer->sealed);
    nta_header_encode(header, &sealer->header);
    if (sealer->header.failed)
        return -ENOMEM;
    nta_header_aad(nta_buf_span(&sealer->header), &sealer->aad);
    if (sealer->aad.failed)
        return -ENOMEM;
    int r = nta_gcm_seal(sealer->secrets->data_key, header->nonce, nta_buf_span(&sealer->aad),
                         nta_buf_span(&sealer->packed), &sealer->sealed);

    if (r < 0)
        return r;
    nta_digest_of(nta_buf_span(&sealer->sealed), header->body_hash);
    nta_buf_clear(&sealer->header);
    nta_header_encode(header, &sealer->header);
    if (sealer->header.failed)
        return -ENOMEM;
    return nta_ed25519_sign(sealer->secrets->sensor, NTA_HEADER_DOMAIN,
                            nta_buf_span(&sealer->header), sealer->signature);
}

static struct nta_header start_header(const struct nta_sealer *sealer,
                                      const struct nta_batch *batch)
{
    struct nta_header header = {
        .version = NTA_SEALED_VERSION,
        .number = sealer->number,
        .first_ns = batch->first_ns,
        .last_ns = batch->last_ns,
        .n_records = (uint32_t)batch->n_records,
    };

    memcpy(header.sensor, sealer->sensor, sizeof(header.sensor));
    memcpy(header.previous, sealer->previous, sizeof(header.previous));
    memcpy(header.data_key, sealer->key_id, sizeof(header.data_key));
    return header;
}

int nta_sealer_seal(struct nta_sealer *sealer, const struct nta_batch *batch,
                    struct nta_sealed *ret_sealed, struct nta_header *ret_header,
                    struct nta_err *err)
{
    struct nta_header header = start_header(sealer, batch);

    assert(batch->n_records > 0 && batch->n_records <= NTA_BATCH_RECORDS);
    sealer->is_sealed = false;
    if (!sealer->has_key || sealer->key_uses >= KEY_USES)
        return nta_err_set(err, -ENOKEY, "no data key is left to seal with");
    int r = nta_tokens_of(sealer->tokens_made, &sealer->secrets->tokens, batch, &sealer->tokens);

    if (r == 0) {
        nta_digest_of(nta_buf_span(&sealer->tokens), header.tokens_hash);
        r = pack(sealer, batch, &header);
    }
    if (r == 0)
        r = encrypt_and_sign(sealer, &header);
    if (r < 0)
        return nta_err_sys(err, r, "cannot seal a batch");
    sealer->is_sealed = true;
    *ret_sealed = (struct nta_sealed){
        .header = nta_buf_span(&sealer->header),
        .signature = {.ptr = sealer->signature, .len = sizeof(sealer->signature)},
        .tokens = nta_buf_span(&sealer->tokens),
        .body = nta_buf_span(&sealer->sealed),
    };
    if (ret_header)
        *ret_header = header;
    return 0;
}

void nta_sealer_commit(struct nta_sealer *sealer)
{
    const struct nta_sealed sealed = {
        .header = nta_buf_span(&sealer->header),
        .signature = {.ptr = sealer->signature, .len = sizeof(sealer->signature)},
    };

    assert(sealer->is_sealed);
    nta_header_hash(&sealed, sealer->previous);
    sealer->number++;
    sealer->is_sealed = false;
}

void nta_sealer_token(const struct nta_sealer *sealer, enum nta_value_kind kind,
                      struct nta_span value, uint8_t ret_token[NTA_TOKEN_LEN])
{
    nta_token_of(&sealer->secrets->tokens, kind, value, ret_token);
}
