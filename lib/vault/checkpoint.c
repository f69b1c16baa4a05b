/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/checkpoint.h"

#include "base/hex.h"
#include "base/own.h"
#include "base/text.h"
#include "vault/crypto/curve.h"
#include "vault/signed_note.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>

const char *nta_log_name(const uint8_t sensor[NTA_SENSOR_ID_LEN], char ret_name[NTA_LOG_NAME_SIZE])
{
    memcpy(ret_name, NTA_LOG_NAME, sizeof(NTA_LOG_NAME));
    (void)nta_hex_text(sensor, NTA_SENSOR_ID_LEN, ret_name + sizeof(NTA_LOG_NAME) - 1);
    return ret_name;
}

bool nta_log_name_parse(struct nta_span name, uint8_t ret_sensor[NTA_SENSOR_ID_LEN])
{
    size_t len;

    return nta_span_begins(name, nta_span_of(NTA_LOG_NAME)) && name.len == NTA_LOG_NAME_SIZE - 1 &&
           nta_checkpoint_hex(nta_span_from(name, sizeof(NTA_LOG_NAME) - 1), ret_sensor,
                              NTA_SENSOR_ID_LEN, &len);
}

static struct nta_note_key key_of(const uint8_t sensor[NTA_SENSOR_ID_LEN],
                                  const uint8_t public_key[NTA_KEY_LEN])
{
    struct nta_note_key key;
    char name[NTA_LOG_NAME_SIZE];
    const bool is_key = nta_note_key_init(&key, nta_span_of(nta_log_name(sensor, name)),
                                          NTA_NOTE_ED25519, public_key);

    assert(is_key);
    return key;
}

static void put_text(struct nta_buf *out, const struct nta_checkpoint *checkpoint)
{
    char name[NTA_LOG_NAME_SIZE];

    nta_buf_printf(out, "%s\n%" PRIu64 "\n", nta_log_name(checkpoint->sensor, name), checkpoint->n);
    nta_note_put_base64(out, checkpoint->root, sizeof(checkpoint->root));
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
    uint8_t public_key[NTA_KEY_LEN], signature[NTA_SIGNATURE_LEN];

    if (!is_extra(checkpoint->extra))
        return -EINVAL;
    put_text(&text, checkpoint);
    if (text.failed || nta_ed25519_public(secret, public_key) < 0 ||
        nta_ed25519_sign(secret, NULL, nta_buf_span(&text), signature) < 0)
        return text.failed ? -ENOMEM : -EIO;
    const struct nta_note_key key = key_of(checkpoint->sensor, public_key);

    nta_buf_put(out, text.ptr, text.len);
    nta_buf_puts(out, "\n");
    nta_note_put_line(out, &key, signature, sizeof(signature));
    return 0;
}

void nta_checkpoint_put_key(struct nta_buf *out, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                            const uint8_t public_key[NTA_KEY_LEN])
{
    const struct nta_note_key key = key_of(sensor, public_key);

    nta_note_put_key(out, &key);
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
        !nta_log_name_parse(origin, checkpoint.sensor) ||
        !nta_note_take_base64(root, checkpoint.root, sizeof(checkpoint.root)))
        return false;
    checkpoint.extra = rest;
    put_text(&again, &checkpoint);
    if (!nta_span_equal(nta_buf_span(&again), text))
        return false;
    *ret_checkpoint = checkpoint;
    return true;
}

bool nta_checkpoint_read(struct nta_span note, const uint8_t public_key[NTA_KEY_LEN],
                         struct nta_checkpoint *ret_checkpoint)
{
    struct nta_checkpoint checkpoint;
    struct nta_span text, lines;

    if (note.len > NTA_CHECKPOINT_MAX || !nta_note_split(note, &text, &lines) ||
        !nta_checkpoint_text(text, &checkpoint))
        return false;
    const struct nta_note_key key = key_of(checkpoint.sensor, public_key);

    if (!nta_note_is_signed(note, &key))
        return false;
    *ret_checkpoint = checkpoint;
    return true;
}
