/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/load.h"

#include "base/own.h"
#include "base/text.h"
#include "blacklist/file/fingerprint.h"
#include "blacklist/format/line.h"
#include "blacklist/format/record.h"
#include "blacklist/table/ports.h"

#include <errno.h>

enum
{
    COMPLAINTS_SHOWN = 10,
    TEXT_SHOWN = 64,
    NAME_BYTES = 36,   ///< Of a name or one of its parents: on its way, then in the table.
    RANGE_BYTES = 128, ///< Of a range: itself, its segments, what sorting takes.
    LINES_A_LOOK = 1024,
};

#define MEMORY_DEFAULT (UINT64_C(4) << 30)

/** The reading of one file. */
struct loading
{
    const struct nta_list_load *load;
    struct nta_list_report *report;
    struct nta_list_reader reader;
    struct nta_list_records records;
    const char *shown;
    uint64_t n_warned, line;
    const struct nta_list_file *file;
    uint64_t memory,
        memory_max;   ///< What the set took before this list; what a packed list may add.
    const char *full; ///< Why an entry of the line cannot be kept (static); NULL: all could.
    int error;        ///< 0, or why reading is in vain.
};

/** Patterns have bounds: what goes beyond is passed over. */
static int take_pattern(struct loading *loading, struct nta_span text, uint32_t value)
{
    int r = nta_patterns_add(&loading->load->set->patterns, text, value);

    if (r == -ENOSPC)
        loading->full = "more than 100,000 names with wildcards";
    else if (r == -EMLINK || r == -EINVAL)
        loading->full = "wildcards with no three characters that fewer than 8 others have";
    else if (r == 0)
        loading->report->n_domains++;
    return loading->full ? 0 : r;
}

static void take_entry(void *owner, const struct nta_list_entry *entry)
{
    struct loading *loading = owner;
    struct nta_blacklist *set = loading->load->set;
    struct nta_list_report *report = loading->report;
    uint32_t value = entry->flags | (loading->load->n_lines + (uint32_t)loading->line);
    int r = 0;

    if (loading->error)
        return;
    if (report->allow)
        value |= NTA_VALUE_ALLOW;
    if (entry->rule)
        r = nta_rules_note(loading->load->rules, entry->rule,
                           entry->what == NTA_ENTRY_BACK ? 0 : value & NTA_VALUE_LINE_MAX);
    if (r < 0) {
        loading->error = r;
        return;
    }
    switch (entry->what) {
    case NTA_ENTRY_NAME:
        r = nta_name_items_add(loading->load->items, &set->names, entry->name, entry->n_labels,
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
    case NTA_ENTRY_PORT:
        r = nta_ports_add(loading->load->items, &set->names, &entry->first, entry->port, value);
        report->n_addresses++;
        break;
    case NTA_ENTRY_URL:
        r = nta_urls_add(
            &set->urls,
            nta_names_hash(&set->names, (const char *)entry->name.ptr, entry->name.len).tag,
            entry->name, entry->path, value);
        report->n_urls++;
        break;
    case NTA_ENTRY_PATTERN: r = take_pattern(loading, entry->name, value); break;
    case NTA_ENTRY_BACK: break;
    }
    if (r < 0)
        loading->error = r;
}

/** About what entries take until the set is there, and then. */
static uint64_t memory_of(const struct nta_list_load *load)
{
    const struct nta_blacklist *set = load->set;

    return (load->items->n_entries + load->items->n_parents) * NAME_BYTES +
           set->addrs.singles_size * 2 * sizeof(uint64_t) + set->addrs.ranges_size * RANGE_BYTES +
           set->urls.size * sizeof(struct nta_url) + set->urls.text.size +
           nta_patterns_memory(&set->patterns) + load->rules->size * sizeof(struct nta_rule_note);
}

static void complain(struct loading *loading, struct nta_span line)
{
    char text[TEXT_SHOWN];

    if (!loading->load->complaints || loading->report->n_bad + loading->n_warned > COMPLAINTS_SHOWN)
        return;
    nta_buf_printf(loading->load->complaints, "%s:%llu: %s: %s\n", loading->shown,
                   (unsigned long long)loading->line, loading->reader.reason,
                   nta_text_escape_to(text, sizeof(text), nta_span_trim(line)));
}

void nta_list_count_reason(struct nta_list_report *report, const char *reason)
{
    size_t i = 0;

    while (i < report->n_reasons && report->reasons[i].text != reason &&
           strcmp(report->reasons[i].text, reason) != 0)
        i++;
    if (i == NTA_LIST_REASONS)
        return;
    report->n_reasons += i == report->n_reasons;
    report->reasons[i].text = reason;
    report->reasons[i].n++;
}

static void take_record(void *owner, struct nta_span line, const char *fault)
{
    struct loading *loading = owner;
    enum nta_line outcome;

    loading->line = loading->records.number;
    if (loading->error)
        return;
    if (loading->line > NTA_VALUE_LINE_MAX - loading->load->n_lines) {
        loading->error = -EOVERFLOW;
        return;
    }
    if (loading->file->packed && loading->line % LINES_A_LOOK == 0 &&
        memory_of(loading->load) - loading->memory > loading->memory_max) {
        loading->error = -EFBIG;
        return;
    }
    loading->full = NULL;
    outcome = fault ? nta_list_bad(&loading->reader, fault) : nta_list_line(&loading->reader, line);
    if (loading->full)
        outcome = nta_list_refuse(&loading->reader, loading->full);
    switch (outcome) {
    case NTA_LINE_NONE: break;
    case NTA_LINE_ENTRY:
        loading->report->n_taken++;
        if (loading->reader.note)
            nta_list_count_reason(loading->report, loading->reader.note);
        break;
    case NTA_LINE_SKIP:
        loading->report->n_skipped++;
        nta_list_count_reason(loading->report, loading->reader.reason);
        if (loading->reader.warns) {
            loading->n_warned++;
            complain(loading, line);
        }
        break;
    case NTA_LINE_OTHER:
    case NTA_LINE_BAD:
        loading->report->n_bad++;
        nta_list_count_reason(loading->report, loading->reader.reason);
        complain(loading, line);
        break;
    }
}

static void take_line(void *owner, struct nta_span line, bool is_cut)
{
    struct loading *loading = owner;

    nta_list_records_line(&loading->records, line, is_cut);
    if (loading->records.failed && !loading->error)
        loading->error = -ENOMEM;
}

/** Is what was read a list at all? */
static int check(const struct loading *loading, struct nta_err *err)
{
    const struct nta_list_report *report = loading->report;
    uint64_t n_understood = report->n_taken + report->n_skipped;

    if (loading->error == -EOVERFLOW)
        return nta_err_set(err, -EOVERFLOW, "%s: the lists have more than %u lines in all",
                           loading->shown, NTA_VALUE_LINE_MAX);
    if (loading->error == -EFBIG)
        return nta_err_set(err, -EFBIG,
                           "%s: a packed list whose entries take more than %llu bytes of memory, "
                           "half of blacklist.unpack_limit",
                           loading->shown, (unsigned long long)loading->memory_max);
    if (loading->error)
        return nta_err_sys(err, loading->error, "%s: cannot be kept", loading->shown);
    if (report->n_bad > n_understood)
        return nta_err_set(err, -EINVAL, "%s: not a list: %llu lines are not understood, %llu are",
                           loading->shown, (unsigned long long)report->n_bad,
                           (unsigned long long)n_understood);
    if (report->n_taken == 0)
        return nta_err_set(err, -ENODATA, "%s: a list without a single entry (%llu lines)",
                           loading->shown, (unsigned long long)report->lines);
    return 0;
}

static struct nta_span complaints_since(const struct nta_buf *complaints, size_t n_before)
{
    if (!complaints || complaints->len == n_before)
        return (struct nta_span){0};
    return (struct nta_span){.ptr = complaints->ptr + n_before, .len = complaints->len - n_before};
}

/** Note what a list was made from and what was said about it, from `complaints` on. */
static int note_making(struct nta_list *list, const struct nta_list_source *source,
                       const struct nta_list_file *file, struct nta_span complaints)
{
    nta_list_fingerprint(source, &file->identity, &list->fingerprint);
    list->young = file->young;
    nta_buf_put(&list->complaints, complaints.ptr, complaints.len);
    return list->fingerprint.failed || list->complaints.failed ? -ENOMEM : 0;
}

/** The last of the complaints: how many lines were not taken. */
static void sum_up(const struct loading *loading)
{
    const struct nta_list_report *report = loading->report;

    if (loading->load->complaints && report->n_bad + loading->n_warned > 0)
        nta_buf_printf(loading->load->complaints,
                       "%s: %llu lines not understood, %llu refused, %llu skipped\n",
                       loading->shown, (unsigned long long)report->n_bad,
                       (unsigned long long)loading->n_warned,
                       (unsigned long long)(report->n_skipped - loading->n_warned));
}

int nta_list_load(const struct nta_list_load *load, const struct nta_list_source *source,
                  struct nta_err *err)
{
    char shown[256];
    struct nta_list_file file = {0};
    struct loading loading = {
        .load = load,
        .report = &load->list->report,
        .shown = nta_text_escape_to(shown, sizeof(shown), nta_span_of(source->path)),
    };
    size_t n_before = load->complaints ? load->complaints->len : 0;
    int r;

    nta_list_reader_init(&loading.reader);
    loading.reader.entry = take_entry;
    loading.reader.owner = &loading;
    loading.reader.column = source->column;
    loading.reader.allow = source->allow;
    loading.reader.force = source->force;
    loading.reader.rule_key = &load->rules->key;
    loading.file = &file;
    loading.memory = memory_of(load);
    loading.memory_max = (source->unpack_limit ? source->unpack_limit : MEMORY_DEFAULT) / 2;
    loading.records.reader = &loading.reader;
    loading.records.record = take_record;
    loading.records.owner = &loading;
    r = nta_list_file_read(source, take_line, &loading, &file, err);
    nta_list_records_end(&loading.records);
    nta_list_records_done(&loading.records);
    if (r < 0)
        return r;
    loading.report->bytes = file.bytes;
    loading.report->lines = file.n_lines;
    memcpy(loading.report->sha256, file.sha256, sizeof(file.sha256));
    sum_up(&loading);
    r = check(&loading, err);
    if (r < 0)
        return r;
    r = note_making(load->list, source, &file, complaints_since(load->complaints, n_before));
    return r < 0 ? nta_err_sys(err, r, "%s", shown) : 0;
}
