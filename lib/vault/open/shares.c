/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/open/shares.h"

#include "base/hex.h"
#include "base/own.h"
#include "vault/auditors.h"
#include "vault/crypto/curve.h"
#include "vault/keyfile.h"

#include <errno.h>
#include <libgfshare.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#define FIRST_LINE "nta-share 1\n"

enum
{
    CHECK_LEN = 8
};

/* ---- as text ---- */

static void put_check(struct nta_span above, struct nta_buf *out)
{
    uint8_t hash[SHA256_DIGEST_LENGTH];

    (void)SHA256(above.ptr, above.len, hash);
    nta_buf_puts(out, "check ");
    nta_buf_put_hex(out, hash, CHECK_LEN);
    nta_buf_puts(out, "\n");
}

static void put_line(const char *word, const uint8_t *bytes, size_t len, struct nta_buf *out)
{
    nta_buf_puts(out, word);
    nta_buf_put_hex(out, bytes, len);
    nta_buf_puts(out, "\n");
}

void nta_share_put(const struct nta_share *share, struct nta_buf *out)
{
    const size_t start = out->len;

    nta_buf_puts(out, FIRST_LINE);
    put_line("key " NTA_KEY_AUDITOR, share->key, sizeof(share->key), out);
    nta_buf_printf(out, "needs %u of %u\nnumber %u\n", share->needs, share->of, share->number);
    put_line("split ", share->split, sizeof(share->split), out);
    put_line("share ", share->value, sizeof(share->value), out);
    if (!out->failed)
        put_check(nta_span_from(nta_buf_span(out), start), out);
}

static bool take_hex(struct nta_span *rest, const char *word, size_t len, uint8_t *ret_bytes)
{
    const struct nta_span line = nta_span_take(rest, '\n');
    const struct nta_span digits = nta_span_from(line, strlen(word));

    return nta_span_begins(line, nta_span_of(word)) && digits.len == 2 * len &&
           nta_hex_parse((const char *)digits.ptr, len, ret_bytes);
}

/** Up to 99. */
static bool take_number(struct nta_span *line, const char *word, uint8_t *ret_number)
{
    unsigned number = 0;
    size_t n = 0;

    if (!nta_span_begins(*line, nta_span_of(word)))
        return false;
    *line = nta_span_from(*line, strlen(word));
    for (; n < line->len && n < 2 && line->ptr[n] >= '0' && line->ptr[n] <= '9'; n++)
        number = 10 * number + line->ptr[n] - '0';
    *line = nta_span_from(*line, n);
    *ret_number = (uint8_t)number;
    return n > 0;
}

static bool take_numbers(struct nta_span *rest, struct nta_share *share)
{
    struct nta_span needs = nta_span_take(rest, '\n'), number = nta_span_take(rest, '\n');

    return take_number(&needs, "needs ", &share->needs) &&
           take_number(&needs, " of ", &share->of) && needs.len == 0 &&
           take_number(&number, "number ", &share->number) && number.len == 0;
}

static bool are_numbers(unsigned needs, unsigned of)
{
    return needs >= 2 && needs <= of && of <= NTA_SHARES_MAX;
}

/** Everything but the check, which decides between a slip and what is no share. */
static bool take_all(struct nta_span text, struct nta_share *share, uint8_t check[CHECK_LEN])
{
    if (!nta_span_begins(text, nta_span_of(FIRST_LINE)))
        return false;
    text = nta_span_from(text, strlen(FIRST_LINE));
    return take_hex(&text, "key " NTA_KEY_AUDITOR, NTA_KEY_LEN, share->key) &&
           take_numbers(&text, share) &&
           take_hex(&text, "split ", sizeof(share->split), share->split) &&
           take_hex(&text, "share ", sizeof(share->value), share->value) &&
           take_hex(&text, "check ", CHECK_LEN, check) && text.len == 0 &&
           are_numbers(share->needs, share->of) && share->number >= 1 && share->number <= share->of;
}

int nta_share_parse(struct nta_span text, struct nta_share *ret_share)
{
    NTA_AUTO(nta_buf_done) struct nta_buf again = {.secret = true};
    uint8_t check[CHECK_LEN];
    struct nta_share share = {.needs = 0};
    int r = text.len > NTA_SHARE_TEXT_MAX || !take_all(text, &share, check) ? -EINVAL : 0;

    if (r == 0) {
        nta_share_put(&share, &again);
        if (again.failed)
            r = -ENOMEM;
        else if (!nta_span_equal(nta_buf_span(&again), text))
            r = -EBADMSG;
        else
            *ret_share = share;
    }
    OPENSSL_cleanse(&share, sizeof(share));
    return r;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static void put_lower(struct nta_span word, struct nta_buf *out)
{
    for (size_t i = 0; i < word.len; i++)
        nta_buf_put_u8(out, nta_lower(word.ptr[i]));
}

/** Digits may stand in groups; the numbers of "needs" are words of their own. */
static void put_typed_line(struct nta_span line, struct nta_buf *out)
{
    const struct nta_span name = nta_span_word_of(&line, is_blank);
    const char *between = nta_span_is(name, "needs") ? " " : "";
    struct nta_span word = nta_span_word_of(&line, is_blank);

    if (name.len == 0)
        return;
    put_lower(name, out);
    for (const char *gap = " "; word.len; word = nta_span_word_of(&line, is_blank)) {
        nta_buf_puts(out, gap);
        put_lower(word, out);
        gap = between;
    }
    nta_buf_puts(out, "\n");
}

void nta_share_typed(struct nta_span text, struct nta_buf *out)
{
    const struct nta_span mark = nta_span_of("\xef\xbb\xbf"); /* as some editors put */

    if (nta_span_begins(text, mark))
        text = nta_span_from(text, mark.len);
    while (text.len)
        put_typed_line(nta_span_take(&text, '\n'), out);
}

/* ---- split and joined ---- */

static bool is_random; ///< False: libcrypto had none.  One thread: a command.

/** libgfshare asks for coefficients here, and overwrites with it what it gives back. */
static void fill(unsigned char *bytes, unsigned len)
{
    if (RAND_priv_bytes(bytes, (int)len) == 1)
        return;
    is_random = false;
    OPENSSL_cleanse(bytes, len);
}

NTA_DEFINE_FREE(free_sharing, gfshare_ctx, gfshare_ctx_free)

static void put_numbers(uint8_t numbers[NTA_SHARES_MAX])
{
    for (unsigned i = 0; i < NTA_SHARES_MAX; i++)
        numbers[i] = (uint8_t)(i + 1);
}

static int split(uint8_t secret[NTA_KEY_LEN], struct nta_share *shares, unsigned needs, unsigned of)
{
    uint8_t numbers[NTA_SHARES_MAX], id[NTA_SHARE_SPLIT_LEN], public_key[NTA_KEY_LEN];

    put_numbers(numbers);
    is_random = true;
    gfshare_fill_rand = fill;
    NTA_AUTO(free_sharing)
    gfshare_ctx *sharing = gfshare_ctx_init_enc(numbers, of, (uint8_t)needs, NTA_KEY_LEN);

    if (!sharing)
        return -ENOMEM;
    if (RAND_bytes(id, sizeof(id)) != 1 || nta_x25519_public(secret, public_key) < 0)
        return -EIO;
    gfshare_ctx_enc_setsecret(sharing, secret);
    if (!is_random)
        return -EIO;
    for (unsigned i = 0; i < of; i++) {
        shares[i] =
            (struct nta_share){.needs = (uint8_t)needs, .of = (uint8_t)of, .number = numbers[i]};
        memcpy(shares[i].key, public_key, sizeof(public_key));
        memcpy(shares[i].split, id, sizeof(id));
        gfshare_ctx_enc_getshare(sharing, (uint8_t)i, shares[i].value);
    }
    return 0;
}

int nta_auditor_key_split(const char *keys_dir, unsigned needs, unsigned of,
                          struct nta_share ret_shares[NTA_SHARES_MAX], struct nta_err *err)
{
    NTA_AUTO(nta_keydir_close) struct nta_keydir keys = {.fd = -1};
    uint8_t secret[NTA_KEY_LEN];
    int r = are_numbers(needs, of)
                ? nta_keydir_open(keys_dir, false, &keys, err)
                : nta_err_set(err, -EINVAL,
                              "of %u shares %u cannot be needed: 2 at least, no more than there "
                              "are, and these are %d at most",
                              of, needs, NTA_SHARES_MAX);

    if (r == 0)
        r = nta_auditor_key_read(&keys, secret, err);
    if (r < 0)
        return r;
    r = split(secret, ret_shares, needs, of);
    OPENSSL_cleanse(secret, sizeof(secret));
    return r < 0 ? nta_err_sys(err, r, "auditor's key") : 0;
}

static int interpolate(const struct nta_shares *shares, uint8_t ret_secret[NTA_KEY_LEN])
{
    uint8_t numbers[NTA_SHARES_MAX], value[NTA_KEY_LEN];

    for (size_t i = 0; i < shares->n; i++)
        numbers[i] = shares->all[i].number;
    is_random = true;
    gfshare_fill_rand = fill;
    NTA_AUTO(free_sharing)
    gfshare_ctx *sharing = gfshare_ctx_init_dec(numbers, (unsigned)shares->n, NTA_KEY_LEN);

    if (!sharing)
        return -ENOMEM;
    for (size_t i = 0; i < shares->n; i++) {
        memcpy(value, shares->all[i].value, sizeof(value));
        gfshare_ctx_dec_giveshare(sharing, (uint8_t)i, value);
    }
    OPENSSL_cleanse(value, sizeof(value));
    gfshare_ctx_dec_extract(sharing, ret_secret);
    return 0;
}

/** Do they belong together, and are they enough? */
static int look(const struct nta_shares *shares, struct nta_err *err)
{
    for (size_t i = 1; i < shares->n; i++) {
        if (memcmp(shares->all[i].key, shares->all[0].key, NTA_KEY_LEN) != 0)
            return nta_err_set(err, -EKEYREJECTED, "%.150s and %.150s are of two auditors' keys",
                               shares->names[0], shares->names[i]);
        if (memcmp(shares->all[i].split, shares->all[0].split, NTA_SHARE_SPLIT_LEN) != 0 ||
            shares->all[i].needs != shares->all[0].needs || shares->all[i].of != shares->all[0].of)
            return nta_err_set(err, -EKEYREJECTED,
                               "%.150s and %.150s are of one key, but it was split twice: shares "
                               "of two splittings make nothing",
                               shares->names[0], shares->names[i]);
        for (size_t k = 0; k < i; k++)
            if (shares->all[k].number == shares->all[i].number)
                return nta_err_set(err, -EKEYREJECTED, "%.150s and %.150s are the same share, %u",
                                   shares->names[k], shares->names[i], shares->all[i].number);
    }
    return shares->n >= shares->all[0].needs
               ? 0
               : nta_err_set(err, -EKEYREJECTED, "%u of the %u shares are needed, and here are %zu",
                             shares->all[0].needs, shares->all[0].of, shares->n);
}

static int join(const struct nta_shares *shares, uint8_t ret_secret[NTA_KEY_LEN],
                struct nta_err *err)
{
    uint8_t public_key[NTA_KEY_LEN];
    int r = shares->n == 0 || shares->n > NTA_SHARES_MAX
                ? nta_err_set(err, -EKEYREJECTED, "of which shares?")
                : look(shares, err);

    if (r < 0)
        return r;
    r = interpolate(shares, ret_secret);
    if (r == 0)
        r = nta_x25519_public(ret_secret, public_key);
    if (r < 0)
        return nta_err_sys(err, r, "auditor's key");
    return memcmp(public_key, shares->all[0].key, NTA_KEY_LEN) == 0
               ? 0
               : nta_err_set(err, -EKEYREJECTED,
                             "these shares do not make the key that they name: one of them, at "
                             "least, was changed");
}

int nta_auditor_key_check(const struct nta_shares *shares, struct nta_err *err)
{
    uint8_t secret[NTA_KEY_LEN];
    const int r = join(shares, secret, err);

    OPENSSL_cleanse(secret, sizeof(secret));
    return r;
}

int nta_auditor_key_join(const struct nta_shares *shares, const char *path, const char *passphrase,
                         char ret_public[NTA_KEY_TEXT_SIZE], struct nta_err *err)
{
    uint8_t secret[NTA_KEY_LEN];
    int r = join(shares, secret, err);

    if (r == 0)
        r = nta_auditor_key_write(path, secret, passphrase, err);
    OPENSSL_cleanse(secret, sizeof(secret));
    if (r == 0)
        nta_key_text(NTA_KEY_AUDITOR, shares->all[0].key, ret_public, NTA_KEY_TEXT_SIZE);
    return r;
}
