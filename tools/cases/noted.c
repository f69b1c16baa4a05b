/* SPDX-License-Identifier: Apache-2.0 */
#include "cases/noted.h"

#include "base/own.h"
#include "base/prose.h"
#include "output/term.h"
#include "search/inclusion.h"
#include "vault/signed_note.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum
{
    SIGNERS_MAX = 16,
    CHOSEN_MAX = 2 * SIGNERS_MAX
};

/** Who signed heads, and which of them goes into the case; NULL: none. */
struct signer
{
    struct nta_span name;
    uint8_t id[NTA_NOTE_ID_LEN];
    const struct nta_noted_head *before, *behind;
};

struct choosing
{
    const struct nta_case_sensor *sensor;
    uint8_t id[NTA_SENSOR_ID_LEN];
    uint64_t first, last; ///< Batches with records.
    struct signer signers[SIGNERS_MAX];
    size_t n_signers;
    uint64_t beyond; ///< The largest that was noted behind the newest batch; 0: none was.
    const struct nta_noted_head *all[CHOSEN_MAX];
    size_t n;
};

/* ---- which ---- */

static struct signer *signer_of(struct choosing *choosing, const struct nta_note_line *line)
{
    for (size_t i = 0; i < choosing->n_signers; i++)
        if (nta_span_equal(choosing->signers[i].name, line->name) &&
            memcmp(choosing->signers[i].id, line->id, sizeof(line->id)) == 0)
            return &choosing->signers[i];
    if (choosing->n_signers == SIGNERS_MAX)
        return NULL;
    struct signer *signer = &choosing->signers[choosing->n_signers++];

    *signer = (struct signer){.name = line->name};
    memcpy(signer->id, line->id, sizeof(signer->id));
    return signer;
}

static void look_at_line(struct choosing *choosing, const struct nta_note_line *line,
                         const struct nta_noted_head *head)
{
    struct signer *signer = signer_of(choosing, line);

    if (!signer)
        return;
    if (head->number < choosing->first &&
        (!signer->before || head->number > signer->before->number))
        signer->before = head;
    if (head->number >= choosing->last &&
        (!signer->behind || head->number < signer->behind->number))
        signer->behind = head;
}

static void look_at_head(struct choosing *choosing, const struct nta_noted_head *head)
{
    struct nta_span text, lines;
    struct nta_note_line line;

    if (!head->note || memcmp(head->sensor, choosing->id, sizeof(choosing->id)) != 0 ||
        !nta_note_split((struct nta_span){head->note, head->note_len}, &text, &lines))
        return;
    if (head->number > choosing->sensor->heads[choosing->sensor->n_heads - 1].header.number) {
        choosing->beyond = head->number > choosing->beyond ? head->number : choosing->beyond;
        return;
    }
    while (nta_note_next(&lines, &line))
        look_at_line(choosing, &line, head);
}

static void choose(struct choosing *choosing, const struct nta_noted_head *head)
{
    bool is_new = head;

    for (size_t i = 0; i < choosing->n && is_new; i++)
        is_new = choosing->all[i] != head;
    if (is_new)
        choosing->all[choosing->n++] = head;
}

static void choose_all(struct choosing *choosing, const struct nta_heads *heads)
{
    for (size_t i = 0; i < choosing->sensor->n_heads; i++) {
        const struct nta_case_head *head = &choosing->sensor->heads[i];

        if (head->n_records && choosing->first == 0)
            choosing->first = head->header.number;
        if (head->n_records)
            choosing->last = head->header.number;
    }
    for (size_t i = 0; i < heads->n; i++)
        look_at_head(choosing, &heads->all[i]);
    for (size_t i = 0; i < choosing->n_signers; i++) {
        choose(choosing, choosing->signers[i].before);
        choose(choosing, choosing->signers[i].behind);
    }
}

/* ---- their proofs ---- */

static int prove(struct nta_stores *stores, const struct nta_case_head *newest,
                 const struct nta_noted_head *head, struct nta_tree_proof *ret_proof,
                 struct nta_err *err)
{
    struct nta_tree_head noted = {.n = head->number}, signs = {.n = newest->header.number - 1};
    uint8_t link[NTA_HASH_LEN];

    memcpy(noted.sensor, head->sensor, sizeof(noted.sensor));
    memcpy(noted.root, head->root, sizeof(noted.root));
    memcpy(signs.sensor, head->sensor, sizeof(signs.sensor));
    memcpy(signs.root, newest->header.log, sizeof(signs.root));
    ret_proof->n = 0;
    if (noted.n > signs.n)
        return nta_stores_prove_inclusion(stores, &noted, newest->header.number, link, ret_proof,
                                          err);
    if (noted.n < signs.n)
        return nta_stores_prove_consistency(stores, &noted, &signs, ret_proof, err);
    return memcmp(noted.root, signs.root, sizeof(noted.root)) == 0
               ? 0
               : nta_err_set(err, -EBADMSG, "it is another tree of that size");
}

static int put(struct nta_case *kase, struct nta_case_sensor *sensor,
               const struct nta_noted_head *head, const struct nta_tree_proof *proof,
               const uint8_t *id)
{
    struct nta_case_noted *noted = nta_case_add_noted(sensor);

    if (!noted)
        return -ENOMEM;
    noted->note = (struct nta_span){head->note, head->note_len};
    noted->path = (struct nta_span){proof->hashes[0], proof->n * NTA_HASH_LEN};
    if (nta_case_keep(kase, &noted->note) < 0 || nta_case_keep(kase, &noted->path) < 0)
        return -ENOMEM;
    if (nta_case_take_note(noted, id))
        return 0;
    sensor->n_noted--;
    return -EBADMSG;
}

/** One that does not lie in the chain is said, and left out: the others are proof still. */
static int put_one(struct nta_case *kase, struct choosing *choosing, struct nta_stores *stores,
                   struct nta_case_sensor *sensor, const struct nta_noted_head *head,
                   struct nta_case_given_heads *given, struct nta_err *err)
{
    struct nta_tree_proof proof = {.n = 0};
    int r = prove(stores, &sensor->heads[sensor->n_heads - 1], head, &proof, err);

    if (r == 0)
        r = put(kase, sensor, head, &proof, choosing->id);
    if (r == 0 || (r != -EBADMSG && r != -ENODATA && r != -EINVAL && r != -E2BIG))
        return r == -ENOMEM ? nta_err_sys(err, r, "evidence") : r;
    nta_progress_wipe();
    nta_prose_print(stderr,
                    "nta: the head of batch %" PRIu64 " that was noted is not in the case: %s; nta "
                    "verify --heads says more\n",
                    head->number, err->text[0] ? err->text : "its lines are no signatures");
    err->text[0] = '\0';
    given->n_wrong++;
    return 0;
}

/** Whoever cut the end off has none of those heads in the chain. */
static void say_beyond(const struct choosing *choosing, struct nta_case_given_heads *given)
{
    if (choosing->beyond == 0)
        return;
    nta_progress_wipe();
    nta_prose_print(stderr,
                    "nta: batch %" PRIu64 " was noted, and the chain ends before it: nta verify "
                    "--heads says more\n",
                    choosing->beyond);
    given->n_wrong++;
}

int nta_case_collect_noted(struct nta_case *kase, struct nta_case_sensor *sensor,
                           struct nta_stores *stores, struct nta_case_given_heads *given,
                           struct nta_err *err)
{
    struct choosing choosing = {.sensor = sensor};
    int r = 0;

    nta_sensor_id(sensor->identity, choosing.id);
    choose_all(&choosing, &given->heads);
    say_beyond(&choosing, given);
    for (size_t i = 0; i < choosing.n && r == 0; i++)
        r = put_one(kase, &choosing, stores, sensor, choosing.all[i], given, err);
    return r;
}
