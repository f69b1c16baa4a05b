/* SPDX-License-Identifier: Apache-2.0 */
#include "base/runtime/user.h"

#include <pwd.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

const char *nta_user_name(uid_t uid, char buf[NTA_USER_NAME_SIZE])
{
    struct passwd entry, *found = NULL;
    char bytes[4096];

    if (getpwuid_r(uid, &entry, bytes, sizeof(bytes), &found) == 0 && found && entry.pw_name[0] &&
        strlen(entry.pw_name) < NTA_USER_NAME_SIZE)
        (void)snprintf(buf, NTA_USER_NAME_SIZE, "%s", entry.pw_name);
    else
        (void)snprintf(buf, NTA_USER_NAME_SIZE, "uid %u", (unsigned)uid);
    return buf;
}
