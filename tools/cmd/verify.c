/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nta verify: does the chain hold?  Needs the sensors' public keys alone; with the auditor's key
 * each batch is opened, too, so that records are held against the signed Merkle root, and tokens
 * and times against the records.  Or: is a case, or a page that was handed on, what was made?
 */
#include "base/file/path.h"
#include "base/own.h"
#include "base/prose.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "cases/show.h"
#include "chain/heads.h"
#include "chain/verify_show.h"
#include "cmd/cmd.h"
#include "output/fail.h"
#include "output/term.h"
#include "pages/check.h"
#include "search/inspect.h"
#include "search/resume.h"
#include "search/stores.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char help[] =
    "usage: nta verify [OPTIONS]\n"
    "       nta verify CASE.zip --key KEY [--witness KEY] [--json]\n"
    "       nta verify PAGE.html [OPTIONS]\n\n"
    "Check that no batch of records was changed, removed, added or moved: each\n"
    "header signed by the key that the chain names for its number, from the sensor's\n"
    "identity on, and linked to the one before; the tree hash in it that of all\n"
    "before; numbers without holes from 1 to the store's own chain row; tokens,\n"
    "bodies and data keys as signed; contents missing only where a signed note says\n"
    "that they were deleted.  That takes the sensors' public keys only.  Where the\n"
    "auditor's key is at hand, every batch is opened as well: its records are held\n"
    "against the signed Merkle root, its search tokens and times against them.\n\n"
    "  -k, --key KEY       trust this sensor (nta-sensor-...), as you noted its key\n"
    "                      when it was made, and no other; can be said again;\n"
    "                      default: those of sensors.pub in the key folder, or\n"
    "                      sensor.pub\n"
    "      --head N:LINK   a head that you noted: batch N with this link must lie in\n"
    "                      the chain; with its tree hash N:LINK:ROOT, with several\n"
    "                      sensors SENSOR:N:LINK or SENSOR:N:LINK:ROOT; can be said\n"
    "                      again\n"
    "      --heads FILE    the same for all heads in this file, as ntad logs them\n"
    "                      (\"chain head of sensor S: batch N, LINK, tree ROOT\" in a\n"
    "                      line), and for checkpoints, as witnesses keep them\n"
    "                      (c2sp.org/tlog-checkpoint); - is standard input\n"
    "      --witness FILE  keys of witnesses, a line each, or a key itself: each of\n"
    "                      them must have cosigned one of the heads (nta witness)\n"
    "      --tsa FILE      certificates (PEM) of an authority for time stamps: one\n"
    "                      of the heads must have its stamp (RFC 3161)\n"
    "  -q, --quick         do not open batches, nor make their indexes again\n"
    "  -r, --resume        begin behind the batch up to which you verified this\n"
    "                      store the last time: of those before it, headers only are\n"
    "                      held against what was found then; without it all is read\n"
    "  -j, --json          the result as one JSON object\n"
    "  -d, --store DIR     the folder of `nta read --store`; default: what ntad.conf\n"
    "                      names\n"
    "  -c, --config FILE   another configuration than " NTA_DEFAULT_CONFIG "\n"
    "  -h, --help          this text\n\n"
    "The result is one word; each place where something does not hold is named with\n"
    "its reason, and what is to be done.  What is to be known and no fault (deleted,\n"
    "lost, a clock that went back) is named, too.  docs/verify.md tells what each\n"
    "reason means.\n\n"
    "CASE.zip is a case that `nta evidence` made: it is checked by itself, line by\n"
    "line, without a store and without any secret.  There KEY may also be the\n"
    "sensor's fingerprint, its id of 32 digits; and each --witness must have\n"
    "cosigned a head of its log that lies behind the records.  The codes of a sheet\n"
    "(nta evidence --paper), as `zbarimg --raw -Sbinary` reads them, are checked so,\n"
    "too.\n\n"
    "PAGE.html is a report: is it as it was made, and do the heads that it names lie\n"
    "in the store?  Only a page whose hash was noted in the chain when it was made,\n"
    "by the ntad that writes the store, is said to hold.  Of a PDF, a spreadsheet\n"
    "and a map that is looked at alone.\n\n"
    "Exit status:\n"
    "  0  HOLDS\n"
    "  1  WRONG: something does not hold; or NOTHING TO CHECK: there are no batches\n"
    "  2  wrong usage\n"
    "  3  UNSEEN: what could be seen holds, but something that is named could not be\n"
    "     looked at, as when MySQL is away or a list of heads is empty; or it could\n"
    "     not run\n";

enum
{
    OPT_HEAD = 256,
    OPT_HEADS,
    OPT_WITNESS,
    OPT_TSA,
    KEYS_MAX = 64
};

struct verifying
{
    const char *keys[KEYS_MAX];
    struct nta_stores_options options;
    struct nta_heads heads; ///< Those that were noted.
    struct nta_witnesses witnesses;
    bool quick, resumes, json;
    const char *path;    ///< A case, or a page; NULL: a store is verified.
    bool is_page;        ///< It is, and is held against a store.
    struct nta_buf page; ///< Owned.
    struct nta_stores stores;
    struct nta_opener *opener; ///< NULL: batches are not opened.
    struct nta_told *told;     ///< What opened records tell.
    struct nta_chain *chain;
    struct nta_resume *resume;         ///< What is remembered.
    struct nta_made made;              ///< Owned: which indexes were made again.
    struct nta_inspection *inspection; ///< While it walks; NULL: batches are not opened.
    bool is_telling;                   ///< What it found out is being told.
    int told_result;                   ///< Of telling while the judge had something to say,
    struct nta_err told_err;           ///< and why.
    uint64_t n_all, n_seen, n_opened;
};

static const struct option options[] = {
    {"key", required_argument, NULL, 'k'},
    {"head", required_argument, NULL, OPT_HEAD},
    {"heads", required_argument, NULL, OPT_HEADS},
    {"witness", required_argument, NULL, OPT_WITNESS},
    {"tsa", required_argument, NULL, OPT_TSA},
    {"quick", no_argument, NULL, 'q'},
    {"resume", no_argument, NULL, 'r'},
    {"json", no_argument, NULL, 'j'},
    {"store", required_argument, NULL, 'd'},
    {"config", required_argument, NULL, 'c'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int take_key(struct verifying *verifying, const char *text, struct nta_err *err)
{
    if (verifying->options.n_keys == KEYS_MAX)
        return nta_err_set(err, -EINVAL, "--key: more than %d sensors", KEYS_MAX);
    verifying->keys[verifying->options.n_keys++] = text;
    return 0;
}

/**
 * 0: taken, 1: --help was given, -EINVAL with the sentence (none if getopt said it), -EIO: a file
 * cannot be read.
 */
static int take_option(struct verifying *verifying, int option, struct nta_err *err)
{
    switch (option) {
    case 'k': return take_key(verifying, optarg, err);
    case OPT_HEAD: return nta_heads_add(&verifying->heads, optarg, err);
    case OPT_HEADS: return nta_heads_read(&verifying->heads, optarg, err);
    case OPT_WITNESS: return nta_witnesses_add(&verifying->witnesses, optarg, err);
    case OPT_TSA: return nta_witnesses_add_stamps(&verifying->witnesses, optarg, err);
    case 'q': verifying->quick = true; return 0;
    case 'r': verifying->resumes = true; return 0;
    case 'j': verifying->json = true; return 0;
    case 'd': verifying->options.dir = optarg; return 0;
    case 'c': verifying->options.config = optarg; return 0;
    case 'h': (void)fputs(help, stdout); return 1;
    default: return -EINVAL;
    }
}

/** After the last option: what is verified, and whether the others fit that. */
static int check_options(struct verifying *verifying, char **arguments, int n_arguments,
                         struct nta_err *err)
{
    uint8_t sensor[NTA_SENSOR_ID_LEN], ignored[NTA_KEY_LEN];
    int r = 0;

    if (n_arguments > 1)
        return nta_err_set(err, -EINVAL, "too many arguments");
    verifying->path = n_arguments ? arguments[0] : NULL;
    verifying->is_page = verifying->path && nta_page_is_one(verifying->path);
    verifying->quick |= verifying->is_page;
    for (size_t i = 0; i < verifying->options.n_keys && r == 0; i++)
        if (!verifying->path || verifying->is_page ||
            !nta_case_fingerprint(verifying->keys[i], sensor))
            r = nta_keys_parse_sensor(verifying->keys[i], ignored, err);
    if (r < 0)
        return nta_err_prefix(err, r, "--key");
    if (verifying->path && !verifying->is_page &&
        (verifying->options.dir || verifying->options.config || verifying->heads.n ||
         verifying->heads.empty || verifying->quick || verifying->resumes))
        return nta_err_set(
            err, -EINVAL,
            "a case is checked with --key, --witness, --tsa and --json alone: the heads "
            "that somebody noted are in it");
    return 0;
}

static int take_options(struct verifying *verifying, int argc, char **argv)
{
    struct nta_err err = {0};
    int c, r = 0;

    verifying->options.keys = verifying->keys;
    while (r == 0 && (c = getopt_long(argc, argv, "k:qrjd:c:h", options, NULL)) != -1)
        r = take_option(verifying, c, &err);
    if (r > 0)
        return NTA_EXIT_OK;
    if (r == 0)
        r = check_options(verifying, argv + optind, argc - optind, &err);
    if (r < 0 && err.text[0])
        (void)nta_cmd_fail(NTA_EXIT_USAGE, "%s", err.text);
    if (r < 0)
        return r == -EINVAL ? nta_cmd_usage("verify") : NTA_EXIT_FAILURE;
    return -1;
}

/* ---- the walk ---- */

/** Its records, against what its header says. */
static void report_values(struct verifying *verifying, const struct nta_inspected *inspected)
{
    switch (inspected->values) {
    case NTA_VALUES_OK: break;
    case NTA_VALUES_RECORDS:
        nta_chain_report(verifying->chain, NTA_FINDING_RECORDS, &inspected->header, NULL);
        break;
    case NTA_VALUES_CLASS:
    case NTA_VALUES_TIMES:
    case NTA_VALUES_TOKENS:
        nta_chain_report(verifying->chain, NTA_FINDING_VALUES, &inspected->header,
                         nta_values_check_text(inspected->values));
        break;
    }
}

static int take_inspected(struct verifying *verifying, const struct nta_inspected *inspected,
                          struct nta_err *err)
{
    const struct nta_header *header = &inspected->header;

    if (!inspected->has_key) {
        nta_chain_report(verifying->chain, NTA_FINDING_KEY_CLOSED, header,
                         "its data key is another auditor's, or is not here");
        return 0;
    }
    if (!inspected->is_open) {
        nta_chain_report(verifying->chain, NTA_FINDING_OPENED, header,
                         "it does not open, or its records are not those of the signed root");
        return 0;
    }
    verifying->n_opened++;
    if (nta_told_take(verifying->told, header, &inspected->batch, verifying->chain) < 0)
        return nta_err_sys(err, -ENOMEM, "verify");
    report_values(verifying, inspected);
    return 0;
}

static int on_inspected(void *owner, const struct nta_inspected *inspected, struct nta_err *err)
{
    struct verifying *verifying = owner;

    verifying->is_telling = true;
    const int r = take_inspected(verifying, inspected, err);

    verifying->is_telling = false;
    return r;
}

/** The judge has something to say of a batch: what was found out of those before it goes first. */
static void before_finding(void *owner)
{
    struct verifying *verifying = owner;

    if (!verifying->is_telling && verifying->inspection && verifying->told_result == 0)
        verifying->told_result = nta_inspect_finish(verifying->inspection, &verifying->told_err);
}

static int on_batch(void *owner, const struct nta_stored *row, const struct nta_verdict *verdict,
                    struct nta_err *err)
{
    struct verifying *verifying = owner;

    (void)verdict;
    verifying->n_seen++;
    nta_progress_show(
        "batch %" PRIu64 ", %3.0f %%", row->header.number,
        verifying->n_all ? 100.0 * (double)verifying->n_seen / (double)verifying->n_all : 0.0);
    if (verifying->told_result < 0)
        return nta_err_set(err, verifying->told_result, "%s", verifying->told_err.text);
    return verifying->inspection ? nta_inspect_put(verifying->inspection, row, err) : 0;
}

/** Not what was verified before. */
static bool narrows(void *owner, const struct nta_header *header)
{
    const struct verifying *verifying = owner;

    return !verifying->resumes || !nta_resume_passes(verifying->chain, header);
}

/** All rows before the judge, and all batches that it lets pass opened, if that is possible. */
static int walk_all(struct verifying *verifying, struct nta_err *err)
{
    const struct nta_stores_walk walk = {
        .chain = verifying->chain,
        .opener = verifying->opener,
        .made = verifying->quick ? NULL : &verifying->made, /* tokens are hashed all the same */
        .narrows = narrows,
        .wants_owner = verifying,
        .each = on_batch,
        .owner = verifying,
    };
    int r = verifying->opener
                ? nta_inspect_start(verifying->stores.wrapped, verifying->opener, on_inspected,
                                    verifying, &verifying->inspection, err)
                : 0;

    nta_findings_before(verifying->stores.findings, before_finding, verifying);
    if (r == 0)
        r = nta_stores_each(&verifying->stores, &walk, err);
    if (r == 0 && verifying->inspection)
        r = nta_inspect_finish(verifying->inspection, err);
    if (r == 0 && verifying->told_result < 0)
        r = nta_err_set(err, verifying->told_result, "%s", verifying->told_err.text);
    nta_findings_before(verifying->stores.findings, NULL, NULL);
    nta_inspect_free(&verifying->inspection);
    return r;
}

/** A key that is there and cannot be used was given; one that is not there was not. */
static void open_keys(struct verifying *verifying)
{
    const struct nta_finding_at nowhere = {.number = 0};
    char path[NTA_PATH_SIZE + 16];
    struct nta_err err = {0};
    struct stat st;

    if (verifying->quick)
        return;
    const int r = nta_opener_new(verifying->stores.keys_dir, &verifying->opener, &err);

    if (r == 0)
        return;
    if (r == -ENOKEY) { /* under a passphrase that nobody says: the auditor is not here */
        nta_prose_print(stderr, "nta: batches are not opened: %s\n", err.text);
        return;
    }
    if (nta_path_join(verifying->stores.keys_dir, "auditor.key", path, sizeof(path)) &&
        lstat(path, &st) == 0)
        nta_findings_add(verifying->stores.findings, NTA_FINDING_KEY_GIVEN, &nowhere, err.text);
}

/** How many there are, for showing progress. */
static uint64_t count(struct verifying *verifying)
{
    const struct nta_store_query all = {0};
    struct nta_err ignored;
    uint64_t n = 0;

    return nta_stores_count(&verifying->stores, &all, &n, &ignored) < 0 ? 0 : n; /* damaged */
}

static enum nta_resume_depth depth_of(const struct verifying *verifying)
{
    return nta_resume_depth(verifying->quick, verifying->opener);
}

/** How far it held, for the next time. */
static void remember(const struct verifying *verifying, int64_t began_ns)
{
    const struct nta_stores *stores = &verifying->stores;
    const struct nta_verified verified = {.findings = stores->findings, .chain = verifying->chain};

    if (nta_verify_holds(&verified))
        nta_resume_keep(stores, verifying->chain, verifying->resume, depth_of(verifying),
                        &verifying->made, began_ns);
    else if (nta_findings_of(stores->findings, NTA_WRONG))
        nta_resume_forget(stores);
}

static int check(struct verifying *verifying, struct nta_err *err)
{
    struct nta_stores *stores = &verifying->stores;
    const int64_t wall_ns = nta_clock_wall_ns();

    verifying->n_all = count(verifying);
    open_keys(verifying);
    int r = nta_stores_judge(stores, true, &verifying->chain, err);

    if (r == 0)
        r = nta_stores_check_state(stores, verifying->chain, err);
    if (r == 0)
        r = nta_heads_expect(&verifying->heads, &stores->trust, verifying->chain, err);
    if (r == 0)
        r = nta_made_init(&verifying->made, &stores->trust);
    if (r == 0 && verifying->resumes)
        r = nta_resume_begin(stores, verifying->chain, depth_of(verifying), &verifying->made,
                             verifying->resume, err);
    if (r == 0)
        r = walk_all(verifying, err);
    if (r == 0)
        r = nta_stores_end(stores, verifying->chain, true, err);
    if (r == 0)
        nta_heads_check_empty(&verifying->heads, verifying->chain, stores->findings);
    if (r == 0)
        r = nta_witnesses_look(&verifying->witnesses, &verifying->heads, verifying->chain,
                               stores->findings);
    if (r == 0)
        remember(verifying, wall_ns);
    return r == -ENOMEM ? nta_err_sys(err, r, "verify") : r;
}

/** What was found where there is nothing to walk through: that is a result. */
static int show_alone(const struct verifying *verifying, enum nta_finding_kind kind,
                      const char *text)
{
    NTA_AUTO(nta_findings_free) struct nta_findings *findings = nta_findings_new();
    const struct nta_finding_at nowhere = {.number = 0};
    const struct nta_verified verified = {.findings = findings};

    if (!findings)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "out of memory");
    nta_findings_add(findings, kind, &nowhere, text);
    return nta_verify_show(&verified, verifying->json);
}

static int check_page(struct verifying *verifying, struct nta_err *err)
{
    const int r = nta_page_load(verifying->path, &verifying->page, err);

    return r < 0 ? r
                 : nta_page_check(&verifying->page, &verifying->options, &verifying->heads,
                                  verifying->stores.findings, err);
}

static int verify(struct verifying *verifying)
{
    struct nta_err err = {0};
    int r = nta_stores_open(&verifying->options, &verifying->stores, &err);
    const bool is_missing = r < 0;

    if (r == 0 && verifying->is_page)
        r = check_page(verifying, &err);
    if (r == 0)
        r = check(verifying, &err);
    nta_progress_wipe();
    if (r == -EPROTO)
        return show_alone(verifying, NTA_FINDING_TABLE, err.text);
    if (r == -ENODATA)
        return show_alone(verifying, NTA_FINDING_HEAD, err.text);
    if (r == -ENOENT && is_missing && verifying->heads.n > 0)
        return show_alone(verifying, NTA_FINDING_NOTED, err.text);
    if (r < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    const struct nta_verified verified = {
        .findings = verifying->stores.findings,
        .chain = verifying->chain,
        .n_opened = verifying->n_opened,
        .opens = verifying->opener,
        .resumes = verifying->resumes,
        .resume = verifying->resume,
        .told = verifying->told,
        .witnesses = &verifying->witnesses,
        .has_identity = nta_keys_has_identity(verifying->stores.keys_dir),
    };

    return nta_verify_show(&verified, verifying->json);
}

/** Of any of the authorities that were given. */
static bool is_stamped(struct nta_span note, const void *owner, uint64_t *ret_time_s)
{
    const struct nta_witnesses *witnesses = owner;
    uint64_t time_s;
    bool is = false;

    for (size_t i = 0; i < witnesses->n; i++)
        if (witnesses->all[i].stamps && nta_stamp_check(note, witnesses->all[i].stamps, &time_s)) {
            *ret_time_s = is && *ret_time_s < time_s ? *ret_time_s : time_s;
            is = true;
        }
    return is;
}

static int show_case(const struct verifying *verifying)
{
    struct nta_note_key keys[NTA_WITNESSES_MAX];
    struct nta_case_question question = {
        .path = verifying->path,
        .keys = verifying->keys,
        .n_keys = verifying->options.n_keys,
        .witnesses = {.keys = keys, .owner = &verifying->witnesses},
        .json = verifying->json,
    };

    for (size_t i = 0; i < verifying->witnesses.n; i++)
        if (verifying->witnesses.all[i].stamps)
            question.witnesses.stamped = is_stamped;
        else
            keys[question.witnesses.n++] = verifying->witnesses.all[i].key;
    return nta_case_show(&question);
}

int nta_cmd_verify(int argc, char **argv)
{
    struct verifying verifying = {.quick = false};
    int status = take_options(&verifying, argc, argv);

    if (status < 0 && verifying.path && !verifying.is_page)
        status = show_case(&verifying);
    if (status < 0) {
        verifying.told = nta_told_new();
        verifying.resume = nta_resume_new();
        status = verifying.told && verifying.resume
                     ? verify(&verifying)
                     : nta_cmd_fail(NTA_EXIT_FAILURE, "out of memory");
    }
    nta_resume_free(&verifying.resume);
    nta_made_done(&verifying.made);
    nta_chain_free(&verifying.chain);
    nta_stores_close(&verifying.stores);
    nta_opener_free(&verifying.opener);
    nta_told_free(&verifying.told);
    nta_buf_done(&verifying.page);
    nta_heads_done(&verifying.heads);
    nta_witnesses_done(&verifying.witnesses);
    return status;
}
