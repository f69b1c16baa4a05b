/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/cosign.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "vault/crypto/curve.h"
#include "vault/crypto/secret.h"
#include "vault/keyfile.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#define KEY_FILE   "witness.key"
#define KEY_PREFIX "nta-witness-secret-"

enum
{
    TIME_LEN = 8,
    COSIGNED_LEN = TIME_LEN + NTA_SIGNATURE_LEN
};

struct nta_cosigner
{
    struct nta_note_key key;
    uint8_t *secret; ///< Owned; NTA_KEY_LEN bytes.
};

void nta_cosigner_free(struct nta_cosigner **cosigner)
{
    struct nta_cosigner *dead = NTA_TAKE(*cosigner);

    if (!dead)
        return;
    nta_secret_free(dead->secret, NTA_KEY_LEN);
    free(dead);
}

const struct nta_note_key *nta_cosigner_key(const struct nta_cosigner *cosigner)
{
    return &cosigner->key;
}

static int read_or_make(const char *dir, uint8_t *secret, struct nta_err *err)
{
    NTA_AUTO(nta_keydir_close) struct nta_keydir folder = {.fd = -1};
    int r = nta_keydir_open(dir, true, &folder, err);

    if (r < 0 || nta_keydir_has(&folder, KEY_FILE))
        return r < 0 ? r : nta_keyfile_secret(&folder, KEY_FILE, KEY_PREFIX, secret, err);
    if (RAND_priv_bytes(secret, NTA_KEY_LEN) != 1)
        return nta_err_sys(err, -EIO, "no random numbers");
    return nta_keyfile_write(&folder, KEY_FILE, KEY_PREFIX, secret, err);
}

int nta_cosigner_open(const char *dir, const char *name, struct nta_cosigner **ret_cosigner,
                      struct nta_err *err)
{
    NTA_AUTO(nta_cosigner_free) struct nta_cosigner *cosigner = calloc(1, sizeof(*cosigner));
    uint8_t public_key[NTA_KEY_LEN];

    if (cosigner)
        cosigner->secret = nta_secret_new(NTA_KEY_LEN);
    if (!cosigner || !cosigner->secret)
        return nta_err_sys(err, -ENOMEM, "witness");
    int r = read_or_make(dir, cosigner->secret, err);

    if (r < 0)
        return r;
    if (nta_ed25519_public(cosigner->secret, public_key) < 0)
        return nta_err_sys(err, -EIO, "witness");
    if (!nta_note_key_init(&cosigner->key, nta_span_of(name), NTA_NOTE_COSIGNATURE, public_key))
        return nta_err_set(err, -EINVAL,
                           "a witness's name is text without white space and plus signs, at most "
                           "%d bytes, such as witness.example.org/one",
                           NTA_NOTE_NAME_SIZE - 1);
    *ret_cosigner = NTA_TAKE(cosigner);
    return 0;
}

static void put_message(struct nta_buf *out, uint64_t time_s, struct nta_span text)
{
    nta_buf_printf(out, "cosignature/v1\ntime %" PRIu64 "\n", time_s);
    nta_buf_put(out, text.ptr, text.len);
}

int nta_cosigner_sign(const struct nta_cosigner *cosigner, struct nta_span text, uint64_t time_s,
                      struct nta_buf *out)
{
    NTA_AUTO(nta_buf_done) struct nta_buf message = {0};
    const uint64_t time_be = htobe64(time_s);
    uint8_t bytes[COSIGNED_LEN];

    put_message(&message, time_s, text);
    if (message.failed)
        return -ENOMEM;
    memcpy(bytes, &time_be, sizeof(time_be));
    if (nta_ed25519_sign(cosigner->secret, NULL, nta_buf_span(&message), bytes + TIME_LEN) < 0)
        return -EIO;
    nta_note_put_line(out, &cosigner->key, bytes, sizeof(bytes));
    return out->failed ? -ENOMEM : 0;
}

bool nta_cosign_key_parse(struct nta_span text, struct nta_note_key *ret_key)
{
    struct nta_note_key key;

    if (!nta_note_key_parse(text, &key) || key.algorithm != NTA_NOTE_COSIGNATURE)
        return false;
    *ret_key = key;
    return true;
}

/** False: it is none that a clock shows. */
static bool take_time(const uint8_t bytes[TIME_LEN], uint64_t *ret_time_s)
{
    uint64_t time_be;

    memcpy(&time_be, bytes, sizeof(time_be));
    *ret_time_s = be64toh(time_be);
    return *ret_time_s < INT64_MAX / NTA_NS_PER_S;
}

bool nta_cosign_claim(const struct nta_note_line *line, int64_t *ret_wall_ns)
{
    uint64_t time_s;

    if (line->len != COSIGNED_LEN || !take_time(line->bytes, &time_s))
        return false;
    *ret_wall_ns = (int64_t)time_s * NTA_NS_PER_S;
    return true;
}

bool nta_cosign_is_claimed(struct nta_span note)
{
    struct nta_span text, lines;
    struct nta_note_line line;
    int64_t ignored;

    if (!nta_note_split(note, &text, &lines))
        return false;
    while (nta_note_next(&lines, &line))
        if (nta_cosign_claim(&line, &ignored))
            return true;
    return false;
}

bool nta_cosign_check(struct nta_span note, const struct nta_note_key *key, uint64_t *ret_time_s)
{
    NTA_AUTO(nta_buf_done) struct nta_buf message = {0};
    uint8_t bytes[NTA_NOTE_SIGNATURE_MAX];
    struct nta_span text, lines;
    uint64_t time_s;

    if (key->algorithm != NTA_NOTE_COSIGNATURE || !nta_note_split(note, &text, &lines) ||
        !nta_note_find(lines, key, COSIGNED_LEN, bytes) || !take_time(bytes, &time_s))
        return false;
    put_message(&message, time_s, text);
    if (message.failed ||
        !nta_ed25519_verify(key->public_key, NULL, nta_buf_span(&message),
                            (struct nta_span){bytes + TIME_LEN, NTA_SIGNATURE_LEN}))
        return false;
    *ret_time_s = time_s;
    return true;
}
