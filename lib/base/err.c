/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include "base/text.h"

#include <stdarg.h>
#include <string.h>

int nta_err_set(struct nta_err *err, int negative_errno, const char *format, ...)
{
    va_list args;

    if (!err)
        return negative_errno;
    va_start(args, format);
    (void)nta_text_vprintf_to(err->text, sizeof(err->text), format, args);
    va_end(args);
    return negative_errno;
}

/** Put "`text`: `behind`", of which a too long `text` is shortened: what is behind says why. */
__attribute__((format(printf, 3, 0))) static void put_both(struct nta_err *err, const char *behind,
                                                           const char *format, va_list args)
{
    char all[NTA_ERR_SIZE];
    size_t least = sizeof(err->text) / 2, need = strlen(behind) + sizeof(": ");
    size_t space = need < least ? sizeof(err->text) - need + 1 : least;

    (void)nta_text_vprintf_to(all, space, format, args);
    (void)nta_err_set(err, 0, "%s: %s", all, behind);
}

int nta_err_sys(struct nta_err *err, int negative_errno, const char *format, ...)
{
    char words[128];
    va_list args;

    if (!err)
        return negative_errno;
    va_start(args, format);
    put_both(err, strerror_r(-negative_errno, words, sizeof(words)), format, args);
    va_end(args);
    return negative_errno;
}

int nta_err_prefix(struct nta_err *err, int negative_errno, const char *format, ...)
{
    char old[NTA_ERR_SIZE];
    va_list args;

    if (!err)
        return negative_errno;
    memcpy(old, err->text, sizeof(old));
    va_start(args, format);
    put_both(err, old, format, args);
    va_end(args);
    return negative_errno;
}
