/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/load.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "blacklist/file/beside.h"
#include "blacklist/file/fingerprint.h"
#include "blacklist/file/folder.h"
#include "blacklist/format/documents.h"
#include "blacklist/format/line.h"
#include "blacklist/format/mark.h"
#include "blacklist/marks.h"
#include "blacklist/table/names_fill.h"
#include "blacklist/table/ports.h"

#include <errno.h>

enum
{
    COMPLAINTS_SHOWN = 10,
    TEXT_SHOWN = 64,
    SHOWN_SIZE = 256,
    NAME_BYTES = 36,   ///< Of a name or one of its parents: on its way, then in the table.
    RANGE_BYTES = 128, ///< Of a range: itself, its segments, what sorting takes.
    ENTRIES_A_LOOK = 1024,
    BESIDE_MAX = 64, ///< Files beside a list.
};

#define MEMORY_DEFAULT (UINT64_C(4) << 30)

/** The reading of one file. */
struct loading
{
    const struct nta_list_load *load;
    struct nta_list_report *report;
    struct nta_list_reader reader;
    struct nta_list_input input;
    const char *fault; ///< Why the file is no list that is whole; its line.
    uint64_t fault_line;
    struct nta_list_identity identity;
    const char *shown;
    uint64_t n_warned, line;
    uint64_t n_before; ///< Lines of the list in files before this one.
    struct nta_list_file *file;
    const struct nta_list_source *source;
    uint64_t memory,
        memory_max;    ///< What the set took before this list; what it may add, if it is packed.
    uint64_t n_given;  ///< Entries.
    uint32_t value;    ///< Of the rule whose file of hashes is read.
    uint64_t n_hashes; ///< Of that file.
    const char *full;  ///< Why an entry of the line cannot be kept (static).
    uint64_t n_full;   ///< Entries for which there is no space, though they are some.
    const char *beside_fault; ///< Static; why that cannot be used.
    bool bounded;             ///< Something of it is packed, or lies beside it.
    int error;                ///< 0, or why reading is in vain.
};

/** About what entries take until the set is there, and then. */
static uint64_t memory_of(const struct nta_list_load *load)
{
    const struct nta_blacklist *set = load->set;

    return (load->items->n_entries + load->items->n_parents) * NAME_BYTES +
           set->addrs.singles_size * 2 * sizeof(uint64_t) + set->addrs.ranges_size * RANGE_BYTES +
           set->urls.size * 2 * sizeof(struct nta_url) + set->urls.text.size +
           set->marks.size * 2 * sizeof(struct nta_mark) + nta_patterns_memory(&set->patterns) +
           load->rules->size * sizeof(struct nta_rule_note);
}

/** True if a list that may not take more than its share does. */
static bool is_too_large(const struct loading *loading)
{
    return loading->bounded &&
           memory_of(loading->load) + nta_list_input_memory(&loading->input) - loading->memory >
               loading->memory_max;
}

/** One more entry was given; after so many of them, look at what they take. */
static void look_at_memory(struct loading *loading)
{
    if (++loading->n_given % ENTRIES_A_LOOK == 0 && !loading->error && is_too_large(loading))
        loading->error = -EFBIG;
}

/** A line of a file of hashes: one, perhaps with a file's name behind it. */
static void take_hash(void *owner, struct nta_span line, bool is_cut)
{
    struct loading *loading = owner;
    struct nta_list_mark mark;
    const char *reason;

    line = nta_span_trim(line);
    if (loading->error || line.len == 0 || line.ptr[0] == '#')
        return;
    if (is_cut || nta_list_read_mark(line, &mark, &reason) != NTA_LINE_ENTRY ||
        mark.kind != NTA_MARK_FILE) {
        loading->report->n_bad++;
        nta_list_count_reason(loading->report, "a line of a file of hashes that is no SHA-256");
        return;
    }
    loading->error =
        nta_marks_add(&loading->load->set->marks, &loading->load->set->names, NTA_MARK_FILE,
                      (struct nta_span){.ptr = mark.bytes, .len = mark.len}, loading->value);
    loading->report->n_hashes++;
    loading->n_hashes++;
    look_at_memory(loading);
}

/** A rule names a file of hashes. */
static void take_beside(struct loading *loading, struct nta_span name, uint32_t value)
{
    struct nta_buf *names = &loading->load->list->beside;
    struct nta_list_file file = {0};
    struct nta_err err = {0};
    size_t n_names = 0;

    for (size_t i = 0; i < names->len; i++)
        n_names += names->ptr[i] == '\0';
    if (n_names == BESIDE_MAX) {
        loading->beside_fault = "more than 64 files of hashes beside a list";
        return;
    }
    nta_buf_put(names, name.ptr, name.len);
    nta_buf_put_u8(names, 0);
    loading->value = value;
    loading->n_hashes = 0;
    loading->bounded = true;
    if (nta_list_beside_read(loading->source, name, take_hash, loading, &file, &err) < 0)
        loading->beside_fault = "a file of hashes beside the list that cannot be read";
    else if (file.json)
        loading->beside_fault = "a file of hashes that is JSON";
    else if (loading->n_hashes == 0)
        loading->beside_fault = "a file of hashes without a SHA-256";
    loading->load->list->young |= file.young;
}

/** Patterns have bounds: what goes beyond is passed over. */
static int take_pattern(struct loading *loading, struct nta_span text, uint32_t value)
{
    int r = nta_patterns_add(&loading->load->set->patterns, text, value);

    if (r == -ENOSPC)
        loading->full = "more than 100,000 names with wildcards";
    else if (r == -EMLINK || r == -EINVAL)
        loading->full = "wildcards with no three characters in a row that fewer than 8 others have";
    else if (r == 0)
        loading->report->n_domains++;
    loading->n_full += r == -ENOSPC || r == -EMLINK;
    return loading->full ? 0 : r;
}

static void take_entry(void *owner, const struct nta_list_entry *entry)
{
    struct loading *loading = owner;
    struct nta_blacklist *set = loading->load->set;
    struct nta_list_report *report = loading->report;
    uint32_t value =
        entry->flags | (loading->load->n_lines + (uint32_t)(loading->n_before + loading->line));
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
    case NTA_ENTRY_MARK:
        r = nta_marks_add(&set->marks, &set->names, entry->mark, entry->name, value);
        *nta_list_n_marks(report, entry->mark) += 1;
        break;
    case NTA_ENTRY_BESIDE: take_beside(loading, entry->name, value); break;
    case NTA_ENTRY_PATTERN: r = take_pattern(loading, entry->name, value); break;
    case NTA_ENTRY_BACK: break;
    }
    if (r < 0)
        loading->error = r;
    look_at_memory(loading);
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

    loading->line = loading->input.records.number;
    if (loading->error)
        return;
    if (loading->n_before + loading->line > NTA_VALUE_LINE_MAX - loading->load->n_lines) {
        loading->error = -EOVERFLOW;
        return;
    }
    loading->beside_fault = NULL;
    loading->full = NULL;
    outcome = fault ? nta_list_bad(&loading->reader, fault) : nta_list_line(&loading->reader, line);
    if (loading->beside_fault)
        outcome = nta_list_bad(&loading->reader, loading->beside_fault);
    else if (loading->full)
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

/** A piece of JSON, of which values may be held. */
static void take_json(struct loading *loading, struct nta_span piece)
{
    nta_list_input_json(&loading->input, piece);
    if (!loading->error && is_too_large(loading))
        loading->error = -EFBIG;
}

static void take_line(void *owner, struct nta_span line, bool is_cut)
{
    struct loading *loading = owner;

    loading->bounded = loading->bounded || loading->file->packed;
    if (loading->file->json)
        take_json(loading, line);
    else
        nta_list_records_line(&loading->input.records, line, is_cut);
    if (loading->input.records.failed && !loading->error)
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
    if (report->n_taken == 0 && loading->n_full == 0)
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
                       const struct nta_list_identity *identity, struct nta_span complaints)
{
    nta_list_fingerprint(source, identity, &list->fingerprint);
    nta_list_beside_identify(source, nta_buf_span(&list->beside), &list->fingerprint);
    nta_buf_put(&list->complaints, complaints.ptr, complaints.len);
    return list->fingerprint.failed || list->complaints.failed || list->beside.failed ? -ENOMEM : 0;
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

/** Read a file of the list, or all of it. */
static int load_file(struct loading *loading, const struct nta_list_source *source,
                     struct nta_err *err)
{
    struct nta_list_file file = {0};
    char shown[SHOWN_SIZE], now[NTA_TIME_TEXT_SIZE];
    struct nta_list_report *report = loading->report;
    int r;

    nta_list_reader_init(&loading->reader);
    loading->reader.entry = take_entry;
    loading->reader.owner = loading;
    loading->reader.column = source->column;
    loading->reader.allow = source->allow;
    loading->reader.force = source->force;
    loading->reader.rule_key = &loading->load->rules->key;
    loading->reader.now = nta_clock_text(nta_clock_wall_ns(), now);
    loading->file = &file;
    loading->source = source;
    loading->shown = nta_text_escape_to(shown, sizeof(shown), nta_span_of(source->path));
    loading->input = (struct nta_list_input){
        .records = {.reader = &loading->reader, .record = take_record, .owner = loading}};
    r = nta_list_file_read(source, take_line, loading, &file, err);
    loading->fault = nta_list_input_end(&loading->input, &loading->fault_line);
    nta_list_input_done(&loading->input);
    if (r == 0 && loading->fault)
        r = nta_err_set(err, -EINVAL, "%s:%llu: %s", loading->shown,
                        (unsigned long long)loading->fault_line, loading->fault);
    report->bytes += file.bytes;
    report->lines += file.n_lines;
    memcpy(report->sha256, file.sha256, sizeof(file.sha256));
    loading->load->list->young |= file.young;
    loading->identity = file.identity;
    return r;
}

/** What is not read of a folder. */
static void pass_over(struct loading *loading, enum nta_list_folder_kind kind)
{
    loading->report->n_skipped++;
    nta_list_count_reason(loading->report, kind == NTA_FOLDER_LINK
                                               ? "a link to a category of another name"
                                               : "a file of expressions over URLs (expressions)");
}

/** Read a list that is a folder: each file is a section.  Its hash is that of theirs. */
static int load_folder(struct loading *loading, const struct nta_list_source *source,
                       struct nta_err *err)
{
    NTA_AUTO(nta_list_folder_done) struct nta_list_folder folder = {.files = NULL};
    struct nta_file_hash hash;
    int r = nta_list_folder_read(source, &folder, err);

    nta_file_hash_begin(&hash);
    for (size_t i = 0; r == 0 && i < folder.n_files; i++) {
        const struct nta_list_folder_file *file = &folder.files[i];
        struct nta_list_source one = nta_list_folder_source(source, file);
        struct nta_list_section *section;

        if (file->kind != NTA_FOLDER_LINES) {
            pass_over(loading, file->kind);
            continue;
        }
        section = nta_list_add_section(loading->load->list, file->path, file->category,
                                       (uint32_t)loading->n_before);
        if (!section)
            return nta_err_set(err, -ENOMEM, "no memory for a folder of lists");
        r = load_file(loading, &one, err);
        memcpy(section->report.sha256, loading->report->sha256, sizeof(section->report.sha256));
        nta_file_hash_put(&hash, (struct nta_span){section->report.sha256, 32});
        loading->n_before = loading->report->lines;
    }
    nta_file_hash_end(&hash, loading->report->sha256);
    return r < 0 ? r : nta_list_folder_identify(source, &loading->identity, err);
}

int nta_list_load(const struct nta_list_load *load, const struct nta_list_source *source,
                  struct nta_err *err)
{
    char shown[SHOWN_SIZE];
    struct loading loading = {
        .load = load,
        .report = &load->list->report,
        .memory = memory_of(load),
        .memory_max = (source->unpack_limit ? source->unpack_limit : MEMORY_DEFAULT) / 2,
    };
    size_t n_before = load->complaints ? load->complaints->len : 0;
    int r = nta_list_is_folder(source) ? load_folder(&loading, source, err)
                                       : load_file(&loading, source, err);

    loading.shown = nta_text_escape_to(shown, sizeof(shown), nta_span_of(source->path));
    if (r < 0)
        return r;
    sum_up(&loading);
    r = check(&loading, err);
    if (r < 0)
        return r;
    r = note_making(load->list, source, &loading.identity,
                    complaints_since(load->complaints, n_before));
    return r < 0 ? nta_err_sys(err, r, "%s", shown) : 0;
}
