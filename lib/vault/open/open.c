/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/text.h"
#include "vault/auditors.h"
#include "vault/crypto/digest.h"
#include "vault/crypto/gcm.h"
#include "vault/crypto/secret.h"
#include "vault/header.h"
#include "vault/keyfile.h"
#include "vault/leaves.h"
#include "vault/open/keyring.h"
#include "vault/tokens.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>

struct secrets
{
    uint8_t auditor[NTA_KEY_LEN];
    struct nta_hmac_key tokens;    ///< Format 1.
    uint8_t salt_key[NTA_KEY_LEN]; ///< Of the batch that was opened last.
};

struct nta_opener
{
    struct secrets *secrets; ///< Owned (vault/crypto/secret.h).
    bool has_tokens;
    struct nta_body *body;     ///< Owned.
    struct nta_leaves *leaves; ///< Owned.
    struct nta_tokens *tokens; ///< Owned; NULL until tokens are checked,
    struct nta_batch values;   ///< as are these:
    struct nta_buf tokens_made;
    struct nta_keyring *keys; ///< Owned.
    struct nta_buf aad, packed;
    struct nta_record_buf buf; ///< For decoding.
};

void nta_opener_free(struct nta_opener **opener)
{
    struct nta_opener *o = *opener;

    if (!o)
        return;
    nta_secret_free(o->secrets, sizeof(*o->secrets));
    nta_body_free(&o->body);
    nta_leaves_free(&o->leaves);
    nta_tokens_free(&o->tokens);
    nta_batch_done(&o->values);
    nta_buf_done(&o->tokens_made);
    nta_keyring_free(&o->keys);
    nta_buf_done(&o->aad);
    if (o->packed.ptr) /* records in clear, compressed */
        OPENSSL_cleanse(o->packed.ptr, o->packed.size);
    nta_buf_done(&o->packed);
    free(o);
    *opener = NULL;
}

static int load_keys(struct nta_opener *opener, const char *dir, struct nta_err *err)
{
    NTA_AUTO(nta_keydir_close) struct nta_keydir keys = {.fd = -1};
    uint8_t token_key[NTA_KEY_LEN];
    int r = nta_keydir_open(dir, false, &keys, err);

    if (r == 0)
        r = nta_auditor_key_read(&keys, opener->secrets->auditor, err);
    if (r < 0 || !nta_keydir_has(&keys, "token.key"))
        return r;
    r = nta_keyfile_secret(&keys, "token.key", NTA_KEY_TOKEN_SECRET, token_key, err);
    if (r < 0)
        return r;
    nta_hmac_key_init(&opener->secrets->tokens,
                      (struct nta_span){.ptr = token_key, .len = sizeof(token_key)});
    opener->has_tokens = true;
    OPENSSL_cleanse(token_key, sizeof(token_key));
    return 0;
}

/** All but what comes of keys. */
static int set_up(struct nta_opener *opener)
{
    nta_batch_init(&opener->values);
    opener->secrets = nta_secret_new(sizeof(*opener->secrets));
    if (!opener->secrets || nta_body_new(&opener->body) < 0 || nta_leaves_new(&opener->leaves) < 0)
        return -ENOMEM;
    return nta_keyring_new(&opener->keys);
}

int nta_opener_new(const char *dir, struct nta_opener **ret_opener, struct nta_err *err)
{
    NTA_AUTO(nta_opener_free) struct nta_opener *opener = calloc(1, sizeof(*opener));
    int r = opener ? set_up(opener) : -ENOMEM;

    if (r < 0)
        return nta_err_sys(err, r, "no memory for opening batches");
    r = load_keys(opener, dir, err);
    if (r == 0)
        *ret_opener = NTA_TAKE(opener);
    return r;
}

int nta_opener_new_beside(const struct nta_opener *opener, struct nta_opener **ret_opener)
{
    NTA_AUTO(nta_opener_free) struct nta_opener *beside = calloc(1, sizeof(*beside));
    int r = beside ? set_up(beside) : -ENOMEM;

    if (r < 0)
        return r;
    beside->secrets->tokens = opener->secrets->tokens;
    beside->has_tokens = opener->has_tokens;
    *ret_opener = NTA_TAKE(beside);
    return 0;
}

int nta_opener_lend(const struct nta_opener *from, const uint8_t id[NTA_DATA_KEY_ID_LEN],
                    struct nta_opener *to)
{
    return nta_keyring_copy(to->keys, from->keys, id);
}

int nta_opener_add_key(struct nta_opener *opener, const struct nta_wrapped_key *key,
                       struct nta_err *err)
{
    const int r = nta_keyring_add(opener->keys, key, opener->secrets->auditor);

    if (r == -ENOKEY)
        return nta_err_set(err, r, "a data key is not for this auditor");
    if (r == -ENOMEM)
        return nta_err_set(err, r, "no memory for a data key");
    return r < 0 ? nta_err_set(err, r, "a data key does not open: it was changed") : 0;
}

bool nta_opener_has_key(const struct nta_opener *opener, const uint8_t id[NTA_DATA_KEY_ID_LEN])
{
    return nta_keyring_has(opener->keys, id);
}

static int decrypt(struct nta_opener *opener, const struct nta_sealed *sealed,
                   const struct nta_header *header, struct nta_batch *ret_batch)
{
    const uint8_t *key = NULL;
    int r = nta_keyring_body(opener->keys, header, &key);

    if (r < 0)
        return r;
    nta_buf_clear(&opener->aad);
    nta_buf_clear(&opener->packed);
    nta_header_aad(sealed->header, &opener->aad);
    if (opener->aad.failed)
        return -ENOMEM;
    r = nta_gcm_open(key, header->nonce, nta_buf_span(&opener->aad), sealed->body, &opener->packed);

    if (r == 0)
        r = nta_body_unpack(opener->body, nta_buf_span(&opener->packed), ret_batch,
                            opener->secrets->salt_key);
    return r;
}

/** The Merkle root that the header promises. */
static int check_root(struct nta_opener *opener, const struct nta_header *header,
                      const struct nta_batch *batch)
{
    uint8_t root[NTA_HASH_LEN];
    int r = nta_leaves_root(opener->leaves, batch, opener->secrets->salt_key, root);

    return r < 0 ? r : memcmp(root, header->root, sizeof(root)) == 0 ? 0 : -EBADMSG;
}

static int explain(int r, const struct nta_header *header, struct nta_err *err)
{
    unsigned long long number = header->number;

    if (r == -ENOKEY)
        return nta_err_set(err, r, "batch %llu: its data key is not here", number);
    if (r == -EBADMSG)
        return nta_err_set(err, r, "batch %llu: does not open: it was changed", number);
    return nta_err_sys(err, r, "batch %llu: cannot be opened", number);
}

static int open_batch(struct nta_opener *opener, const struct nta_sealed *sealed, bool with_root,
                      struct nta_batch *ret_batch, struct nta_err *err)
{
    struct nta_header header;

    /* whoever goes on in spite of a failure must not meet the batch before */
    nta_batch_clear(ret_batch);
    OPENSSL_cleanse(opener->secrets->salt_key, sizeof(opener->secrets->salt_key));
    if (!nta_header_decode(sealed->header, &header))
        return nta_err_set(err, -EBADMSG, "%s", nta_check_text(NTA_CHECK_FORMAT));
    int r = decrypt(opener, sealed, &header, ret_batch);

    if (r == 0 && ret_batch->n_records != header.n_records)
        r = -EBADMSG;
    if (r == 0 && with_root)
        r = check_root(opener, &header, ret_batch);
    if (r < 0) {
        nta_batch_clear(ret_batch);
        return explain(r, &header, err);
    }
    ret_batch->class = header.class;
    ret_batch->first_ns = header.first_ns;
    ret_batch->last_ns = header.last_ns;
    return 0;
}

int nta_opener_open(struct nta_opener *opener, const struct nta_sealed *sealed,
                    struct nta_batch *ret_batch, struct nta_err *err)
{
    return open_batch(opener, sealed, true, ret_batch, err);
}

int nta_opener_read(struct nta_opener *opener, const struct nta_sealed *sealed,
                    struct nta_batch *ret_batch, struct nta_err *err)
{
    return open_batch(opener, sealed, false, ret_batch, err);
}

int nta_opener_prove(struct nta_opener *opener, const struct nta_batch *batch, size_t index,
                     struct nta_proof *ret_proof)
{
    if (index >= batch->n_records)
        return -EINVAL;
    return nta_leaves_prove(opener->leaves, batch, opener->secrets->salt_key, index, ret_proof);
}

/** The token keys of a batch.  False: they are not here. */
static bool get_token_keys(struct nta_opener *opener, const struct nta_header *header,
                           struct nta_token_keys *ret_keys)
{
    if (header->version > 1)
        return nta_keyring_tokens(opener->keys, header, ret_keys);
    *ret_keys = (struct nta_token_keys){.keys = &opener->secrets->tokens, .n = 1};
    return opener->has_tokens;
}

/** The tokens of the counted values are the sealed ones: 1, 0, or -ENOMEM. */
static int tokens_match(struct nta_opener *opener, const struct nta_token_keys *keys,
                        struct nta_span tokens, const struct nta_batch *values)
{
    int r = opener->tokens ? 0 : nta_tokens_new(&opener->tokens);

    if (r == 0)
        r = nta_tokens_of(opener->tokens, keys, values, &opener->tokens_made);
    return r < 0 ? r : nta_span_equal(nta_buf_span(&opener->tokens_made), tokens);
}

static bool times_match(const struct nta_header *header, const struct nta_batch *values)
{
    if (header->version == 1) /* which does not count ends */
        return header->first_ns == values->first_time_ns && header->last_ns == values->last_time_ns;
    return header->first_ns == values->first_ns && header->last_ns == values->last_ns;
}

int nta_opener_check_values(struct nta_opener *opener, const struct nta_sealed *sealed,
                            const struct nta_batch *values)
{
    struct nta_header header;
    struct nta_token_keys keys;

    if (!nta_header_decode(sealed->header, &header) || header.n_records != values->n_records)
        return NTA_VALUES_RECORDS;
    if (!times_match(&header, values))
        return NTA_VALUES_TIMES;
    if (header.version > 1 && values->class != header.class)
        return NTA_VALUES_CLASS;
    if (!get_token_keys(opener, &header, &keys)) /* format 1 can be read without */
        return header.version == 1 ? NTA_VALUES_OK : -ENOKEY;
    int r = tokens_match(opener, &keys, sealed->tokens, values);

    return r < 0 ? r : r ? NTA_VALUES_OK : NTA_VALUES_TOKENS;
}

int nta_opener_check_records(struct nta_opener *opener, const struct nta_sealed *sealed,
                             const struct nta_batch *batch)
{
    struct nta_record_buf *buf = &opener->buf;
    struct nta_record record;
    int r = 0;

    nta_batch_clear(&opener->values);
    for (size_t i = 0; i < batch->n_records && r == 0; i++) {
        if (!nta_record_decode_over(nta_batch_record(batch, i), buf, &record))
            return NTA_VALUES_RECORDS;
        r = nta_batch_count(&opener->values, &record);
    }
    return r < 0 ? r : nta_opener_check_values(opener, sealed, &opener->values);
}

const char *nta_values_check_text(enum nta_values_check check)
{
    switch (check) {
    case NTA_VALUES_OK: return "good";
    case NTA_VALUES_RECORDS: return "a record in it is not one of ours";
    case NTA_VALUES_TIMES: return "its times are not those of its records";
    case NTA_VALUES_CLASS: return "its class is not that of its records";
    case NTA_VALUES_TOKENS: return "its search tokens are not those of its records";
    }
    return "";
}

int nta_opener_token(const struct nta_opener *opener, const struct nta_header *header,
                     enum nta_value_kind kind, struct nta_span value,
                     uint8_t ret_token[NTA_TOKEN_LEN])
{
    if (header->version > 1)
        return nta_keyring_token(opener->keys, header->data_key, kind, value, ret_token);
    if (!opener->has_tokens)
        return -ENOKEY;
    nta_token_of(&opener->secrets->tokens, kind, value, ret_token);
    return 0;
}
