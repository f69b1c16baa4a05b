/* SPDX-License-Identifier: Apache-2.0 */
#include "cases/lines.h"

#include "base/own.h"
#include "base/prose.h"
#include "base/text.h"
#include "blacklist/file/history.h"
#include "evidence/each.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/** A line that a record names, and what a policy says of its list. */
struct named
{
    uint8_t sha256[NTA_HASH_LEN], tree[NTA_HASH_LEN];
    uint64_t number, n_lines; ///< `n_lines` 0: no policy here has the list.
    char list[64];
};

struct naming
{
    struct named *all; ///< Owned.
    size_t n, size;
};

static void naming_done(struct naming *naming)
{
    free(naming->all);
}

static int order_named(const void *a, const void *b)
{
    const struct named *one = a, *other = b;
    const int order = memcmp(one->sha256, other->sha256, NTA_HASH_LEN);

    return order ? order : (one->number > other->number) - (one->number < other->number);
}

static int on_match(void *owner, const struct nta_case_at *at)
{
    struct naming *naming = owner;
    const struct nta_record_match *match = at->record ? &at->record->match : NULL;

    if (!match || match->line == 0 || match->list_sha256.len != NTA_HASH_LEN)
        return 0;
    if (naming->n == naming->size) {
        const size_t size = naming->size ? 2 * naming->size : 64;
        struct named *all = reallocarray(naming->all, size, sizeof(*all));

        if (!all)
            return -ENOMEM;
        naming->all = all;
        naming->size = size;
    }
    struct named *named = &naming->all[naming->n++];

    *named = (struct named){.number = match->line};
    memcpy(named->sha256, match->list_sha256.ptr, NTA_HASH_LEN);
    (void)nta_text_escape_to(named->list, sizeof(named->list), match->list);
    return 0;
}

/** Each once. */
static void settle(struct naming *naming)
{
    size_t n = 0;

    if (naming->n)
        qsort(naming->all, naming->n, sizeof(*naming->all), order_named);
    for (size_t i = 0; i < naming->n; i++)
        if (n == 0 || order_named(&naming->all[n - 1], &naming->all[i]) != 0)
            naming->all[n++] = naming->all[i];
    naming->n = n;
}

static void take_list(struct naming *naming, const struct nta_log_list *list)
{
    for (size_t i = 0; i < naming->n; i++) {
        struct named *named = &naming->all[i];

        if (memcmp(named->sha256, list->sha256.ptr, NTA_HASH_LEN) != 0)
            continue;
        named->n_lines = list->lines;
        memcpy(named->tree, list->tree.ptr, NTA_HASH_LEN);
    }
}

static int on_policy(void *owner, const struct nta_case_at *at)
{
    if (!at->record || at->record->event != NTA_RECORD_POLICY || !at->record->log)
        return 0;
    for (size_t i = 0; i < at->record->log->n_lists; i++) {
        const struct nta_log_list *list = &at->record->log->lists[i];

        if (list->sha256.len == NTA_HASH_LEN && list->tree.len == NTA_HASH_LEN)
            take_list(owner, list);
    }
    return 0;
}

static int put_line(struct nta_case *kase, const struct named *named, const char *dir,
                    struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0}, path = {0};
    const struct nta_list_line_at at = {
        .sha256 = named->sha256, .tree = named->tree, .number = named->number};
    struct nta_err why = {0};
    int r = nta_list_history_line(dir, &at, &text, &path, &why);

    if (r < 0) {
        nta_prose_print(stderr, "nta: line %" PRIu64 " of list %s is not in the case: %s\n",
                        named->number, named->list, why.text);
        return 0;
    }
    struct nta_case_line *line = nta_case_add_line(kase);

    if (!line)
        return nta_err_sys(err, -ENOMEM, "evidence");
    *line = (struct nta_case_line){
        .tree = {.ptr = named->tree, .len = NTA_HASH_LEN},
        .n_lines = named->n_lines,
        .number = named->number,
        .path = nta_buf_span(&path),
        .text = nta_buf_span(&text),
    };
    r = nta_case_keep(kase, &line->tree);
    if (r == 0)
        r = nta_case_keep(kase, &line->path);
    if (r == 0)
        r = nta_case_keep(kase, &line->text);
    return r < 0 ? nta_err_sys(err, r, "evidence") : 0;
}

int nta_case_collect_lines(struct nta_case *kase, const char *store_path, struct nta_err *err)
{
    NTA_AUTO(naming_done) struct naming naming = {.n = 0};
    const char *slash = strrchr(store_path, '/');
    char dir[4096];
    int r = nta_case_each(kase, on_match, &naming);

    if (r < 0)
        return nta_err_sys(err, r, "evidence");
    settle(&naming);
    (void)nta_case_each(kase, on_policy, &naming);
    const int len = snprintf(dir, sizeof(dir), "%.*slists/history",
                             slash ? (int)(slash - store_path) + 1 : 0, store_path);

    if (len < 0 || len >= (int)sizeof(dir))
        return nta_err_sys(err, -ENAMETOOLONG, "%s", store_path);
    for (size_t i = 0; i < naming.n && r == 0; i++)
        if (naming.all[i].n_lines)
            r = put_line(kase, &naming.all[i], dir, err);
    nta_case_sort(kase);
    return r;
}
