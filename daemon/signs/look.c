/* SPDX-License-Identifier: Apache-2.0 */
#include "signs/look.h"

#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

enum
{
    PART = 20, ///< A twentieth: 5 %.
    LOW_INODES = 1000,
    SHOWN_SIZE = 256
};

bool nta_look_disk_low(const char *folder, uint64_t low_bytes, char *text, size_t size)
{
    char shown[SHOWN_SIZE];
    struct statvfs st;
    uint64_t part, low;

    (void)nta_text_escape_to(shown, sizeof(shown), nta_span_of(folder));
    if (low_bytes == 0)
        return false;
    if (statvfs(folder, &st) < 0) {
        (void)snprintf(text, size, "%s cannot be asked how much is free: %s", shown,
                       strerror(errno));
        return true;
    }
    part = st.f_blocks / PART * st.f_frsize;
    low = low_bytes < part ? low_bytes : part;
    if (st.f_bavail * st.f_frsize < low) {
        (void)snprintf(text, size, "%s has less than %" PRIu64 " KiB left", shown, low / 1024);
        return true;
    }
    part = st.f_files / PART;
    low = part < LOW_INODES ? part : LOW_INODES;
    if (st.f_files > 0 && st.f_favail < low) {
        (void)snprintf(text, size, "%s has less than %" PRIu64 " inodes left", shown, low);
        return true;
    }
    return false;
}

void nta_look_folder(const char *path, char *folder, size_t size)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        (void)snprintf(folder, size, ".");
    else
        (void)snprintf(folder, size, "%.*s", slash == path ? 1 : (int)(slash - path), path);
}
