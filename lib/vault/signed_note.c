/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/signed_note.h"

#include "base/hex.h"
#include "base/own.h"
#include "base/text.h"
#include "vault/crypto/curve.h"
#include "vault/crypto/digest.h"

#include <assert.h>
#include <openssl/evp.h>
#include <string.h>

enum
{
    SIGNED_MAX = NTA_NOTE_ID_LEN + NTA_NOTE_SIGNATURE_MAX,
    SIGNED_TEXT_MAX = (SIGNED_MAX + 2) / 3 * 4
};

void nta_note_put_base64(struct nta_buf *out, const uint8_t *bytes, size_t len)
{
    uint8_t text[SIGNED_TEXT_MAX + 1];

    assert(len <= SIGNED_MAX);
    const int n = EVP_EncodeBlock(text, bytes, (int)len);

    nta_buf_put(out, text, (size_t)n);
}

bool nta_note_take_base64(struct nta_span text, uint8_t *ret_bytes, size_t len)
{
    uint8_t bytes[SIGNED_MAX + 2], again[SIGNED_TEXT_MAX + 1];

    assert(len <= SIGNED_MAX);
    if (text.len != 4 * ((len + 2) / 3) ||
        EVP_DecodeBlock(bytes, text.ptr, (int)text.len) < (int)len)
        return false;
    /* which passes over white space, and takes digits that are not the shortest */
    if ((size_t)EVP_EncodeBlock(again, bytes, (int)len) != text.len ||
        memcmp(again, text.ptr, text.len) != 0)
        return false;
    memcpy(ret_bytes, bytes, len);
    return true;
}

/* ---- keys ---- */

/** The name of a key: UTF-8 without "+", and without space and line feed, which end it. */
static bool is_name(struct nta_span name)
{
    for (size_t at = 0, n; at < name.len; at += n) {
        n = nta_text_utf8_len(name.ptr + at, name.len - at);
        if (n == 0 || name.ptr[at] <= 0x20 || name.ptr[at] == '+')
            return false;
    }
    return name.len > 0;
}

bool nta_note_key_init(struct nta_note_key *ret_key, struct nta_span name, uint8_t algorithm,
                       const uint8_t public_key[NTA_KEY_LEN])
{
    struct nta_note_key key = {.algorithm = algorithm};
    struct nta_digest digest;
    uint8_t hash[NTA_HASH_LEN];

    if (!is_name(name) || name.len >= sizeof(key.name))
        return false;
    memcpy(key.name, name.ptr, name.len);
    memcpy(key.public_key, public_key, NTA_KEY_LEN);
    nta_digest_init(&digest);
    nta_digest_put(&digest, name.ptr, name.len);
    nta_digest_put(&digest, (const uint8_t[]){'\n', algorithm}, 2);
    nta_digest_put(&digest, public_key, NTA_KEY_LEN);
    nta_digest_end(&digest, hash);
    memcpy(key.id, hash, sizeof(key.id));
    *ret_key = key;
    return true;
}

bool nta_note_key_parse(struct nta_span text, struct nta_note_key *ret_key)
{
    const struct nta_span name = nta_span_take(&text, '+'), id = nta_span_take(&text, '+');
    char id_text[NTA_HEX_SIZE(NTA_NOTE_ID_LEN)];
    uint8_t bytes[1 + NTA_KEY_LEN];
    struct nta_note_key key;

    if (text.len == 0 || !nta_note_take_base64(text, bytes, sizeof(bytes)) ||
        !nta_note_key_init(&key, name, bytes[0], bytes + 1) ||
        !nta_span_equal(id, nta_span_of(nta_hex_text(key.id, sizeof(key.id), id_text))))
        return false;
    *ret_key = key;
    return true;
}

void nta_note_put_key(struct nta_buf *out, const struct nta_note_key *key)
{
    uint8_t bytes[1 + NTA_KEY_LEN] = {key->algorithm};

    memcpy(bytes + 1, key->public_key, NTA_KEY_LEN);
    nta_buf_printf(out, "%s+", key->name);
    nta_buf_put_hex(out, key->id, sizeof(key->id));
    nta_buf_puts(out, "+");
    nta_note_put_base64(out, bytes, sizeof(bytes));
}

/* ---- notes ---- */

void nta_note_put_line(struct nta_buf *out, const struct nta_note_key *key,
                       const uint8_t *signature, size_t len)
{
    uint8_t bytes[SIGNED_MAX];

    assert(len <= NTA_NOTE_SIGNATURE_MAX);
    memcpy(bytes, key->id, NTA_NOTE_ID_LEN);
    memcpy(bytes + NTA_NOTE_ID_LEN, signature, len);
    nta_buf_printf(out, NTA_NOTE_DASH "%s ", key->name);
    nta_note_put_base64(out, bytes, NTA_NOTE_ID_LEN + len);
    nta_buf_puts(out, "\n");
}

bool nta_note_split(struct nta_span note, struct nta_span *ret_text, struct nta_span *ret_lines)
{
    const size_t end = nta_span_find(note, "\n\n");

    if (note.len == 0 || end == note.len || note.ptr[note.len - 1] != '\n')
        return false;
    *ret_text = nta_span_first(note, end + 1);
    *ret_lines = nta_span_from(note, end + 2);
    return true;
}

/** Base64 of a key id and one byte or more. */
static bool is_base64(struct nta_span text)
{
    size_t n = text.len, n_pads = 0;

    for (; n > 0 && n_pads < 2 && text.ptr[n - 1] == '='; n--)
        n_pads++;
    if (text.len % 4 || text.len / 4 * 3 < NTA_NOTE_ID_LEN + 1 + n_pads)
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
    const struct nta_span before = {.ptr = (const uint8_t *)NTA_NOTE_DASH,
                                    .len = sizeof(NTA_NOTE_DASH) - 1};

    if (!nta_span_begins(line, before))
        return false;
    line = nta_span_from(line, before.len);
    *ret_name = nta_span_take(&line, ' ');
    *ret_bytes = line;
    return is_name(*ret_name) && is_base64(*ret_bytes);
}

bool nta_note_find(struct nta_span lines, const struct nta_note_key *key, size_t len,
                   uint8_t ret_signature[NTA_NOTE_SIGNATURE_MAX])
{
    uint8_t bytes[SIGNED_MAX];
    struct nta_span who, signature;
    bool is_found = false;

    for (size_t n = 0; lines.len > 0; n++) {
        if (n == NTA_NOTE_LINES_MAX || !read_line(nta_span_take(&lines, '\n'), &who, &signature))
            return false;
        if (is_found || !nta_span_equal(who, nta_span_of(key->name)) ||
            !nta_note_take_base64(signature, bytes, NTA_NOTE_ID_LEN + len) ||
            memcmp(bytes, key->id, NTA_NOTE_ID_LEN) != 0)
            continue;
        memcpy(ret_signature, bytes + NTA_NOTE_ID_LEN, len);
        is_found = true;
    }
    return is_found;
}

bool nta_note_next(struct nta_span *lines, struct nta_note_line *ret_line)
{
    static const size_t lens[] = {NTA_SIGNATURE_LEN, NTA_NOTE_SIGNATURE_MAX};
    struct nta_note_line line = {.len = 0};
    uint8_t bytes[SIGNED_MAX];
    struct nta_span signature;

    if (lines->len == 0 || !read_line(nta_span_take(lines, '\n'), &line.name, &signature))
        return false;
    line.base64 = signature;
    for (size_t i = 0; i < NTA_N_ELEMENTS(lens) && line.len == 0; i++)
        if (nta_note_take_base64(signature, bytes, NTA_NOTE_ID_LEN + lens[i])) {
            line.len = lens[i];
            memcpy(line.id, bytes, sizeof(line.id));
            memcpy(line.bytes, bytes + NTA_NOTE_ID_LEN, line.len);
        }
    *ret_line = line;
    return true;
}

bool nta_note_is_signed(struct nta_span note, const struct nta_note_key *key)
{
    uint8_t signature[NTA_NOTE_SIGNATURE_MAX];
    struct nta_span text, lines;

    return key->algorithm == NTA_NOTE_ED25519 && nta_note_split(note, &text, &lines) &&
           nta_note_find(lines, key, NTA_SIGNATURE_LEN, signature) &&
           nta_ed25519_verify(key->public_key, NULL, text,
                              (struct nta_span){signature, NTA_SIGNATURE_LEN});
}
