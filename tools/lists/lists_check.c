/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nta lists check: each list as the loader takes it, what it skips and why, and what lists have in
 * common.
 */
#include "base/hex.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "blacklist/file/keep.h"
#include "blacklist/overlap.h"
#include "lists/subcommands.h"
#include "output/fail.h"
#include "output/term.h"
#include "policy/lists.h"
#include "record/names.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum
{
    SHOWN_SIZE = 256,
    N_PAIRS_SHOWN = 50, ///< Of overlaps, for people.
    WIDE = 146,         ///< Columns that all of the table needs.
    NARROW_REST = 61    ///< What stands behind the name on a narrow terminal.
};

struct checking
{
    const struct nta_lists *lists;
    struct nta_blacklist *set;
    struct nta_overlap *overlap;
    struct nta_buf complaints;
    struct nta_buf refused_lines;   ///< The wrong lines of the lists that are refused.
    char *refused[NTA_CONFIG_MAX];  ///< Owns: why, of each list; NULL: it is taken.
    size_t numbers[NTA_CONFIG_MAX]; ///< Of the lists that are taken, in their order.
    size_t n_taken;
    int64_t took_ns;
};

static void free_checking(struct checking *checking)
{
    nta_blacklist_free(&checking->set);
    nta_overlap_free(&checking->overlap);
    nta_buf_done(&checking->complaints);
    nta_buf_done(&checking->refused_lines);
    for (size_t i = 0; i < NTA_CONFIG_MAX; i++)
        free(checking->refused[i]);
}

/**
 * ntad refuses a list that shrank since it accepted it; where its copies cannot be read, nothing is
 * known.
 */
static int compare_with_kept(const struct checking *checking, size_t i,
                             const struct nta_list_report *now, struct nta_err *err)
{
    const struct nta_config *config = checking->lists->config;
    char dir[NTA_KEPT_PATH_SIZE];
    struct nta_list_kept kept;
    int n = snprintf(dir, sizeof(dir), "%s/lists", config->store.dir);

    if (checking->lists->named || nta_policy_first_of_file(config, i) != i || n < 0 ||
        (size_t)n >= sizeof(dir) || nta_list_find_kept(dir, now->path, &kept) < 0)
        return 0;
    return nta_policy_check_shrinking(now, kept.n_entries, kept.sha256,
                                      config->blacklist.shrink_limit, err);
}

/** Read all that is not refused yet.  1: one more is. */
static int try_lists(struct checking *checking, struct nta_err *err)
{
    NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;
    const struct nta_config *config = checking->lists->config;
    int r = nta_blacklist_builder_new(&builder, err);

    nta_buf_clear(&checking->complaints);
    checking->n_taken = 0;
    for (size_t i = 0; r == 0 && i < config->blacklist.n_files; i++) {
        struct nta_list_source source = nta_policy_list_source(config, i);
        const size_t n_before = checking->complaints.len;
        struct nta_err why;

        if (checking->refused[i])
            continue;
        if (nta_blacklist_builder_add(builder, &source, &checking->complaints, &why) < 0 ||
            compare_with_kept(checking, i, nta_blacklist_builder_last(builder), &why) < 0) {
            nta_buf_put(&checking->refused_lines, checking->complaints.ptr + n_before,
                        checking->complaints.len - n_before);
            checking->refused[i] = strdup(why.text);
            return checking->refused[i] ? 1 : nta_err_set(err, -1, "out of memory");
        }
        checking->numbers[checking->n_taken++] = i;
    }
    return r < 0 ? r : nta_blacklist_builder_build(builder, &checking->set, err);
}

static int compare_lists(struct checking *checking, struct nta_err *err)
{
    int r = nta_overlap_new(&checking->overlap, err);

    for (size_t i = 0; r == 0 && i < checking->n_taken; i++) {
        struct nta_list_source source =
            nta_policy_list_source(checking->lists->config, checking->numbers[i]);

        r = nta_overlap_add(checking->overlap, &source, err);
    }
    if (r == 0)
        nta_overlap_count(checking->overlap);
    return r;
}

static const struct nta_list_report *report_of(const struct checking *checking, size_t i)
{
    return nta_blacklist_get_list(checking->set, i);
}

/* ---- for people ---- */

/**
 * Of the lines that mean something, how many of a thousand were taken; all of them only if it is
 * all.
 */
static unsigned share_of(const struct nta_list_report *list)
{
    uint64_t n = list->n_taken + list->n_skipped + list->n_bad;

    return n ? (unsigned)(list->n_taken * 1000 / n) : 1000;
}

/** One line, cut to the terminal. */
static void print_line(struct nta_buf *line)
{
    unsigned columns = nta_prose_columns(stdout);
    NTA_AUTO(nta_buf_done) struct nta_buf cut = {0};
    struct nta_span text = {.ptr = line->ptr, .len = line->len};

    if (columns > 0 && nta_width_of(text) > columns) {
        nta_put_cell(&cut, text, columns, false);
        text = (struct nta_span){.ptr = cut.ptr, .len = cut.len};
    }
    if (!line->failed && !cut.failed)
        (void)printf("%.*s\n", (int)text.len, (const char *)text.ptr);
    nta_buf_clear(line);
}

/** The columns that a narrow terminal has no space for are left out. */
static bool is_wide(void)
{
    unsigned columns = nta_prose_columns(stdout);

    return columns == 0 || columns >= WIDE;
}

static void put_name(struct nta_buf *line, const char *name)
{
    unsigned columns = nta_prose_columns(stdout);
    size_t width = is_wide() ? 24 : columns > NARROW_REST + 8 ? columns - NARROW_REST : 8;
    char shown[SHOWN_SIZE];
    struct nta_span text = nta_span_of(nta_text_escape_to(shown, sizeof(shown), nta_span_of(name)));

    if (nta_width_of(text) > width) { /* never cut: what two names have in common comes first */
        nta_buf_put(line, text.ptr, text.len);
        if (columns == 0)
            return;
        print_line(line);
        text.len = 0;
    }
    nta_put_cell(line, text, width, false);
}

static void print_head(void)
{
    NTA_AUTO(nta_buf_done) struct nta_buf line = {0};

    put_name(&line, "LIST");
    if (is_wide())
        nta_buf_printf(&line, " %-5s %-8s", "KIND", "SEVERITY");
    nta_buf_printf(&line, " %7s %9s %9s %7s %7s", "TAKEN", "DOMAINS", "ADDRESSES", "CIDRS", "URLS");
    if (is_wide())
        nta_buf_printf(&line, " %7s %9s %9s", "HASHES", "DUPLICATE", "ELSEWHERE");
    nta_buf_printf(&line, " %8s %6s%s", "SKIPPED", "BAD", is_wide() ? "  SHA-256" : "");
    print_line(&line);
}

static void print_row(const struct checking *checking, size_t i)
{
    NTA_AUTO(nta_buf_done) struct nta_buf line = {0};
    const struct nta_list_report *list = report_of(checking, i);
    unsigned share = share_of(list);
    char hash[NTA_HEX_SIZE(8)];

    put_name(&line, list->name);
    if (is_wide())
        nta_buf_printf(&line, " %-5s %-8s", list->allow ? "allow" : "deny",
                       nta_record_severity((uint8_t)list->severity));
    nta_buf_printf(&line, " %3u.%u %% %9" PRIu64 " %9" PRIu64 " %7" PRIu64 " %7" PRIu64, share / 10,
                   share % 10, list->n_domains, list->n_addresses, list->n_cidrs, list->n_urls);
    if (is_wide())
        nta_buf_printf(&line, " %7" PRIu64 " %9" PRIu64 " %9" PRIu64,
                       list->n_hashes + list->n_ja4 + list->n_certificates + list->n_programs,
                       nta_overlap_pair(checking->overlap, i, i),
                       nta_overlap_others(checking->overlap, i));
    nta_buf_printf(&line, " %8" PRIu64 " %6" PRIu64, list->n_skipped, list->n_bad);
    if (is_wide())
        nta_buf_printf(&line, "  %s", nta_hex_text(list->sha256, 8, hash));
    print_line(&line);
}

static void print_reasons(const struct checking *checking)
{
    NTA_AUTO(nta_buf_done) struct nta_buf line = {0};
    char shown[SHOWN_SIZE];
    bool any = false;

    for (size_t i = 0; i < checking->n_taken; i++) {
        const struct nta_list_report *list = report_of(checking, i);

        for (size_t k = 0; k < list->n_reasons; k++) {
            if (!any)
                (void)puts("\nlines passed over, and notes, by reason:");
            any = true;
            nta_buf_printf(&line, "  %-24s %9" PRIu64 "  %s",
                           nta_text_escape_to(shown, sizeof(shown), nta_span_of(list->name)),
                           list->reasons[k].n, list->reasons[k].text);
            print_line(&line);
        }
    }
}

static void print_overlaps(const struct checking *checking)
{
    NTA_AUTO(nta_buf_done) struct nta_buf line = {0};
    size_t n = 0;

    for (size_t i = 0; i < checking->n_taken; i++) {
        for (size_t j = i + 1; j < checking->n_taken; j++) {
            uint64_t both = nta_overlap_pair(checking->overlap, i, j);
            uint64_t n_one = nta_overlap_n(checking->overlap, i);
            uint64_t n_other = nta_overlap_n(checking->overlap, j);
            char one[SHOWN_SIZE], other[SHOWN_SIZE];

            if (both == 0 || n++ >= N_PAIRS_SHOWN)
                continue;
            if (n == 1)
                (void)puts("\nentries that two lists share:");
            nta_buf_printf(
                &line, "  %-24s %-24s %9" PRIu64 "  %3.0f %% and %3.0f %% of them%s",
                nta_text_escape_to(one, sizeof(one), nta_span_of(report_of(checking, i)->name)),
                nta_text_escape_to(other, sizeof(other), nta_span_of(report_of(checking, j)->name)),
                both, 100.0 * (double)both / (double)n_one, 100.0 * (double)both / (double)n_other,
                report_of(checking, i)->allow != report_of(checking, j)->allow
                    ? " (one allows what the other forbids)"
                    : "");
            print_line(&line);
        }
    }
    if (n > N_PAIRS_SHOWN) {
        nta_buf_puts(&line, "  ");
        nta_put_more(&line,
                     (struct nta_more){.n = n - N_PAIRS_SHOWN, .what = "pairs", .how = "--json"});
        print_line(&line);
    }
}

static void print_text(const struct checking *checking)
{
    print_head();
    for (size_t i = 0; i < checking->n_taken; i++)
        print_row(checking, i);
    print_reasons(checking);
    print_overlaps(checking);
    (void)printf("\n%.1f MiB of memory, ready in %.2f s\n",
                 (double)nta_blacklist_memory(checking->set) / (1024.0 * 1024.0),
                 (double)checking->took_ns / (double)NTA_NS_PER_S);
}

/* ---- JSON ---- */

static void json_list(const struct checking *checking, size_t i, struct nta_buf *out)
{
    const struct nta_list_report *list = report_of(checking, i);

    nta_buf_puts(out, i ? ",{\"name\":" : "{\"name\":");
    nta_text_json(out, nta_span_of(list->name));
    nta_buf_puts(out, ",\"path\":");
    nta_text_json(out, nta_span_of(list->path));
    nta_buf_printf(
        out,
        ",\"allow\":%s,\"severity\":\"%s\",\"lines\":%" PRIu64 ",\"domains\":%" PRIu64
        ",\"addresses\":%" PRIu64 ",\"cidrs\":%" PRIu64 ",\"urls\":%" PRIu64 ",\"hashes\":%" PRIu64
        ",\"ja4\":%" PRIu64 ",\"certificates\":%" PRIu64 ",\"programs\":%" PRIu64
        ",\"duplicates\":%" PRIu64 ",\"elsewhere\":%" PRIu64 ",\"skipped\":%" PRIu64
        ",\"bad\":%" PRIu64 ",\"taken\":%" PRIu64 ",\"share\":%u.%u,\"reasons\":{",
        list->allow ? "true" : "false", nta_record_severity((uint8_t)list->severity), list->lines,
        list->n_domains, list->n_addresses, list->n_cidrs, list->n_urls, list->n_hashes,
        list->n_ja4, list->n_certificates, list->n_programs,
        nta_overlap_pair(checking->overlap, i, i), nta_overlap_others(checking->overlap, i),
        list->n_skipped, list->n_bad, list->n_taken, share_of(list) / 10, share_of(list) % 10);
    for (size_t k = 0; k < list->n_reasons; k++)
        nta_buf_printf(out, "%s\"%s\":%" PRIu64, k ? "," : "", list->reasons[k].text,
                       list->reasons[k].n);
    nta_buf_puts(out, "},\"sha256\":\"");
    nta_buf_put_hex(out, list->sha256, sizeof(list->sha256));
    nta_buf_puts(out, "\"}");
}

static void json_overlaps(const struct checking *checking, struct nta_buf *out)
{
    bool any = false;

    for (size_t i = 0; i < checking->n_taken; i++) {
        for (size_t j = i + 1; j < checking->n_taken; j++) {
            uint64_t both = nta_overlap_pair(checking->overlap, i, j);

            if (both == 0)
                continue;
            nta_buf_puts(out, any ? ",{\"lists\":[" : "{\"lists\":[");
            any = true;
            nta_text_json(out, nta_span_of(report_of(checking, i)->name));
            nta_buf_puts(out, ",");
            nta_text_json(out, nta_span_of(report_of(checking, j)->name));
            nta_buf_printf(out, "],\"entries\":%" PRIu64 "}", both);
        }
    }
}

static void print_json(const struct checking *checking)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};
    bool any = false;

    nta_buf_puts(&out, "{\"lists\":[");
    for (size_t i = 0; i < checking->n_taken; i++)
        json_list(checking, i, &out);
    nta_buf_puts(&out, "],\"overlaps\":[");
    json_overlaps(checking, &out);
    nta_buf_puts(&out, "],\"refused\":[");
    for (size_t i = 0; i < checking->lists->config->blacklist.n_files; i++) {
        if (!checking->refused[i])
            continue;
        nta_buf_puts(&out, any ? ",{\"path\":" : "{\"path\":");
        any = true;
        nta_text_json(&out, nta_span_of(checking->lists->config->blacklist.files[i].path));
        nta_buf_puts(&out, ",\"why\":");
        nta_text_json(&out, nta_span_of(checking->refused[i]));
        nta_buf_puts(&out, "}");
    }
    nta_buf_printf(&out, "],\"memory_bytes\":%zu,\"seconds\":%.3f}\n",
                   nta_blacklist_memory(checking->set),
                   (double)checking->took_ns / (double)NTA_NS_PER_S);
    if (!out.failed)
        (void)fwrite(out.ptr, 1, out.len, stdout);
}

/** What was wrong, on stderr; an exit status. */
static int report_wrong(const struct checking *checking)
{
    bool wrong = checking->complaints.len > 0;

    if (wrong)
        (void)fwrite(checking->complaints.ptr, 1, checking->complaints.len, stderr);
    if (checking->refused_lines.len > 0)
        (void)fwrite(checking->refused_lines.ptr, 1, checking->refused_lines.len, stderr);
    for (size_t i = 0; i < NTA_CONFIG_MAX; i++) {
        if (checking->refused[i])
            (void)nta_cmd_fail(0, "refused: %s", checking->refused[i]);
        wrong = wrong || checking->refused[i];
    }
    return wrong ? NTA_EXIT_INPUT : NTA_EXIT_OK;
}

int nta_lists_check(const struct nta_lists *lists)
{
    NTA_AUTO(free_checking) struct checking checking = {.lists = lists};
    int64_t began_ns = nta_clock_mono_ns();
    struct nta_err err;
    int r;

    do
        r = try_lists(&checking, &err);
    while (r == 1);
    checking.took_ns = nta_clock_mono_ns() - began_ns;
    if (r == 0)
        r = compare_lists(&checking, &err);
    if (r < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    int status = report_wrong(&checking);

    if (lists->json)
        print_json(&checking);
    else if (checking.n_taken > 0)
        print_text(&checking);
    return status;
}
