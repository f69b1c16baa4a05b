/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Hexadecimal vectors as bytes, for tests. */

#include "base/buf.h"
#include "unit.h"

#include <stdlib.h>

/** Bytes of hexadecimal text, up to 4,096 of them. */
struct hex
{
    uint8_t bytes[4096];
    size_t len;
};

static inline struct hex hex_of(const char *text)
{
    struct hex hex = {.len = strlen(text) / 2};

    assert_true(hex.len <= sizeof(hex.bytes) && strlen(text) % 2 == 0);
    for (size_t i = 0; i < hex.len; i++) {
        char pair[3] = {text[2 * i], text[2 * i + 1], 0};
        char *end;

        hex.bytes[i] = (uint8_t)strtoul(pair, &end, 16);
        assert_true(*end == 0);
    }
    return hex;
}

static inline struct nta_span hex_span(const struct hex *hex)
{
    return (struct nta_span){.ptr = hex->bytes, .len = hex->len};
}

static inline void assert_hex(const void *bytes, size_t len, const char *text)
{
    struct hex hex = hex_of(text);

    assert_int_equal(len, hex.len);
    assert_memory_equal(bytes, hex.bytes, len);
}
