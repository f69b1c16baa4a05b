/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/text.h"
#include "blacklist/file.h"
#include "blacklist/line.h"
#include "blacklist/set.h"

#include <errno.h>
#include <stdlib.h>

enum
{
    COMPLAINTS_SHOWN = 10,
    TEXT_SHOWN = 64,
};

struct nta_blacklist_builder
{
    struct nta_blacklist *set;   ///< Owns.
    struct nta_name_items items; ///< Owns; in the order of lines.
    uint32_t n_lines;            ///< Of the lists that are in.
    bool failed;                 ///< A list was refused; nothing more can be done.
};

/** The reading of one file. */
struct loading
{
    struct nta_blacklist_builder *builder;
    struct nta_list_report *report;
    struct nta_list_reader reader;
    struct nta_buf *complaints;
    const char *shown;
    uint64_t n_entry_lines, n_warned, line;
    int error; ///< 0, or why reading is in vain.
};

int nta_blacklist_builder_new(struct nta_blacklist_builder **ret_builder, struct nta_err *err)
{
    NTA_AUTO(nta_blacklist_builder_free)
    struct nta_blacklist_builder *builder = calloc(1, sizeof(*builder));
    int r;

    if (!builder)
        return nta_err_set(err, -ENOMEM, "no memory for blacklists");
    builder->set = calloc(1, sizeof(*builder->set));
    if (!builder->set)
        return nta_err_set(err, -ENOMEM, "no memory for blacklists");
    r = nta_names_init(&builder->set->names);
    if (r < 0)
        return nta_err_sys(err, r, "no random key for the table of names");
    *ret_builder = NTA_TAKE(builder);
    return 0;
}

void nta_blacklist_builder_free(struct nta_blacklist_builder **builder)
{
    if (!*builder)
        return;
    nta_blacklist_free(&(*builder)->set);
    nta_name_items_done(&(*builder)->items);
    free(*builder);
    *builder = NULL;
}

static void take_entry(void *owner, const struct nta_list_entry *entry)
{
    struct loading *loading = owner;
    struct nta_blacklist *set = loading->builder->set;
    struct nta_list_report *report = loading->report;
    uint32_t value = entry->flags | (loading->builder->n_lines + (uint32_t)loading->line);
    int r = 0;

    if (loading->error)
        return;
    if (report->allow)
        value |= NTA_VALUE_ALLOW;
    switch (entry->what) {
    case NTA_ENTRY_NAME:
        r = nta_name_items_add(&loading->builder->items, &set->names, entry->name, entry->n_labels,
                               value);
        report->n_domains++;
        break;
    case NTA_ENTRY_RANGE:
        value &= ~(NTA_VALUE_SELF | NTA_VALUE_SUBS);
        r = nta_addrs_add(&set->addrs, &entry->first, &entry->last, value);
        if (nta_addr_equal(&entry->first, &entry->last))
            report->n_addresses++;
        else
            report->n_cidrs++;
        break;
    case NTA_ENTRY_URL:
        r = nta_urls_add(
            &set->urls,
            nta_names_hash(&set->names, (const char *)entry->name.ptr, entry->name.len).tag,
            entry->name, entry->path, value);
        report->n_urls++;
        break;
    }
    if (r < 0)
        loading->error = r;
}

static void complain(struct loading *loading, struct nta_span line)
{
    char text[TEXT_SHOWN];

    if (!loading->complaints || loading->report->n_bad + loading->n_warned > COMPLAINTS_SHOWN)
        return;
    nta_buf_printf(loading->complaints, "%s:%llu: %s: %s\n", loading->shown,
                   (unsigned long long)loading->line, loading->reader.reason,
                   nta_text_escape_to(text, sizeof(text), nta_span_trim(line)));
}

/** One more line for the reason the reader gave; reasons are static texts, few in a list. */
static void count_reason(struct nta_list_report *report, const char *reason)
{
    size_t i = 0;

    while (i < report->n_reasons && report->reasons[i].text != reason)
        i++;
    if (i == NTA_LIST_REASONS)
        return;
    report->n_reasons += i == report->n_reasons;
    report->reasons[i].text = reason;
    report->reasons[i].n++;
}

static void take_line(void *owner, struct nta_span line, bool is_cut)
{
    struct loading *loading = owner;

    loading->line++;
    if (loading->error)
        return;
    if (loading->line > NTA_VALUE_LINE_MAX - loading->builder->n_lines) {
        loading->error = -EOVERFLOW;
        return;
    }
    switch (is_cut ? nta_list_bad(&loading->reader, "a line of more than 65,535 bytes")
                   : nta_list_line(&loading->reader, line)) {
    case NTA_LINE_NONE: break;
    case NTA_LINE_ENTRY: loading->n_entry_lines++; break;
    case NTA_LINE_SKIP:
        loading->report->n_skipped++;
        count_reason(loading->report, loading->reader.reason);
        if (loading->reader.warns) {
            loading->n_warned++;
            complain(loading, line);
        }
        break;
    case NTA_LINE_OTHER:
    case NTA_LINE_BAD:
        loading->report->n_bad++;
        count_reason(loading->report, loading->reader.reason);
        complain(loading, line);
        break;
    }
}

const char *nta_blacklist_list_name(const char *path, char *room, size_t size)
{
    const char *slash = strrchr(path, '/');
    char *dot;

    (void)snprintf(room, size, "%s", slash ? slash + 1 : path);
    dot = strrchr(room, '.');
    if (dot && dot > room && (strcmp(dot, ".gz") == 0 || strcmp(dot, ".zst") == 0)) {
        *dot = '\0';
        dot = strrchr(room, '.');
    }
    if (dot && dot > room)
        *dot = '\0';
    return room;
}

/** A new list at the end of the set; NULL if memory ran out. */
static struct nta_list *new_list(struct nta_blacklist_builder *builder,
                                 const struct nta_list_source *source)
{
    struct nta_blacklist *set = builder->set;
    struct nta_list *lists = reallocarray(set->lists, set->n_lists + 1, sizeof(*lists));
    struct nta_list *list;
    char name[256];
    uint32_t *starts;

    if (!lists)
        return NULL;
    set->lists = lists;
    starts = reallocarray(set->starts, set->n_lists + 1, sizeof(*starts));
    if (!starts)
        return NULL;
    set->starts = starts;
    starts[set->n_lists] = builder->n_lines;
    list = &lists[set->n_lists++];
    *list = (struct nta_list){
        .path = strdup(source->path),
        .name = strdup(source->name ? source->name
                                    : nta_blacklist_list_name(source->path, name, sizeof(name))),
        .category = source->category ? strdup(source->category) : NULL,
    };
    if (!list->path || !list->name || (source->category && !list->category))
        return NULL;
    list->report = (struct nta_list_report){.path = list->path,
                                            .name = list->name,
                                            .category = list->category,
                                            .severity = source->severity,
                                            .allow = source->allow,
                                            .internal = source->internal};
    return list;
}

/** Is what was read a list at all? */
static int judge(const struct loading *loading, struct nta_err *err)
{
    const struct nta_list_report *report = loading->report;
    uint64_t n_understood = loading->n_entry_lines + report->n_skipped;

    if (loading->error == -EOVERFLOW)
        return nta_err_set(err, -EOVERFLOW, "%s: the lists have more than %u lines in all",
                           loading->shown, NTA_VALUE_LINE_MAX);
    if (loading->error)
        return nta_err_sys(err, loading->error, "%s: cannot be kept", loading->shown);
    if (report->n_bad > n_understood)
        return nta_err_set(err, -EINVAL, "%s: not a list: %llu lines are not understood, %llu are",
                           loading->shown, (unsigned long long)report->n_bad,
                           (unsigned long long)n_understood);
    if (loading->n_entry_lines == 0)
        return nta_err_set(err, -ENODATA, "%s: a list without a single entry (%llu lines)",
                           loading->shown, (unsigned long long)report->lines);
    return 0;
}

int nta_blacklist_builder_add(struct nta_blacklist_builder *builder,
                              const struct nta_list_source *source, struct nta_buf *complaints,
                              struct nta_err *err)
{
    char shown[256];
    struct nta_list_file file = {0};
    struct loading loading = {.builder = builder, .complaints = complaints, .shown = shown};
    struct nta_list *list;
    int r;

    (void)nta_text_escape_to(shown, sizeof(shown), nta_span_of(source->path));
    if (builder->failed)
        return nta_err_set(err, -EINVAL, "%s: a list before it was refused", shown);
    builder->failed = true; /* until it is in */
    list = new_list(builder, source);
    if (!list)
        return nta_err_set(err, -ENOMEM, "%s: no memory", shown);
    nta_list_reader_init(&loading.reader);
    loading.reader.entry = take_entry;
    loading.reader.owner = &loading;
    loading.reader.column = source->column;
    loading.reader.allow = source->allow;
    loading.reader.force = source->force;
    loading.report = &list->report;
    r = nta_list_file_read(source, take_line, &loading, &file, err);
    if (r < 0)
        return r;
    list->report.bytes = file.bytes;
    list->report.lines = file.n_lines;
    memcpy(list->report.sha256, file.sha256, sizeof(file.sha256));
    if (complaints && list->report.n_bad + loading.n_warned > 0)
        nta_buf_printf(complaints, "%s: %llu lines not understood, %llu refused, %llu skipped\n",
                       shown, (unsigned long long)list->report.n_bad,
                       (unsigned long long)loading.n_warned,
                       (unsigned long long)(list->report.n_skipped - loading.n_warned));
    r = judge(&loading, err);
    if (r < 0)
        return r;
    builder->n_lines += (uint32_t)file.n_lines;
    builder->failed = false;
    return 0;
}

const struct nta_list_report *
nta_blacklist_builder_last(const struct nta_blacklist_builder *builder)
{
    return &builder->set->lists[builder->set->n_lists - 1].report;
}

uint64_t nta_list_report_entries(const struct nta_list_report *report)
{
    return report->n_domains + report->n_addresses + report->n_cidrs + report->n_urls +
           report->n_duplicates;
}

static void name_twice(void *owner, uint32_t value)
{
    struct nta_list_report *report = &nta_blacklist_list_of(owner, value)->report;

    report->n_domains--;
    report->n_duplicates++;
}

static void addr_twice(void *owner, uint32_t value, bool single)
{
    struct nta_list_report *report = &nta_blacklist_list_of(owner, value)->report;

    if (single)
        report->n_addresses--;
    else
        report->n_cidrs--;
    report->n_duplicates++;
}

static void url_twice(void *owner, uint32_t value)
{
    struct nta_list_report *report = &nta_blacklist_list_of(owner, value)->report;

    report->n_urls--;
    report->n_duplicates++;
}

int nta_blacklist_builder_build(struct nta_blacklist_builder *builder,
                                struct nta_blacklist **ret_set, struct nta_err *err)
{
    struct nta_blacklist *set = builder->set;
    int r;

    if (builder->failed || !set)
        return nta_err_set(err, -EINVAL, "a list was refused: the lists stay as they were");
    r = nta_names_fill(&set->names, &builder->items, name_twice, set);
    nta_name_items_done(&builder->items);
    if (r == 0)
        r = nta_addrs_fill(&set->addrs, addr_twice, set);
    if (r < 0) {
        builder->failed = true;
        return nta_err_sys(err, r, "the table of lists cannot be made");
    }
    nta_urls_fill(&set->urls, url_twice, set);
    *ret_set = NTA_TAKE(builder->set);
    return 0;
}
