/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a user is called in records and sentences. */

#include <sys/types.h>

enum
{
    NTA_USER_NAME_SIZE = 64
};

/**
 * The login name of a user, or "uid N" of one that has none, or a longer one than that.  Gives
 * `buf`.  Any thread.
 */
const char *nta_user_name(uid_t uid, char buf[NTA_USER_NAME_SIZE]);
