/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* For tests: TLS messages put together by hand, with the lengths filled in behind. */

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct maker
{
    uint8_t bytes[1 << 17];
    size_t len;
};

static inline void make(struct maker *maker, const void *bytes, size_t len)
{
    assert(len <= sizeof(maker->bytes) - maker->len);
    memcpy(maker->bytes + maker->len, bytes, len);
    maker->len += len;
}

/** `n` bytes of a number, big-endian. */
static inline void make_number(struct maker *maker, uint64_t value, size_t n)
{
    for (size_t i = n; i > 0; i--) {
        uint8_t byte = (uint8_t)(value >> 8 * (i - 1));

        make(maker, &byte, 1);
    }
}

static inline void make_fill(struct maker *maker, uint8_t byte, size_t n)
{
    while (n-- > 0)
        make(maker, &byte, 1);
}

/** Begin a vector with an `n`-byte length; gives where it begins, for make_end(). */
static inline size_t make_begin(struct maker *maker, size_t n)
{
    make_number(maker, 0, n);
    return maker->len;
}

static inline void make_end(struct maker *maker, size_t begin, size_t n)
{
    size_t len = maker->len - begin;

    for (size_t i = 0; i < n; i++)
        maker->bytes[begin - 1 - i] = (uint8_t)(len >> 8 * i);
}

static inline void make_extension(struct maker *maker, uint16_t type, const void *bytes, size_t len)
{
    make_number(maker, type, 2);
    make_number(maker, len, 2);
    make(maker, bytes, len);
}

static inline void make_server_name(struct maker *maker, const char *name)
{
    make_number(maker, 0, 2);

    size_t ext = make_begin(maker, 2), list = make_begin(maker, 2);

    make_number(maker, 0, 1);
    make_number(maker, strlen(name), 2);
    make(maker, name, strlen(name));
    make_end(maker, list, 2);
    make_end(maker, ext, 2);
}

/**
 * A ClientHello with its handshake header; `pad` bytes of padding in front of the name (RFC 7685).
 */
static inline void make_client_hello(struct maker *maker, const char *name, size_t pad)
{
    make_number(maker, 1, 1);

    size_t message = make_begin(maker, 3);

    make_number(maker, 0x0303, 2);
    make_fill(maker, 0x11, 32);
    make_number(maker, 0, 1);
    make_number(maker, 6, 2);
    make_number(maker, 0x3a3a13011302, 6);
    make_number(maker, 0x0100, 2);

    size_t extensions = make_begin(maker, 2);

    if (pad > 0) {
        make_number(maker, 21, 2);
        make_number(maker, pad, 2);
        make_fill(maker, 0, pad);
    }
    if (name)
        make_server_name(maker, name);
    make_extension(maker, 43, "\x06\x1a\x1a\x03\x04\x03\x03", 7);
    make_extension(maker, 16, "\x00\x0c\x02h2\x08http/1.1", 14);
    make_end(maker, extensions, 2);
    make_end(maker, message, 3);
}

/** Put a message into records of `size` bytes. */
static inline void make_records(struct maker *maker, const uint8_t *message, size_t len,
                                size_t size)
{
    while (len > 0) {
        size_t n = len < size ? len : size;

        make_number(maker, 0x160301, 3);
        make_number(maker, n, 2);
        make(maker, message, n);
        message += n;
        len -= n;
    }
}

/** Google's hello ("CHLO") with a name. */
static inline void make_google_hello(struct maker *maker, const char *name)
{
    const uint32_t ends[] = {300, 304, 304 + (uint32_t)strlen(name)};
    const char *tags[] = {"PAD", "VER", "SNI"};

    make(maker, "CHLO\x03\0\0", 8);
    for (size_t i = 0; i < 3; i++) {
        make(maker, tags[i], 4);
        make_number(maker, __builtin_bswap32(ends[i]), 4);
    }
    make_fill(maker, '-', 300);
    make(maker, "Q046", 4);
    make(maker, name, strlen(name));
    make_fill(maker, 0, 500);
}
