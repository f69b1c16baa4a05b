/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/keyfile.h"

#include "base/file/newfile.h"
#include "base/hex.h"
#include "base/own.h"
#include "base/text.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>

enum
{
    KEY_DIGITS = 64,
    SECRET_FILE_MAX = 256, ///< Prefix, digits, newline and some.
    PUBLIC_FILE_MAX = 65536
};

/** What makes the folder unfit, or NULL. */
static const char *find_folder_fault(const struct stat *st)
{
    if (st->st_mode & (S_IWGRP | S_IWOTH))
        return "others may write to this folder of keys; chmod 0700 it";
    if (st->st_uid != 0 && st->st_uid != geteuid())
        return "this folder of keys belongs to another user; chown it";
    return NULL;
}

int nta_keydir_open(const char *dir, bool make, struct nta_keydir *ret_dir, struct nta_err *err)
{
    struct nta_keydir keys;
    struct stat st;

    nta_text_escape_to(keys.shown, sizeof(keys.shown), nta_span_of(dir));
    if (make && mkdir(dir, 0700) < 0 && errno != EEXIST)
        return nta_err_sys(err, -errno, "%s: cannot make the folder for keys", keys.shown);
    keys.fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (keys.fd < 0)
        return nta_err_sys(err, -errno, "%s: cannot open the folder of keys", keys.shown);
    const char *fault = fstat(keys.fd, &st) < 0 ? "cannot be examined" : find_folder_fault(&st);

    if (fault) {
        nta_keydir_close(&keys);
        return nta_err_set(err, -EPERM, "%s: %s", keys.shown, fault);
    }
    *ret_dir = keys;
    return 0;
}

void nta_keydir_close(struct nta_keydir *dir)
{
    if (dir->fd >= 0)
        (void)close(dir->fd);
    dir->fd = -1;
}

bool nta_keydir_has(const struct nta_keydir *dir, const char *name)
{
    struct stat st;

    /* what may not be looked at may be there: reading it says why it cannot be read */
    return fstatat(dir->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
}

/** What makes a key file unfit, or NULL. */
static const char *find_fault(const struct stat *st, bool secret)
{
    /* systemd hands credentials over by an ACL, whose mask shows as the group's read bit
     * (systemd.exec(5)) */
    mode_t group = st->st_uid == 0 && st->st_gid == 0 ? S_IWGRP | S_IXGRP : S_IRWXG;

    if (!S_ISREG(st->st_mode))
        return "is not a regular file";
    if (st->st_uid != 0 && st->st_uid != geteuid())
        return "belongs to another user; chown it";
    if (secret && (st->st_mode & (group | S_IRWXO)))
        return "can be read by others; chmod 0600 it, and if they may have seen it, make new keys";
    if (st->st_mode & (S_IWGRP | S_IWOTH))
        return "can be changed by others; chmod 0600 it";
    return NULL;
}

/** Open, check and read up to `size` bytes; gives how many, or negative errno with a sentence. */
static ssize_t read_file(const struct nta_keydir *dir, const char *name, bool secret, uint8_t *buf,
                         size_t size, struct nta_err *err)
{
    NTA_AUTO_FD int fd =
        openat(dir->fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;
    size_t len = 0;

    if (fd < 0 && errno == ELOOP)
        return nta_err_set(err, -ELOOP, "%s/%s: is a link; keys are not read through links",
                           dir->shown, name);
    if (fd < 0 || fstat(fd, &st) < 0)
        return nta_err_sys(err, -errno, "%s/%s: cannot read the key", dir->shown, name);
    const char *fault = find_fault(&st, secret);

    if (fault)
        return nta_err_set(err, -EPERM, "%s/%s: %s", dir->shown, name, fault);
    if (st.st_size <= 0 || (size_t)st.st_size > size)
        return nta_err_set(err, -EINVAL, "%s/%s: is empty, or longer than a file of keys",
                           dir->shown, name);
    while (len < size) {
        ssize_t n = read(fd, buf + len, size - len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return nta_err_sys(err, -errno, "%s/%s: cannot read the key", dir->shown, name);
        if (n == 0)
            break;
        len += (size_t)n;
    }
    return (ssize_t)len;
}

/** Lower case only: a key has one text. */
static int digit_of(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

bool nta_key_parse(struct nta_span text, const char *prefix, uint8_t ret_key[32])
{
    size_t prefix_len = strlen(prefix);
    uint8_t key[32];
    int bad = 0;

    if (text.len != prefix_len + KEY_DIGITS || !nta_span_begins(text, nta_span_of(prefix)))
        return false;
    for (size_t i = 0; i < sizeof(key); i++) {
        int high = digit_of(text.ptr[prefix_len + 2 * i]);
        int low = digit_of(text.ptr[prefix_len + 2 * i + 1]);

        bad |= high | low;
        key[i] = (uint8_t)((unsigned)high << 4 | (unsigned)low);
    }
    if (bad >= 0)
        memcpy(ret_key, key, sizeof(key));
    OPENSSL_cleanse(key, sizeof(key));
    return bad >= 0;
}

void nta_key_text(const char *prefix, const uint8_t key[32], char *ret_text, size_t size)
{
    size_t len = strlen(prefix);

    assert(size > len + KEY_DIGITS);
    memcpy(ret_text, prefix, len);
    (void)nta_hex_text(key, 32, ret_text + len);
}

int nta_keyfile_secret(const struct nta_keydir *dir, const char *name, const char *prefix,
                       uint8_t ret_key[32], struct nta_err *err)
{
    uint8_t text[SECRET_FILE_MAX];
    ssize_t len = read_file(dir, name, true, text, sizeof(text), err);
    int r = len < 0 ? (int)len : 0;

    if (len > 0 && text[len - 1] == '\n')
        len--;
    if (r == 0 &&
        !nta_key_parse((struct nta_span){.ptr = text, .len = (size_t)len}, prefix, ret_key))
        r = nta_err_set(err, -EINVAL, "%s/%s: is not \"%s\" and 64 hexadecimal digits", dir->shown,
                        name, prefix);
    OPENSSL_cleanse(text, sizeof(text));
    return r;
}

int nta_keyfile_public(const struct nta_keydir *dir, const char *name, struct nta_buf *out,
                       struct nta_err *err)
{
    uint8_t *buf = nta_buf_reserve(out, PUBLIC_FILE_MAX);

    if (!buf)
        return nta_err_set(err, -ENOMEM, "%s/%s: no memory", dir->shown, name);
    ssize_t len = read_file(dir, name, false, buf, PUBLIC_FILE_MAX, err);

    if (len < 0)
        return (int)len;
    out->len += (size_t)len;
    return 0;
}

static int write_new(const struct nta_keydir *dir, const char *name, const char *text)
{
    NTA_AUTO(nta_newfile_drop) struct nta_newfile file = NTA_NEWFILE_NONE;
    int r = nta_newfile_open_at(&file, dir->fd, name, 0600);

    if (r == 0)
        r = nta_write_all(file.fd, text, strlen(text));
    return r < 0 ? r : nta_newfile_commit(&file, false);
}

int nta_keyfile_write(const struct nta_keydir *dir, const char *name, const char *prefix,
                      const uint8_t key[32], struct nta_err *err)
{
    char text[SECRET_FILE_MAX];

    nta_key_text(prefix, key, text, sizeof(text) - 1);
    memcpy(text + strlen(text), "\n", 2);
    int r = write_new(dir, name, text);

    OPENSSL_cleanse(text, sizeof(text));
    if (r < 0)
        return nta_err_sys(err, r, "%s/%s: cannot write the key", dir->shown, name);
    return 0;
}
