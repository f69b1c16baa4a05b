/* SPDX-License-Identifier: Apache-2.0 */
#include "cases/paper.h"

#include "base/own.h"
#include "evidence/proof/each.h"
#include "search/inclusion.h"
#include "store/headfile.h"
#include "vault/cosign.h"
#include "vault/signed_note.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

void nta_paper_done(struct nta_paper *paper)
{
    nta_buf_done(&paper->note);
    nta_buf_done(&paper->path);
    nta_buf_done(&paper->cbor);
}

/* ---- the record ---- */

struct choosing
{
    const char *id;                       ///< Of the one that is asked for; NULL: none is.
    uint64_t last;                        ///< Of batches behind it none.
    const struct nta_case_sensor *sensor; ///< NULL: none yet.
    const struct nta_case_head *head;
    const struct nta_case_record *record;
    unsigned weight;
    char chosen[NTA_CASE_ID_SIZE]; ///< The record's own.
};

/** What was done weighs most, then how much of it was seen, then a file that is whole. */
static unsigned weigh(const struct nta_record *record)
{
    return 64U * record->act + 8U * record->seen +
           (record->event == NTA_RECORD_DOWNLOAD ? 4U : 0U) + (record->file.sha256.len ? 2U : 0U) +
           1U;
}

bool nta_paper_names(const char *given, const char *id)
{
    const size_t len = strlen(id), end = strlen(given);

    return end && end <= len && strcasecmp(id + len - end, given) == 0 &&
           (end == len || id[len - end - 1] == '-');
}

/** Nobody asked for another one. */
static bool fits(const struct choosing *choosing, const struct nta_case_at *at)
{
    return at->head->header.number <= choosing->last &&
           (!choosing->id || nta_paper_names(choosing->id, at->id));
}

static int look(void *owner, const struct nta_case_at *at)
{
    struct choosing *choosing = owner;

    if (!at->record || at->record->match.list.len == 0 || at->record->event == NTA_RECORD_PACKETS ||
        at->record->event == NTA_RECORD_LEASE)
        return 0;
    const unsigned weight = weigh(at->record);

    if (weight <= choosing->weight || !fits(choosing, at))
        return 0;
    choosing->sensor = at->sensor;
    choosing->head = at->head;
    choosing->record = at->stored;
    choosing->weight = weight;
    memcpy(choosing->chosen, at->id, sizeof(choosing->chosen));
    return 0;
}

/* ---- the head ---- */

/** The first at or behind the batch that somebody cosigned; NULL: none. */
static const struct nta_noted_head *find_cosigned(const struct nta_heads *heads,
                                                  const struct nta_header *header)
{
    const struct nta_noted_head *first = NULL;

    for (size_t i = 0; i < heads->n; i++) {
        const struct nta_noted_head *head = &heads->all[i];

        if (head->note && memcmp(head->sensor, header->sensor, NTA_SENSOR_ID_LEN) == 0 &&
            head->number >= header->number && (!first || head->number < first->number) &&
            nta_cosign_is_claimed((struct nta_span){head->note, head->note_len}))
            first = head;
    }
    return first;
}

static int take_note(const struct nta_case_given_heads *given, struct nta_stores *stores,
                     struct nta_paper *paper, struct nta_err *err)
{
    const struct nta_noted_head *head = find_cosigned(&given->heads, &paper->sheet.header);
    int r = 0;

    if (head)
        nta_buf_put(&paper->note, head->note, head->note_len);
    else
        r = nta_headfile_copy(stores->path, &paper->note, err);
    if (r == 0 && paper->note.failed)
        r = nta_err_sys(err, -ENOMEM, "evidence");
    paper->sheet.note = nta_buf_span(&paper->note);
    if (r == -ENOENT)
        return nta_err_set(err, -ENODATA,
                           "a sheet needs a signed head behind the record, and there is none: "
                           "neither the chain's state beside the journal nor one that a witness "
                           "cosigned (--heads)");
    return r;
}

static int prove(struct nta_stores *stores, struct nta_paper *paper, struct nta_err *err)
{
    struct nta_tree_head head = {.n = paper->sheet.head.n};
    struct nta_tree_proof proof = {.n = 0};
    uint8_t link[NTA_HASH_LEN];

    memcpy(head.sensor, paper->sheet.head.sensor, sizeof(head.sensor));
    memcpy(head.root, paper->sheet.head.root, sizeof(head.root));
    const int r =
        nta_stores_prove_inclusion(stores, &head, paper->sheet.header.number, link, &proof, err);

    if (r < 0)
        return r == -EBADMSG || r == -EINVAL ? nta_err_prefix(err, -ENODATA, "the head") : r;
    nta_buf_put(&paper->path, proof.hashes[0], proof.n * NTA_HASH_LEN);
    paper->sheet.path = nta_buf_span(&paper->path);
    return paper->path.failed ? nta_err_sys(err, -ENOMEM, "evidence") : 0;
}

static int encode(struct nta_paper *paper, struct nta_err *err)
{
    const int r = nta_sheet_encode(&paper->sheet, &paper->cbor);

    if (r == -EFBIG)
        return nta_err_set(err, r,
                           "the record with its proof has %zu bytes, and the codes on a sheet take "
                           "%d: make a case (nta evidence -o CASE.zip)",
                           paper->cbor.len, NTA_SHEET_MAX);
    return r < 0 ? nta_err_sys(err, r, "evidence") : 0;
}

/** The one that says most, up to this batch, with a head behind it.  -EAGAIN: that is in front. */
static int choose(const struct nta_case *kase, const char *id, uint64_t last,
                  const struct nta_case_given_heads *given, struct nta_stores *stores,
                  struct nta_paper *paper, struct nta_err *err)
{
    struct choosing choosing = {.id = id, .last = last};
    int r = nta_case_each(kase, look, &choosing);

    if (r < 0)
        return nta_err_sys(err, r, "evidence");
    if (!choosing.sensor && last < UINT64_MAX)
        return nta_err_set(err, -ENODATA,
                           "the newest signed head, of batch %" PRIu64 ", is in front of all that "
                           "a sheet could show: ntad writes one every few seconds; try again",
                           last);
    if (!choosing.sensor)
        return id ? nta_err_set(err, -ENODATA,
                                "record %s does not name what forbade it: the incident's own id "
                                "has the one that says most put on the sheet",
                                id)
                  : nta_err_set(err, -ENODATA, "no record of the incident names what forbade it");
    memcpy(paper->sheet.identity, choosing.sensor->identity, NTA_KEY_LEN);
    paper->sheet.first = choosing.sensor->heads[0].sealed;
    paper->sheet.sealed = choosing.head->sealed;
    paper->sheet.header = choosing.head->header;
    paper->sheet.record = *choosing.record;
    memcpy(paper->id, choosing.chosen, sizeof(paper->id));
    nta_buf_clear(&paper->note);
    r = take_note(given, stores, paper, err);
    if (r < 0 || nta_sheet_settle(&paper->sheet))
        return r;
    return paper->sheet.head.n < choosing.head->header.number && last == UINT64_MAX
               ? -EAGAIN
               : nta_err_set(err, -ENODATA,
                             "a sheet needs batch 1 of the record's sensor and a signed head of "
                             "its own, and one of them is not here: nta verify says more");
}

int nta_paper_choose(const struct nta_case *kase, const char *id,
                     const struct nta_case_given_heads *given, struct nta_stores *stores,
                     struct nta_paper *paper, struct nta_err *err)
{
    int r = choose(kase, id, UINT64_MAX, given, stores, paper, err);

    if (r == -EAGAIN)
        r = choose(kase, id, paper->sheet.head.n, given, stores, paper, err);
    if (r == 0)
        r = prove(stores, paper, err);
    return r == 0 ? encode(paper, err) : r;
}
