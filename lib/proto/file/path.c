/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/file/path.h"

static void go_up(struct nta_path *path)
{
    while (path->len > 0 && path->text[path->len - 1] != '/')
        path->len--;
    if (path->len > 0)
        path->len--;
}

/* One name, without slashes. */
static void go_down(struct nta_path *path, struct nta_span name)
{
    size_t space = sizeof(path->text) - path->len;

    if (name.len == 0 || (name.len == 1 && name.ptr[0] == '.'))
        return;
    if (name.len == 2 && name.ptr[0] == '.' && name.ptr[1] == '.') {
        go_up(path);
        return;
    }
    path->cut |= name.len + 1 > space;
    if (space < 2)
        return;
    if (name.len > space - 1)
        name.len = space - 1;
    path->text[path->len] = '/';
    memcpy(path->text + path->len + 1, name.ptr, name.len);
    path->len = (uint16_t)(path->len + name.len + 1);
}

void nta_path_go(struct nta_path *path, struct nta_span text)
{
    size_t begin = 0;

    if (text.len > 0 && text.ptr[0] == '/')
        *path = (struct nta_path){0};
    for (size_t i = 0; i <= text.len; i++) {
        if (i < text.len && text.ptr[i] != '/')
            continue;
        if (i > begin)
            go_down(path, (struct nta_span){.ptr = text.ptr + begin, .len = i - begin});
        begin = i + 1;
    }
}

struct nta_span nta_path_span(const struct nta_path *path)
{
    if (path->len == 0)
        return (struct nta_span){.ptr = (const uint8_t *)"/", .len = 1};
    return (struct nta_span){.ptr = path->text, .len = path->len};
}

struct nta_span nta_path_name(struct nta_span path)
{
    const size_t slash = nta_span_find_last(path, '/');

    return slash < path.len ? nta_span_from(path, slash + 1) : path;
}
