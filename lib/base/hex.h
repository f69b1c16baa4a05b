/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Bytes as hexadecimal digits and back: sensor ids, hashes, keys.  Written in lower case, two
 * digits a byte; read in either.
 */

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Space for the text of `len` bytes with its NUL. */
#define NTA_HEX_SIZE(len) (2 * (len) + 1)

/** The 2 * `len` digits of `bytes` into `buf`, without a NUL; gives the place behind them. */
char *nta_hex_put(const void *bytes, size_t len, char *buf);

/** The same with a NUL: `ret_text` has NTA_HEX_SIZE(len).  Gives `ret_text`. */
const char *nta_hex_text(const void *bytes, size_t len, char *ret_text);

/** Append the digits of `bytes`. */
void nta_buf_put_hex(struct nta_buf *buf, const void *bytes, size_t len);

/** The value of a digit, or -1. */
static inline int nta_hex_digit(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/**
 * Read 2 * `len` digits; what follows is not looked at.  False at the first character that is none
 * (so also at a NUL that comes too early); `ret_bytes` is then undefined.
 */
bool nta_hex_parse(const char *text, size_t len, uint8_t *ret_bytes);
