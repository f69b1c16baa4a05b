/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/seal/first.h"

#include "base/own.h"
#include "record/cbor/cbor.h"
#include "vault/crypto/curve.h"
#include "vault/crypto/secret.h"
#include "vault/seal/maker.h"
#include "vault/statefile.h"
#include "vault/tree/log_tree.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

enum
{
    N_PARTS = 5
};

static void put_parts(const struct nta_sealed *sealed, struct nta_span blob, struct nta_buf *out)
{
    nta_cbor_put_array(out, N_PARTS);
    nta_cbor_put_bytes(out, sealed->header);
    nta_cbor_put_bytes(out, sealed->signature);
    nta_cbor_put_bytes(out, sealed->tokens);
    nta_cbor_put_bytes(out, sealed->body);
    nta_cbor_put_bytes(out, blob);
}

/** What the header of a first batch says, whoever's it is. */
static bool is_first(const struct nta_header *header, uint8_t ret_checkpoint_key[NTA_KEY_LEN])
{
    const struct nta_log_tree none = {.n = 0};
    static const uint8_t zeros[NTA_HASH_LEN];
    uint8_t root[NTA_HASH_LEN];
    struct nta_note note;

    nta_log_root(&none, root);
    if (header->version != 2 || header->number != 1 || header->class != NTA_CLASS_LOG ||
        !header->has_next || memcmp(header->previous, zeros, sizeof(zeros)) != 0 ||
        memcmp(header->log, root, sizeof(root)) != 0)
        return false;
    for (size_t i = 0; nta_header_note(header, i, &note); i++) {
        if (note.kind != NTA_HEADER_NOTE_CHECKPOINT_KEY)
            continue;
        memcpy(ret_checkpoint_key, note.key, NTA_KEY_LEN);
        return nta_ed25519_usable(note.key);
    }
    return false;
}

/** The blob is the one that the header names, for what it says. */
static bool take_key(const struct nta_header *header, struct nta_span bytes,
                     struct nta_wrapped_key *ret_key)
{
    struct nta_wrapped_key key = {.blob = bytes, .class = header->class};

    memcpy(key.id, header->data_key, sizeof(key.id));
    memcpy(key.sensor, header->sensor, sizeof(key.sensor));
    key.day = nta_day_of(header->sealed_ns);
    if (nta_wrapped_key_look(&key) != NTA_KEY_OK)
        return false;
    *ret_key = key;
    return true;
}

bool nta_first_read(struct nta_span bytes, struct nta_first *ret_first)
{
    NTA_AUTO(nta_buf_done) struct nta_buf again = {0};
    struct nta_reader r = nta_reader_of(bytes.ptr, bytes.len);
    struct nta_first first = {.header = {.number = 0}};

    if (bytes.len > NTA_FIRST_MAX || nta_cbor_get_array(&r) != N_PARTS)
        return false;
    first.sealed.header = nta_cbor_get_bytes(&r);
    first.sealed.signature = nta_cbor_get_bytes(&r);
    first.sealed.tokens = nta_cbor_get_bytes(&r);
    first.sealed.body = nta_cbor_get_bytes(&r);
    const struct nta_span blob = nta_cbor_get_bytes(&r);

    if (!nta_reader_done(&r) || first.sealed.signature.len != NTA_SIGNATURE_LEN ||
        !nta_header_decode(first.sealed.header, &first.header) ||
        !is_first(&first.header, first.checkpoint_key) ||
        !nta_hash_is(first.sealed.tokens, first.header.tokens_hash) ||
        !nta_hash_is(first.sealed.body, first.header.body_hash) ||
        !take_key(&first.header, blob, &first.key))
        return false;
    put_parts(&first.sealed, blob, &again);
    if (!nta_span_equal(nta_buf_span(&again), bytes))
        return false;
    *ret_first = first;
    return true;
}

int nta_first_load(const struct nta_keydir *state, struct nta_buf *bytes,
                   struct nta_first *ret_first, struct nta_err *err)
{
    nta_buf_clear(bytes);
    int r = nta_keyfile_bytes(state, NTA_FIRST_FILE, NTA_FIRST_MAX, bytes, err);

    if (r == 0 && !nta_first_read(nta_buf_span(bytes), ret_first))
        r = nta_err_set(err, -EINVAL, "%s/" NTA_FIRST_FILE ": is not the first batch of a sensor",
                        state->shown);
    return r;
}

int nta_first_check_sensor(const struct nta_first *first, const struct nta_keydir *keys,
                           const struct nta_keydir *state, struct nta_err *err)
{
    uint8_t public_key[NTA_KEY_LEN], id[NTA_SENSOR_ID_LEN];
    int r = nta_keydir_has(keys, "sensor.pub") ? nta_sensor_pub_read(keys, public_key, err) : 1;

    if (r != 0)
        return r < 0 ? r : 0;
    nta_sensor_id(public_key, id);
    if (memcmp(id, first->header.sensor, sizeof(id)) == 0 &&
        nta_header_signed(&first->sealed, public_key))
        return 0;
    return nta_err_set(err, -EINVAL,
                       "%s/sensor.pub: is not the identity that signed %s/" NTA_FIRST_FILE
                       ": what is sealed with the one could not be checked with the other",
                       keys->shown, state->shown);
}

void nta_first_public(const struct nta_first *first, struct nta_sensor_public *ret_sensor)
{
    memcpy(ret_sensor->id, first->header.sensor, sizeof(ret_sensor->id));
    memcpy(ret_sensor->checkpoint_key, first->checkpoint_key, sizeof(ret_sensor->checkpoint_key));
}

int nta_first_read_checkpoint(const struct nta_first *first, const struct nta_keydir *state,
                              const uint8_t state_key[NTA_KEY_LEN], uint8_t ret_secret[NTA_KEY_LEN],
                              struct nta_err *err)
{
    uint8_t public_key[NTA_KEY_LEN];
    int r = nta_statefile_read(state, NTA_CHECKPOINT_FILE, NTA_CHECKPOINT_FILE, state_key,
                               ret_secret, err);

    if (r < 0)
        return r;
    if (nta_ed25519_public(ret_secret, public_key) < 0)
        r = nta_err_set(err, -EIO, "%s/" NTA_CHECKPOINT_FILE ": cannot be used", state->shown);
    else if (memcmp(public_key, first->checkpoint_key, sizeof(public_key)) != 0)
        r = nta_err_set(err, -EINVAL,
                        "%s/" NTA_CHECKPOINT_FILE ": is not the key that " NTA_FIRST_FILE " names",
                        state->shown);
    if (r < 0)
        OPENSSL_cleanse(ret_secret, NTA_KEY_LEN);
    return r;
}

static int sign(const void *signer, const char *domain, struct nta_span message,
                uint8_t ret_signature[NTA_SIGNATURE_LEN])
{
    return nta_ed25519_sign(signer, domain, message, ret_signature);
}

/** Where the header stands: the first of its chain. */
static int start_header(const struct nta_first_make *make, struct nta_buf *notes,
                        struct nta_header *ret_header)
{
    const struct nta_log_tree none = {.n = 0};
    struct nta_note note = {.kind = NTA_HEADER_NOTE_CHECKPOINT_KEY};
    uint8_t public_key[NTA_KEY_LEN];

    *ret_header = (struct nta_header){
        .version = NTA_SEALED_VERSION,
        .number = 1,
        .sealed_ns = make->says->wall_ns,
        .clock = make->says->clock,
        .class = NTA_CLASS_LOG,
        .has_next = true,
        .n_notes = 1,
    };
    if (nta_ed25519_public(make->identity, public_key) < 0)
        return -EIO;
    nta_sensor_id(public_key, ret_header->sensor);
    nta_log_root(&none, ret_header->log);
    memcpy(ret_header->next, make->signing, sizeof(ret_header->next));
    memcpy(note.key, make->checkpoint_key, sizeof(note.key));
    nta_note_encode(&note, notes);
    ret_header->notes = nta_buf_span(notes);
    return notes->failed ? -ENOMEM : 0;
}

struct secrets
{
    uint8_t secret[NTA_KEY_LEN];
    struct nta_data_key data;
};

/** A data key that nobody but the auditors has afterwards. */
static int make_key(const struct nta_first_make *make, struct secrets *secrets,
                    struct nta_header *header, struct nta_buf *blob, struct nta_err *err)
{
    struct nta_key_use use = {.class = header->class, .day = nta_day_of(header->sealed_ns)};

    memcpy(use.sensor, header->sensor, sizeof(use.sensor));
    if (RAND_priv_bytes(secrets->secret, sizeof(secrets->secret)) != 1)
        return nta_err_set(err, -EIO, "no random numbers for a data key");
    int r = nta_key_blob_make(&use, header->sealed_ns, make->auditors, secrets->secret, blob, err);

    if (r < 0)
        return r;
    nta_data_key_expand(secrets->secret, &secrets->data);
    nta_key_blob_id(nta_buf_span(blob), header->data_key);
    return 0;
}

static int make_with(const struct nta_first_make *make, struct secrets *secrets,
                     struct nta_maker *maker, struct nta_buf *out, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf notes = {0};
    NTA_AUTO(nta_buf_done) struct nta_buf blob = {0};
    const struct nta_maker_keys keys = {
        .data = &secrets->data,
        .number = 1,
        .sign = sign,
        .signer = make->identity,
    };
    struct nta_sealed sealed;
    struct nta_header header;
    int r = start_header(make, &notes, &header);

    if (r < 0)
        return nta_err_sys(err, r, "cannot make the first batch");
    r = make_key(make, secrets, &header, &blob, err);
    if (r < 0)
        return r;
    r = nta_maker_seal(maker, &(struct nta_maker_batch){.records = make->says->batch}, &keys,
                       &header, &sealed);
    if (r == 0)
        put_parts(&sealed, nta_buf_span(&blob), out);
    if (r == 0 && out->failed)
        r = -ENOMEM;
    return r < 0 ? nta_err_sys(err, r, "cannot seal the first batch") : 0;
}

int nta_first_make(const struct nta_first_make *make, struct nta_buf *out, struct nta_err *err)
{
    NTA_AUTO(nta_maker_free) struct nta_maker *maker = NULL;
    struct secrets *secrets = nta_secret_new(sizeof(*secrets));
    int r = secrets ? nta_maker_new(&maker) : -ENOMEM;

    if (make->says->batch->n_records == 0)
        r = nta_err_set(err, -EINVAL, "the first batch has no record");
    else if (r < 0)
        r = nta_err_sys(err, r, "no memory for sealing");
    else
        r = make_with(make, secrets, maker, out, err);
    nta_secret_free(secrets, sizeof(*secrets));
    return r;
}
