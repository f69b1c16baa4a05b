/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/commit/tail.h"

#include "base/own.h"
#include "store/walk.h"
#include "vault/seal.h"

#include <errno.h>
#include <string.h>

enum
{
    PASSES_MAX = 4, ///< Over the stores: what one lacks another may have.
    ENOUGH = 1      ///< A walk ends here.
};

struct nta_sealed nta_tail_sealed(const struct nta_tail *tail)
{
    return (struct nta_sealed){
        .header = {tail->last.header, tail->last.n_header},
        .signature = {tail->last.signature, sizeof(tail->last.signature)},
    };
}

bool nta_tail_vouches(const struct nta_tail *tail, const uint8_t signing[NTA_KEY_LEN])
{
    const struct nta_sealed sealed = nta_tail_sealed(tail);

    return tail->header.has_next ? memcmp(tail->header.next, signing, NTA_KEY_LEN) == 0
                                 : nta_header_signed(&sealed, signing);
}

static bool fits(const struct nta_tail *tail, const struct nta_log_tree *log)
{
    uint8_t root[NTA_HASH_LEN];

    nta_log_root(log, root);
    return log->n == tail->last.head.number - 1 &&
           memcmp(root, tail->header.log, sizeof(root)) == 0;
}

static bool take_place(struct nta_tail *tail, const struct nta_store_place *place)
{
    struct nta_log_tree log;

    if (place->head.number != tail->last.head.number ||
        !nta_log_from_frontier(place->head.number - 1,
                               (struct nta_span){place->frontier, place->n_frontier}, &log) ||
        !fits(tail, &log))
        return false;
    tail->log = log;
    return true;
}

/* ---- all heads ---- */

struct climb
{
    struct nta_log_tree log;
    uint64_t up_to; ///< Leaves.
};

/** Batches that are missing before this one: true if it says that they are lost. */
static bool pass_lost(struct climb *climb, const struct nta_header *header)
{
    struct nta_note note;

    for (size_t i = 0; nta_header_note(header, i, &note); i++)
        if (note.kind == NTA_HEADER_NOTE_LOST && note.from == climb->log.n + 1 &&
            note.to == header->number - 1)
            return nta_log_add_lost(&climb->log, note.to - climb->log.n);
    return false;
}

static int on_head(void *owner, const struct nta_stored *row, struct nta_err *err)
{
    struct climb *climb = owner;
    const uint64_t number = row->header.number;
    uint8_t link[NTA_HASH_LEN];

    (void)err;
    if ((row->faults & (NTA_ROW_TYPE | NTA_ROW_HEADER | NTA_ROW_UNREAD)) || number <= climb->log.n)
        return 0;
    if (number > climb->log.n + 1 && !pass_lost(climb, &row->header))
        return ENOUGH;
    if (number > climb->up_to)
        return ENOUGH;
    nta_header_hash(&row->sealed, link);
    nta_log_add(&climb->log, link);
    return 0;
}

static int climb_store(struct climb *climb, struct nta_store *store,
                       const uint8_t sensor[NTA_SENSOR_ID_LEN], struct nta_err *err)
{
    const struct nta_store_query query = {
        .sensor = sensor, .from_number = climb->log.n + 1, .wants = nta_store_wants_none};
    int r = nta_store_each(store, &query, on_head, climb, err);

    return r < 0 ? r : 0;
}

static int climb_all(struct nta_tail *tail, const struct nta_tail_hints *hints, struct nta_err *err)
{
    struct climb climb = {.up_to = tail->last.head.number - 1};
    const struct nta_sealed sealed = nta_tail_sealed(tail);
    struct nta_header header;
    size_t n_steps = hints->n_stores * PASSES_MAX;

    for (size_t i = 0; i < n_steps && climb.log.n < climb.up_to; i++) {
        int r = climb_store(&climb, hints->stores[i % hints->n_stores], tail->header.sensor, err);

        if (r < 0)
            return r;
    }
    if (climb.log.n < climb.up_to && nta_header_decode(sealed.header, &header))
        (void)pass_lost(&climb, &header);
    tail->has_log = fits(tail, &climb.log);
    tail->log = climb.log;
    return 0;
}

int nta_tail_complete(struct nta_tail *tail, const struct nta_tail_hints *hints,
                      struct nta_err *err)
{
    const struct nta_sealed sealed = nta_tail_sealed(tail);

    tail->has_log = false;
    if (!nta_header_decode(sealed.header, &tail->header) ||
        tail->header.number != tail->last.head.number)
        return nta_err_set(err, -EBADMSG, "the store's last batch has no header of ours");
    tail->header.notes = (struct nta_span){0};
    tail->header.n_notes = 0;
    for (size_t i = 0; i < hints->n_places && !tail->has_log; i++)
        tail->has_log = take_place(tail, hints->places[i]);
    return tail->has_log ? 0 : climb_all(tail, hints, err);
}

void nta_tail_of_first(const struct nta_sealer *sealer, struct nta_tail *ret_tail)
{
    struct nta_sealed sealed;
    struct nta_wrapped_key key;

    *ret_tail = (struct nta_tail){.has_log = true};
    nta_sealer_first(sealer, &sealed, &ret_tail->header, &key);
    ret_tail->header.notes = (struct nta_span){0};
    ret_tail->header.n_notes = 0;
    ret_tail->last.head.number = ret_tail->header.number;
    nta_header_hash(&sealed, ret_tail->last.head.hash);
    ret_tail->last.n_header = sealed.header.len;
    memcpy(ret_tail->last.header, sealed.header.ptr, sealed.header.len);
    memcpy(ret_tail->last.signature, sealed.signature.ptr, sizeof(ret_tail->last.signature));
}
