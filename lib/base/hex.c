/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"

char *nta_hex_put(const void *bytes, size_t len, char *buf)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *pos = bytes;

    for (size_t i = 0; i < len; i++) {
        *buf++ = digits[pos[i] >> 4];
        *buf++ = digits[pos[i] & 15];
    }
    return buf;
}

const char *nta_hex_text(const void *bytes, size_t len, char *ret_text)
{
    *nta_hex_put(bytes, len, ret_text) = '\0';
    return ret_text;
}

void nta_buf_put_hex(struct nta_buf *buf, const void *bytes, size_t len)
{
    uint8_t *at = nta_buf_reserve(buf, 2 * len);

    if (!at)
        return;
    (void)nta_hex_put(bytes, len, (char *)at);
    buf->len += 2 * len;
}

bool nta_hex_parse(const char *text, size_t len, uint8_t *ret_bytes)
{
    for (size_t i = 0; i < len; i++, text += 2) {
        int high = nta_hex_digit((unsigned char)text[0]);
        int low = high < 0 ? -1 : nta_hex_digit((unsigned char)text[1]);

        if (low < 0)
            return false;
        ret_bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}
