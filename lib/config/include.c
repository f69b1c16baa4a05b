/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/plainfile.h"
#include "base/text.h"
#include "config/loading.h"

#include <errno.h>
#include <string.h>

enum
{
    DEPTH_MAX = 10, ///< libconfig's.
    FILES_MAX = 256,
    LINE_SIZE = 8192,
};

/** How deep, and how many in all: files that include each other many times would be read for ever. */
struct looking
{
    unsigned depth, n_files;
};

/** The path of a line `@include "path"`, in place; NULL: it is no such line. */
static char *find_path(char *line)
{
    line += strspn(line, " \t");
    if (strncmp(line, "@include", 8) != 0)
        return NULL;
    line += 8 + strspn(line + 8, " \t");
    if (*line != '"')
        return NULL;
    char *end = strchr(++line, '"');

    if (end)
        *end = '\0';
    return end ? line : NULL;
}

static int look(struct looking *looking, const char *path, struct nta_err *err);

static int look_at_lines(struct looking *looking, FILE *file, const char *path, struct nta_err *err)
{
    char line[LINE_SIZE], shown[128];
    int r = 0;

    for (unsigned number = 1; r == 0 && fgets(line, sizeof(line), file); number++) {
        const char *included = find_path(line);

        r = included ? look(looking, included, err) : 0;
        if (r < 0)
            r = nta_err_prefix(err, r, "%s:%u: @include",
                               nta_text_escape_to(shown, sizeof(shown), nta_span_of(path)), number);
    }
    return r;
}

static int look(struct looking *looking, const char *path, struct nta_err *err)
{
    int r;
    NTA_AUTO_FILE FILE *file = nta_plainfile_stream(path, NTA_CONFIG_FILE_MAX, 0, &r, err);

    if (!file)
        return r;
    if (looking->depth == DEPTH_MAX || looking->n_files == FILES_MAX)
        return nta_err_set(err, -ELOOP, "files include each other too often");
    looking->depth++;
    looking->n_files++;
    r = look_at_lines(looking, file, path, err);
    looking->depth--;
    return r;
}

int nta_include_check(const char *path, struct nta_err *err)
{
    struct looking looking = {.depth = 0};

    return look(&looking, path, err);
}
