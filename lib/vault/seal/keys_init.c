/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file/newfile.h"
#include "base/own.h"
#include "base/text.h"
#include "vault/crypto/curve.h"
#include "vault/crypto/secret.h"
#include "vault/keyfile.h"
#include "vault/seal.h"
#include "vault/seal/first.h"
#include "vault/statefile.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>

/** Everything that is at hand while keys are made. */
struct making
{
    struct nta_keydir keys, state;
    const char *state_dir;
    struct secrets *secrets; ///< Owned (vault/crypto/secret.h).
    uint8_t identity[NTA_KEY_LEN], checkpoint[NTA_KEY_LEN], signing[NTA_KEY_LEN]; ///< Public.
    bool made;
};

struct secrets
{
    uint8_t identity[NTA_KEY_LEN], state[NTA_KEY_LEN], checkpoint[NTA_KEY_LEN];
};

static void making_done(struct making *making)
{
    nta_secret_free(making->secrets, sizeof(*making->secrets));
    nta_keydir_close(&making->keys);
    nta_keydir_close(&making->state);
}

/** Make a secret key file of random bytes. */
static int make_secret(const struct nta_keydir *dir, const char *name, const char *prefix,
                       struct nta_err *err)
{
    uint8_t key[NTA_KEY_LEN];

    if (RAND_priv_bytes(key, sizeof(key)) != 1)
        return nta_err_set(err, -EIO, "%s/%s: no random numbers", dir->shown, name);
    int r = nta_keyfile_write(dir, name, prefix, key, err);

    OPENSSL_cleanse(key, sizeof(key));
    return r;
}

/** Read a secret, which is made first if it is not there. */
static int get_secret(struct making *making, const char *name, const char *prefix,
                      uint8_t ret_secret[NTA_KEY_LEN], struct nta_err *err)
{
    int r = 0;

    if (!nta_keydir_has(&making->keys, name)) {
        making->made = true;
        r = make_secret(&making->keys, name, prefix, err);
    }
    return r < 0 ? r : nta_keyfile_secret(&making->keys, name, prefix, ret_secret, err);
}

/**
 * With auditors.pub there and auditor.key not, the private key was taken off the machine, as it
 * should be.
 */
static int init_auditor(struct making *making, struct nta_err *err)
{
    uint8_t secret[NTA_KEY_LEN], public_key[NTA_KEY_LEN];

    if (nta_keydir_has(&making->keys, "auditors.pub"))
        return 0;
    making->made = true;
    int r = get_secret(making, "auditor.key", NTA_KEY_AUDITOR_SECRET, secret, err);

    if (r == 0 && nta_x25519_public(secret, public_key) < 0)
        r = nta_err_set(err, -EIO, "%s/auditor.key: has no public key", making->keys.shown);
    OPENSSL_cleanse(secret, sizeof(secret));
    return r < 0
               ? r
               : nta_keyfile_write(&making->keys, "auditors.pub", NTA_KEY_AUDITOR, public_key, err);
}

/** The sensors that are trusted (chain/trust.h): to begin with, the one of this folder. */
static int init_sensors(struct making *making, struct nta_err *err)
{
    uint8_t public_key[NTA_KEY_LEN];
    char key[NTA_KEY_TEXT_SIZE], text[256];

    if (nta_keydir_has(&making->keys, "sensors.pub"))
        return 0;
    int r = nta_sensor_pub_read(&making->keys, public_key, err);

    if (r < 0)
        return r;
    making->made = true;
    nta_key_text(NTA_KEY_SENSOR, public_key, key, sizeof(key));
    (void)snprintf(text, sizeof(text),
                   "# Sensors whose records are trusted: KEY NAME FROM TO TEXT; `nta keys trust` "
                   "adds one.\n%s local - -\n",
                   key);
    return nta_keyfile_put(&making->keys, "sensors.pub", nta_span_of(text), err);
}

/**
 * What was there before is not made anew: what it sealed would not open, and what it signed would
 * have another sequel.
 */
static int refuse_what_is_gone(const struct making *making, struct nta_err *err)
{
    const struct nta_keydir *keys = &making->keys, *state = &making->state;

    if (nta_keydir_has(keys, "token.key") && !nta_keydir_has(state, NTA_FIRST_FILE))
        return nta_err_set(err, -EEXIST,
                           "%s: token.key is there: these are keys of format 1, which is only "
                           "read; use another folder for a new sensor",
                           keys->shown);
    if (nta_keydir_has(keys, "sensor.pub") && !nta_keydir_has(state, NTA_FIRST_FILE))
        return nta_err_set(err, -ENOENT,
                           "%s: " NTA_FIRST_FILE " is not there, which the sensor of %s/sensor.pub "
                           "has signed: put it back, or use another folder for a new sensor",
                           state->shown, keys->shown);
    if (!nta_keydir_has(keys, "state.key") && nta_keydir_has(state, NTA_CHECKPOINT_FILE))
        return nta_err_set(err, -ENOENT,
                           "%s: state.key is not there, under which %s/" NTA_CHECKPOINT_FILE
                           " is sealed: put it back, or use other folders for a new sensor",
                           keys->shown, state->shown);
    return 0;
}

/** The key that signs tree heads: made, or read of an attempt before. */
static int init_checkpoint(struct making *making, struct nta_err *err)
{
    const struct nta_keydir *state = &making->state;
    uint8_t *secret = making->secrets->checkpoint;
    int r = 0;

    if (!nta_keydir_has(state, NTA_CHECKPOINT_FILE)) {
        if (RAND_priv_bytes(secret, NTA_KEY_LEN) != 1)
            return nta_err_set(err, -EIO, "%s: no random numbers for a key", state->shown);
        r = nta_statefile_write(state, NTA_CHECKPOINT_FILE, NTA_CHECKPOINT_FILE,
                                making->secrets->state, secret, err);
    }
    if (r == 0)
        r = nta_statefile_read(state, NTA_CHECKPOINT_FILE, NTA_CHECKPOINT_FILE,
                               making->secrets->state, secret, err);
    if (r == 0 && nta_ed25519_public(secret, making->checkpoint) < 0)
        r = nta_err_set(err, -EIO, "%s/" NTA_CHECKPOINT_FILE ": has no public key", state->shown);
    return r;
}

static bool is_any(const void *owner, const uint8_t public_key[NTA_KEY_LEN])
{
    (void)owner;
    (void)public_key;
    return true;
}

/** The first key that signs batches: made, or that of an attempt before. */
static int init_signing(struct making *making, struct nta_err *err)
{
    NTA_AUTO(nta_signing_free) struct nta_signing *signing = NULL;
    const uint8_t *state_key = making->secrets->state;
    int r = nta_signing_open(making->state_dir, state_key, &signing, err);

    if (r == 0)
        r = nta_signing_find(signing, is_any, NULL, making->signing, err);
    nta_signing_free(&signing); /* which holds the folder */
    if (r == 0)
        r = nta_signing_make(making->state_dir, state_key, making->signing, err);
    return r < 0 ? r : 0;
}

/**
 * A new identity with all that it signs.  sensor.pub comes last: where it is, the first batch was
 * made, and another one is never made.
 */
static int init_sensor(struct making *making, const struct nta_keys_first *says,
                       struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf bytes = {0};
    struct nta_auditors auditors;
    struct nta_first_make make = {.says = says, .auditors = &auditors};
    uint8_t *identity = making->secrets->identity;
    int r = nta_auditors_read(&making->keys, &auditors, err);

    if (r == 0)
        r = get_secret(making, "sensor.key", NTA_KEY_SENSOR_SECRET, identity, err);
    if (r == 0 && nta_ed25519_public(identity, making->identity) < 0)
        r = nta_err_set(err, -EIO, "%s/sensor.key: has no public key", making->keys.shown);
    if (r == 0)
        r = init_checkpoint(making, err);
    if (r == 0)
        r = init_signing(making, err);
    if (r < 0)
        return r;
    make.identity = identity;
    memcpy(make.checkpoint_key, making->checkpoint, sizeof(make.checkpoint_key));
    memcpy(make.signing, making->signing, sizeof(make.signing));
    r = nta_first_make(&make, &bytes, err);
    return r < 0 ? r : nta_keyfile_put(&making->state, NTA_FIRST_FILE, nta_buf_span(&bytes), err);
}

/** sensor.pub of the first batch's identity, which is still here. */
static int init_public(struct making *making, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf bytes = {0};
    uint8_t *identity = making->secrets->identity;
    struct nta_first first;

    if (!nta_keydir_has(&making->keys, "sensor.key"))
        return nta_err_set(err, -ENOENT,
                           "%s: sensor.pub is not there, and sensor.key, of which it is made, is "
                           "elsewhere: put sensor.pub back, or sensor.key for this one run",
                           making->keys.shown);
    int r = nta_first_load(&making->state, &bytes, &first, err);

    if (r == 0)
        r = nta_keyfile_secret(&making->keys, "sensor.key", NTA_KEY_SENSOR_SECRET, identity, err);
    if (r == 0 && nta_ed25519_public(identity, making->identity) < 0)
        r = nta_err_set(err, -EIO, "%s/sensor.key: has no public key", making->keys.shown);
    if (r == 0 && !nta_header_signed(&first.sealed, making->identity))
        r = nta_err_set(err, -EINVAL,
                        "%s/sensor.key: is not the key that signed %s/" NTA_FIRST_FILE,
                        making->keys.shown, making->state.shown);
    return r < 0 ? r
                 : nta_keyfile_write(&making->keys, "sensor.pub", NTA_KEY_SENSOR, making->identity,
                                     err);
}

/** Both folders are open. */
static int make_all(struct making *making, const struct nta_keys_first *says, struct nta_err *err)
{
    int r = refuse_what_is_gone(making, err);

    if (r == 0)
        r = get_secret(making, "state.key", NTA_KEY_STATE_SECRET, making->secrets->state, err);
    if (r == 0)
        r = init_auditor(making, err);
    OPENSSL_cleanse(making->secrets->state, sizeof(making->secrets->state));
    if (r == 0)
        r = nta_state_key_read(&making->keys, making->secrets->state, err);
    if (r == 0 && !nta_keydir_has(&making->state, NTA_FIRST_FILE)) {
        making->made = true;
        r = init_sensor(making, says, err);
    }
    if (r == 0 && !nta_keydir_has(&making->keys, "sensor.pub")) {
        making->made = true;
        r = init_public(making, err);
    }
    return r < 0 ? r : init_sensors(making, err);
}

int nta_keys_init(const struct nta_keys_place *place, const struct nta_keys_first *first,
                  bool *ret_made, struct nta_err *err)
{
    NTA_AUTO(making_done)
    struct making making = {
        .keys = {.fd = -1},
        .state = {.fd = -1},
        .state_dir = place->state_dir,
        .secrets = nta_secret_new(sizeof(*making.secrets)),
    };

    if (!making.secrets)
        return nta_err_set(err, -ENOMEM, "no memory for keys");
    int r = nta_keydir_open(place->keys_dir, true, &making.keys, err);

    if (r == 0)
        r = nta_statedir_open(place->state_dir, true, &making.state, err);
    if (r == 0)
        r = make_all(&making, first, err);
    if (r == 0 && ret_made)
        *ret_made = making.made;
    return r;
}

/* ---- an identity that is elsewhere ---- */

/** The folder of a file, open, and its name in it. */
static int open_around(const char *file, struct nta_keydir *ret_dir, const char **ret_name,
                       struct nta_err *err)
{
    const char *slash = strrchr(file, '/');
    NTA_AUTO_FREE char *folder = slash ? strndup(file, (size_t)(slash - file) + 1) : strdup(".");

    if (!folder)
        return nta_err_set(err, -ENOMEM, "no memory for a path");
    *ret_name = slash ? slash + 1 : file;
    return nta_keydir_open(folder, false, ret_dir, err);
}

int nta_keys_sign_note(const char *file, const uint8_t sensor[NTA_SENSOR_ID_LEN], uint64_t number,
                       struct nta_note *note, uint8_t ret_public[NTA_KEY_LEN], struct nta_err *err)
{
    NTA_AUTO(nta_keydir_close) struct nta_keydir dir = {.fd = -1};
    struct nta_note made = *note;
    uint8_t secret[NTA_KEY_LEN] = {0};
    const char *name = "";
    int r = open_around(file, &dir, &name, err);

    if (r == 0 && !nta_note_fits(note, number))
        r = nta_err_set(err, -EINVAL, "a note of what is later than its header");
    if (r == 0)
        r = nta_keyfile_secret(&dir, name, NTA_KEY_SENSOR_SECRET, secret, err);
    if (r < 0)
        return r;
    if (nta_ed25519_public(secret, ret_public) < 0 ||
        nta_note_sign(&made, sensor, number, secret) < 0)
        r = nta_err_set(err, -EIO, "%s/%s: cannot sign with it", dir.shown, name);
    OPENSSL_cleanse(secret, sizeof(secret));
    if (r == 0)
        *note = made;
    return r;
}

int nta_keys_new_identity(const char *file, uint8_t ret_public[NTA_KEY_LEN], struct nta_err *err)
{
    NTA_AUTO(nta_keydir_close) struct nta_keydir dir = {.fd = -1};
    uint8_t secret[NTA_KEY_LEN] = {0};
    const char *name = "";
    int r = open_around(file, &dir, &name, err);

    if (r < 0)
        return r;
    if (RAND_priv_bytes(secret, sizeof(secret)) != 1 || nta_ed25519_public(secret, ret_public) < 0)
        r = nta_err_set(err, -EIO, "%s/%s: no random numbers for a key", dir.shown, name);
    else
        r = nta_keyfile_write(&dir, name, NTA_KEY_SENSOR_SECRET, secret, err);
    OPENSSL_cleanse(secret, sizeof(secret));
    return r;
}
