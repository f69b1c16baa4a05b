/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Where a MySQL store is, and by which account. */

#include <stdbool.h>
#include <stddef.h>

/** Puts the password as it is now into `password`, of `size` bytes.  0, or negative errno. */
typedef int nta_mysql_password_fn(const void *owner, char *password, size_t size);

enum
{
    NTA_MYSQL_PASSWORD_SIZE = 256
};

/** Where a MySQL store is.  Texts are borrowed for the open call. */
struct nta_mysql_options
{
    const char *hosts; ///< "a,b:3307" tried in order; or a socket path, or "localhost" for that.
    const char *user, *password, *database;
    /** Asked when the server refuses the one that was good, by any thread; NULL: it stays. */
    nta_mysql_password_fn *password_now;
    const void *password_owner; ///< Borrowed as long as the store is open.
    const char *tls_ca; ///< PEM file of who signs the server's certificate; NULL: by the system's.
    unsigned timeout_s; ///< Connect, read and write; default 10.
    bool read_only;     ///< Needs no right but SELECT.
    bool builds, in_clear; ///< tables.h: any table may be lacking; no TLS, over a network either.
};
