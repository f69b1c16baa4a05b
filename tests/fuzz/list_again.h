/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Lines through a parser, and each entry through it once more: written in its normal form, it must
 * come back as the same one.
 */

#include "blacklist/format/pattern.h"

#include <assert.h>
#include <stdio.h>

typedef enum nta_line list_parse_fn(struct nta_list_reader *reader, struct nta_span line);

/** The last entry of a line, with texts of its own. */
struct list_seen
{
    struct nta_list_entry entry;
    char name[NTA_NAME_SIZE];
    uint8_t path[NTA_FIELD_SIZE];
    size_t n;
};

static void list_see(void *owner, const struct nta_list_entry *entry)
{
    struct list_seen *seen = owner;

    seen->n++;
    seen->entry = *entry;
    assert(entry->name.len <= NTA_NAME_MAX && entry->path.len <= sizeof(seen->path));
    memcpy(seen->name, entry->name.ptr ? entry->name.ptr : (const uint8_t *)"", entry->name.len);
    memcpy(seen->path, entry->path.ptr ? entry->path.ptr : (const uint8_t *)"", entry->path.len);
    seen->entry.name.ptr = (const uint8_t *)seen->name;
    seen->entry.path.ptr = seen->path;
}

/** Each line; `check` is asked about each that gave one entry. */
static inline void list_each(list_parse_fn *parse, const uint8_t *data, size_t len,
                             void (*check)(const struct list_seen *seen))
{
    static struct nta_list_reader reader;
    static struct list_seen seen;

    nta_list_reader_init(&reader);
    reader.entry = list_see;
    reader.owner = &seen;
    for (struct nta_span rest = {.ptr = data, .len = len}; rest.len > 0;) {
        size_t n = nta_span_find(rest, "\n");
        struct nta_span line = nta_span_trim((struct nta_span){.ptr = rest.ptr, .len = n});

        seen.n = 0;
        if (line.len > 0 && parse(&reader, line) == NTA_LINE_ENTRY) {
            assert(seen.n > 0);
            if (seen.n == 1)
                check(&seen);
        }
        rest = nta_span_from(rest, n < rest.len ? n + 1 : n);
    }
}

/** Parse one text; false if it gives no entry. */
static inline bool list_once(list_parse_fn *parse, const char *text, struct list_seen *ret_seen)
{
    static struct nta_list_reader reader;

    nta_list_reader_init(&reader);
    reader.entry = list_see;
    reader.owner = ret_seen;
    ret_seen->n = 0;
    return parse(&reader, nta_span_of(text)) == NTA_LINE_ENTRY && ret_seen->n == 1;
}

/** The same name and path. */
static inline bool list_same(const struct list_seen *a, const struct list_seen *b)
{
    return a->entry.what == b->entry.what && a->entry.flags == b->entry.flags &&
           nta_span_order(a->entry.name, b->entry.name) == 0 &&
           nta_span_order(a->entry.path, b->entry.path) == 0;
}
