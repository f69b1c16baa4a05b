/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/signing.h"

#include "base/own.h"
#include "vault/crypto/curve.h"
#include "vault/crypto/secret.h"
#include "vault/statefile.h"

#include <assert.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW  "signing.key"
#define NEXT "signing.next"

struct secrets
{
    uint8_t now[NTA_KEY_LEN], next[NTA_KEY_LEN];
    uint8_t state[NTA_KEY_LEN]; ///< What the files are sealed under.
    uint8_t found[NTA_KEY_LEN]; ///< Read again from a file, to see that it is there.
};

struct nta_signing
{
    struct secrets *secrets; ///< Owned.
    struct nta_keydir dir;   ///< Owned, and locked.
    char *path;              ///< Owned; that of the folder.
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
    free(dead->path);
    free(dead);
}

void nta_signing_hide(const struct nta_signing *signing)
{
    nta_secret_hide(signing->secrets, sizeof(*signing->secrets));
}

void nta_signing_show(const struct nta_signing *signing)
{
    nta_secret_show(signing->secrets, sizeof(*signing->secrets));
}

/** Both files are sealed for the name that their key has when it signs: one is renamed. */
static int write_key(const struct nta_keydir *dir, const char *name,
                     const uint8_t state_key[NTA_KEY_LEN], const uint8_t secret[NTA_KEY_LEN],
                     struct nta_err *err)
{
    return nta_statefile_write(dir, name, NOW, state_key, secret, err);
}

/** A secret of random bytes as a new file, with its public half. */
static int make_key(const struct nta_keydir *dir, const char *name,
                    const uint8_t state_key[NTA_KEY_LEN], uint8_t secret[NTA_KEY_LEN],
                    uint8_t ret_public[NTA_KEY_LEN], struct nta_err *err)
{
    if (RAND_priv_bytes(secret, NTA_KEY_LEN) != 1 || nta_ed25519_public(secret, ret_public) < 0)
        return nta_err_set(err, -EIO, "%s/%s: no random numbers for a key", dir->shown, name);
    return write_key(dir, name, state_key, secret, err);
}

/** Open the folder for one program alone, until it is closed. */
static int open_alone(const char *dir, struct nta_keydir *ret_dir, struct nta_err *err)
{
    int r = nta_statedir_open(dir, false, ret_dir, err);

    if (r < 0 || flock(ret_dir->fd, LOCK_EX | LOCK_NB) == 0)
        return r;
    r = errno == EWOULDBLOCK ? -EBUSY : -errno;
    return r == -EBUSY ? nta_err_set(err, r,
                                     "%s: another process holds this folder's signing key: one "
                                     "signs at a time",
                                     ret_dir->shown)
                       : nta_err_sys(err, r, "%s: cannot be locked", ret_dir->shown);
}

int nta_signing_make(const char *dir, const uint8_t state_key[NTA_KEY_LEN],
                     uint8_t ret_public[NTA_KEY_LEN], struct nta_err *err)
{
    NTA_AUTO(nta_keydir_close) struct nta_keydir keys = {.fd = -1};
    uint8_t secret[NTA_KEY_LEN];
    int r = open_alone(dir, &keys, err);

    if (r == 0)
        r = make_key(&keys, NOW, state_key, secret, ret_public, err);
    OPENSSL_cleanse(secret, sizeof(secret));
    return r;
}

/** The old secret is destroyed, and the new one takes its name. */
static int replace(const struct nta_keydir *dir)
{
    int r = nta_statefile_overwrite(dir, NOW);

    if (r == 0 && renameat(dir->fd, NEXT, dir->fd, NOW) < 0)
        r = -errno;
    return r == 0 && fsync(dir->fd) < 0 ? -errno : r;
}

/** What a crash left half made.  One with two names is a key in place: it loses this one. */
static int sweep(const struct nta_keydir *dir, struct nta_err *err)
{
    static const char *const names[] = {"." NOW ".new", "." NEXT ".new"};
    struct stat st;
    int r = 0;

    for (size_t i = 0; i < NTA_N_ELEMENTS(names) && r == 0; i++) {
        if (fstatat(dir->fd, names[i], &st, AT_SYMLINK_NOFOLLOW) < 0)
            r = errno == ENOENT ? 0 : -errno;
        else if (st.st_nlink > 1)
            r = unlinkat(dir->fd, names[i], 0) < 0 ? -errno : 0;
        else
            r = nta_statefile_destroy(dir, names[i]);
    }
    if (r < 0)
        return nta_err_sys(err, r, "%s: a half-made signing key cannot be destroyed", dir->shown);
    return 0;
}

/**
 * 1: the file holds a key; 0: it holds none.  What is there and cannot be read may be a key (its
 * mode, or another state.key): negative errno with a sentence.
 */
static int read_key(const struct nta_signing *signing, const char *name,
                    uint8_t ret_secret[NTA_KEY_LEN], uint8_t ret_public[NTA_KEY_LEN],
                    struct nta_err *err)
{
    const struct nta_keydir *dir = &signing->dir;
    struct nta_err why = {0};
    int r = nta_statefile_read(dir, name, NOW, signing->secrets->state, ret_secret, &why);

    if (r == -ENOENT || r == -EINVAL)
        return 0;
    if (r < 0)
        return nta_err_set(err, r, "%s", why.text);
    if (nta_ed25519_public(ret_secret, ret_public) < 0)
        return nta_err_set(err, -EIO, "%s/%s: its public half cannot be made", dir->shown, name);
    return 1;
}

/** 1: the file holds the key with this public half, in `ret_secret`; else as read_key(). */
static int look(const struct nta_signing *signing, const char *name,
                const uint8_t expected[NTA_KEY_LEN], uint8_t ret_secret[NTA_KEY_LEN],
                struct nta_err *err)
{
    uint8_t public_key[NTA_KEY_LEN];
    int r = read_key(signing, name, ret_secret, public_key, err);

    return r > 0 ? memcmp(public_key, expected, NTA_KEY_LEN) == 0 : r;
}

/** The expected key is in neither file: what is there goes, and a key is made now. */
static int make_anew(struct nta_signing *signing, struct nta_err *err)
{
    const struct nta_keydir *dir = &signing->dir;
    int r = nta_statefile_destroy(dir, NEXT);

    if (r == 0)
        r = nta_statefile_destroy(dir, NOW);
    if (r < 0)
        return nta_err_sys(err, r, "%s/" NOW ": cannot be replaced", dir->shown);
    return make_key(dir, NOW, signing->secrets->state, signing->secrets->now, signing->public_now,
                    err);
}

static int find_expected(struct nta_signing *signing, const uint8_t expected[NTA_KEY_LEN],
                         enum nta_signing_state *ret_state, struct nta_err *err)
{
    const struct nta_keydir *dir = &signing->dir;
    uint8_t *now = signing->secrets->now;
    struct nta_err ignored = {0};
    int r, is_now = look(signing, NOW, expected, now, err);

    memcpy(signing->public_now, expected, NTA_KEY_LEN);
    if (is_now > 0) {
        *ret_state = NTA_SIGNING_SAME;
        r = nta_statefile_destroy(dir, NEXT);
        return r < 0 ? nta_err_sys(err, r, "%s/" NEXT ": cannot be destroyed", dir->shown) : 0;
    }
    int is_next = look(signing, NEXT, expected, now, is_now < 0 ? &ignored : err);

    if (is_next > 0) {
        *ret_state = NTA_SIGNING_FINISHED;
        r = replace(dir);
        return r < 0 ? nta_err_sys(err, r, "%s/" NOW ": cannot be replaced", dir->shown) : 0;
    }
    if (is_now < 0 || is_next < 0) /* nothing is destroyed that may be the key */
        return is_now < 0 ? is_now : is_next;
    *ret_state = NTA_SIGNING_LOST;
    return make_anew(signing, err);
}

/** Without its folder. */
static int new_signing(const char *dir, const uint8_t state_key[NTA_KEY_LEN],
                       struct nta_signing **ret_signing, struct nta_err *err)
{
    NTA_AUTO(nta_signing_free) struct nta_signing *signing = calloc(1, sizeof(*signing));

    if (signing) {
        signing->dir.fd = -1;
        signing->secrets = nta_secret_new(sizeof(*signing->secrets));
        signing->path = strdup(dir);
    }
    if (!signing || !signing->secrets || !signing->path) {
        (void)nta_err_set(err, -ENOMEM, "no memory for a signing key");
        return -ENOMEM;
    }
    memcpy(signing->secrets->state, state_key, NTA_KEY_LEN);
    *ret_signing = NTA_TAKE(signing);
    return 0;
}

int nta_signing_open(const char *dir, const uint8_t state_key[NTA_KEY_LEN],
                     struct nta_signing **ret_signing, struct nta_err *err)
{
    NTA_AUTO(nta_signing_free) struct nta_signing *signing = NULL;
    int r = new_signing(dir, state_key, &signing, err);

    if (r == 0)
        r = open_alone(dir, &signing->dir, err);
    if (r == 0)
        r = sweep(&signing->dir, err);
    if (r == 0)
        *ret_signing = NTA_TAKE(signing);
    return r;
}

int nta_signing_view(const char *dir, const uint8_t state_key[NTA_KEY_LEN],
                     struct nta_signing **ret_signing, struct nta_err *err)
{
    NTA_AUTO(nta_signing_free) struct nta_signing *signing = NULL;
    int r = new_signing(dir, state_key, &signing, err);

    if (r == 0)
        r = nta_statedir_open(dir, false, &signing->dir, err);
    if (r == 0)
        *ret_signing = NTA_TAKE(signing);
    return r;
}

int nta_signing_find(const struct nta_signing *signing, nta_signing_is_fn *is, const void *owner,
                     uint8_t ret_public[NTA_KEY_LEN], struct nta_err *err)
{
    static const char *const names[] = {NOW, NEXT};
    uint8_t *secret = signing->secrets->found, public_key[NTA_KEY_LEN];
    struct nta_err ignored = {0};
    int failed = 0;

    for (size_t i = 0; i < NTA_N_ELEMENTS(names); i++) {
        int r = read_key(signing, names[i], secret, public_key, failed ? &ignored : err);

        OPENSSL_cleanse(secret, NTA_KEY_LEN);
        if (r > 0 && is(owner, public_key)) {
            memcpy(ret_public, public_key, NTA_KEY_LEN);
            return 1;
        }
        if (r < 0 && !failed)
            failed = r;
    }
    return failed;
}

int nta_signing_resume(struct nta_signing *signing, const uint8_t expected[NTA_KEY_LEN],
                       enum nta_signing_state *ret_state, struct nta_err *err)
{
    return find_expected(signing, expected, ret_state, err);
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

/** What is made in a folder that is not there any more is lost at the next start. */
static int check_folder(const struct nta_signing *signing, struct nta_err *err)
{
    struct stat here, there;

    if (fstat(signing->dir.fd, &here) == 0 && stat(signing->path, &there) == 0 &&
        here.st_dev == there.st_dev && here.st_ino == there.st_ino)
        return 0;
    return nta_err_set(err, -ESTALE,
                       "%s: this folder was removed or replaced while its signing key is in use: "
                       "put it back, or start again",
                       signing->dir.shown);
}

/** The key that was made lies in signing.next, or does so again: it is in memory, too. */
static int put_next(struct nta_signing *signing, const uint8_t public_key[NTA_KEY_LEN],
                    const uint8_t secret[NTA_KEY_LEN], struct nta_err *err)
{
    const struct nta_keydir *dir = &signing->dir;
    int r = look(signing, NEXT, public_key, signing->secrets->found, err);

    OPENSSL_cleanse(signing->secrets->found, sizeof(signing->secrets->found));
    if (r != 0)
        return r < 0 ? r : 0;
    r = nta_statefile_destroy(dir, NEXT);
    if (r < 0)
        return nta_err_sys(err, r, "%s/" NEXT ": cannot be replaced", dir->shown);
    return write_key(dir, NEXT, signing->secrets->state, secret, err);
}

/** A key that nobody was told of: one whose folder could not be synced lies there, and is none. */
static int make_next(struct nta_signing *signing, struct nta_err *err)
{
    const struct nta_keydir *dir = &signing->dir;
    int r = nta_statefile_destroy(dir, NEXT);

    if (r < 0)
        return nta_err_sys(err, r, "%s/" NEXT ": cannot be replaced", dir->shown);
    return make_key(dir, NEXT, signing->secrets->state, signing->secrets->next,
                    signing->public_next, err);
}

int nta_signing_prepare(struct nta_signing *signing, uint8_t ret_next[NTA_KEY_LEN],
                        struct nta_err *err)
{
    int r = signing->is_changed ? nta_signing_finish(signing, err) : 0;

    if (r == 0)
        r = check_folder(signing, err);
    if (r == 0)
        r = signing->has_next ? put_next(signing, signing->public_next, signing->secrets->next, err)
                              : make_next(signing, err);
    if (r < 0)
        return r;
    signing->has_next = true;
    memcpy(ret_next, signing->public_next, NTA_KEY_LEN);
    return 0;
}

/** The files as they are to be, whatever an attempt before has done of it. */
static int settle(struct nta_signing *signing, struct nta_err *err)
{
    const struct nta_keydir *dir = &signing->dir;
    struct secrets *secrets = signing->secrets;
    int r = look(signing, NOW, signing->public_now, secrets->found, err);

    OPENSSL_cleanse(secrets->found, sizeof(secrets->found));
    if (r < 0)
        return r;
    const bool is_renamed = r > 0; /* what lies there must not be taken for the old one */

    r = is_renamed ? 0 : put_next(signing, signing->public_now, secrets->now, err);
    if (r < 0)
        return r;
    if (!is_renamed)
        r = replace(dir);
    else if (fsync(dir->fd) < 0)
        r = -errno;
    return r < 0 ? nta_err_sys(err, r, "%s/" NOW ": the old signing key may still be there",
                               dir->shown)
                 : 0;
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
    int r = settle(signing, err);

    if (r == 0)
        signing->is_changed = false;
    return r;
}
