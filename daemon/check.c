/* SPDX-License-Identifier: Apache-2.0 */
/* What a check prints. */
#include "check.h"

#include "base/own.h"
#include "base/prose.h"
#include "base/runtime/user.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

/** "WHAT HOW: TEXT", without the text if it is empty. */
static void say(const char *what, const char *how, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

static void say(const char *what, const char *how, const char *format, va_list args)
{
    NTA_AUTO_FREE char *text = NULL;

    if (vasprintf(&text, format, args) >= 0)
        nta_prose_print(stdout, "%-14s %s%s%s\n", what, how, text[0] ? ": " : "", text);
}

void nta_check_fine(const char *what, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(what, "fine", format, args);
    va_end(args);
}

void nta_check_lacks(const char *what, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(what, "lacks", format, args);
    va_end(args);
}

void nta_check_none(const char *what)
{
    nta_prose_print(stdout, "%-14s none\n", what);
}

void nta_check_fault(struct nta_checking *checking, const char *what, int fault,
                     const char *sentence)
{
    bool is_right = fault == -EACCES || fault == -EPERM;
    char name[NTA_USER_NAME_SIZE];

    checking->n_wrong++;
    if (is_right && geteuid() != 0 && geteuid() != checking->service_uid)
        nta_prose_print(stdout, "%-14s not tried as %s: %s\n", what, nta_user_name(geteuid(), name),
                        sentence);
    else
        nta_prose_print(stdout, "%-14s WRONG: %s\n", what, sentence);
}
