/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/signing.h"

#include "base/own.h"
#include "vault/crypto/curve.h"
#include "vault/crypto/secret.h"
#include "vault/keyfile.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NOW  "signing.key"
#define NEXT "signing.next"

struct secrets
{
    uint8_t now[NTA_KEY_LEN], next[NTA_KEY_LEN];
};

struct nta_signing
{
    struct secrets *secrets; ///< Owned.
    struct nta_keydir dir;   ///< Owned.
    uint8_t public_now[NTA_KEY_LEN], public_next[NTA_KEY_LEN];
    bool has_next;   ///< signing.next is on disk.
    bool is_changed; ///< The next one signs already; its files are not in order yet.
};

void nta_signing_free(struct nta_signing **signing)
{
    struct nta_signing *dead = NTA_TAKE(*signing);

    if (!dead)
        return;
    nta_secret_free(dead->secrets, sizeof(*dead->secrets));
    nta_keydir_close(&dead->dir);
    free(dead);
}

/** A secret of random bytes as a new file, with its public half. */
static int make_key(const struct nta_keydir *dir, const char *name, uint8_t secret[NTA_KEY_LEN],
                    uint8_t ret_public[NTA_KEY_LEN], struct nta_err *err)
{
    if (RAND_priv_bytes(secret, NTA_KEY_LEN) != 1 || nta_ed25519_public(secret, ret_public) < 0)
        return nta_err_set(err, -EIO, "%s/%s: no random numbers for a key", dir->shown, name);
    return nta_keyfile_write(dir, name, NTA_KEY_SIGNING_SECRET, secret, err);
}

int nta_signing_make(const char *dir, uint8_t ret_public[NTA_KEY_LEN], struct nta_err *err)
{
    NTA_AUTO(nta_keydir_close) struct nta_keydir keys = {.fd = -1};
    uint8_t secret[NTA_KEY_LEN];
    int r = nta_keydir_open(dir, false, &keys, err);

    if (r == 0)
        r = make_key(&keys, NOW, secret, ret_public, err);
    OPENSSL_cleanse(secret, sizeof(secret));
    return r;
}

/** Write over a file's bytes, where they lie, down to the disk.  One that is gone is fine. */
static int overwrite(const struct nta_keydir *dir, const char *name)
{
    NTA_AUTO_FD int fd = openat(dir->fd, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
    static const uint8_t zeros[256];
    off_t len = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);

    if (fd < 0)
        return errno == ENOENT ? 0 : -errno;
    if (len < 0 || lseek(fd, 0, SEEK_SET) < 0)
        return -errno;
    while (len > 0) {
        ssize_t n = write(fd, zeros, len < (off_t)sizeof(zeros) ? (size_t)len : sizeof(zeros));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        len -= n;
    }
    return fsync(fd) < 0 ? -errno : 0;
}

/** The old secret is destroyed, and the new one takes its name. */
static int replace(const struct nta_keydir *dir)
{
    int r = overwrite(dir, NOW);

    if (r == 0 && renameat(dir->fd, NEXT, dir->fd, NOW) < 0)
        r = -errno;
    return r == 0 && fsync(dir->fd) < 0 ? -errno : r;
}

/** The next key was never told to anybody: it goes, its bytes too. */
static int undo(const struct nta_keydir *dir)
{
    int r = overwrite(dir, NEXT);

    if (r == 0 && unlinkat(dir->fd, NEXT, 0) < 0 && errno != ENOENT)
        r = -errno;
    return r == 0 && fsync(dir->fd) < 0 ? -errno : r;
}

/** True if the file holds a key with this public half.  What cannot be read holds none. */
static bool holds(const struct nta_keydir *dir, const char *name,
                  const uint8_t expected[NTA_KEY_LEN], uint8_t ret_secret[NTA_KEY_LEN])
{
    uint8_t public_key[NTA_KEY_LEN];
    struct nta_err ignored = {0};

    return nta_keyfile_secret(dir, name, NTA_KEY_SIGNING_SECRET, ret_secret, &ignored) == 0 &&
           nta_ed25519_public(ret_secret, public_key) == 0 &&
           memcmp(public_key, expected, NTA_KEY_LEN) == 0;
}

/** The expected key is in neither file: what is there goes, and a key is made now. */
static int make_anew(struct nta_signing *signing, struct nta_err *err)
{
    const struct nta_keydir *dir = &signing->dir;
    int r = undo(dir);

    if (r == 0)
        r = overwrite(dir, NOW);
    if (r == 0 && unlinkat(dir->fd, NOW, 0) < 0 && errno != ENOENT)
        r = -errno;
    if (r < 0)
        return nta_err_sys(err, r, "%s/" NOW ": cannot be replaced", dir->shown);
    return make_key(dir, NOW, signing->secrets->now, signing->public_now, err);
}

static int find_expected(struct nta_signing *signing, const uint8_t expected[NTA_KEY_LEN],
                         enum nta_signing_state *ret_state, struct nta_err *err)
{
    const struct nta_keydir *dir = &signing->dir;
    uint8_t *now = signing->secrets->now;
    int r;

    memcpy(signing->public_now, expected, NTA_KEY_LEN);
    if (holds(dir, NOW, expected, now)) {
        *ret_state = NTA_SIGNING_SAME;
        r = nta_keydir_has(dir, NEXT) ? undo(dir) : 0;
        return r < 0 ? nta_err_sys(err, r, "%s/" NEXT ": cannot be destroyed", dir->shown) : 0;
    }
    if (holds(dir, NEXT, expected, now)) {
        *ret_state = NTA_SIGNING_FINISHED;
        r = replace(dir);
        return r < 0 ? nta_err_sys(err, r, "%s/" NOW ": cannot be replaced", dir->shown) : 0;
    }
    *ret_state = NTA_SIGNING_LOST;
    return make_anew(signing, err);
}

int nta_signing_resume(const char *dir, const uint8_t expected[NTA_KEY_LEN],
                       struct nta_signing **ret_signing, enum nta_signing_state *ret_state,
                       struct nta_err *err)
{
    NTA_AUTO(nta_signing_free) struct nta_signing *signing = calloc(1, sizeof(*signing));
    int r = -ENOMEM;

    if (signing) {
        signing->dir.fd = -1;
        signing->secrets = nta_secret_new(sizeof(*signing->secrets));
    }
    if (!signing || !signing->secrets)
        return nta_err_set(err, r, "no memory for a signing key");
    r = nta_keydir_open(dir, false, &signing->dir, err);
    if (r == 0)
        r = find_expected(signing, expected, ret_state, err);
    if (r == 0)
        *ret_signing = NTA_TAKE(signing);
    return r;
}

void nta_signing_public(const struct nta_signing *signing, uint8_t ret_public[NTA_KEY_LEN])
{
    memcpy(ret_public, signing->public_now, NTA_KEY_LEN);
}

int nta_signing_sign(const struct nta_signing *signing, const char *domain, struct nta_span message,
                     uint8_t ret_signature[NTA_SIGNATURE_LEN])
{
    return nta_ed25519_sign(signing->secrets->now, domain, message, ret_signature);
}

int nta_signing_prepare(struct nta_signing *signing, uint8_t ret_next[NTA_KEY_LEN],
                        struct nta_err *err)
{
    int r = signing->is_changed ? nta_signing_finish(signing, err) : 0;

    if (r == 0 && !signing->has_next)
        r = make_key(&signing->dir, NEXT, signing->secrets->next, signing->public_next, err);
    if (r < 0)
        return r;
    signing->has_next = true;
    memcpy(ret_next, signing->public_next, NTA_KEY_LEN);
    return 0;
}

int nta_signing_finish(struct nta_signing *signing, struct nta_err *err)
{
    struct secrets *secrets = signing->secrets;

    assert(signing->has_next || signing->is_changed);
    if (!signing->is_changed) {
        memcpy(secrets->now, secrets->next, sizeof(secrets->now));
        OPENSSL_cleanse(secrets->next, sizeof(secrets->next));
        memcpy(signing->public_now, signing->public_next, NTA_KEY_LEN);
        signing->has_next = false;
        signing->is_changed = true;
    }
    int r = replace(&signing->dir);

    if (r < 0)
        return nta_err_sys(err, r, "%s/" NOW ": the old signing key may still be there",
                           signing->dir.shown);
    signing->is_changed = false;
    return 0;
}
