/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum
{
    FIRST_SIZE = 256
};

void nta_buf_done(struct nta_buf *buf)
{
    nta_buf_clear(buf);
    free(buf->ptr);
    *buf = (struct nta_buf){.secret = buf->secret};
}

/** realloc() would leave a copy where it was. */
static uint8_t *move(struct nta_buf *buf, size_t size)
{
    uint8_t *ptr = malloc(size);

    if (ptr && buf->len) {
        memcpy(ptr, buf->ptr, buf->len);
        explicit_bzero(buf->ptr, buf->len);
    }
    if (ptr)
        free(buf->ptr);
    return ptr;
}

uint8_t *nta_buf_reserve(struct nta_buf *buf, size_t len)
{
    size_t size = buf->size ? buf->size : FIRST_SIZE;

    if (buf->failed)
        return NULL;
    if (len <= buf->size - buf->len)
        return buf->ptr + buf->len;
    while (size - buf->len < len) {
        if (size > SIZE_MAX / 2) {
            buf->failed = true;
            return NULL;
        }
        size *= 2;
    }
    uint8_t *ptr = buf->secret ? move(buf, size) : realloc(buf->ptr, size);

    if (!ptr) {
        buf->failed = true;
        return NULL;
    }
    buf->ptr = ptr;
    buf->size = size;
    return ptr + buf->len;
}

void nta_buf_put(struct nta_buf *buf, const void *data, size_t len)
{
    uint8_t *at = nta_buf_reserve(buf, len);

    if (!at || len == 0)
        return;
    memcpy(at, data, len);
    buf->len += len;
}

void nta_buf_put_u8(struct nta_buf *buf, uint8_t byte)
{
    nta_buf_put(buf, &byte, 1);
}

void nta_buf_puts(struct nta_buf *buf, const char *text)
{
    nta_buf_put(buf, text, strlen(text));
}

void nta_buf_printf(struct nta_buf *buf, const char *format, ...)
{
    va_list args, again;

    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);

    va_end(args);
    char *at = len < 0 ? NULL : (char *)nta_buf_reserve(buf, (size_t)len + 1);

    if (at) {
        (void)vsnprintf(at, (size_t)len + 1, format, again);
        buf->len += (size_t)len;
    }
    va_end(again);
}
