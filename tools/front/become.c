/* SPDX-License-Identifier: Apache-2.0 */
#include "front/become.h"

#include "output/fail.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool nta_full_find(const char *self, char *ret_path, size_t size)
{
    static const char *const places[] = {"", "../libexec/nta/"};
    const char *slash = strrchr(self, '/');
    const int len = slash ? (int)(slash - self) + 1 : 0;

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        const int n = snprintf(ret_path, size, "%.*s%snta-full", len, self, places[i]);

        if (n > 0 && (size_t)n < size && access(ret_path, X_OK) == 0)
            return true;
    }
    return false;
}

int nta_full_become(char **argv)
{
    char self[PATH_MAX], path[PATH_MAX + 32];
    const ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

    if (n < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "/proc/self/exe: %s", strerror(errno));
    self[n] = '\0';
    if (!nta_full_find(self, path, sizeof(path)))
        return nta_cmd_fail(NTA_EXIT_FAILURE,
                            "nta-full is neither beside nta nor in ../libexec/nta: it has all "
                            "commands but status, reload and selftest");
    (void)execv(path, argv);
    return nta_cmd_fail(NTA_EXIT_FAILURE, "%s: %s", path, strerror(errno));
}
