/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/statefile.h"

#include "base/hex.h"
#include "base/own.h"
#include "vault/crypto/digest.h"
#include "vault/crypto/gcm.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <sys/stat.h>

#define PREFIX "nta-sealed-"
#define INFO   "NTA state v2"

enum
{
    PREFIX_LEN = sizeof(PREFIX) - 1,
    SEALED_LEN = NTA_GCM_NONCE_LEN + NTA_KEY_LEN + NTA_GCM_TAG_LEN,
    TEXT_LEN = PREFIX_LEN + 2 * SEALED_LEN
};

bool nta_state_key_is_sealed(const struct nta_keydir *keys)
{
    return !nta_keydir_has(keys, "state.key") && nta_keydir_has(keys, "state.cred");
}

int nta_state_key_read(const struct nta_keydir *keys, uint8_t ret_key[NTA_KEY_LEN],
                       struct nta_err *err)
{
    uint8_t secret[NTA_KEY_LEN];
    struct nta_hmac_key hmac;
    int r = nta_keyfile_secret(keys, "state.key", NTA_KEY_STATE_SECRET, secret, err);

    if (r == -ENOENT && nta_state_key_is_sealed(keys))
        return nta_err_set(err, r,
                           "%s/state.key: is sealed for the service (state.cred): bring it back "
                           "for the moment, with systemd-creds decrypt",
                           keys->shown);
    if (r < 0)
        return r;
    nta_hmac_key_init(&hmac, (struct nta_span){.ptr = secret, .len = sizeof(secret)});
    nta_hkdf_expand(&hmac, INFO, (struct nta_span){0}, ret_key);
    OPENSSL_cleanse(secret, sizeof(secret));
    OPENSSL_cleanse(&hmac, sizeof(hmac));
    return 0;
}

/** The bytes of a line of our form: digits in lower case, no more and no less. */
static bool take_bytes(struct nta_span text, uint8_t ret_bytes[SEALED_LEN])
{
    char again[NTA_HEX_SIZE(SEALED_LEN)];

    return text.len == TEXT_LEN && nta_span_begins(text, nta_span_of(PREFIX)) &&
           nta_hex_parse((const char *)text.ptr + PREFIX_LEN, SEALED_LEN, ret_bytes) &&
           memcmp(nta_hex_text(ret_bytes, SEALED_LEN, again), text.ptr + PREFIX_LEN,
                  sizeof(again) - 1) == 0;
}

int nta_state_open(struct nta_span text, const char *name, const uint8_t key[NTA_KEY_LEN],
                   uint8_t ret_secret[NTA_KEY_LEN])
{
    uint8_t bytes[SEALED_LEN];
    struct nta_buf secret = {0};

    if (!take_bytes(text, bytes))
        return -EINVAL;
    int r = nta_gcm_open(
        key, bytes, nta_span_of(name),
        (struct nta_span){.ptr = bytes + NTA_GCM_NONCE_LEN, .len = SEALED_LEN - NTA_GCM_NONCE_LEN},
        &secret);

    if (r == 0)
        memcpy(ret_secret, secret.ptr, NTA_KEY_LEN);
    if (secret.ptr)
        OPENSSL_cleanse(secret.ptr, secret.size);
    nta_buf_done(&secret);
    return r;
}

int nta_statefile_read(const struct nta_keydir *dir, const char *file, const char *name,
                       const uint8_t key[NTA_KEY_LEN], uint8_t ret_secret[NTA_KEY_LEN],
                       struct nta_err *err)
{
    uint8_t text[NTA_SECRET_FILE_MAX];
    const ssize_t len = nta_keyfile_text(dir, file, text, err);

    if (len < 0)
        return (int)len;
    int r =
        nta_state_open((struct nta_span){.ptr = text, .len = (size_t)len}, name, key, ret_secret);

    if (r == -EINVAL)
        return nta_err_set(err, r, "%s/%s: is not \"" PREFIX "\" and %d hexadecimal digits",
                           dir->shown, file, 2 * SEALED_LEN);
    if (r == -EBADMSG)
        return nta_err_set(err, r,
                           "%s/%s: does not open with state.key: it was sealed under another one, "
                           "or changed",
                           dir->shown, file);
    return r < 0 ? nta_err_sys(err, r, "%s/%s: cannot be opened", dir->shown, file) : 0;
}

int nta_statefile_write(const struct nta_keydir *dir, const char *file, const char *name,
                        const uint8_t key[NTA_KEY_LEN], const uint8_t secret[NTA_KEY_LEN],
                        struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf bytes = {0};
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    uint8_t nonce[NTA_GCM_NONCE_LEN];

    if (RAND_bytes(nonce, sizeof(nonce)) != 1)
        return nta_err_set(err, -EIO, "%s/%s: no random numbers", dir->shown, file);
    nta_buf_put(&bytes, nonce, sizeof(nonce));
    int r = nta_gcm_seal(key, nonce, nta_span_of(name),
                         (struct nta_span){.ptr = secret, .len = NTA_KEY_LEN}, &bytes);

    nta_buf_puts(&text, PREFIX);
    if (r == 0)
        nta_buf_put_hex(&text, bytes.ptr, bytes.len);
    nta_buf_puts(&text, "\n");
    if (r == 0 && (bytes.failed || text.failed))
        r = -ENOMEM;
    if (r < 0)
        return nta_err_sys(err, r, "%s/%s: cannot be sealed", dir->shown, file);
    return nta_keyfile_put(dir, file, nta_buf_span(&text), err);
}

int nta_statefile_overwrite(const struct nta_keydir *dir, const char *name)
{
    NTA_AUTO_FD int fd =
        openat(dir->fd, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    static const uint8_t zeros[256];
    struct stat st;

    if (fd < 0) /* a link, or a pipe that nobody reads */
        return errno == ENOENT || errno == ELOOP || errno == ENXIO ? 0 : -errno;
    if (fstat(fd, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode))
        return 0;
    if (st.st_nlink > 1 && st.st_uid != dir->owner) /* a name given to a file of others */
        return -EPERM;
    for (off_t len = st.st_size; len > 0;) {
        ssize_t n = write(fd, zeros, len < (off_t)sizeof(zeros) ? (size_t)len : sizeof(zeros));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        len -= n;
    }
    return fsync(fd) < 0 ? -errno : 0;
}

int nta_statefile_destroy(const struct nta_keydir *dir, const char *name)
{
    if (!nta_keydir_has(dir, name))
        return 0;
    int r = nta_statefile_overwrite(dir, name);

    if (r == 0 && unlinkat(dir->fd, name, 0) < 0 && errno != ENOENT)
        r = -errno;
    return r == 0 && fsync(dir->fd) < 0 ? -errno : r;
}
