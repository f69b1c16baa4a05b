/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/blacklist.h"

#include "blacklist/file/compiled.h"
#include "blacklist/table/set.h"

void nta_blacklist_free(struct nta_blacklist **set)
{
    nta_set_free(set);
}

int nta_blacklist_save(const struct nta_blacklist *set, const char *path, struct nta_err *err)
{
    return nta_compiled_save(set, path, err);
}

int nta_blacklist_check_saved(const char *path, size_t *ret_n_lists, struct nta_err *err)
{
    return nta_compiled_check(path, ret_n_lists, err);
}

size_t nta_blacklist_n_lists(const struct nta_blacklist *set)
{
    return set->n_lists;
}

const struct nta_list_report *nta_blacklist_get_list(const struct nta_blacklist *set, size_t i)
{
    return &set->lists[i].report;
}

size_t nta_blacklist_memory(const struct nta_blacklist *set)
{
    return sizeof(*set) + set->names.size_bytes + nta_addrs_memory(&set->addrs) +
           set->urls.size * sizeof(*set->urls.urls) + set->urls.text.size +
           set->marks.size * sizeof(*set->marks.marks) + nta_patterns_memory(&set->patterns) +
           set->n_lists * sizeof(*set->lists);
}
