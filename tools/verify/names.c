/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libpsl converts names that are not ASCII by libidn2 and libunistring, of which Debian has no
 * static form.  It is asked for ASCII names only (blacklist/registrable.h), so here none is
 * converted: each of these says that it cannot.
 */
#include <errno.h>
#include <idn2.h>
#include <stddef.h>
#include <stdint.h>

/* As in libunistring's headers, which need not be there. */
size_t u8_strlen(const uint8_t *text);
uint8_t *u8_tolower(const uint8_t *text, size_t n, const char *language, const void *form,
                    uint8_t *out, size_t *out_len);

/** Form in which libunistring composes letters: none. */
extern const void *const uninorm_nfkc;
const void *const uninorm_nfkc = NULL;

int idn2_lookup_u8(const uint8_t *text, uint8_t **out, int flags)
{
    (void)text;
    (void)out;
    (void)flags;
    return IDN2_ENCODING_ERROR;
}

size_t u8_strlen(const uint8_t *text)
{
    (void)text;
    return 0;
}

uint8_t *u8_tolower(const uint8_t *text, size_t n, const char *language, const void *form,
                    uint8_t *out, size_t *out_len)
{
    (void)text;
    (void)n;
    (void)language;
    (void)form;
    (void)out;
    (void)out_len;
    errno = ENOSYS;
    return NULL;
}
