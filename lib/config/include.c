/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file/plainfile.h"
#include "base/own.h"
#include "base/text.h"
#include "config/loading.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum
{
    DEPTH_MAX = 10, ///< libconfig's.
    FILES_MAX = 256,
    LINE_SIZE = 8192,
};

/** A file that is being read. */
struct open_file
{
    FILE *file; ///< Owned.
    char path[LINE_SIZE];
    unsigned line;
};

/**
 * The files that are open, each included by the one before; files that include each other would be
 * read for ever.
 */
struct looking
{
    struct open_file *open; ///< Owned: space for DEPTH_MAX.
    unsigned depth, n_files;
};

static void looking_done(struct looking *looking)
{
    while (looking->depth > 0)
        (void)fclose(looking->open[--looking->depth].file);
    free(looking->open);
}

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

static int go_into(struct looking *looking, const char *path, struct nta_err *err)
{
    int r;
    NTA_AUTO_FILE FILE *file = nta_plainfile_stream(path, NTA_CONFIG_FILE_MAX, 0, &r, err);

    if (!file)
        return r;
    if (looking->depth == DEPTH_MAX || looking->n_files == FILES_MAX)
        return nta_err_set(err, -ELOOP, "files include each other too often");
    struct open_file *top = &looking->open[looking->depth++];

    looking->n_files++;
    top->line = 0;
    (void)snprintf(top->path, sizeof(top->path), "%s", path);
    top->file = NTA_TAKE(file);
    return 0;
}

/** What is wrong is in a file that these include, one after the other. */
static int prefix_where(const struct looking *looking, int r, struct nta_err *err)
{
    char shown[128];

    for (unsigned i = looking->depth; i > 0; i--) {
        const struct open_file *by = &looking->open[i - 1];

        (void)nta_err_prefix(err, r, "%s:%u: @include",
                             nta_text_escape_to(shown, sizeof(shown), nta_span_of(by->path)),
                             by->line);
    }
    return r;
}

int nta_include_check(const char *path, struct nta_err *err)
{
    NTA_AUTO(looking_done)
    struct looking looking = {.open = calloc(DEPTH_MAX, sizeof(*looking.open))};
    char line[LINE_SIZE];

    if (!looking.open)
        return nta_err_sys(err, -ENOMEM, "configuration");
    int r = go_into(&looking, path, err);

    while (r == 0 && looking.depth > 0) {
        struct open_file *top = &looking.open[looking.depth - 1];

        if (!fgets(line, sizeof(line), top->file)) {
            (void)fclose(top->file);
            looking.depth--;
            continue;
        }
        top->line++;
        const char *included = find_path(line);

        r = included ? go_into(&looking, included, err) : 0;
    }
    return r < 0 ? prefix_where(&looking, r, err) : 0;
}
