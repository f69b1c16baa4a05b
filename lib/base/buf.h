/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A growing byte buffer for output: JSON lines, CBOR, SQL, pages.
 *
 * Appending fails only when memory does; the failure is sticky (`failed`), later appends do
 * nothing, and the caller asks once at the end.  Clearing keeps the memory, so a buffer that is
 * used again stops allocating.
 *
 * One that is `secret` leaves nothing behind in memory: its bytes are overwritten when it is
 * cleared, when it moves because it grew, and when it is freed.
 */

#include "base/bytes.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct nta_buf
{
    uint8_t *ptr; ///< Owned; NULL while empty.
    size_t len;   ///< Bytes present.
    size_t size;  ///< Capacity.
    bool failed;  ///< Sticky: memory ran out.
    bool secret;  ///< Set by its owner while it is empty.
};

/** Frees the bytes; the buffer is empty and usable afterwards, as secret as before. */
void nta_buf_done(struct nta_buf *buf);

/** Forget the content (and a failure), keep the memory. */
static inline void nta_buf_clear(struct nta_buf *buf)
{
    if (buf->secret && buf->ptr)
        explicit_bzero(buf->ptr, buf->len);
    buf->len = 0;
    buf->failed = false;
}

/**
 * Make space for `len` more bytes and give where they go (not yet counted), or NULL if memory
 * failed.
 */
uint8_t *nta_buf_reserve(struct nta_buf *buf, size_t len);

/** Append `len` bytes; without memory the buffer has failed and stays as it was. */
void nta_buf_put(struct nta_buf *buf, const void *data, size_t len);
/** Append one byte. */
void nta_buf_put_u8(struct nta_buf *buf, uint8_t byte);

/** The text without its NUL. */
void nta_buf_puts(struct nta_buf *buf, const char *text);

/** Append formatted text without its NUL. */
void nta_buf_printf(struct nta_buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** What is in it.  Borrows until the next change. */
static inline struct nta_span nta_buf_span(const struct nta_buf *buf)
{
    return (struct nta_span){.ptr = buf->ptr, .len = buf->len};
}
