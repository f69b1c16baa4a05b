/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/table/set.h"

#include <stdlib.h>
#include <sys/mman.h>

static void free_list(struct nta_list *list)
{
    free(list->path);
    free(list->name);
    free(list->category);
    free(list->text);
    nta_buf_done(&list->fingerprint);
    nta_buf_done(&list->complaints);
}

void nta_set_free(struct nta_blacklist **set)
{
    if (!*set)
        return;
    if ((*set)->image) {
        (void)munmap((*set)->image, (*set)->image_bytes);
    } else {
        nta_names_done(&(*set)->names);
        nta_addrs_done(&(*set)->addrs);
        nta_urls_done(&(*set)->urls);
    }
    nta_patterns_done(&(*set)->patterns);
    for (size_t i = 0; i < (*set)->n_lists; i++)
        free_list(&(*set)->lists[i]);
    free((*set)->lists);
    free((*set)->starts);
    free(*set);
    *set = NULL;
}

struct nta_list *nta_blacklist_list_of(const struct nta_blacklist *set, uint32_t value)
{
    uint32_t line = value & NTA_VALUE_LINE_MAX;
    size_t first = 0;

    for (size_t n = set->n_lists; n > 1; n -= n / 2) { /* the last one with fewer lines before it */
        size_t half = n / 2;

        first += set->starts[first + half] < line ? half : 0; /* a choice, not a branch */
    }
    return &set->lists[first];
}
