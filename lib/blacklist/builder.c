/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/text.h"
#include "blacklist/blacklist.h"
#include "blacklist/file/beside.h"
#include "blacklist/file/compiled.h"
#include "blacklist/file/file.h"
#include "blacklist/file/fingerprint.h"
#include "blacklist/file/folder.h"
#include "blacklist/load.h"
#include "blacklist/table/names_fill.h"
#include "blacklist/table/ports.h"
#include "blacklist/table/set.h"

#include <errno.h>
#include <stdlib.h>

struct nta_blacklist_builder
{
    struct nta_blacklist *set;   ///< Owns.
    struct nta_name_items items; ///< Owns; in the order of lines.
    struct nta_rules rules;      ///< Owns.
    uint32_t n_lines;            ///< Of the lists that are in.
    bool failed;                 ///< A list was refused; nothing more can be done.
    bool compiled;               ///< The set is there already: lists are only compared.
    size_t n_compared;
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
    r = nta_hash_key_random(&builder->rules.key);
    if (r < 0)
        return nta_err_sys(err, r, "random numbers");
    *ret_builder = NTA_TAKE(builder);
    return 0;
}

int nta_blacklist_builder_open(const char *path, struct nta_blacklist_builder **ret_builder,
                               struct nta_err *err)
{
    NTA_AUTO(nta_blacklist_builder_free)
    struct nta_blacklist_builder *builder = calloc(1, sizeof(*builder));
    int r;

    if (!builder)
        return nta_err_set(err, -ENOMEM, "no memory for blacklists");
    builder->compiled = true;
    r = nta_compiled_open(path, &builder->set, err);
    if (r < 0)
        return r;
    *ret_builder = NTA_TAKE(builder);
    return 0;
}

void nta_blacklist_builder_free(struct nta_blacklist_builder **builder)
{
    if (!*builder)
        return;
    nta_blacklist_free(&(*builder)->set);
    nta_name_items_done(&(*builder)->items);
    nta_rules_done(&(*builder)->rules);
    free(*builder);
    *builder = NULL;
}

const char *nta_blacklist_list_name(const char *path, char *buf, size_t size)
{
    size_t end = strlen(path), start;
    char *dot;

    while (end > 1 && path[end - 1] == '/') /* a folder */
        end--;
    start = end;
    while (start > 0 && path[start - 1] != '/')
        start--;
    (void)snprintf(buf, size, "%.*s", (int)(end - start), path + start);
    dot = strrchr(buf, '.');
    if (dot && dot > buf && (strcmp(dot, ".gz") == 0 || strcmp(dot, ".zst") == 0)) {
        *dot = '\0';
        dot = strrchr(buf, '.');
    }
    if (dot && dot > buf)
        *dot = '\0';
    return buf;
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
        .text = source->text ? strdup(source->text) : NULL,
    };
    if (!list->path || !list->name || (source->category && !list->category) ||
        (source->text && !list->text))
        return NULL;
    list->report = (struct nta_list_report){.path = list->path,
                                            .name = list->name,
                                            .category = list->category,
                                            .text = list->text,
                                            .severity = source->severity,
                                            .allow = source->allow,
                                            .internal = source->internal,
                                            .narrowed = source->narrowed,
                                            .number = (uint32_t)set->n_lists - 1};
    return list;
}

static bool has_text(const struct nta_list *list, const struct nta_list_source *source)
{
    if (!source->text || !list->text)
        return !source->text && !list->text;
    return source->varies || strcmp(source->text, list->text) == 0;
}

/** Is the next list of a compiled set made from this source as it is now? */
static int compare_list(struct nta_blacklist_builder *builder, const struct nta_list_source *source,
                        struct nta_buf *complaints, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf fingerprint = {0};
    struct nta_list_identity identity = {0};
    struct nta_list *list;
    int r = 0;

    if (nta_list_is_folder(source))
        r = nta_list_folder_identify(source, &identity, err);
    else if (!source->text)
        r = nta_list_file_identify(source, &identity, err);
    if (r < 0)
        return r;
    if (builder->n_compared == builder->set->n_lists)
        return nta_err_set(err, -ESTALE, "the compiled set has fewer lists");
    list = &builder->set->lists[builder->n_compared++];
    nta_list_fingerprint(source, &identity, &fingerprint);
    nta_list_beside_identify(source, nta_buf_span(&list->beside), &fingerprint);
    if (fingerprint.failed || fingerprint.len != list->fingerprint.len ||
        memcmp(fingerprint.ptr, list->fingerprint.ptr, fingerprint.len) != 0 ||
        !has_text(list, source))
        return nta_err_set(err, -ESTALE, "the compiled set was made from something else");
    list->report.narrowed = source->narrowed;
    list->report.number = (uint32_t)builder->n_compared - 1;
    nta_list_number_sections(list);
    if (complaints)
        nta_buf_put(complaints, list->complaints.ptr, list->complaints.len);
    return 0;
}

int nta_blacklist_builder_add(struct nta_blacklist_builder *builder,
                              const struct nta_list_source *source, struct nta_buf *complaints,
                              struct nta_err *err)
{
    struct nta_list_load load = {.set = builder->set,
                                 .items = &builder->items,
                                 .rules = &builder->rules,
                                 .n_lines = builder->n_lines,
                                 .complaints = complaints};
    char shown[256];
    int r;

    (void)nta_text_escape_to(shown, sizeof(shown), nta_span_of(source->path));
    if (builder->failed)
        return nta_err_set(err, -EINVAL, "%s: a list before it was refused", shown);
    builder->failed = true; /* until it is in */
    if (!builder->compiled) {
        load.list = new_list(builder, source);
        if (!load.list)
            return nta_err_set(err, -ENOMEM, "%s: no memory", shown);
    }
    r = builder->compiled ? compare_list(builder, source, complaints, err)
                          : nta_list_load(&load, source, err);
    if (r < 0)
        return r;
    if (!builder->compiled)
        builder->n_lines += (uint32_t)load.list->report.lines;
    builder->failed = false;
    return 0;
}

const struct nta_list_report *
nta_blacklist_builder_last(const struct nta_blacklist_builder *builder)
{
    size_t n = builder->compiled ? builder->n_compared : builder->set->n_lists;

    return &builder->set->lists[n - 1].report;
}

/**
 * What a list says that always counts, or says itself, later lines need not say; what one says that
 * may not count, others go on saying.
 */
static bool value_goes(void *owner, uint32_t first, uint32_t second)
{
    const struct nta_list *list = nta_blacklist_list_of(owner, first);

    return !list->report.narrowed || list == nta_blacklist_list_of(owner, second);
}

static bool any_narrowed(const struct nta_blacklist *set)
{
    for (size_t i = 0; i < set->n_lists; i++) {
        if (set->lists[i].report.narrowed)
            return true;
    }
    return false;
}

static void name_twice(void *owner, uint32_t value)
{
    struct nta_list_report *report = &nta_blacklist_list_of(owner, value)->report;

    if (nta_ports_is_value(value))
        report->n_addresses--;
    else
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

static void mark_twice(void *owner, uint32_t value)
{
    struct nta_list_report *report = &nta_blacklist_list_of(owner, value)->report;

    *nta_list_n_marks(report, nta_mark_kind_of(value)) -= 1;
    report->n_duplicates++;
}

/**
 * An entry whose rule is taken back leaves its list's counts: its line is one more that was passed
 * over.
 */
static void count_back(struct nta_list_report *report)
{
    report->n_taken -= report->n_taken > 0;
    report->n_skipped++;
    nta_list_count_reason(report, "a rule that another one takes back ($badfilter)");
}

static bool is_back(const struct nta_blacklist_builder *builder, uint32_t value)
{
    return nta_rules_took_back(&builder->rules, value & NTA_VALUE_LINE_MAX);
}

static bool name_back(void *owner, uint32_t value)
{
    struct nta_blacklist_builder *builder = owner;
    struct nta_list_report *report;

    if (!is_back(builder, value))
        return false;
    report = &nta_blacklist_list_of(builder->set, value)->report;
    *(nta_ports_is_value(value) ? &report->n_addresses : &report->n_domains) -= 1;
    count_back(report);
    return true;
}

static bool addr_back(void *owner, uint32_t value, bool single)
{
    struct nta_blacklist_builder *builder = owner;
    struct nta_list_report *report;

    if (!is_back(builder, value))
        return false;
    report = &nta_blacklist_list_of(builder->set, value)->report;
    *(single ? &report->n_addresses : &report->n_cidrs) -= 1;
    count_back(report);
    return true;
}

static bool url_back(void *owner, uint32_t value)
{
    struct nta_blacklist_builder *builder = owner;
    struct nta_list_report *report;

    if (!is_back(builder, value))
        return false;
    report = &nta_blacklist_list_of(builder->set, value)->report;
    report->n_urls--;
    count_back(report);
    return true;
}

/** Take out what $badfilter takes back, now that all lists are read. */
static int drop_back(struct nta_blacklist_builder *builder)
{
    int r = nta_rules_settle(&builder->rules);

    if (r < 0 || builder->rules.n_lines == 0)
        return r;
    nta_name_items_drop(&builder->items, name_back, builder);
    nta_addrs_drop(&builder->set->addrs, addr_back, builder);
    nta_urls_drop(&builder->set->urls, url_back, builder);
    nta_patterns_drop(&builder->set->patterns, name_back, builder);
    return 0;
}

/** Make the tables of what was read. */
static int fill(struct nta_blacklist_builder *builder, nta_value_goes_fn *goes)
{
    struct nta_blacklist *set = builder->set;
    int r = drop_back(builder);

    if (r == 0)
        r = nta_names_fill(&set->names, &builder->items, goes, name_twice, set);
    nta_rules_done(&builder->rules);
    nta_name_items_done(&builder->items);
    if (r == 0)
        r = nta_addrs_fill(&set->addrs, goes, addr_twice, set);
    if (r == 0)
        nta_urls_fill(&set->urls, goes, url_twice, set);
    if (r == 0)
        nta_marks_fill(&set->marks, goes, mark_twice, set);
    if (r == 0)
        r = nta_patterns_fill(&set->patterns, goes, name_twice, set);
    return r;
}

int nta_blacklist_builder_build(struct nta_blacklist_builder *builder,
                                struct nta_blacklist **ret_set, struct nta_err *err)
{
    struct nta_blacklist *set = builder->set;
    nta_value_goes_fn *goes = NULL;
    int r = 0;

    if (builder->failed || !set)
        return nta_err_set(err, -EINVAL, "a list was refused: the lists stay as they were");
    if (builder->compiled && builder->n_compared < set->n_lists)
        return nta_err_set(err, -ESTALE, "the compiled set has more lists");
    if (any_narrowed(set))
        goes = value_goes;
    if (!builder->compiled)
        r = fill(builder, goes);
    if (r == 0 && goes)
        r = nta_addrs_link(&set->addrs);
    if (r < 0) {
        builder->failed = true;
        return nta_err_sys(err, r, "the table of lists cannot be made");
    }
    *ret_set = NTA_TAKE(builder->set);
    return 0;
}
