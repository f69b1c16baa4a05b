/* SPDX-License-Identifier: Apache-2.0 */
/* nta evidence: one incident as a file that proves itself to a stranger. */
#include "base/own.h"
#include "base/prose.h"
#include "cases/collect.h"
#include "cases/paper.h"
#include "cases/sealing.h"
#include "chain/proof.h"
#include "cmd/cmd.h"
#include "evidence/seal.h"
#include "options/options.h"
#include "output/fail.h"
#include "output/fresh.h"
#include "output/term.h"
#include "pages/note.h"
#include "view/about.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static const char help[] =
    "usage: nta evidence INCIDENT -o CASE.zip [--force]\n"
    "       nta evidence INCIDENT --paper [--lang CODE] -o SHEET.pdf\n\n"
    "Make a case of one incident: a file that proves itself to a stranger, who needs\n"
    "nothing but it and the sensor's key on paper, and no password.  In it are the\n"
    "incident's records and packets, the bindings that say who had the address, and\n"
    "what the sensor says of itself for that time; each with its path to the signed\n"
    "root of its batch, and no record of anything else.  Then\n\n"
    "  nta verify CASE.zip --key nta-sensor-...\n\n"
    "says line by line what holds.  Needs the auditor's key; INCIDENT is an ID that\n"
    "`nta incidents` shows, or that of any of its records.\n\n"
    "  -o, --output FILE     where to\n"
    "  -f, --force           replace FILE if it is there\n"
    "      --paper           instead a sheet to print: that record of the incident\n"
    "                        which says most, or that whose ID is given, in words,\n"
    "                        and codes that prove it, less than a case does\n"
    "      --lang CODE       of the sheet: en, de, fr or nl; default: as $LANG says\n"
    "      --seal            have the sensor note this case, with the hashes of its\n"
    "                        files; done unasked where ntad runs (without --store)\n"
    "      --heads FILE      heads that witnesses cosigned (nta witness post): of\n"
    "                        each of them the last before the incident and the\n"
    "                        first behind it go into the case; can be said again;\n"
    "                        default, without --store: " NTA_HEADS_FILE "\n"
    "  -d, --store DIR       the folder of `nta read --store`; default: what\n"
    "                        ntad.conf names\n"
    "  -c, --config FILE     another configuration than " NTA_DEFAULT_CONFIG "\n"
    "  -k, --key KEY         trust this sensor (nta-sensor-...) and no other; can be\n"
    "                        said again; default: those of sensors.pub in the key\n"
    "                        folder\n"
    "      --quiet           do not say how far the chain was checked, if all holds\n"
    "  -h, --help            this text\n\n"
    "What is in the file is in clear: it is personal data.  The same records and the\n"
    "same newest batch make the same file.\n\n"
    "Exit status: 0 done, 1 something does not hold, or there is no such incident; 2\n"
    "wrong usage; 3 could not run.\n";

enum
{
    OPT_SEAL = NTA_OPT_ABOUT_OWN,
    OPT_HEADS,
    OPT_PAPER
};

static const struct option known_options[] = {
    {"output", required_argument, NULL, 'o'}, {"force", no_argument, NULL, 'f'},
    {"store", required_argument, NULL, 'd'},  {"config", required_argument, NULL, 'c'},
    {"key", required_argument, NULL, 'k'},    {"quiet", no_argument, NULL, NTA_OPT_QUIET},
    {"seal", no_argument, NULL, OPT_SEAL},    {"heads", required_argument, NULL, OPT_HEADS},
    {"paper", no_argument, NULL, OPT_PAPER},  NTA_LANG_OPTION,
    {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
};

struct evidence
{
    struct nta_filters filters;
    const char *id, *output;
    bool force, seal, paper;
    struct nta_about_options about; ///< The sheet's language.
    struct nta_wanted wanted;
    struct nta_case_given_heads given;
    struct nta_case *kase, *sealed;  ///< Owned; `sealed`: the seal, NULL: none.
    struct nta_buf archive;          ///< The file: a case, or a sheet,
    char on_sheet[NTA_CASE_ID_SIZE]; ///< with this record.
};

static int take_option(void *owner, int option, struct nta_err *err)
{
    struct evidence *evidence = owner;

    switch (option) {
    case 'o': evidence->output = optarg; return 0;
    case 'f': evidence->force = true; return 0;
    case OPT_SEAL: evidence->seal = true; return 0;
    case OPT_PAPER: evidence->paper = true; return 0;
    case OPT_HEADS: return nta_heads_read(&evidence->given.heads, optarg, err);
    default: return nta_about_take(&evidence->about, option, err);
    }
}

static bool ends_with(const char *path, const char *ending)
{
    const char *dot = strrchr(path, '.');

    return dot && strcasecmp(dot, ending) == 0;
}

static int check_options(void *owner, char **arguments, int n_arguments, struct nta_err *err)
{
    struct evidence *evidence = owner;

    evidence->id = n_arguments ? arguments[0] : NULL;
    if (!evidence->id)
        return nta_err_set(err, -EINVAL, "a case of which incident? (nta incidents)");
    const char *ending = evidence->paper ? ".pdf" : ".zip";

    if (!evidence->output)
        return nta_err_set(err, -EINVAL, "where to? -o %s",
                           evidence->paper ? "SHEET.pdf" : "CASE.zip");
    if (!ends_with(evidence->output, ending))
        return nta_err_set(err, -EINVAL, "the file's name must end in %s%s", ending,
                           ends_with(evidence->output, ".pdf") ? " (a sheet: --paper)" : "");
    if (evidence->paper && evidence->seal)
        return nta_err_set(err, -EINVAL, "--seal: a sheet has no seal, its codes are the proof");
    if (evidence->about.lang && !evidence->paper)
        return nta_err_set(err, -EINVAL, "--lang: a case has a page in each language");
    return 0;
}

static const struct nta_options options = {
    .command = "evidence",
    .known = known_options,
    .letters = "o:fd:c:k:h",
    .help = help,
    .n_arguments = 1,
    .take = take_option,
    .check = check_options,
};

/** What cannot be proved here is not handed to anybody. */
static int check_case(const struct evidence *evidence, const struct nta_trust *trust,
                      struct nta_err *err)
{
    NTA_AUTO(nta_case_file_done) struct nta_case_file again = {.kase = NULL};
    struct nta_case_report report = {0};
    int r = nta_case_read(nta_buf_span(&evidence->archive), &again, &report);

    if (r == 0 && again.kase)
        r = nta_case_prove_file(&again, trust, NULL, &report);
    if (r < 0)
        return nta_err_sys(err, r, "evidence");
    for (size_t i = 0; i < NTA_CASE_N_STEPS; i++)
        if (report.steps[i].state == NTA_CASE_WRONG)
            return nta_err_set(err, -EBADMSG, "the case would not hold: %s: %s",
                               nta_case_step_name((enum nta_case_step)i), report.steps[i].text);
    return 0;
}

/** Without a seal it is a case, too. */
static int seal(struct evidence *evidence, struct nta_err *err)
{
    struct nta_err why = {0};

    if (evidence->filters.dir && !evidence->seal)
        return 0;
    const int r = nta_case_make_seal(&evidence->filters, &evidence->wanted, evidence->kase,
                                     &evidence->sealed, &why);

    nta_progress_wipe();
    if (r < 0 && evidence->seal)
        return nta_err_prefix(err, nta_err_set(err, r, "%s", why.text), "not sealed");
    if (r < 0)
        nta_prose_print(stderr, "nta: the files for people are not sealed: %s\n", why.text);
    return 0;
}

/** What nta-witness.service notes, where nobody named another file. */
static int take_default_heads(struct evidence *evidence, struct nta_err *err)
{
    const bool is_named = evidence->given.heads.n || evidence->given.heads.empty;

    if (is_named || evidence->filters.dir || access(NTA_HEADS_FILE, F_OK) < 0)
        return 0;
    return nta_heads_read(&evidence->given.heads, NTA_HEADS_FILE, err);
}

/** A sheet that would not hold is not printed. */
static int make_sheet(struct evidence *evidence, struct nta_search *search, struct nta_err *err)
{
    NTA_AUTO(nta_paper_done) struct nta_paper paper = {.note = {0}};
    NTA_AUTO(nta_buf_done) struct nta_buf note = {0};
    struct nta_case_report report = {0};
    enum nta_language language = NTA_LANGUAGE_EN;
    struct nta_sheet again;
    const bool is_any = strncasecmp(evidence->id, "I-", 2) == 0 ||
                        nta_paper_names(evidence->id, evidence->wanted.incident);
    int r = nta_paper_choose(evidence->kase, is_any ? NULL : evidence->id, &evidence->given,
                             nta_search_stores(search), &paper, err);

    if (r < 0)
        return r;
    if (nta_sheet_decode(nta_buf_span(&paper.cbor), &note, &again) == 0)
        nta_sheet_prove(&again, &nta_search_stores(search)->trust, NULL, &report);
    if (report.steps[NTA_CASE_RECORDS].state != NTA_CASE_HOLDS ||
        nta_case_result(&report) == NTA_CASE_WRONG)
        return nta_err_set(err, -EBADMSG, "the sheet would not hold: %s",
                           report.steps[NTA_CASE_LOG].text);
    memcpy(evidence->on_sheet, paper.id, sizeof(evidence->on_sheet));
    (void)nta_language_find(nta_span_of(nta_about_lang(&evidence->about)), &language);
    return nta_paper_draw(&paper, language, &evidence->archive, err);
}

static int make(struct evidence *evidence, struct nta_search *search, struct nta_err *err)
{
    int r = nta_wanted_find(&evidence->filters, search, evidence->id, NULL, &evidence->wanted, err);

    if (r == 0)
        r = take_default_heads(evidence, err);
    if (r == 0)
        r = nta_case_collect(search, &evidence->wanted, &evidence->given, &evidence->kase, err);
    if (r == 0 && evidence->paper)
        return make_sheet(evidence, search, err);
    if (r == 0)
        r = seal(evidence, err);
    if (r == 0)
        r = nta_case_write(evidence->kase, evidence->sealed, &evidence->archive, err);
    return r < 0 ? r : check_case(evidence, &nta_search_stores(search)->trust, err);
}

static int write_file(const struct evidence *evidence)
{
    NTA_AUTO(nta_fresh_drop) struct nta_fresh_file fresh = NTA_FRESH_NONE;
    struct nta_err err = {0};
    int r = nta_fresh_open(&fresh, evidence->output, &err);

    if (r == 0) {
        (void)fwrite(evidence->archive.ptr, 1, evidence->archive.len, fresh.file);
        r = evidence->paper ? nta_page_note(nta_buf_span(&evidence->archive), 1, &err) : 0;
    }
    if (r == 0)
        r = nta_fresh_commit(&fresh, evidence->force, &err);
    return r < 0 ? nta_cmd_fail(NTA_EXIT_FAILURE, "%s%s", err.text,
                                r == -EEXIST ? "; --force replaces it" : "")
                 : NTA_EXIT_OK;
}

static void say_done(const struct evidence *evidence)
{
    NTA_AUTO(nta_buf_done) struct nta_buf size = {0};

    nta_put_size(&size, evidence->archive.len);
    if (evidence->paper)
        nta_prose_print(stdout, "%s: sheet of record %s, one of %s\n", evidence->output,
                        evidence->on_sheet, evidence->wanted.incident);
    else
        nta_prose_print(stdout, "%s: case of %s, %zu records, %.*s\n", evidence->output,
                        evidence->wanted.incident, evidence->wanted.n, (int)size.len,
                        size.ptr ? (const char *)size.ptr : "");
    if (evidence->wanted.n_joined)
        nta_prose_print(stderr,
                        "nta: %" PRIu64 " records of the incident are not in the case: there were "
                        "too many to be known one by one\n",
                        evidence->wanted.n_joined);
}

static int run(struct evidence *evidence)
{
    NTA_AUTO(nta_search_close) struct nta_search *search = NULL;
    struct nta_proof_shown shown = {.n = 0};
    struct nta_err err = {0};
    int r = nta_filters_open(&evidence->filters, &search, &err);

    if (r == 0)
        r = make(evidence, search, &err);
    nta_progress_wipe();
    int status = r == 0         ? write_file(evidence)
                 : r == -EINVAL ? nta_cmd_fail(NTA_EXIT_USAGE, "%s", err.text)
                 : search && (r == -ENOENT || r == -ENODATA || r == -EBADMSG)
                     ? nta_cmd_fail(NTA_EXIT_INPUT, "%s", err.text)
                     : nta_cmd_fail(nta_proof_failed(r), "%s", err.text);

    if (status == NTA_EXIT_OK)
        say_done(evidence);
    const int proof = nta_proof_conclude(search, evidence->filters.quiet, &shown);

    if (status == NTA_EXIT_OK && (evidence->wanted.n_joined || evidence->given.n_wrong))
        status = NTA_EXIT_INPUT;
    return status ? status : proof;
}

int nta_cmd_evidence(int argc, char **argv)
{
    struct evidence evidence = {.force = false};
    int status = nta_options_parse(&options, &evidence.filters, &evidence, argc, argv);

    if (status < 0)
        status = run(&evidence);
    nta_wanted_done(&evidence.wanted);
    nta_heads_done(&evidence.given.heads);
    nta_case_free(&evidence.kase);
    nta_case_free(&evidence.sealed);
    nta_buf_done(&evidence.archive);
    nta_filters_done(&evidence.filters);
    return status;
}
