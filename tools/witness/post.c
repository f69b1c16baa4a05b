/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file/plainfile.h"
#include "base/own.h"
#include "base/prose.h"
#include "base/text.h"
#include "options/options.h"
#include "output/fail.h"
#include "witness/head.h"
#include "witness/noted.h"
#include "witness/subcommands.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum
{
    OPT_LIST = 256,
    WITNESSES_MAX = 64,
    LINE_SIZE = 2048,
    LIST_MAX = 256 * 1024 ///< Bytes of the list of witnesses.
};

static const struct option known_options[] = {
    {"output", required_argument, NULL, 'o'},
    {"witness", required_argument, NULL, 'w'},
    {"list", required_argument, NULL, OPT_LIST},
    {"store", required_argument, NULL, 'd'},
    {"config", required_argument, NULL, 'c'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct witness
{
    struct nta_note_key key; ///< Of an authority for time stamps its name alone.
    bool is_authority;
    char url[LINE_SIZE];
};

struct posting
{
    struct nta_stores_options options;
    const char *list, *output;
    bool has_key;
    struct witness *all; ///< Owned; space for WITNESSES_MAX.
    size_t n;
    struct nta_posted_head head;
    struct nta_buf lines; ///< Of those who cosigned it.
};

static void posting_done(struct posting *posting)
{
    free(posting->all);
    nta_posted_head_done(&posting->head);
    nta_buf_done(&posting->lines);
}

/* ---- the list ---- */

static struct nta_span take_word(struct nta_span *line)
{
    const struct nta_span word = nta_span_take(line, ' ');

    while (line->len && line->ptr[0] == ' ')
        *line = nta_span_from(*line, 1);
    return word;
}

/** "KEY URL", or "tsa NAME URL". */
static int take_line(struct posting *posting, struct nta_span line, struct nta_err *err)
{
    static const uint8_t no_key[NTA_KEY_LEN];
    struct witness *witness = &posting->all[posting->n];
    struct nta_span word = take_word(&line);

    if (posting->n == WITNESSES_MAX)
        return nta_err_set(err, -E2BIG, "more than %d witnesses", WITNESSES_MAX);
    witness->is_authority = nta_span_is(word, "tsa");
    if (witness->is_authority)
        word = take_word(&line);
    if (witness->is_authority && !nta_note_key_init(&witness->key, word, 0, no_key))
        return nta_err_set(err, -EINVAL, "behind tsa stands no name of an authority");
    if (!witness->is_authority && !nta_cosign_key_parse(word, &witness->key))
        return nta_err_set(err, -EINVAL, "it begins with no key of a witness (NAME+ID+KEY)");
    if (line.len == 0 || memchr(line.ptr, ' ', line.len))
        return nta_err_set(err, -EINVAL, "at its end stands one URL, and nothing else");
    (void)snprintf(witness->url, sizeof(witness->url), "%.*s", (int)line.len,
                   (const char *)line.ptr);
    posting->n++;
    return 0;
}

static int read_list(struct posting *posting, struct nta_err *err)
{
    char line[LINE_SIZE];
    unsigned number = 0;
    int r = 0;
    NTA_AUTO_FILE FILE *file = nta_plainfile_stream(posting->list, LIST_MAX, 0, &r, err);

    if (!file)
        return nta_err_prefix(err, r, "--list");
    while (fgets(line, sizeof(line), file)) {
        const size_t len = strcspn(line, "\r\n");

        number++;
        if (len + 1 >= sizeof(line))
            return nta_err_set(err, -EINVAL, "--list %.200s: line %u is too long", posting->list,
                               number);
        if (len == 0 || line[0] == '#')
            continue;
        r = take_line(posting, nta_span_first(nta_span_of(line), len), err);
        if (r < 0)
            return nta_err_prefix(err, r, "--list %.200s: line %u", posting->list, number);
    }
    return ferror(file) ? nta_err_sys(err, -EIO, "--list %.200s", posting->list) : 0;
}

/* ---- asking all ---- */

static int status_of(int r)
{
    return r == -EBADMSG || r == -ESTALE || r == -ENODATA ? NTA_EXIT_INPUT : NTA_EXIT_FAILURE;
}

/** One that is away, or refuses, keeps no other from being asked.  The worst of their statuses. */
static int ask_all(struct posting *posting)
{
    int status = NTA_EXIT_OK;

    for (size_t i = 0; i < posting->n; i++) {
        const struct witness *witness = &posting->all[i];
        struct nta_err err = {0};
        const int r = witness->is_authority
                          ? nta_posted_head_stamp(&posting->head, witness->url, witness->key.name,
                                                  &posting->lines, &err)
                          : nta_posted_head_cosign(&posting->head, witness->url, &witness->key,
                                                   &posting->lines, &err);

        if (r == 0) {
            nta_prose_print(stdout, "batch %" PRIu64 " is %s by %s\n", posting->head.head.n,
                            witness->is_authority ? "stamped" : "cosigned", witness->key.name);
            continue;
        }
        (void)nta_cmd_fail(status_of(r), "%s: %s", witness->key.name, err.text);
        if (status != NTA_EXIT_INPUT)
            status = status_of(r);
    }
    return status;
}

/** With a list the head is noted whoever cosigned it; else only if it is cosigned. */
static int note(const struct posting *posting, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf whole = {0};

    if (!posting->output || (!posting->list && posting->lines.len == 0))
        return 0;
    nta_buf_put(&whole, posting->head.note.ptr, posting->head.note.len);
    nta_buf_put(&whole, posting->lines.ptr, posting->lines.len);
    return whole.failed ? nta_err_sys(err, -ENOMEM, "witness")
                        : nta_noted_append(posting->output, nta_buf_span(&whole), err);
}

static int post(struct posting *posting)
{
    struct nta_err err = {0};
    int r = nta_posted_head_open(&posting->options, &posting->head, &err);

    if (r == 0 && posting->output)
        r = nta_noted_try(posting->output, &err);
    if (r < 0)
        return nta_cmd_fail(status_of(r), "%s", err.text);
    const int status = ask_all(posting);

    r = note(posting, &err);
    if (r < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    if (posting->list && posting->output)
        nta_prose_print(stdout, "batch %" PRIu64 " is noted in %s\n", posting->head.head.n,
                        posting->output);
    return status;
}

/* ---- options ---- */

/** 0; 1: --help was given; -EINVAL with the sentence. */
static int take_option(struct posting *posting, int option, struct nta_err *err)
{
    switch (option) {
    case 'o': posting->output = optarg; return 0;
    case OPT_LIST: posting->list = optarg; return 0;
    case 'd': posting->options.dir = optarg; return 0;
    case 'c': posting->options.config = optarg; return 0;
    case 'w':
        posting->has_key = nta_cosign_key_parse(nta_span_of(optarg), &posting->all[0].key);
        return posting->has_key ? 0
                                : nta_err_set(err, -EINVAL,
                                              "--witness: %.120s: is no key of a "
                                              "witness (NAME+ID+KEY)",
                                              optarg);
    case 'h': return 1;
    default: return -EINVAL;
    }
}

/** Whom to ask: one with its URL, or those of a list. */
static int find_witnesses(struct posting *posting, char **urls, int n_urls, struct nta_err *err)
{
    if (posting->list && (n_urls || posting->has_key))
        return nta_err_set(err, -EINVAL, "a list has its URLs and keys in it");
    if (posting->list)
        return read_list(posting, err);
    if (n_urls != 1)
        return nta_err_set(err, -EINVAL, "to which witness? Its URL, or --list FILE");
    if (!posting->has_key)
        return nta_err_set(err, -EINVAL, "which witness is it? --witness KEY, as it prints it");
    if (strlen(urls[0]) >= sizeof(posting->all[0].url))
        return nta_err_set(err, -EINVAL, "the URL is too long");
    (void)snprintf(posting->all[0].url, sizeof(posting->all[0].url), "%s", urls[0]);
    posting->n = 1;
    return 0;
}

int nta_witness_post(int argc, char **argv)
{
    NTA_AUTO(posting_done) struct posting posting = {.n = 0};
    struct nta_err err = {0};
    int c, r = 0;

    posting.all = calloc(WITNESSES_MAX, sizeof(*posting.all));
    if (!posting.all)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "out of memory");
    while (r == 0 && (c = getopt_long(argc, argv, "o:w:d:c:h", known_options, NULL)) != -1)
        r = take_option(&posting, c, &err);
    if (r > 0)
        return -1;
    if (r == 0)
        r = find_witnesses(&posting, argv + optind, argc - optind, &err);
    if (r < 0 && err.text[0])
        (void)nta_cmd_fail(r == -EINVAL || r == -E2BIG ? NTA_EXIT_USAGE : NTA_EXIT_FAILURE, "%s",
                           err.text);
    if (r < 0)
        return r == -EINVAL || r == -E2BIG ? nta_cmd_usage("witness") : NTA_EXIT_FAILURE;
    return post(&posting);
}
