/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file/newfile.h"
#include "base/file/plainfile.h"
#include "base/own.h"
#include "base/prose.h"
#include "base/text.h"
#include "options/options.h"
#include "output/fail.h"
#include "output/fresh.h"
#include "search/inclusion.h"
#include "vault/checkpoint.h"
#include "vault/cosign.h"
#include "witness/request.h"
#include "witness/send.h"
#include "witness/subcommands.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct option known_options[] = {
    {"output", required_argument, NULL, 'o'}, {"witness", required_argument, NULL, 'w'},
    {"store", required_argument, NULL, 'd'},  {"config", required_argument, NULL, 'c'},
    {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
};

struct posting
{
    struct nta_stores_options options;
    struct nta_stores stores;
    const char *url, *output;
    bool has_key;
    struct nta_note_key key;
    struct nta_buf note; ///< The checkpoint.
    struct nta_checkpoint head;
};

/* ---- this sensor's head ---- */

static int read_head(struct posting *posting, struct nta_err *err)
{
    char path[NTA_PATH_SIZE];
    const size_t len = strlen(posting->stores.path), suffix = strlen(".db");
    struct nta_span text, lines;
    ssize_t n;

    (void)snprintf(path, sizeof(path), "%.*s.state", (int)(len > suffix ? len - suffix : 0),
                   posting->stores.path);
    NTA_AUTO_FD int fd = nta_plainfile_open(path, NTA_CHECKPOINT_MAX, NTA_PLAIN_NO_LINK, err);
    uint8_t *space = nta_buf_reserve(&posting->note, NTA_CHECKPOINT_MAX);

    if (fd < 0)
        return fd;
    if (!space)
        return nta_err_sys(err, -ENOMEM, "%s", path);
    while ((n = read(fd, space + posting->note.len, NTA_CHECKPOINT_MAX - posting->note.len)) > 0)
        posting->note.len += (size_t)n;
    if (n < 0)
        return nta_err_sys(err, -errno, "%s", path);
    if (!nta_note_split(nta_buf_span(&posting->note), &text, &lines) ||
        !nta_checkpoint_text(text, &posting->head))
        return nta_err_set(err, -EBADMSG, "%s is not what ntad writes: nta verify", path);
    return 0;
}

/* ---- the proof ---- */

struct finding
{
    uint64_t number; ///< The header that signs the tree over all before it.
    bool is_found;
    uint8_t root[NTA_HASH_LEN];
};

static int on_head(void *owner, const struct nta_stored *row, struct nta_err *err)
{
    struct finding *finding = owner;

    (void)err;
    if (row->faults & NTA_ROW_HEADER || row->header.number != finding->number)
        return 0;
    finding->is_found = true;
    memcpy(finding->root, row->header.log, sizeof(finding->root));
    return 0;
}

/** The tree of the first `n`, as the next header has it. */
static int find_root(struct posting *posting, uint64_t n, struct nta_tree_head *ret_old,
                     struct nta_err *err)
{
    struct finding finding = {.number = n + 1};
    const struct nta_store_query query = {
        .sensor = posting->head.sensor, .from_number = n + 1, .wants = nta_store_wants_none};
    struct nta_store *all[] = {posting->stores.mysql, posting->stores.journal};
    int r = 0;

    for (size_t i = 0; i < NTA_N_ELEMENTS(all) && r == 0 && !finding.is_found; i++)
        if (all[i])
            r = nta_store_each(all[i], &query, on_head, &finding, err);
    if (r == 0 && !finding.is_found)
        r = nta_err_set(err, -ENODATA, "batch %" PRIu64 ", which proves that, is missing", n + 1);
    ret_old->n = n;
    memcpy(ret_old->sensor, posting->head.sensor, sizeof(ret_old->sensor));
    memcpy(ret_old->root, finding.root, sizeof(ret_old->root));
    return r;
}

/** From what the witness has seen to this head; none where it is the same one. */
static int prove(struct posting *posting, struct nta_witness_request *request, struct nta_err *err)
{
    struct nta_tree_head old = {.n = 0}, head = {.n = posting->head.n};
    struct nta_tree_proof proof = {.n = 0};

    memcpy(head.sensor, posting->head.sensor, sizeof(head.sensor));
    memcpy(head.root, posting->head.root, sizeof(head.root));
    int r = find_root(posting, request->old, &old, err);

    if (r == 0)
        r = nta_stores_prove_consistency(&posting->stores, &old, &head, &proof, err);
    if (r == 0 && proof.n > NTA_WITNESS_PATH_MAX)
        r = nta_err_set(err, -E2BIG, "the proof is too long");
    if (r < 0)
        return r;
    request->n_path = proof.n;
    memcpy(request->path, proof.hashes, proof.n * NTA_HASH_LEN);
    return 0;
}

/* ---- asking ---- */

static int ask(const struct posting *posting, const struct nta_witness_request *request,
               long *ret_status, struct nta_buf *answer, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf body = {0};

    nta_witness_request_put(&body, request);
    nta_buf_clear(answer);
    return body.failed ? nta_err_sys(err, -ENOMEM, "witness")
                       : nta_send(posting->url, nta_buf_span(&body), ret_status, answer, err);
}

/** The size that the witness has, if its answer is one that we can go on from. */
static bool take_size(const struct nta_buf *answer, uint64_t *ret_size)
{
    struct nta_span text = nta_buf_span(answer);

    return nta_checkpoint_number(nta_span_take(&text, '\n'), ret_size) && text.len == 0;
}

/** First as one that it has never seen; it says what it has. */
static int ask_twice(struct posting *posting, long *ret_status, struct nta_buf *answer,
                     struct nta_err *err)
{
    struct nta_witness_request request = {.note = nta_buf_span(&posting->note)};
    int r = ask(posting, &request, ret_status, answer, err);

    if (r < 0 || *ret_status != 409 || !take_size(answer, &request.old) || request.old == 0)
        return r;
    if (request.old > posting->head.n)
        return nta_err_set(err, -ESTALE,
                           "the witness has seen batch %" PRIu64 ", and this chain ends with "
                           "batch %" PRIu64 ": its end was cut off, or an old copy put back",
                           request.old, posting->head.n);
    if (request.old < posting->head.n)
        r = prove(posting, &request, err);
    return r < 0 ? nta_err_prefix(err, r, "the witness has seen batch %" PRIu64, request.old)
                 : ask(posting, &request, ret_status, answer, err);
}

/** Behind what is in it a checkpoint may follow: a plain file that ends with a line's end. */
static int check_output(const char *path, int fd, off_t *ret_end, struct nta_err *err)
{
    struct stat st;
    char last = '\n';

    if (fstat(fd, &st) < 0)
        return nta_err_sys(err, -errno, "%.300s", path);
    if (!S_ISREG(st.st_mode))
        return nta_err_set(err, -EINVAL, "%.300s is no regular file", path);
    if (st.st_size > 0 && pread(fd, &last, 1, st.st_size - 1) != 1)
        return nta_err_sys(err, -EIO, "%.300s", path);
    if (last != '\n')
        return nta_err_set(err, -EINVAL, "%.300s ends within a line: end it, or take it out", path);
    *ret_end = st.st_size;
    return 0;
}

/** The file, to append to it, or negative errno; what is no plain file does not hold us up. */
static int open_output(const char *path, int flags, off_t *ret_end, struct nta_err *err)
{
    int r = nta_fresh_check(path, err);

    if (r < 0)
        return r;
    int fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | flags,
                  0644);

    if (fd < 0)
        return nta_err_sys(err, -errno, "%.300s", path);
    r = check_output(path, fd, ret_end, err);
    if (r == 0)
        return fd;
    nta_own_close(&fd);
    return r;
}

/** Before the witness is asked, who remembers what it cosigned. */
static int try_output(const struct posting *posting, struct nta_err *err)
{
    off_t end;
    NTA_AUTO_FD int fd = posting->output ? open_output(posting->output, 0, &end, err) : -ENOENT;

    return fd < 0 && fd != -ENOENT ? fd : 0;
}

/** The whole of it or nothing: half a checkpoint in the file would spoil all that is in it. */
static int append(const struct posting *posting, const struct nta_buf *cosigned,
                  struct nta_err *err)
{
    off_t before = 0;

    if (!posting->output)
        return 0;
    NTA_AUTO_FD int fd = open_output(posting->output, O_CREAT, &before, err);

    if (fd < 0)
        return fd;
    int r = nta_write_all(fd, cosigned->ptr, cosigned->len);

    if (r == 0 && fsync(fd) < 0)
        r = -errno;
    if (r < 0 && ftruncate(fd, before) < 0)
        return nta_err_set(err, r, "%.300s has half a checkpoint at its end: take it out",
                           posting->output);
    return r < 0 ? nta_err_sys(err, r, "%.300s", posting->output) : 0;
}

/** 0: it is cosigned, as far as the key that was given tells. */
static int take_answer(struct posting *posting, long status, const struct nta_buf *answer,
                       struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf cosigned = {0};
    uint64_t time_s;
    char shown[256];

    if (status != 200)
        return nta_err_set(
            err, -EBADMSG, "the witness refused (%ld): %s", status,
            nta_text_escape_to(shown, sizeof(shown), nta_span_first(nta_buf_span(answer), 200)));
    nta_buf_put(&cosigned, posting->note.ptr, posting->note.len);
    nta_buf_put(&cosigned, answer->ptr, answer->len);
    if (cosigned.failed)
        return nta_err_sys(err, -ENOMEM, "witness");
    if (posting->has_key && !nta_cosign_check(nta_buf_span(&cosigned), &posting->key, &time_s))
        return nta_err_set(err, -EBADMSG, "what it answered is not signed by %s",
                           posting->key.name);
    return append(posting, &cosigned, err);
}

static int post(struct posting *posting)
{
    NTA_AUTO(nta_buf_done) struct nta_buf answer = {0};
    struct nta_err err = {0};
    long status = 0;
    int r = nta_stores_open(&posting->options, &posting->stores, &err);

    if (r == 0)
        r = read_head(posting, &err);
    if (r == 0)
        r = try_output(posting, &err);
    if (r == 0)
        r = ask_twice(posting, &status, &answer, &err);
    if (r == 0)
        r = take_answer(posting, status, &answer, &err);
    if (r < 0)
        return nta_cmd_fail(r == -EBADMSG || r == -ESTALE || r == -ENODATA ? NTA_EXIT_INPUT
                                                                           : NTA_EXIT_FAILURE,
                            "%s", err.text);
    nta_prose_print(stdout, "batch %" PRIu64 " is cosigned%s%s\n", posting->head.n,
                    posting->has_key ? " by " : "", posting->has_key ? posting->key.name : "");
    return NTA_EXIT_OK;
}

/** 0; 1: --help was given; -EINVAL with the sentence. */
static int take_option(struct posting *posting, int option, struct nta_err *err)
{
    switch (option) {
    case 'o': posting->output = optarg; return 0;
    case 'd': posting->options.dir = optarg; return 0;
    case 'c': posting->options.config = optarg; return 0;
    case 'w':
        posting->has_key = nta_note_key_parse(nta_span_of(optarg), &posting->key) &&
                           posting->key.algorithm == NTA_NOTE_COSIGNATURE;
        return posting->has_key ? 0
                                : nta_err_set(err, -EINVAL,
                                              "--witness: %.120s: is no key of a "
                                              "witness (NAME+ID+KEY)",
                                              optarg);
    case 'h': return 1;
    default: return -EINVAL;
    }
}

int nta_witness_post(int argc, char **argv)
{
    struct posting posting = {.url = NULL};
    struct nta_err err = {0};
    int c, r = 0;

    while (r == 0 && (c = getopt_long(argc, argv, "o:w:d:c:h", known_options, NULL)) != -1)
        r = take_option(&posting, c, &err);
    if (r > 0)
        return -1;
    if (r == 0 && argc - optind != 1)
        r = nta_err_set(&err, -EINVAL, "to which witness? Its URL");
    if (r < 0 && err.text[0])
        (void)nta_cmd_fail(NTA_EXIT_USAGE, "%s", err.text);
    if (r < 0)
        return nta_cmd_usage("witness");
    posting.url = argv[optind];
    const int status = post(&posting);

    nta_stores_close(&posting.stores);
    nta_buf_done(&posting.note);
    return status;
}
