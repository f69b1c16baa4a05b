/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the console is given at its start, and its bounds (part of console.h). */

#include "base/addr.h"
#include "base/buf.h"

#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_CONSOLE_CONNECTIONS = 320,
    NTA_CONSOLE_STREAMS = 16,
    NTA_CONSOLE_HOSTS = 8,
};

struct nta_console_options
{
    struct nta_addr addr; ///< Where to listen.
    uint16_t port;        ///< 0: any that is free.
    /** Names that browsers may know it by, beside its address; borrows. */
    const char *hosts[NTA_CONSOLE_HOSTS];
    size_t n_hosts;
    const char *cert, *key;    ///< TLS: texts of PEM files, borrows; NULL: none.
    const char *password_file; ///< NULL: none; sessions begin by links.
    struct nta_span page;      ///< Borrows until stop.
    const char *policy;        ///< Its Content-Security-Policy; borrows until stop.
    int (*data)(void *owner, struct nta_buf *out); ///< Any thread.  0, or negative errno.
    void *owner;
};
