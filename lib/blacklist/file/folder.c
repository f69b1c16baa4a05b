/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/file/folder.h"

#include "base/file/path.h"
#include "base/hash.h"
#include "base/own.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum
{
    FILES_MAX = 4096,
    LEVELS = 3,
    PATH_SIZE = 4096,
    SHOWN_SIZE = 256,
};

/** A folder that is being looked into. */
struct looking
{
    const struct nta_list_source *source;
    struct nta_list_folder *folder;
    struct nta_err *err;
};

bool nta_list_is_folder(const struct nta_list_source *source)
{
    struct stat stat;

    return !source->text && lstat(source->path, &stat) == 0 && S_ISDIR(stat.st_mode);
}

void nta_list_folder_done(struct nta_list_folder *folder)
{
    for (size_t i = 0; i < folder->n_files; i++) {
        free(folder->files[i].path);
        free(folder->files[i].category);
    }
    free(folder->files);
    *folder = (struct nta_list_folder){.files = NULL};
}

static int add_file(const struct looking *looking, enum nta_list_folder_kind kind, const char *path,
                    const char *category)
{
    struct nta_list_folder *folder = looking->folder;
    struct nta_list_folder_file *files;

    if (folder->n_files == FILES_MAX)
        return nta_err_set(looking->err, -E2BIG, "a folder of more than %d lists", (int)FILES_MAX);
    files = reallocarray(folder->files, folder->n_files + 1, sizeof(*files));
    if (!files)
        return nta_err_set(looking->err, -ENOMEM, "no memory for a folder of lists");
    folder->files = files;
    files[folder->n_files++] = (struct nta_list_folder_file){
        .kind = kind, .path = strdup(path), .category = strdup(category)};
    return files[folder->n_files - 1].path && files[folder->n_files - 1].category
               ? 0
               : nta_err_set(looking->err, -ENOMEM, "no memory for a folder of lists");
}

static int check(const struct looking *looking, const char *path)
{
    const struct nta_list_source *source = looking->source;
    char shown[SHOWN_SIZE];
    struct stat stat;

    (void)nta_text_escape_to(shown, sizeof(shown), nta_span_of(path));
    if (lstat(path, &stat) < 0)
        return nta_err_sys(looking->err, -errno, "%s", shown);
    if (!source->any_owner && stat.st_uid != 0 && stat.st_uid != geteuid())
        return nta_err_set(looking->err, -EPERM, "%s: belongs to user %u, not to root or this user",
                           shown, (unsigned)stat.st_uid);
    if (stat.st_mode & S_IWOTH)
        return nta_err_set(looking->err, -EPERM, "%s: everybody may write it (chmod o-w)", shown);
    return 0;
}

static int is_shown(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

// NOLINTBEGIN(misc-no-recursion): LEVELS deep at most
static int look(const struct looking *looking, const char *path, const char *category,
                unsigned level);

/** One thing in a folder: a file that is read or named, a category, or nothing of ours. */
static int take(const struct looking *looking, const char *folder, const char *category,
                const char *name, unsigned level)
{
    bool lines = strcmp(name, "domains") == 0 || strcmp(name, "urls") == 0;
    char path[PATH_SIZE], inner[PATH_SIZE];
    struct stat stat;
    int m = snprintf(inner, sizeof(inner), "%s%s%s", level ? category : "", level ? "/" : "", name);

    if (!nta_path_join(folder, name, path, sizeof(path)) || m < 0 || (size_t)m >= sizeof(inner))
        return nta_err_set(looking->err, -ENAMETOOLONG, "a folder of lists: too long a name");
    if (lstat(path, &stat) < 0)
        return nta_err_sys(looking->err, -errno, "%s", path);
    if (S_ISREG(stat.st_mode) && lines)
        return add_file(looking, NTA_FOLDER_LINES, path, category);
    if (S_ISREG(stat.st_mode) && strcmp(name, "expressions") == 0)
        return add_file(looking, NTA_FOLDER_EXPRESSIONS, path, category);
    if (S_ISLNK(stat.st_mode))
        return add_file(looking, NTA_FOLDER_LINK, path, category);
    return S_ISDIR(stat.st_mode) && level < LEVELS ? look(looking, path, inner, level + 1) : 0;
}

/** All that is in a folder; calls itself through take(), LEVELS deep at most. */
static int look(const struct looking *looking, const char *path, const char *category,
                unsigned level)
{
    struct dirent **entries = NULL;
    char shown[SHOWN_SIZE];
    int r = check(looking, path);
    int n = r == 0 ? scandir(path, &entries, is_shown, alphasort) : 0;

    if (n < 0)
        r = nta_err_sys(looking->err, -errno, "%s",
                        nta_text_escape_to(shown, sizeof(shown), nta_span_of(path)));
    for (int i = 0; i < n; i++) {
        if (r == 0)
            r = take(looking, path, category, entries[i]->d_name, level);
        free(entries[i]);
    }
    free((void *)entries);
    return r;
}

// NOLINTEND(misc-no-recursion)

int nta_list_folder_read(const struct nta_list_source *source, struct nta_list_folder *ret_folder,
                         struct nta_err *err)
{
    const struct looking looking = {.source = source, .folder = ret_folder, .err = err};
    size_t len = strlen(source->path);
    char path[PATH_SIZE];
    const char *slash;

    *ret_folder = (struct nta_list_folder){.files = NULL};
    while (len > 1 && source->path[len - 1] == '/')
        len--;
    if (len >= sizeof(path))
        return nta_err_set(err, -ENAMETOOLONG, "a folder of lists: too long a name");
    memcpy(path, source->path, len);
    path[len] = '\0';
    slash = strrchr(path, '/');
    return look(&looking, path, slash && slash[1] ? slash + 1 : path, 0);
}

struct nta_list_source nta_list_folder_source(const struct nta_list_source *source,
                                              const struct nta_list_folder_file *file)
{
    struct nta_list_source one = *source;

    one.path = file->path;
    one.category = file->category;
    return one;
}

int nta_list_folder_identify(const struct nta_list_source *source,
                             struct nta_list_identity *ret_identity, struct nta_err *err)
{
    static const struct nta_hash_key keys[2] = {{1, 2}, {3, 4}};
    NTA_AUTO(nta_list_folder_done) struct nta_list_folder folder = {.files = NULL};
    uint64_t sums[2] = {0, 0};
    int r = nta_list_folder_read(source, &folder, err);

    for (size_t i = 0; r == 0 && i < folder.n_files; i++) {
        struct nta_list_source one = nta_list_folder_source(source, &folder.files[i]);
        struct nta_list_identity identity = {0};
        const struct nta_span path = nta_span_of(one.path);

        if (folder.files[i].kind == NTA_FOLDER_LINES)
            r = nta_list_file_identify(&one, &identity, err);
        for (size_t k = 0; k < 2; k++) {
            sums[k] =
                nta_hash_words(&keys[k], sums[k], nta_hash_bytes(&keys[k], path.ptr, path.len));
            sums[k] = nta_hash_words(&keys[k], sums[k],
                                     nta_hash_bytes(&keys[k], &identity, sizeof(identity)));
        }
    }
    if (r == 0)
        *ret_identity = (struct nta_list_identity){
            .device = sums[0], .inode = sums[1], .bytes = folder.n_files};
    return r;
}
