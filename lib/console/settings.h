/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the console is given at its start, who looks at it, and its bounds (part of console.h). */

#include "base/addr.h"
#include "base/buf.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_CONSOLE_CONNECTIONS = 320,
    NTA_CONSOLE_STREAMS = 64,
    NTA_CONSOLE_STREAMS_EACH = 16, ///< Of one login.
    NTA_CONSOLE_HOSTS = 8,
    NTA_CONSOLE_LOGIN_SIZE = 64,
};

/* Rows: symbol, name.  Who is further down is shown more. */
#define NTA_CONSOLE_ROLES(ROW)                                                                     \
    ROW(VIEWER, "viewer")                                                                          \
    ROW(ADMIN, "admin")                                                                            \
    ROW(AUDITOR, "auditor")

enum nta_console_role
{
#define NTA_CONSOLE_ROLE_ENUM(symbol, name) NTA_CONSOLE_##symbol,
    NTA_CONSOLE_ROLES(NTA_CONSOLE_ROLE_ENUM)
#undef NTA_CONSOLE_ROLE_ENUM
    NTA_CONSOLE_N_ROLES
};

/** "viewer", "admin", "auditor". */
const char *nta_console_role_name(enum nta_console_role role);

/** Who asks. */
struct nta_console_who
{
    enum nta_console_role role;
    char login[NTA_CONSOLE_LOGIN_SIZE]; ///< "": whoever opened the link.
    uint64_t session;                   ///< Of all since the start; 0: a proxy names him each time.
};

struct nta_console_options
{
    struct nta_addr addr; ///< Where to listen,
    uint16_t port;        ///< 0: any that is free.
    /**
     * Or a Unix socket's path, which a proxy connects to; `port` is the one that browsers see then.
     * Borrows; NULL: none.
     */
    const char *socket;
    /** Names that browsers may know it by, beside its address; borrows. */
    const char *hosts[NTA_CONSOLE_HOSTS];
    size_t n_hosts;
    const char *cert, *key; ///< TLS: texts of PEM files, borrows; NULL: none.
    const char *users_file; ///< NULL: none; sessions begin by links.
    /** The field in which the proxy says who it is, with a socket and users only; borrows. */
    const char *user_header;
    struct nta_span page; ///< Borrows until stop.
    const char *policy;   ///< Its Content-Security-Policy; borrows until stop.
    /**
     * What he is shown.  Any thread.  0, or negative errno with a sentence for him: he is shown
     * nothing.
     */
    int (*data)(void *owner, const struct nta_console_who *who, struct nta_buf *out,
                struct nta_err *err);
    void *owner;
};
