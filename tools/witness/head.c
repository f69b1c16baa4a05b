/* SPDX-License-Identifier: Apache-2.0 */
#include "witness/head.h"

#include "base/own.h"
#include "base/text.h"
#include "search/inclusion.h"
#include "store/headfile.h"
#include "vault/open/stamp.h"
#include "witness/request.h"
#include "witness/send.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/random.h>

static int read_head(struct nta_posted_head *posting, struct nta_err *err)
{
    struct nta_span text, lines;
    int r = nta_headfile_copy(posting->stores.path, &posting->note, err);

    if (r < 0)
        return r;
    if (!nta_note_split(nta_buf_span(&posting->note), &text, &lines) ||
        !nta_checkpoint_text(text, &posting->head))
        return nta_err_set(err, -EBADMSG,
                           "the file of the chain's state beside %.200s is not what ntad writes: "
                           "nta verify",
                           posting->stores.path);
    return 0;
}

int nta_posted_head_open(const struct nta_stores_options *options, struct nta_posted_head *head,
                         struct nta_err *err)
{
    int r = nta_stores_open(options, &head->stores, err);

    return r < 0 ? r : read_head(head, err);
}

void nta_posted_head_done(struct nta_posted_head *head)
{
    nta_stores_close(&head->stores);
    nta_buf_done(&head->note);
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
static int find_root(struct nta_posted_head *posting, uint64_t n, struct nta_tree_head *ret_old,
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
static int prove(struct nta_posted_head *posting, struct nta_witness_request *request,
                 struct nta_err *err)
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

static int ask(const char *url, const struct nta_witness_request *request, long *ret_status,
               struct nta_buf *answer, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf body = {0};

    nta_witness_request_put(&body, request);
    nta_buf_clear(answer);
    return body.failed ? nta_err_sys(err, -ENOMEM, "witness")
                       : nta_send(url, nta_buf_span(&body), ret_status, answer, err);
}

/** The size that the witness has, if its answer is one that we can go on from. */
static bool take_size(const struct nta_buf *answer, uint64_t *ret_size)
{
    struct nta_span text = nta_buf_span(answer);

    return nta_checkpoint_number(nta_span_take(&text, '\n'), ret_size) && text.len == 0;
}

/** First as one that it has never seen; it says what it has. */
static int ask_twice(struct nta_posted_head *posting, const char *url, long *ret_status,
                     struct nta_buf *answer, struct nta_err *err)
{
    struct nta_witness_request request = {.note = nta_buf_span(&posting->note)};
    int r = ask(url, &request, ret_status, answer, err);

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
                 : ask(url, &request, ret_status, answer, err);
}

static int refuse(long status, const struct nta_buf *answer, struct nta_err *err)
{
    struct nta_span text = nta_buf_span(answer);
    char shown[256];

    while (text.len && (text.ptr[text.len - 1] == '\n' || text.ptr[text.len - 1] == '\r'))
        text.len--;
    return nta_err_set(err, -EBADMSG, "the witness refused (%ld): %s", status,
                       nta_text_escape_to(shown, sizeof(shown), nta_span_first(text, 200)));
}

/** This witness's own line, which is checked.  Whatever else was answered is left out. */
static int put_line(const struct nta_posted_head *posting, const struct nta_note_key *key,
                    const struct nta_buf *answer, struct nta_buf *lines, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf cosigned = {0};
    uint8_t signature[NTA_NOTE_SIGNATURE_MAX];
    uint64_t time_s;

    if (!nta_note_find(nta_buf_span(answer), key, sizeof(signature), signature))
        return nta_err_set(err, -EBADMSG, "what it answered is not signed by %s", key->name);
    nta_buf_put(&cosigned, posting->note.ptr, posting->note.len);
    nta_note_put_line(&cosigned, key, signature, sizeof(signature));
    nta_note_put_line(lines, key, signature, sizeof(signature));
    if (cosigned.failed || lines->failed)
        return nta_err_sys(err, -ENOMEM, "witness");
    if (!nta_cosign_check(nta_buf_span(&cosigned), key, &time_s))
        return nta_err_set(err, -EBADMSG, "what it answered is not %s's signature of this head",
                           key->name);
    return 0;
}

int nta_posted_head_cosign(struct nta_posted_head *head, const char *url,
                           const struct nta_note_key *key, struct nta_buf *lines,
                           struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf answer = {0};
    const size_t before = lines->len;
    long status = 0;
    int r = ask_twice(head, url, &status, &answer, err);

    if (r == 0)
        r = status == 200 ? put_line(head, key, &answer, lines, err) : refuse(status, &answer, err);
    if (r < 0)
        lines->len = before;
    return r;
}

int nta_posted_head_stamp(struct nta_posted_head *head, const char *url, const char *name,
                          struct nta_buf *lines, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf query = {0}, answer = {0};
    uint8_t nonce[NTA_STAMP_NONCE_LEN];
    struct nta_span text, others;
    const size_t before = lines->len;
    long status = 0;

    if (!nta_note_split(nta_buf_span(&head->note), &text, &others) ||
        getrandom(nonce, sizeof(nonce), 0) != sizeof(nonce) ||
        nta_stamp_request(text, nonce, &query) < 0)
        return nta_err_set(err, -EIO, "no request for a time stamp could be made");
    int r = nta_send_stamp_query(url, nta_buf_span(&query), &status, &answer, err);

    if (r == 0 && status != 200)
        r = nta_err_set(err, -EBADMSG, "the authority refused (%ld)", status);
    if (r == 0)
        r = nta_stamp_take(nta_buf_span(&answer), text, nonce, name, lines, err);
    if (r < 0)
        lines->len = before;
    return r;
}
