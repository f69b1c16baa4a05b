/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/proof/named.h"

#include "base/own.h"
#include "evidence/proof/each.h"

#include <errno.h>
#include <stdlib.h>

/** What is gathered: lines without their trees, and lists in force. */
struct naming
{
    struct nta_named_lines lines, lists; ///< Of `lists` no line has a number.
};

static void naming_done(struct naming *naming)
{
    nta_named_lines_done(&naming->lines);
    nta_named_lines_done(&naming->lists);
}

void nta_named_lines_done(struct nta_named_lines *lines)
{
    free(lines->all);
    *lines = (struct nta_named_lines){.n = 0};
}

static int add(struct nta_named_lines *lines, const struct nta_named_line *line)
{
    if (lines->n == lines->size) {
        const size_t size = lines->size ? 2 * lines->size : 64;
        struct nta_named_line *all = reallocarray(lines->all, size, sizeof(*all));

        if (!all)
            return -ENOMEM;
        lines->all = all;
        lines->size = size;
    }
    lines->all[lines->n++] = *line;
    return 0;
}

static int take_match(struct naming *naming, const struct nta_record_match *match)
{
    if (match->line == 0 || match->list_sha256.len != NTA_HASH_LEN)
        return 0;
    return add(&naming->lines, &(struct nta_named_line){.list = match->list,
                                                        .sha256 = match->list_sha256,
                                                        .number = match->line});
}

static int take_policy(struct naming *naming, const struct nta_record_log *log)
{
    int r = 0;

    for (size_t i = 0; i < log->n_lists && r == 0; i++) {
        const struct nta_log_list *list = &log->lists[i];

        if (list->sha256.len == NTA_HASH_LEN && list->tree.len == NTA_HASH_LEN)
            r = add(&naming->lists, &(struct nta_named_line){.sha256 = list->sha256,
                                                             .tree = list->tree,
                                                             .n_lines = list->lines});
    }
    return r;
}

static int take(void *owner, const struct nta_case_at *at)
{
    if (!at->record)
        return 0;
    if (at->record->event == NTA_RECORD_POLICY)
        return at->record->log ? take_policy(owner, at->record->log) : 0;
    return take_match(owner, &at->record->match);
}

static int order_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int order_by_file(const void *a, const void *b)
{
    const struct nta_named_line *one = a, *other = b;

    return nta_span_order(one->sha256, other->sha256);
}

static int order_by_tree(const void *a, const void *b)
{
    const struct nta_named_line *one = a, *other = b;
    int order = nta_span_order(one->tree, other->tree);

    if (order == 0)
        order = order_numbers(one->n_lines, other->n_lines);
    return order ? order : order_numbers(one->number, other->number);
}

/** Each line with the tree of its list; those of lists that are not here are left out. */
static void join(struct naming *naming)
{
    struct nta_named_lines *lines = &naming->lines;
    size_t n = 0;

    if (naming->lists.n)
        qsort(naming->lists.all, naming->lists.n, sizeof(*naming->lists.all), order_by_file);
    for (size_t i = 0; i < lines->n && naming->lists.n; i++) {
        const struct nta_named_line *list = bsearch(&lines->all[i], naming->lists.all,
                                                    naming->lists.n, sizeof(*list), order_by_file);

        if (!list)
            continue;
        lines->all[n] = lines->all[i];
        lines->all[n].tree = list->tree;
        lines->all[n++].n_lines = list->n_lines;
    }
    lines->n = n;
}

/** In order, each once. */
static void settle(struct nta_named_lines *lines)
{
    size_t n = 0;

    if (lines->n)
        qsort(lines->all, lines->n, sizeof(*lines->all), order_by_tree);
    for (size_t i = 0; i < lines->n; i++)
        if (n == 0 || order_by_tree(&lines->all[n - 1], &lines->all[i]) != 0)
            lines->all[n++] = lines->all[i];
    lines->n = n;
}

int nta_named_lines_init(struct nta_named_lines *lines, const struct nta_case *kase)
{
    NTA_AUTO(naming_done) struct naming naming = {.lines = {.n = 0}};
    const int r = nta_case_each(kase, take, &naming);

    if (r < 0)
        return r;
    join(&naming);
    settle(&naming.lines);
    *lines = naming.lines;
    naming.lines = (struct nta_named_lines){.n = 0};
    return 0;
}

const struct nta_named_line *nta_named_lines_find(const struct nta_named_lines *lines,
                                                  const struct nta_case_line *line)
{
    const struct nta_named_line wanted = {
        .tree = line->tree, .n_lines = line->n_lines, .number = line->number};

    return lines->n ? bsearch(&wanted, lines->all, lines->n, sizeof(wanted), order_by_tree) : NULL;
}
