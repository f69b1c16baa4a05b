/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/seal/statebox.h"

#include "base/file/newfile.h"
#include "base/own.h"
#include "vault/crypto/gcm.h"
#include "vault/statefile.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdlib.h>

#define LABEL "NTA box v2"

static int read_key(const struct nta_statebox *box, uint8_t ret_key[NTA_KEY_LEN],
                    struct nta_err *err)
{
    struct nta_keydir keys;
    int r = nta_keydir_open(box->keys_dir, false, &keys, err);

    if (r < 0)
        return r;
    r = nta_state_key_read(&keys, ret_key, err);
    nta_keydir_close(&keys);
    return r;
}

static void put_label(const struct nta_statebox *box, struct nta_buf *out)
{
    nta_buf_puts(out, LABEL);
    nta_buf_put_u8(out, '\0');
    nta_buf_puts(out, box->name);
}

static int seal(const struct nta_statebox *box, const uint8_t key[NTA_KEY_LEN],
                struct nta_span bytes, struct nta_buf *out)
{
    NTA_AUTO(nta_buf_done) struct nta_buf label = {0};
    uint8_t nonce[NTA_GCM_NONCE_LEN];

    put_label(box, &label);
    if (RAND_bytes(nonce, sizeof(nonce)) != 1)
        return -EIO;
    nta_buf_put(out, nonce, sizeof(nonce));
    int r = nta_gcm_seal(key, nonce, nta_buf_span(&label), bytes, out);

    return r == 0 && (out->failed || label.failed) ? -ENOMEM : r;
}

static int write_file(const struct nta_statebox *box, struct nta_span bytes, struct nta_err *err)
{
    NTA_AUTO(nta_newfile_drop) struct nta_newfile file = NTA_NEWFILE_NONE;
    struct nta_keydir dir;
    int r = nta_statedir_open(box->state_dir, true, &dir, err);

    if (r < 0)
        return r;
    r = nta_newfile_open_at(&file, dir.fd, box->name, 0600);
    if (r == 0)
        r = nta_write_all(file.fd, bytes.ptr, bytes.len);
    if (r == 0)
        r = nta_newfile_commit(&file, true);
    if (r < 0)
        (void)nta_err_sys(err, r, "%s/%s: cannot be written", dir.shown, box->name);
    nta_keydir_close(&dir);
    return r;
}

int nta_statebox_write(const struct nta_statebox *box, struct nta_span bytes, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf sealed = {0};
    uint8_t key[NTA_KEY_LEN];

    if (bytes.len > NTA_STATEBOX_MAX - 64)
        return nta_err_set(err, -EFBIG, "%s: too large to be kept", box->name);
    int r = read_key(box, key, err);

    if (r < 0)
        return r;
    r = seal(box, key, bytes, &sealed);
    OPENSSL_cleanse(key, sizeof(key));
    return r < 0 ? nta_err_sys(err, r, "%s: cannot be sealed", box->name)
                 : write_file(box, nta_buf_span(&sealed), err);
}

static int read_file(const struct nta_statebox *box, struct nta_buf *out, struct nta_err *err)
{
    struct nta_keydir dir;
    int r = nta_statedir_open(box->state_dir, false, &dir, err);

    if (r < 0)
        return r;
    r = nta_keydir_has(&dir, box->name)
            ? nta_keyfile_bytes(&dir, box->name, NTA_STATEBOX_MAX, out, err)
            : nta_err_set(err, -ENOENT, "%s/%s: is not there", dir.shown, box->name);
    nta_keydir_close(&dir);
    return r;
}

int nta_statebox_read(const struct nta_statebox *box, struct nta_buf *out, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf sealed = {0}, label = {0};
    uint8_t key[NTA_KEY_LEN];
    int r = read_file(box, &sealed, err);

    if (r < 0)
        return r;
    if (sealed.len < NTA_GCM_NONCE_LEN)
        return nta_err_set(err, -EBADMSG, "%s: is cut off", box->name);
    r = read_key(box, key, err);
    if (r < 0)
        return r;
    put_label(box, &label);
    r = nta_gcm_open(key, sealed.ptr, nta_buf_span(&label),
                     nta_span_from(nta_buf_span(&sealed), NTA_GCM_NONCE_LEN), out);
    OPENSSL_cleanse(key, sizeof(key));
    return r < 0 ? nta_err_sys(err, r, "%s: does not open with state.key", box->name) : 0;
}
