/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Captures made byte by byte: classic pcap, each packet a datagram of 60 bytes. */

#include "unit.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum
{
    LINK_ETHERNET = 1,
    RECORD_LEN = 16 + 60 ///< One of image_record().
};

/** Bytes of a file in the making. */
struct image
{
    uint8_t bytes[65536];
    size_t len;
    bool big; ///< Numbers most significant byte first.
};

static inline void image_number(struct image *image, uint64_t value, size_t n_bytes)
{
    assert_true(image->len + n_bytes <= sizeof(image->bytes));
    for (size_t i = 0; i < n_bytes; i++) {
        size_t shift = 8 * (image->big ? n_bytes - 1 - i : i);

        image->bytes[image->len++] = (uint8_t)(value >> shift);
    }
}

static inline void image_fill(struct image *image, uint8_t byte, size_t n_bytes)
{
    assert_true(image->len + n_bytes <= sizeof(image->bytes));
    memset(image->bytes + image->len, byte, n_bytes);
    image->len += n_bytes;
}

/** An Ethernet frame with an IPv4 UDP datagram to `port`, 60 bytes. */
static inline void image_frame(struct image *image, uint16_t port)
{
    static const uint8_t head[] = {
        2,   0,  0,   0,  0, 1, 2, 0, 0,  0,  0, 2, 8,   0,       /* Ethernet */
        69,  0,  0,   46, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, /* IPv4, 46 bytes */
        198, 51, 100, 1,                                          /* its destination */
        4,   0,
    };
    struct image big = {.big = true};

    memcpy(image->bytes + image->len, head, sizeof(head));
    image->len += sizeof(head);
    image_number(&big, (uint64_t)port << 32 | 26U << 16, 6); /* port, length, checksum */
    memcpy(image->bytes + image->len, big.bytes, 6);
    image->len += 6;
    image_fill(image, 0x55, 60 - sizeof(head) - 6);
}

/** Write the image's first `len` bytes to `path`. */
static inline void image_write(const struct image *image, size_t len, const char *path)
{
    FILE *file;

    (void)unlink(
        path); /* some file systems wait for the disk when a file is cut and written anew */
    file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(image->bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

/** The header of a pcap file. */
static inline void image_start(struct image *image, uint32_t magic, uint32_t link_type, bool big)
{
    image->len = 0;
    image->big = big;
    image_number(image, magic, 4);
    image_number(image, 2, 2);
    image_number(image, 4, 2);
    image_number(image, 0, 8);
    image_number(image, 65535, 4);
    image_number(image, link_type, 4);
}

static inline void image_record(struct image *image, uint32_t seconds, uint32_t fraction,
                                uint16_t port)
{
    image_number(image, seconds, 4);
    image_number(image, fraction, 4);
    image_number(image, 60, 4);
    image_number(image, 60, 4);
    image_frame(image, port);
}

/** Three packets, in Ethernet and microseconds. */
static inline void image_three(struct image *image)
{
    image_start(image, 0xa1b2c3d4, LINK_ETHERNET, false);
    for (uint16_t i = 0; i < 3; i++)
        image_record(image, 1000U + i, 7, (uint16_t)(50 + i));
}
