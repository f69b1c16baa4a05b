/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file/path.h"

#include <stdio.h>
#include <string.h>

bool nta_path_join(const char *dir, const char *name, char *ret_path, size_t size)
{
    size_t len = strlen(dir);

    while (len > 1 && dir[len - 1] == '/')
        len--;
    const bool has_slash = !*name || (len > 0 && dir[len - 1] == '/'); /* the root */
    int n = snprintf(ret_path, size, "%.*s%s%s", (int)len, dir, has_slash ? "" : "/", name);

    if (n >= 0 && (size_t)n < size)
        return true;
    ret_path[0] = '\0';
    return false;
}
