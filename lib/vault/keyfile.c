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
    PUBLIC_FILE_MAX = 65536
};

/** What makes the folder unfit, or NULL. */
static const char *find_folder_fault(const struct stat *st, bool is_state)
{
    if (st->st_mode & (S_IWGRP | S_IWOTH))
        return "others may write to this folder of keys; chmod 0700 it";
    if (st->st_uid != 0 && st->st_uid != geteuid() && !(is_state && geteuid() == 0))
        return "this folder of keys belongs to another user; chown it";
    return NULL;
}

/** A folder that root made beside a daemon's files is the daemon's. */
static int give_to_parents_owner(int fd)
{
    struct stat parent;

    if (fstatat(fd, "..", &parent, 0) < 0)
        return -errno;
    if (geteuid() != 0 || parent.st_uid == 0)
        return 0;
    return fchown(fd, parent.st_uid, parent.st_gid) < 0 ? -errno : 0;
}

static int open_folder(const char *dir, bool make, bool is_state, struct nta_keydir *ret_dir,
                       struct nta_err *err)
{
    NTA_AUTO(nta_keydir_close) struct nta_keydir keys = {.fd = -1};
    struct stat st;

    nta_text_escape_to(keys.shown, sizeof(keys.shown), nta_span_of(dir));
    const bool made = make && mkdir(dir, 0700) == 0;

    if (make && !made && errno != EEXIST)
        return nta_err_sys(err, -errno, "%s: cannot make the folder for keys", keys.shown);
    keys.fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (keys.fd < 0)
        return nta_err_sys(err, -errno, "%s: cannot open the folder of keys", keys.shown);
    int r = made && is_state ? give_to_parents_owner(keys.fd) : 0;

    if (r < 0)
        return nta_err_sys(err, r, "%s: cannot be given to its parent's owner", keys.shown);
    const char *fault =
        fstat(keys.fd, &st) < 0 ? "cannot be examined" : find_folder_fault(&st, is_state);

    if (fault)
        return nta_err_set(err, -EPERM, "%s: %s", keys.shown, fault);
    keys.owner = st.st_uid;
    keys.group = st.st_gid;
    *ret_dir = keys;
    keys.fd = -1;
    return 0;
}

int nta_keydir_open(const char *dir, bool make, struct nta_keydir *ret_dir, struct nta_err *err)
{
    return open_folder(dir, make, false, ret_dir, err);
}

int nta_statedir_open(const char *dir, bool make, struct nta_keydir *ret_dir, struct nta_err *err)
{
    return open_folder(dir, make, true, ret_dir, err);
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
static const char *find_fault(const struct stat *st, uid_t owner, bool secret)
{
    /* systemd hands credentials over by an ACL, whose mask shows as the group's read bit
     * (systemd.exec(5)) */
    mode_t group = st->st_uid == 0 && st->st_gid == 0 ? S_IWGRP | S_IXGRP : S_IRWXG;

    if (!S_ISREG(st->st_mode))
        return "is not a regular file";
    if (st->st_uid != 0 && st->st_uid != geteuid() && st->st_uid != owner)
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
    const char *fault = find_fault(&st, dir->owner, secret);

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

ssize_t nta_keyfile_text(const struct nta_keydir *dir, const char *name,
                         uint8_t ret_text[NTA_SECRET_FILE_MAX], struct nta_err *err)
{
    const ssize_t len = read_file(dir, name, true, ret_text, NTA_SECRET_FILE_MAX, err);

    return len > 0 && ret_text[len - 1] == '\n' ? len - 1 : len;
}

ssize_t nta_keyfile_long(const struct nta_keydir *dir, const char *name, uint8_t *ret_text,
                         size_t size, struct nta_err *err)
{
    return read_file(dir, name, true, ret_text, size, err);
}

int nta_keyfile_secret(const struct nta_keydir *dir, const char *name, const char *prefix,
                       uint8_t ret_key[32], struct nta_err *err)
{
    uint8_t text[NTA_SECRET_FILE_MAX];
    const ssize_t len = nta_keyfile_text(dir, name, text, err);
    int r = len < 0 ? (int)len : 0;

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
    return nta_keyfile_bytes(dir, name, PUBLIC_FILE_MAX, out, err);
}

int nta_keyfile_bytes(const struct nta_keydir *dir, const char *name, size_t size,
                      struct nta_buf *out, struct nta_err *err)
{
    uint8_t *buf = nta_buf_reserve(out, size);

    if (!buf)
        return nta_err_set(err, -ENOMEM, "%s/%s: no memory", dir->shown, name);
    ssize_t len = read_file(dir, name, false, buf, size, err);

    if (len < 0)
        return (int)len;
    out->len += (size_t)len;
    return 0;
}

int nta_keyfile_put(const struct nta_keydir *dir, const char *name, struct nta_span bytes,
                    struct nta_err *err)
{
    NTA_AUTO(nta_newfile_drop) struct nta_newfile file = NTA_NEWFILE_NONE;
    int r = nta_newfile_open_at(&file, dir->fd, name, 0600);

    if (r == 0)
        r = nta_write_all(file.fd, bytes.ptr, bytes.len);
    if (r == 0 && dir->owner != geteuid() && fchown(file.fd, dir->owner, dir->group) < 0)
        r = -errno;
    if (r == 0)
        r = nta_newfile_commit(&file, false);
    return r < 0 ? nta_err_sys(err, r, "%s/%s: cannot be written", dir->shown, name) : 0;
}

int nta_keyfile_write(const struct nta_keydir *dir, const char *name, const char *prefix,
                      const uint8_t key[32], struct nta_err *err)
{
    char text[NTA_SECRET_FILE_MAX];

    nta_key_text(prefix, key, text, sizeof(text) - 1);
    memcpy(text + strlen(text), "\n", 2);
    int r = nta_keyfile_put(dir, name, nta_span_of(text), err);

    OPENSSL_cleanse(text, sizeof(text));
    return r;
}
