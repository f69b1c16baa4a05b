/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int nta_err_set(struct nta_err *err, int negative_errno, const char *format, ...)
{
    va_list args;

    if (!err)
        return negative_errno;
    va_start(args, format);
    (void)vsnprintf(err->text, sizeof(err->text), format, args);
    va_end(args);
    return negative_errno;
}

int nta_err_sys(struct nta_err *err, int negative_errno, const char *format, ...)
{
    char words[128];
    va_list args;

    if (!err)
        return negative_errno;
    va_start(args, format);
    (void)vsnprintf(err->text, sizeof(err->text), format, args);
    va_end(args);
    size_t len = strlen(err->text);
    const char *said = strerror_r(-negative_errno, words, sizeof(words));

    (void)snprintf(err->text + len, sizeof(err->text) - len, ": %s", said);
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
    (void)vsnprintf(err->text, sizeof(err->text), format, args);
    va_end(args);
    size_t len = strlen(err->text);

    (void)snprintf(err->text + len, sizeof(err->text) - len, ": %s", old);
    return negative_errno;
}
