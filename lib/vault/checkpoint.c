/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/checkpoint.h"

#include "base/hex.h"
#include "base/own.h"
#include "base/text.h"
#include "vault/crypto/curve.h"
#include "vault/crypto/digest.h"

#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>

#define ORIGIN "nta/"
#define DASH   "\xe2\x80\x94 " /* U+2014 and a space: a signature line */

enum
{
    ED25519 = 0x01, ///< The algorithm, in key ids and keys.
    KEY_ID_LEN = 4,
    SIGNED_LEN = KEY_ID_LEN + NTA_SIGNATURE_LEN,
    ROOT_TEXT_LEN = 44,   ///< base64 of a hash
    SIGNED_TEXT_LEN = 92, ///< and of key id and signature.
    LINES_MAX = 100,      ///< Signatures of a note.
    NAME_SIZE = sizeof(ORIGIN) + sizeof(uint8_t[2][NTA_SENSOR_ID_LEN])
};

static void put_base64(struct nta_buf *out, const uint8_t *bytes, size_t len)
{
    uint8_t text[SIGNED_TEXT_LEN + 1];
    int n = EVP_EncodeBlock(text, bytes, (int)len);

    nta_buf_put(out, text, (size_t)n);
}

/** `text` is base64 of exactly `len` bytes, in its one form. */
static bool take_base64(struct nta_span text, uint8_t *ret_bytes, size_t len)
{
    uint8_t bytes[SIGNED_LEN + 2], again[SIGNED_TEXT_LEN + 1];

    if (text.len != 4 * ((len + 2) / 3) || text.len > SIGNED_TEXT_LEN ||
        EVP_DecodeBlock(bytes, text.ptr, (int)text.len) < (int)len)
        return false;
    /* which passes over white space, and takes digits that are not the shortest */
    if ((size_t)EVP_EncodeBlock(again, bytes, (int)len) != text.len ||
        memcmp(again, text.ptr, text.len) != 0)
        return false;
    memcpy(ret_bytes, bytes, len);
    return true;
}

static const char *name_of(const uint8_t sensor[NTA_SENSOR_ID_LEN], char ret_name[NAME_SIZE])
{
    memcpy(ret_name, ORIGIN, sizeof(ORIGIN));
    (void)nta_hex_text(sensor, NTA_SENSOR_ID_LEN, ret_name + sizeof(ORIGIN) - 1);
    return ret_name;
}

static void key_id(const char *name, const uint8_t public_key[NTA_KEY_LEN],
                   uint8_t ret_id[KEY_ID_LEN])
{
    struct nta_digest digest;
    uint8_t hash[NTA_HASH_LEN];

    nta_digest_init(&digest);
    nta_digest_put(&digest, name, strlen(name));
    nta_digest_put(&digest, (const uint8_t[]){'\n', ED25519}, 2);
    nta_digest_put(&digest, public_key, NTA_KEY_LEN);
    nta_digest_end(&digest, hash);
    memcpy(ret_id, hash, KEY_ID_LEN);
}

static void put_text(struct nta_buf *out, const struct nta_checkpoint *checkpoint)
{
    char name[NAME_SIZE];

    nta_buf_printf(out, "%s\n%" PRIu64 "\n", name_of(checkpoint->sensor, name), checkpoint->n);
    put_base64(out, checkpoint->root, sizeof(checkpoint->root));
    nta_buf_puts(out, "\n");
    nta_buf_put(out, checkpoint->extra.ptr, checkpoint->extra.len);
}

/** Whole lines, none empty, of text without control characters. */
static bool is_extra(struct nta_span extra)
{
    bool is_at_start = true; /* of a line */

    for (size_t at = 0, n; at < extra.len; at += n) {
        const bool is_end = extra.ptr[at] == '\n';

        n = is_end ? 1 : nta_text_utf8_len(extra.ptr + at, extra.len - at);
        if (n == 0 || (is_end ? is_at_start : extra.ptr[at] < 0x20 || extra.ptr[at] == 0x7f))
            return false;
        is_at_start = is_end;
    }
    return is_at_start;
}

int nta_checkpoint_put(struct nta_buf *out, const struct nta_checkpoint *checkpoint,
                       const uint8_t secret[NTA_KEY_LEN])
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    uint8_t public_key[NTA_KEY_LEN], bytes[SIGNED_LEN];
    char name[NAME_SIZE];

    if (!is_extra(checkpoint->extra))
        return -EINVAL;
    put_text(&text, checkpoint);
    if (text.failed || nta_ed25519_public(secret, public_key) < 0 ||
        nta_ed25519_sign(secret, NULL, nta_buf_span(&text), bytes + KEY_ID_LEN) < 0)
        return text.failed ? -ENOMEM : -EIO;
    key_id(name_of(checkpoint->sensor, name), public_key, bytes);
    nta_buf_put(out, text.ptr, text.len);
    nta_buf_printf(out, "\n" DASH "%s ", name);
    put_base64(out, bytes, sizeof(bytes));
    nta_buf_puts(out, "\n");
    return 0;
}

void nta_checkpoint_put_key(struct nta_buf *out, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                            const uint8_t public_key[NTA_KEY_LEN])
{
    uint8_t id[KEY_ID_LEN], key[1 + NTA_KEY_LEN] = {ED25519};
    char name[NAME_SIZE];

    key_id(name_of(sensor, name), public_key, id);
    memcpy(key + 1, public_key, NTA_KEY_LEN);
    nta_buf_printf(out, "%s+", name);
    nta_buf_put_hex(out, id, sizeof(id));
    nta_buf_puts(out, "+");
    put_base64(out, key, sizeof(key));
}

bool nta_checkpoint_take_line(struct nta_span *extra, const char *name, struct nta_span *ret_value)
{
    const struct nta_span start = nta_span_of(name);
    struct nta_span rest;

    if (!nta_span_begins(*extra, start))
        return false;
    rest = nta_span_from(*extra, start.len);
    if (!nta_span_has(rest, '\n'))
        return false;
    *ret_value = nta_span_take(&rest, '\n');
    *extra = rest;
    return true;
}

bool nta_checkpoint_number(struct nta_span digits, uint64_t *ret_number)
{
    uint64_t number = 0;

    if (digits.len == 0 || (digits.ptr[0] == '0' && digits.len > 1))
        return false;
    for (size_t i = 0; i < digits.len; i++) {
        const uint64_t digit = digits.ptr[i] - (uint64_t)'0'; /* of what is none, above 9 */

        if (digit > 9 || number > (UINT64_MAX - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *ret_number = number;
    return true;
}

bool nta_checkpoint_hex(struct nta_span digits, uint8_t *bytes, size_t size, size_t *ret_len)
{
    const size_t len = digits.len / 2;

    if (digits.len % 2 != 0 || len > size)
        return false;
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.ptr[i] >= 'A' && digits.ptr[i] <= 'F')
            return false;
    }
    *ret_len = len;
    return len == 0 || nta_hex_parse((const char *)digits.ptr, len, bytes);
}

bool nta_checkpoint_text(struct nta_span text, struct nta_checkpoint *ret_checkpoint)
{
    NTA_AUTO(nta_buf_done) struct nta_buf again = {0};
    struct nta_span rest = text;
    struct nta_span origin = nta_span_take(&rest, '\n'), size = nta_span_take(&rest, '\n');
    struct nta_span root = nta_span_take(&rest, '\n');
    struct nta_checkpoint checkpoint = {.n = 0};

    if (!is_extra(rest) || !nta_checkpoint_number(size, &checkpoint.n) ||
        origin.len != NAME_SIZE - 1 ||
        !nta_hex_parse((const char *)origin.ptr + sizeof(ORIGIN) - 1, sizeof(checkpoint.sensor),
                       checkpoint.sensor) ||
        !take_base64(root, checkpoint.root, sizeof(checkpoint.root)))
        return false;
    checkpoint.extra = rest;
    put_text(&again, &checkpoint);
    if (!nta_span_equal(nta_buf_span(&again), text))
        return false;
    *ret_checkpoint = checkpoint;
    return true;
}

/** The name of a key: UTF-8 without "+" (and space and line feed, which end it). */
static bool is_name(struct nta_span name)
{
    for (size_t at = 0, n; at < name.len; at += n) {
        n = nta_text_utf8_len(name.ptr + at, name.len - at);
        if (n == 0 || name.ptr[at] < 0x20 || name.ptr[at] == '+')
            return false;
    }
    return name.len > 0;
}

/** Base64 of a key id and one byte or more. */
static bool is_base64(struct nta_span text)
{
    size_t n = text.len, n_pads = 0;

    for (; n > 0 && n_pads < 2 && text.ptr[n - 1] == '='; n--)
        n_pads++;
    if (text.len % 4 || text.len / 4 * 3 < KEY_ID_LEN + 1 + n_pads)
        return false;
    for (size_t i = 0; i < n; i++) {
        const uint8_t c = text.ptr[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              c == '+' || c == '/'))
            return false;
    }
    return true;
}

/** A signature line taken apart.  False: the note is malformed. */
static bool read_line(struct nta_span line, struct nta_span *ret_name, struct nta_span *ret_bytes)
{
    const struct nta_span before = {.ptr = (const uint8_t *)DASH, .len = sizeof(DASH) - 1};

    if (!nta_span_begins(line, before))
        return false;
    line = nta_span_from(line, before.len);
    *ret_name = nta_span_take(&line, ' ');
    *ret_bytes = line;
    return is_name(*ret_name) && is_base64(*ret_bytes);
}

/** The lines behind the blank one: all of their form, and the first of this key decides. */
static bool is_signed(struct nta_span lines, const char *name, const uint8_t *public_key,
                      struct nta_span text)
{
    enum
    {
        NONE,
        GOOD,
        BAD
    } found = NONE;

    uint8_t bytes[SIGNED_LEN], id[KEY_ID_LEN];
    struct nta_span who, signature;

    key_id(name, public_key, id);
    for (size_t n = 0; lines.len > 0; n++) {
        if (n == LINES_MAX || !read_line(nta_span_take(&lines, '\n'), &who, &signature))
            return false;
        if (found != NONE || !nta_span_equal(who, nta_span_of(name)) ||
            !take_base64(signature, bytes, sizeof(bytes)) || memcmp(bytes, id, sizeof(id)) != 0)
            continue;
        found = nta_ed25519_verify(public_key, NULL, text,
                                   (struct nta_span){bytes + KEY_ID_LEN, NTA_SIGNATURE_LEN})
                    ? GOOD
                    : BAD;
    }
    return found == GOOD;
}

bool nta_checkpoint_read(struct nta_span note, const uint8_t public_key[NTA_KEY_LEN],
                         struct nta_checkpoint *ret_checkpoint)
{
    const size_t end = nta_span_find(note, "\n\n");
    const struct nta_span text = nta_span_first(note, end + 1);
    struct nta_checkpoint checkpoint;
    char name[NAME_SIZE];

    if (note.len > NTA_CHECKPOINT_MAX || end == note.len || note.ptr[note.len - 1] != '\n' ||
        !nta_checkpoint_text(text, &checkpoint) ||
        !is_signed(nta_span_from(note, end + 2), name_of(checkpoint.sensor, name), public_key,
                   text))
        return false;
    *ret_checkpoint = checkpoint;
    return true;
}
