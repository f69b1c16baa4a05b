/* SPDX-License-Identifier: Apache-2.0 */
#include "cases/lines.h"

#include "base/own.h"
#include "base/prose.h"
#include "base/text.h"
#include "blacklist/file/history.h"
#include "evidence/proof/named.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static int put_line(struct nta_case *kase, const struct nta_named_line *named, const char *dir,
                    struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0}, path = {0};
    const struct nta_list_line_at at = {
        .sha256 = named->sha256.ptr, .tree = named->tree.ptr, .number = named->number};
    struct nta_err why = {0};
    int r = nta_list_history_line(dir, &at, &text, &path, &why);

    if (r < 0) {
        char list[64];

        (void)nta_text_escape_to(list, sizeof(list), named->list);
        nta_prose_print(stderr, "nta: line %" PRIu64 " of list %s is not in the case: %s\n",
                        named->number, list, why.text);
        return 0;
    }
    struct nta_case_line *line = nta_case_add_line(kase);

    if (!line)
        return nta_err_sys(err, -ENOMEM, "evidence");
    *line = (struct nta_case_line){
        .tree = named->tree,
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
    NTA_AUTO(nta_named_lines_done) struct nta_named_lines named = {.n = 0};
    const char *slash = strrchr(store_path, '/');
    char dir[4096];
    int r = nta_named_lines_init(&named, kase);

    if (r < 0)
        return nta_err_sys(err, r, "evidence");
    const int len = snprintf(dir, sizeof(dir), "%.*slists/history",
                             slash ? (int)(slash - store_path) + 1 : 0, store_path);

    if (len < 0 || len >= (int)sizeof(dir))
        return nta_err_sys(err, -ENAMETOOLONG, "%s", store_path);
    for (size_t i = 0; i < named.n && r == 0; i++)
        r = put_line(kase, &named.all[i], dir, err);
    nta_case_sort(kase);
    return r;
}
