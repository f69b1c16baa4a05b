/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/file/beside.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum
{
    PATH_SIZE = 4096
};

/** The source of the file; its path is in `path`.  False: that is too long. */
static bool source_of(const struct nta_list_source *list, struct nta_span name,
                      char path[PATH_SIZE], struct nta_list_source *ret_source)
{
    const char *slash = list->path ? strrchr(list->path, '/') : NULL;
    int n = snprintf(path, PATH_SIZE, "%.*s%.*s", slash ? (int)(slash + 1 - list->path) : 0,
                     slash ? list->path : "", (int)name.len, (const char *)name.ptr);

    *ret_source = (struct nta_list_source){
        .path = path, .unpack_limit = list->unpack_limit, .any_owner = list->any_owner};
    return n > 0 && n < PATH_SIZE && !list->text;
}

int nta_list_beside_read(const struct nta_list_source *list, struct nta_span name,
                         nta_list_line_fn *line, void *owner, struct nta_list_file *ret_file,
                         struct nta_err *err)
{
    struct nta_list_source source;
    char path[PATH_SIZE];

    if (!source_of(list, name, path, &source))
        return nta_err_set(err, -EINVAL, "no file can lie beside this list");
    return nta_list_file_read(&source, line, owner, ret_file, err);
}

void nta_list_beside_identify(const struct nta_list_source *list, struct nta_span names,
                              struct nta_buf *identities)
{
    while (names.len > 0) {
        size_t n = nta_span_find_byte(names, '\0');
        struct nta_list_identity identity = {.bytes = 0};
        struct nta_list_source source;
        char path[PATH_SIZE];
        struct nta_err err;

        if (source_of(list, (struct nta_span){.ptr = names.ptr, .len = n}, path, &source) &&
            nta_list_file_identify(&source, &identity, &err) < 0)
            identity = (struct nta_list_identity){.bytes = 0};
        nta_buf_put(identities, &identity, sizeof(identity));
        names = nta_span_from(names, n < names.len ? n + 1 : n);
    }
}
