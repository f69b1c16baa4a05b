/* SPDX-License-Identifier: Apache-2.0 */
/* nta report: one HTML file that shows what was found, opens anywhere, and fetches nothing. */
#include "base/own.h"
#include "cmd/cmd.h"
#include "export/page/page.h"
#include "export/page/proof.h"
#include "options/options.h"
#include "output/fail.h"
#include "output/fresh.h"
#include "pages/note.h"
#include "view/about.h"
#include "view/gather.h"
#include "view/pdf.h"
#include "view/sheet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

static const char help[] =
    "usage: nta report -o FILE.html|.pdf|.xlsx [OPTIONS]\n\n"
    "Write one HTML file with a map, a timeline, who and where, and every incident\n"
    "with its evidence.  It opens offline in any browser and fetches nothing.  A\n"
    "name that ends in .pdf has it printed by Chromium (Debian package chromium).\n"
    "One in .xlsx is a spreadsheet: incidents, downloads, users, sites; dates are\n"
    "local, and one that is there already is never replaced.\n"
    "Needs the auditor's key, and the Debian packages libjs-leaflet and\n"
    "libjs-leaflet.markercluster.  Incidents are those of `nta incidents`.\n\n"
    "  -o, --output FILE     the file; it is replaced when the new one is whole\n"
    "  -t, --title TEXT      its head line; default: Network report\n"
    "  -n, --rows N          incidents and places in it at most, the weightiest;\n"
    "                        default 2000\n"
    "      --lang CODE       en, de, fr or nl; whoever reads it can choose another;\n"
    "                        default: this terminal's, else the browser's\n"
    "      --libs DIR        where leaflet.min.js lies; default:\n"
    "                        " NTA_PAGE_LIBS "\n"
    "  -h, --help            this text\n\n" NTA_FILTER_HELP "\n"
    "examples:\n"
    "  nta report -o today.html --since today\n"
    "  nta report -o october.xlsx --on 2026-10\n"
    "  nta report -o yesterday.pdf --on yesterday --lang de\n"
    "  nta report -o ann.html --user ann --on \"last month\" --title Ann\n";

struct reporting
{
    struct nta_filters filters;
    struct nta_gathered gathered;
    struct nta_about_options about;
    const char *output, *libs;
};

enum
{
    OPT_LIBS = NTA_OPT_ABOUT_OWN
};

static const struct option known_options[] = {
    NTA_FILTER_OPTIONS,
    {"output", required_argument, NULL, 'o'},
    NTA_ABOUT_OPTIONS,
    NTA_LANG_OPTION,
    {"libs", required_argument, NULL, OPT_LIBS},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int take_option(void *owner, int option, struct nta_err *err)
{
    struct reporting *reporting = owner;

    switch (option) {
    case 'o': reporting->output = optarg; return 0;
    case OPT_LIBS: reporting->libs = optarg; return 0;
    default: return nta_about_take(&reporting->about, option, err);
    }
}

static bool ends_with(const char *path, const char *ending)
{
    const char *dot = strrchr(path, '.');

    return dot && strcasecmp(dot, ending) == 0;
}

static bool is_pdf(const char *path)
{
    return ends_with(path, ".pdf");
}

static bool is_sheet(const char *path)
{
    return ends_with(path, ".xlsx");
}

static int check_options(void *owner, char **arguments, int n_arguments, struct nta_err *err)
{
    const struct reporting *reporting = owner;

    (void)arguments;
    (void)n_arguments;
    if (!reporting->output)
        return nta_err_set(err, -EINVAL, "which file? -o FILE.html, .pdf or .xlsx");
    if (!ends_with(reporting->output, ".html") && !ends_with(reporting->output, ".htm") &&
        !is_pdf(reporting->output) && !is_sheet(reporting->output))
        return nta_err_set(err, -EINVAL, "the file's name must end in .html, .pdf or .xlsx");
    return 0;
}

static const struct nta_options options = {
    .command = "report",
    .known = known_options,
    .letters = NTA_FILTER_LETTERS NTA_ABOUT_LETTERS "o:h",
    .help = help,
    .take = take_option,
    .check = check_options,
};

static struct nta_view_about make_about(struct reporting *reporting, struct nta_about_buf *buf)
{
    struct nta_gathered *gathered = &reporting->gathered;
    struct nta_view_about about =
        nta_about(&reporting->about, &reporting->filters, gathered->search, buf);

    about.is_interrupted = gathered->state.is_stopped;
    return about;
}

/** Of what goes into a file as it is made. */
static int note_file(const struct reporting *reporting, const struct nta_fresh_file *fresh,
                     struct nta_err *err)
{
    return fflush(fresh->file) == 0
               ? nta_page_note_file(fresh->whole.fd, reporting->gathered.state.n_found, err)
               : nta_err_sys(err, -errno, "%.300s", fresh->path);
}

static int write_page(struct reporting *reporting, struct nta_fresh_file *fresh,
                      struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf data = {0}, frame = {0}, heads = {0}, page = {0};
    struct nta_about_buf buf;
    const struct nta_view_about about = make_about(reporting, &buf);

    nta_view_json(&data, reporting->gathered.view, &about);
    if (data.failed)
        return nta_err_sys(err, -ENOMEM, "report");
    const struct nta_page_options page_options = {.libs_dir = reporting->libs,
                                                  .data = nta_buf_span(&data),
                                                  .lang = nta_about_lang(&reporting->about)};
    int r = nta_page(&frame, &page_options, err);

    if (r < 0)
        return r;
    nta_search_put_heads(reporting->gathered.search, &heads);
    nta_page_put_proven(&page, nta_buf_span(&frame), page_options.lang, nta_buf_span(&heads));
    if (page.failed || heads.failed)
        return nta_err_sys(err, -ENOMEM, "report");
    if (is_pdf(reporting->output)) {
        r = nta_pdf_print(nta_buf_span(&page), fresh->file, err);
        if (r == 0)
            r = note_file(reporting, fresh, err);
    } else {
        (void)fwrite(page.ptr, 1, page.len, fresh->file);
        r = nta_page_note(nta_buf_span(&page), reporting->gathered.state.n_found, err);
    }
    return r < 0 ? r : nta_fresh_commit(fresh, true, err);
}

static int write_sheet(struct reporting *reporting, struct nta_fresh_file *fresh,
                       struct nta_err *err)
{
    struct nta_about_buf buf;
    const struct nta_view_about about = make_about(reporting, &buf);
    int r = nta_sheet_write(reporting->gathered.view, &about, fresh->file, err);

    if (r == 0)
        r = note_file(reporting, fresh, err);
    return r < 0 ? r : nta_fresh_commit(fresh, false, err);
}

/** What may be written over; a spreadsheet may have somebody's notes in it. */
static int check_output(const char *path, struct nta_err *err)
{
    struct stat is;

    if (!is_sheet(path))
        return nta_fresh_is_ours(path, is_pdf(path) ? NTA_FRESH_PDF : NTA_FRESH_PAGE, err);
    if (lstat(path, &is) == 0 && !S_ISFIFO(is.st_mode))
        return nta_err_set(err, -EEXIST,
                           "%.300s is there, and may have notes in it: name another file, or take "
                           "it away",
                           path);
    return 0;
}

static int report(struct reporting *reporting)
{
    NTA_AUTO(nta_fresh_drop) struct nta_fresh_file fresh = NTA_FRESH_NONE;
    struct nta_err err = {0};
    const bool as_pdf = is_pdf(reporting->output);
    int r = check_output(reporting->output, &err);

    if (r == 0 && as_pdf)
        r = nta_pdf_check(&err);
    if (r == 0)
        r = nta_fresh_open(&fresh, reporting->output, &err);
    if (r == 0)
        r = nta_gather(&reporting->filters, &reporting->gathered, &err);
    if (r == 0)
        r = is_sheet(reporting->output) ? write_sheet(reporting, &fresh, &err)
                                        : write_page(reporting, &fresh, &err);
    if (r < 0 || !reporting->gathered.view)
        return nta_cmd_fail(nta_proof_failed(r), "%s", err.text);
    nta_gather_print(&reporting->gathered, reporting->output);
    return nta_gather_status(&reporting->filters, &reporting->gathered);
}

int nta_cmd_report(int argc, char **argv)
{
    struct reporting reporting = {.output = NULL};
    int status = nta_options_parse(&options, &reporting.filters, &reporting, argc, argv);

    if (status < 0)
        status = report(&reporting);
    nta_gathered_done(&reporting.gathered);
    nta_filters_done(&reporting.filters);
    return status;
}
