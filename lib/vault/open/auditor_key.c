/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/open/auditor_key.h"

#include "base/file/newfile.h"
#include "base/own.h"
#include "vault/auditors.h"
#include "vault/crypto/curve.h"
#include "vault/crypto/secret.h"
#include "vault/keyfile.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <string.h>

#define FILE_NAME "auditor.key"
#define PEM_BEGIN "-----BEGIN "

enum
{
    FILE_MAX = 4096,
    SCRYPT_N = 1 << 14, ///< Memory: 128 r N bytes, and libcrypto takes no more than 32 MiB.
    SCRYPT_R = 8,
    SCRYPT_P = 5
};

static struct
{
    nta_passphrase_fn *ask;
    void *owner;
} asked;

void nta_auditor_key_ask(nta_passphrase_fn *ask, void *owner)
{
    asked.ask = ask;
    asked.owner = owner;
}

static void free_bio(BIO **bio)
{
    (void)BIO_free(*bio);
}

static void free_sealed(X509_SIG **sealed)
{
    X509_SIG_free(*sealed);
}

static void free_info(PKCS8_PRIV_KEY_INFO **info)
{
    PKCS8_PRIV_KEY_INFO_free(*info);
}

static void free_key(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}

/* ---- one form and the other ---- */

static int unseal(const X509_SIG *sealed, const char *passphrase, uint8_t ret_secret[NTA_KEY_LEN])
{
    NTA_AUTO(free_info)
    PKCS8_PRIV_KEY_INFO *info = PKCS8_decrypt(sealed, passphrase, (int)strlen(passphrase));
    NTA_AUTO(free_key) EVP_PKEY *key = info ? EVP_PKCS82PKEY(info) : NULL;
    size_t len = NTA_KEY_LEN;

    if (!info)
        return -EKEYREJECTED;
    return key && EVP_PKEY_get_id(key) == EVP_PKEY_X25519 &&
                   EVP_PKEY_get_raw_private_key(key, ret_secret, &len) == 1 && len == NTA_KEY_LEN
               ? 0
               : -EINVAL;
}

static int read_protected(const char *shown, struct nta_span text, uint8_t ret_secret[NTA_KEY_LEN],
                          struct nta_err *err)
{
    NTA_AUTO(free_bio) BIO *bio = BIO_new_mem_buf(text.ptr, (int)text.len);
    NTA_AUTO(free_sealed) X509_SIG *sealed = bio ? PEM_read_bio_PKCS8(bio, NULL, NULL, NULL) : NULL;
    char passphrase[NTA_PASSPHRASE_SIZE];

    if (!sealed)
        return nta_err_set(err, -EINVAL, "%s: is no key under a passphrase (PKCS#8, PEM)", shown);
    if (!asked.ask)
        return nta_err_set(err, -ENOKEY, "%s: is under a passphrase, and nobody is asked for it",
                           shown);
    int r = asked.ask(asked.owner, shown, passphrase, err);

    if (r < 0)
        return r;
    r = unseal(sealed, passphrase, ret_secret);
    OPENSSL_cleanse(passphrase, sizeof(passphrase));
    if (r == -EKEYREJECTED)
        return nta_err_set(err, r, "%s: this is not its passphrase, or the file was changed",
                           shown);
    return r < 0 ? nta_err_set(err, r, "%s: is no X25519 key", shown) : 0;
}

int nta_auditor_key_read(const struct nta_keydir *dir, uint8_t ret_secret[NTA_KEY_LEN],
                         struct nta_err *err)
{
    char shown[sizeof(dir->shown) + sizeof("/" FILE_NAME)];
    uint8_t text[FILE_MAX];
    const ssize_t len = nta_keyfile_long(dir, FILE_NAME, text, sizeof(text), err);
    int r = len < 0 ? (int)len : 0;
    struct nta_span span = {text, len > 0 ? (size_t)len : 0};

    (void)snprintf(shown, sizeof(shown), "%s/" FILE_NAME, dir->shown);
    if (r == 0 && nta_span_begins(span, nta_span_of(PEM_BEGIN)))
        r = read_protected(shown, span, ret_secret, err);
    else if (r == 0)
        r = nta_keyfile_secret(dir, FILE_NAME, NTA_KEY_AUDITOR_SECRET, ret_secret, err);
    OPENSSL_cleanse(text, sizeof(text));
    return r;
}

/** Append the key under the passphrase, as PEM.  0 or -EIO. */
static int seal(const uint8_t secret[NTA_KEY_LEN], const char *passphrase, struct nta_buf *out)
{
    NTA_AUTO(free_key)
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret, NTA_KEY_LEN);
    NTA_AUTO(free_info) PKCS8_PRIV_KEY_INFO *info = key ? EVP_PKEY2PKCS8(key) : NULL;
    NTA_AUTO(free_bio) BIO *bio = BIO_new(BIO_s_mem());
    X509_ALGOR *how =
        info ? PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), NULL, 0, NULL, SCRYPT_N, SCRYPT_R, SCRYPT_P)
             : NULL;
    NTA_AUTO(free_sealed)
    X509_SIG *sealed = how ? PKCS8_set0_pbe(passphrase, (int)strlen(passphrase), info, how) : NULL;
    char *text = NULL;

    if (how && !sealed)
        X509_ALGOR_free(how);
    if (!sealed || !bio || PEM_write_bio_PKCS8(bio, sealed) != 1)
        return -EIO;
    const long len = BIO_get_mem_data(bio, &text);

    nta_buf_put(out, text, (size_t)len);
    return out->failed ? -ENOMEM : 0;
}

/* ---- files ---- */

static int check_passphrase(const char *passphrase, struct nta_err *err)
{
    return strlen(passphrase) >= 8
               ? 0
               : nta_err_set(err, -EINVAL, "a passphrase has 8 characters at least");
}

/** In the place of what is there, if anything; of the folder's owner. */
static int put_file(const struct nta_keydir *dir, const char *name, struct nta_span text,
                    struct nta_err *err)
{
    NTA_AUTO(nta_newfile_drop) struct nta_newfile file = NTA_NEWFILE_NONE;
    int r = nta_newfile_open_at(&file, dir->fd, name, 0600);

    if (r == 0)
        r = nta_write_all(file.fd, text.ptr, text.len);
    if (r == 0 && dir->owner != geteuid() && fchown(file.fd, dir->owner, dir->group) < 0)
        r = -errno;
    if (r == 0)
        r = nta_newfile_commit(&file, true);
    return r < 0 ? nta_err_sys(err, r, "%s/%s: cannot be written", dir->shown, name) : 0;
}

int nta_auditor_key_protect(const char *keys_dir, const char *passphrase, struct nta_err *err)
{
    NTA_AUTO(nta_keydir_close) struct nta_keydir keys = {.fd = -1};
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    uint8_t secret[NTA_KEY_LEN];
    int r = check_passphrase(passphrase, err);

    if (r == 0)
        r = nta_keydir_open(keys_dir, false, &keys, err);
    if (r == 0)
        r = nta_auditor_key_read(&keys, secret, err);
    if (r < 0)
        return r;
    r = seal(secret, passphrase, &text);
    OPENSSL_cleanse(secret, sizeof(secret));
    return r < 0 ? nta_err_sys(err, r, "%s/" FILE_NAME, keys.shown)
                 : put_file(&keys, FILE_NAME, nta_buf_span(&text), err);
}

/** A line more in auditors.pub. */
static int add_public(const struct nta_keydir *keys, const char *public_key, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    struct nta_auditors auditors = {.n = 0};
    int r = nta_auditors_read(keys, &auditors, err);

    if (r == 0 && auditors.n == NTA_AUDITORS_MAX)
        r = nta_err_set(err, -E2BIG, "%s/auditors.pub: has %d auditors already", keys->shown,
                        NTA_AUDITORS_MAX);
    if (r == 0)
        r = nta_keyfile_public(keys, "auditors.pub", &text, err);
    if (r < 0)
        return r;
    if (text.len && text.ptr[text.len - 1] != '\n')
        nta_buf_puts(&text, "\n");
    nta_buf_puts(&text, public_key);
    nta_buf_puts(&text, "\n");
    return text.failed ? nta_err_sys(err, -ENOMEM, "auditors.pub")
                       : put_file(keys, "auditors.pub", nta_buf_span(&text), err);
}

static int write_new(const char *path, struct nta_span text, struct nta_err *err)
{
    NTA_AUTO(nta_newfile_drop) struct nta_newfile file = NTA_NEWFILE_NONE;
    int r = nta_newfile_open(&file, path, 0600);

    if (r == 0)
        r = nta_write_all(file.fd, text.ptr, text.len);
    if (r == 0)
        r = nta_newfile_commit(&file, false);
    return r < 0 ? nta_err_sys(err, r, "%.300s", path) : 0;
}

int nta_auditor_key_write(const char *path, const uint8_t secret[NTA_KEY_LEN],
                          const char *passphrase, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    int r = check_passphrase(passphrase, err);

    if (r < 0)
        return r;
    r = seal(secret, passphrase, &text);
    return r < 0 ? nta_err_sys(err, r, "auditor's key") : write_new(path, nta_buf_span(&text), err);
}

int nta_auditor_key_make(const char *keys_dir, const char *path, const char *passphrase,
                         char ret_public[NTA_KEY_TEXT_SIZE], struct nta_err *err)
{
    NTA_AUTO(nta_keydir_close) struct nta_keydir keys = {.fd = -1};
    uint8_t secret[NTA_KEY_LEN], public_key[NTA_KEY_LEN];
    int r = check_passphrase(passphrase, err);

    if (r == 0)
        r = nta_keydir_open(keys_dir, false, &keys, err);
    if (r < 0)
        return r;
    r = RAND_priv_bytes(secret, NTA_KEY_LEN) != 1 || nta_x25519_public(secret, public_key) < 0
            ? nta_err_sys(err, -EIO, "auditor's key")
            : nta_auditor_key_write(path, secret, passphrase, err);
    OPENSSL_cleanse(secret, sizeof(secret));
    if (r < 0) /* it is there before anything is sealed to it */
        return r;
    nta_key_text(NTA_KEY_AUDITOR, public_key, ret_public, NTA_KEY_TEXT_SIZE);
    return add_public(&keys, ret_public, err);
}
