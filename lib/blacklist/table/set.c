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
    nta_buf_done(&list->beside);
    for (size_t i = 0; i < list->n_sections; i++) {
        free(list->sections[i].path);
        free(list->sections[i].category);
    }
    free(list->sections);
}

struct nta_list_section *nta_list_add_section(struct nta_list *list, const char *path,
                                              const char *category, uint32_t start)
{
    struct nta_list_section *sections =
        reallocarray(list->sections, list->n_sections + 1, sizeof(*sections));
    struct nta_list_section *section;

    if (!sections)
        return NULL;
    list->sections = sections;
    section = &sections[list->n_sections++];
    *section = (struct nta_list_section){
        .path = strdup(path), .category = strdup(category), .start = start};
    section->report = (struct nta_list_report){.path = section->path,
                                               .name = list->name,
                                               .category = section->category,
                                               .severity = list->report.severity,
                                               .allow = list->report.allow,
                                               .internal = list->report.internal,
                                               .narrowed = list->report.narrowed,
                                               .number = list->report.number};
    return section->path && section->category ? section : NULL;
}

void nta_list_number_sections(struct nta_list *list)
{
    for (size_t i = 0; i < list->n_sections; i++) {
        list->sections[i].report.narrowed = list->report.narrowed;
        list->sections[i].report.number = list->report.number;
    }
}

const struct nta_list_report *nta_list_place_of(const struct nta_list *list, uint32_t line,
                                                uint32_t *ret_line)
{
    size_t first = 0, n = list->n_sections;

    *ret_line = line;
    if (n == 0)
        return &list->report;
    while (n > 1) { /* the last one with fewer lines before it */
        size_t half = n / 2;

        first += list->sections[first + half].start < line ? half : 0;
        n -= half;
    }
    *ret_line = line - list->sections[first].start;
    return &list->sections[first].report;
}

void nta_set_free(struct nta_blacklist **set)
{
    if (!*set)
        return;
    if ((*set)->image) {
        (void)munmap((*set)->image, (*set)->image_bytes);
        free((*set)->addrs.outer);
    } else {
        nta_names_done(&(*set)->names);
        nta_addrs_done(&(*set)->addrs);
        nta_urls_done(&(*set)->urls);
        nta_marks_done(&(*set)->marks);
    }
    nta_patterns_done(&(*set)->patterns);
    for (size_t i = 0; i < (*set)->n_lists; i++)
        free_list(&(*set)->lists[i]);
    free((*set)->lists);
    free((*set)->starts);
    free(*set);
    *set = NULL;
}

uint64_t *nta_list_n_marks(struct nta_list_report *report, enum nta_mark_kind kind)
{
    switch (kind) {
    case NTA_MARK_JA4: return &report->n_ja4;
    case NTA_MARK_CERTIFICATE: return &report->n_certificates;
    case NTA_MARK_PROGRAM: return &report->n_programs;
    case NTA_MARK_FILE:
    case NTA_MARK_N_KINDS: break;
    }
    return &report->n_hashes;
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
