/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file/newfile.h"
#include "base/own.h"
#include "base/text.h"
#include "vault/auditors.h"
#include "vault/crypto/curve.h"
#include "vault/crypto/digest.h"
#include "vault/keycheck.h"
#include "vault/keyfile.h"
#include "vault/vault.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>

#define UNUSABLE "is no usable key: anybody can sign for it"

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

/** A pair of files: the secret key and its public half. */
struct pair
{
    const char *secret_name, *secret_prefix, *name, *prefix;
    int (*to_public)(const uint8_t secret[32], uint8_t ret_public[32]);
};

static const struct pair sensor_pair = {
    "sensor.key", NTA_KEY_SENSOR_SECRET, "sensor.pub", NTA_KEY_SENSOR, nta_ed25519_public,
};

static const struct pair auditor_pair = {
    "auditor.key", NTA_KEY_AUDITOR_SECRET, "auditors.pub", NTA_KEY_AUDITOR, nta_x25519_public,
};

/** Make the secret key unless it is there, and write its public half. */
static int make_pair(const struct nta_keydir *dir, const struct pair *pair, struct nta_err *err)
{
    uint8_t secret[NTA_KEY_LEN], public_key[NTA_KEY_LEN];
    int r = nta_keydir_has(dir, pair->secret_name)
                ? 0
                : make_secret(dir, pair->secret_name, pair->secret_prefix, err);

    if (r == 0)
        r = nta_keyfile_secret(dir, pair->secret_name, pair->secret_prefix, secret, err);
    if (r == 0 && pair->to_public(secret, public_key) < 0)
        r = nta_err_set(err, -EIO, "%s/%s: has no public key", dir->shown, pair->secret_name);
    if (r == 0)
        r = nta_keyfile_write(dir, pair->name, pair->prefix, public_key, err);
    OPENSSL_cleanse(secret, sizeof(secret));
    return r;
}

static int init_sensor(const struct nta_keydir *dir, bool *ret_made, struct nta_err *err)
{
    bool has_key = nta_keydir_has(dir, "sensor.key");

    if (has_key && nta_keydir_has(dir, "sensor.pub"))
        return 0;
    if (!has_key && nta_keydir_has(dir, "sensor.pub"))
        return nta_err_set(
            err, -ENOENT,
            "%s: sensor.pub is there but sensor.key is not: the key that belongs to it "
            "is elsewhere; use another folder for a new sensor",
            dir->shown);
    *ret_made = true;
    return make_pair(dir, &sensor_pair, err);
}

/**
 * With auditors.pub there and auditor.key not, the private key was taken off the machine, as it
 * should be.
 */
static int init_auditor(const struct nta_keydir *dir, bool *ret_made, struct nta_err *err)
{
    if (nta_keydir_has(dir, "auditors.pub"))
        return 0;
    *ret_made = true;
    return make_pair(dir, &auditor_pair, err);
}

static int read_sensor(const struct nta_keydir *dir, uint8_t ret_public[NTA_KEY_LEN],
                       struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    int r = nta_keyfile_public(dir, "sensor.pub", &text, err);

    if (r < 0)
        return r;
    if (text.len && text.ptr[text.len - 1] == '\n')
        text.len--;
    if (!nta_key_parse(nta_buf_span(&text), NTA_KEY_SENSOR, ret_public))
        return nta_err_set(err, -EINVAL,
                           "%s/sensor.pub: is not \"" NTA_KEY_SENSOR "\" and 64 hexadecimal digits",
                           dir->shown);
    if (!nta_ed25519_usable(ret_public)) {
        memset(ret_public, 0, NTA_KEY_LEN);
        return nta_err_set(err, -EINVAL, "%s/sensor.pub: " UNUSABLE, dir->shown);
    }
    return 0;
}

/** The sensors that are trusted (chain/trust.h): to begin with, the one of this folder. */
static int init_sensors(const struct nta_keydir *dir, bool *ret_made, struct nta_err *err)
{
    NTA_AUTO(nta_newfile_drop) struct nta_newfile file = NTA_NEWFILE_NONE;
    uint8_t public_key[NTA_KEY_LEN];
    char key[NTA_KEY_TEXT_SIZE], text[256];

    if (nta_keydir_has(dir, "sensors.pub"))
        return 0;
    int r = read_sensor(dir, public_key, err);

    if (r < 0)
        return r;
    *ret_made = true;
    nta_key_text(NTA_KEY_SENSOR, public_key, key, sizeof(key));
    int len = snprintf(text, sizeof(text),
                       "# Sensors whose records are trusted: KEY NAME FROM TO TEXT; `nta keys "
                       "trust` adds one.\n%s local - -\n",
                       key);

    r = nta_newfile_open_at(&file, dir->fd, "sensors.pub", 0600);
    if (r == 0)
        r = nta_write_all(file.fd, text, (size_t)len);
    if (r == 0)
        r = nta_newfile_commit(&file, false);
    return r < 0 ? nta_err_sys(err, r, "%s/sensors.pub", dir->shown) : 0;
}

int nta_keys_init(const char *dir, bool *ret_made, struct nta_err *err)
{
    NTA_AUTO(nta_keydir_close) struct nta_keydir keys = {.fd = -1};
    bool made = false;
    int r = nta_keydir_open(dir, true, &keys, err);

    if (r == 0)
        r = init_sensor(&keys, &made, err);
    if (r == 0 && !nta_keydir_has(&keys, "token.key")) {
        made = true;
        r = make_secret(&keys, "token.key", NTA_KEY_TOKEN_SECRET, err);
    }
    if (r == 0)
        r = init_auditor(&keys, &made, err);
    if (r == 0)
        r = init_sensors(&keys, &made, err);
    if (r == 0 && ret_made)
        *ret_made = made;
    return r;
}

int nta_auditors_read(const struct nta_keydir *dir, struct nta_auditors *ret_auditors,
                      struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    struct nta_auditors auditors = {.n = 0};
    unsigned line = 0;
    int r = nta_keyfile_public(dir, "auditors.pub", &text, err);

    if (r < 0)
        return r;
    for (struct nta_span rest = nta_buf_span(&text); rest.len > 0; line++) {
        const struct nta_span key = nta_span_take(&rest, '\n');

        if (key.len == 0 || key.ptr[0] == '#')
            continue;
        if (auditors.n == NTA_AUDITORS_MAX)
            return nta_err_set(err, -EINVAL, "%s/auditors.pub:%u: more than %d auditors",
                               dir->shown, line + 1, NTA_AUDITORS_MAX);
        if (!nta_key_parse(key, NTA_KEY_AUDITOR, auditors.keys[auditors.n]))
            return nta_err_set(err, -EINVAL,
                               "%s/auditors.pub:%u: is not \"" NTA_KEY_AUDITOR
                               "\" and 64 hexadecimal digits",
                               dir->shown, line + 1);
        if (!nta_x25519_usable(auditors.keys[auditors.n]))
            return nta_err_set(err, -EINVAL,
                               "%s/auditors.pub:%u: is no usable key: whatever is sealed to it, "
                               "anybody can open",
                               dir->shown, line + 1);
        auditors.n++;
    }
    if (auditors.n == 0)
        return nta_err_set(err, -EINVAL, "%s/auditors.pub: no auditor's key in it", dir->shown);
    *ret_auditors = auditors;
    return 0;
}

int nta_keys_sensor_public(const char *dir, uint8_t ret_public[NTA_KEY_LEN], struct nta_err *err)
{
    NTA_AUTO(nta_keydir_close) struct nta_keydir keys = {.fd = -1};
    int r = nta_keydir_open(dir, false, &keys, err);

    return r < 0 ? r : read_sensor(&keys, ret_public, err);
}

int nta_keys_parse_sensor(const char *text, uint8_t ret_public[NTA_KEY_LEN], struct nta_err *err)
{
    char shown[NTA_KEY_TEXT_SIZE];

    (void)nta_text_escape_to(shown, sizeof(shown), nta_span_of(text));
    if (!nta_key_parse(nta_span_of(text), NTA_KEY_SENSOR, ret_public))
        return nta_err_set(err, -EINVAL,
                           "%s: is not \"" NTA_KEY_SENSOR "\" and 64 hexadecimal digits", shown);
    if (nta_ed25519_usable(ret_public))
        return 0;
    memset(ret_public, 0, NTA_KEY_LEN);
    return nta_err_set(err, -EINVAL, "%s: " UNUSABLE, shown);
}

int nta_sensor_pub_check(const struct nta_keydir *dir, const uint8_t public_key[NTA_KEY_LEN],
                         struct nta_err *err)
{
    uint8_t published[NTA_KEY_LEN];
    int r = nta_keydir_has(dir, "sensor.pub") ? read_sensor(dir, published, err) : -ENOENT;

    if (r == -ENOENT)
        return 0;
    if (r == 0 && memcmp(published, public_key, sizeof(published)) != 0)
        r = nta_err_set(err, -EINVAL,
                        "%s/sensor.pub: is not that of sensor.key: what is sealed with the one "
                        "could not be checked with the other",
                        dir->shown);
    return r;
}

/** sensor.key, and whether sensor.pub is there and belongs to it. */
static void check_sensor(const struct nta_keydir *dir, nta_keys_fault_fn *fault, void *owner)
{
    uint8_t secret[NTA_KEY_LEN], public_key[NTA_KEY_LEN];
    struct nta_err err = {0};
    int r = nta_keyfile_secret(dir, "sensor.key", NTA_KEY_SENSOR_SECRET, secret, &err);

    if (r == 0 && nta_ed25519_public(secret, public_key) < 0)
        r = nta_err_set(&err, -EIO, "%s/sensor.key: cannot be used", dir->shown);
    OPENSSL_cleanse(secret, sizeof(secret));
    if (r < 0)
        fault(owner, r, err.text);
    if (r == 0 && nta_keydir_has(dir, "sensor.pub"))
        r = nta_sensor_pub_check(dir, public_key, &err);
    else
        r = read_sensor(dir, public_key, &err);
    if (r < 0)
        fault(owner, r, err.text);
}

void nta_keys_check(const char *dir, nta_keys_fault_fn *fault, void *owner)
{
    NTA_AUTO(nta_keydir_close) struct nta_keydir keys = {.fd = -1};
    struct nta_auditors auditors;
    uint8_t secret[NTA_KEY_LEN];
    struct nta_err err = {0};
    int r = nta_keydir_open(dir, false, &keys, &err);

    if (r < 0) {
        fault(owner, r, err.text);
        return;
    }
    check_sensor(&keys, fault, owner);
    r = nta_keyfile_secret(&keys, "token.key", NTA_KEY_TOKEN_SECRET, secret, &err);
    OPENSSL_cleanse(secret, sizeof(secret));
    if (r < 0)
        fault(owner, r, err.text);
    r = nta_auditors_read(&keys, &auditors, &err);
    if (r < 0)
        fault(owner, r, err.text);
}

int nta_keys_show(const char *dir, char ret_sensor[NTA_KEY_TEXT_SIZE], struct nta_buf *ret_auditors,
                  struct nta_err *err)
{
    NTA_AUTO(nta_keydir_close) struct nta_keydir keys = {.fd = -1};
    struct nta_auditors auditors = {.n = 0};
    uint8_t sensor[NTA_KEY_LEN];
    char text[NTA_KEY_TEXT_SIZE];
    int r = nta_keydir_open(dir, false, &keys, err);

    if (r == 0)
        r = read_sensor(&keys, sensor, err);
    if (r == 0)
        r = nta_auditors_read(&keys, &auditors, err);
    if (r != 0)
        return r;
    nta_key_text(NTA_KEY_SENSOR, sensor, ret_sensor, NTA_KEY_TEXT_SIZE);
    for (size_t i = 0; i < auditors.n; i++) {
        nta_key_text(NTA_KEY_AUDITOR, auditors.keys[i], text, sizeof(text));
        nta_buf_puts(ret_auditors, text);
        nta_buf_put_u8(ret_auditors, '\n');
    }
    return ret_auditors->failed ? nta_err_set(err, -ENOMEM, "no memory") : 0;
}

int nta_keys_sensors(const char *dir, struct nta_buf *out, struct nta_err *err)
{
    NTA_AUTO(nta_keydir_close) struct nta_keydir keys = {.fd = -1};
    int r = nta_keydir_open(dir, false, &keys, err);

    if (r == 0 && !nta_keydir_has(&keys, "sensors.pub"))
        return nta_err_set(err, -ENOENT, "%s/sensors.pub: there is none", keys.shown);
    return r < 0 ? r : nta_keyfile_public(&keys, "sensors.pub", out, err);
}

int nta_keys_put_sensors(const char *dir, struct nta_span text, struct nta_err *err)
{
    NTA_AUTO(nta_keydir_close) struct nta_keydir keys = {.fd = -1};
    NTA_AUTO(nta_newfile_drop) struct nta_newfile file = NTA_NEWFILE_NONE;
    int r = nta_keydir_open(dir, false, &keys, err);

    if (r < 0)
        return r;
    r = nta_newfile_open_at(&file, keys.fd, "sensors.pub", 0600);
    if (r == 0)
        r = nta_write_all(file.fd, text.ptr, text.len);
    if (r == 0)
        r = nta_newfile_commit(&file, true);
    return r < 0 ? nta_err_sys(err, r, "%s/sensors.pub", keys.shown) : 0;
}

void nta_sensor_id(const uint8_t public_key[NTA_KEY_LEN], uint8_t ret_id[NTA_SENSOR_ID_LEN])
{
    uint8_t hash[NTA_HASH_LEN];

    nta_digest_of((struct nta_span){.ptr = public_key, .len = NTA_KEY_LEN}, hash);
    memcpy(ret_id, hash, NTA_SENSOR_ID_LEN);
}
