/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What stands next in a line of text that holds a head.
 */

#include "base/hex.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** A word, which must be there: go behind it. */
static inline bool nta_heads_take_word(const char **pos, const char *word)
{
    if (strncmp(*pos, word, strlen(word)) != 0)
        return false;
    *pos += strlen(word);
    return true;
}

/** `len` bytes as hexadecimal digits, and no more of them behind. */
static inline bool nta_heads_take_hex(const char **pos, size_t len, uint8_t *ret_bytes)
{
    if (!nta_hex_parse(*pos, len, ret_bytes))
        return false;
    *pos += 2 * len;
    return !isxdigit((unsigned char)**pos);
}
