/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Who may log in, and as what: a file of lines "name:hash:role".  Hashes are as of crypt(5)
 * (yescrypt, scrypt, bcrypt, SHA-crypt); "*" is one that no password has, for who is named by a
 * proxy.  Private to the console.
 *
 * Immutable once read, but for the space to compute in, which has a lock: any thread.
 */

#include "base/err.h"
#include "console/settings.h"

#include <stdbool.h>
#include <stddef.h>

enum
{
    NTA_USERS_MAX = 32,
    NTA_USERS_BASIC_MAX = 512 ///< Of a field's name and password, with NUL.
};

struct nta_users; ///< Opaque.

/**
 * Others may not be able to read the file.  0, or negative errno with a sentence that names file
 * and line.
 */
int nta_users_load(const char *path, struct nta_users **ret_users, struct nta_err *err);
/** Takes NULL too. */
void nta_users_free(struct nta_users **users);

/** Whoever has this name, as a session shows him; false: nobody. */
bool nta_users_find(const struct nta_users *users, const char *name,
                    struct nta_console_who *ret_who);

/**
 * The same, if it is his password.  Takes as long for a name that nobody has, and however much of
 * the hash is the same; one password at a time.
 */
bool nta_users_check(struct nta_users *users, const char *name, const char *password,
                     struct nta_console_who *ret_who);

/**
 * Split an Authorization field (RFC 7617; may be NULL) into a name, which begins `buf`, and a
 * password, which is given; NULL: it is not of that kind.  The caller wipes `buf`.
 */
const char *nta_users_split(const char *authorization, char buf[NTA_USERS_BASIC_MAX]);
