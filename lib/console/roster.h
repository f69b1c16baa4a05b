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
    NTA_ROSTER_MAX = 32,
    NTA_ROSTER_BASIC_MAX = 512 ///< Of a field's name and password, with NUL.
};

struct nta_roster; ///< Opaque.

/**
 * Others may not be able to read the file.  0, or negative errno with a sentence that names file
 * and line.
 */
int nta_roster_load(const char *path, struct nta_roster **ret_users, struct nta_err *err);
/** Takes NULL too. */
void nta_roster_free(struct nta_roster **users);

/** Whoever has this name, as a session shows him; false: nobody. */
bool nta_roster_find(const struct nta_roster *users, const char *name,
                     struct nta_console_who *ret_who);

/**
 * The same, if it is his password.  Takes as long for a name that nobody has, and however much of
 * the hash is the same; one password at a time.
 */
bool nta_roster_check(struct nta_roster *users, const char *name, const char *password,
                      struct nta_console_who *ret_who);

/**
 * Split an Authorization field (RFC 7617; may be NULL) into a name, which begins `buf`, and a
 * password, which is given; NULL: it is not of that kind.  The caller wipes `buf`.
 */
const char *nta_roster_split(const char *authorization, char buf[NTA_ROSTER_BASIC_MAX]);
