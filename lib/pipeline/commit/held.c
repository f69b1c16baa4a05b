/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/commit/held.h"

#include "base/own.h"
#include "base/runtime/log.h"
#include "store/walk.h"
#include "vault/vault.h"

#include <inttypes.h>
#include <string.h>

enum
{
    STEPS_MAX = 1 << 14, ///< Each costs a signature's check, or some.
    ADOPTED_MAX = 64     ///< Keys that the identity adopted; the oldest are kept.
};

struct held
{
    const struct nta_commit *commit;
    struct nta_header first;
    uint8_t first_link[NTA_HASH_LEN];
    bool has_walked;            ///< What follows is known.
    uint8_t key[NTA_KEY_LEN];   ///< That the heads which change it lead to.
    struct nta_store_last best; ///< The last of them that holds.
    uint8_t identity[NTA_KEY_LEN];
    uint64_t revoked; ///< The head whose note revokes it; 0: none.
    uint8_t adopted[ADOPTED_MAX][NTA_KEY_LEN];
    size_t n_adopted;
};

static bool is_signed_by_known(const struct held *held, const struct nta_sealed *sealed)
{
    const struct nta_commit *commit = held->commit;

    if (held->has_walked && nta_header_signed(sealed, held->key))
        return true;
    if (commit->has_file && nta_header_signed(sealed, commit->file.signing))
        return true;
    for (size_t i = 0; i < commit->unadopted.n; i++)
        if (nta_header_signed(sealed, commit->unadopted.keys[i].key))
            return true;
    for (size_t i = 0; i < held->n_adopted; i++)
        if (nta_header_signed(sealed, held->adopted[i]))
            return true;
    return false;
}

/** 1: it holds; 0: not; or negative errno. */
static int holds(const struct held *held, const struct nta_store_last *last, struct nta_err *err)
{
    const struct nta_commit *commit = held->commit;
    const struct nta_sealed sealed = {
        .header = {last->header, last->n_header},
        .signature = {last->signature, sizeof(last->signature)},
    };
    const struct nta_store_head *file = &commit->file.place.head;
    struct nta_header header;
    uint8_t link[NTA_HASH_LEN];

    if (!nta_header_decode(sealed.header, &header) || header.version != 2 ||
        header.number != last->head.number ||
        memcmp(header.sensor, commit->sensor, sizeof(header.sensor)) != 0)
        return 0;
    nta_header_hash(&sealed, link);
    if (header.number == 1)
        return memcmp(link, held->first_link, sizeof(link)) == 0;
    if (commit->has_file && header.number == file->number &&
        memcmp(link, file->hash, sizeof(link)) == 0)
        return 1;
    if (is_signed_by_known(held, &sealed))
        return 1;
    return nta_sealer_has_signed(commit->sealer, &sealed, err);
}

/* ---- the heads that change the key ---- */

static bool is_readable(const struct nta_stored *row)
{
    return !(row->faults & (NTA_ROW_TYPE | NTA_ROW_HEADER | NTA_ROW_UNREAD));
}

/* The column `marks` is not asked: who changes it would hide them. */

/** What the identity signed holds wherever it stands: it is for this sensor and number. */
static int on_note(void *owner, const struct nta_stored *row, struct nta_err *err)
{
    struct held *held = owner;
    const uint64_t number = row->header.number;
    struct nta_note note;

    (void)err;
    if (!is_readable(row))
        return 0;
    for (size_t i = 0; nta_header_note(&row->header, i, &note); i++) {
        if ((note.kind != NTA_HEADER_NOTE_ADOPTED && note.kind != NTA_HEADER_NOTE_IDENTITY) ||
            !nta_note_signed(&note, held->commit->sensor, number, held->identity))
            continue;
        if (note.kind == NTA_HEADER_NOTE_IDENTITY) {
            memcpy(held->identity, note.key, NTA_KEY_LEN);
            held->revoked = nta_note_revokes(&note) ? number : 0;
        } else if (held->n_adopted < ADOPTED_MAX)
            memcpy(held->adopted[held->n_adopted++], note.key, NTA_KEY_LEN);
    }
    return 0;
}

static void keep(struct nta_store_last *best, const struct nta_stored *row)
{
    *best = (struct nta_store_last){.head.number = row->header.number,
                                    .n_header = row->sealed.header.len};
    nta_header_hash(&row->sealed, best->head.hash);
    memcpy(best->header, row->sealed.header.ptr, best->n_header);
    memcpy(best->signature, row->sealed.signature.ptr, sizeof(best->signature));
}

static int on_change(void *owner, const struct nta_stored *row, struct nta_err *err)
{
    struct held *held = owner;
    int r;

    if (!is_readable(row) || !row->header.has_next ||
        row->header.number <= held->best.head.number ||
        row->header.number > nta_store_number_max(held->commit->file.place.head.number) ||
        row->sealed.header.len > sizeof(held->best.header) ||
        row->sealed.signature.len != sizeof(held->best.signature))
        return 0;
    struct nta_store_last *last = &(struct nta_store_last){.n_header = 0};

    keep(last, row);
    r = holds(held, last, err);
    if (r <= 0)
        return r;
    held->best = *last;
    if (row->header.has_next)
        memcpy(held->key, row->header.next, NTA_KEY_LEN);
    return 0;
}

/** What the identity said, where its public half is here. */
static int walk_notes(struct held *held, const struct nta_held_stores *all,
                      const struct nta_store_query *query, struct nta_err *err)
{
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    struct nta_err ignored = {0};
    int r =
        nta_keys_sensor_public(held->commit->options.outlet->keys_dir, held->identity, &ignored);

    nta_sensor_id(held->identity, sensor);
    if (r < 0 || memcmp(sensor, held->commit->sensor, sizeof(sensor)) != 0)
        return 0;
    for (size_t i = 0; i < all->n_stores && r >= 0; i++)
        r = nta_store_each(all->stores[i], query, on_note, held, err);
    return r;
}

static int walk(struct held *held, const struct nta_held_stores *all, struct nta_err *err)
{
    const struct nta_store_query query = {
        .sensor = held->commit->sensor, .from_number = 1, .wants = nta_store_wants_none};

    memcpy(held->key, held->first.next, NTA_KEY_LEN);
    held->has_walked = true;
    int r = walk_notes(held, all, &query, err);

    for (size_t i = 0; i < all->n_stores && r >= 0; i++)
        r = nta_store_each(all->stores[i], &query, on_change, held, err);
    return r < 0 ? r : 0;
}

/* ---- the end ---- */

int nta_held_step_back(const struct nta_commit *commit, const struct nta_held_stores *all,
                       struct nta_store *store, struct nta_store_last *last, struct nta_err *err)
{
    struct held *held = &(struct held){.commit = commit};
    struct nta_sealed first;
    struct nta_wrapped_key key;

    if (last->head.number == 0)
        return 0;
    nta_sealer_first(commit->sealer, &first, &held->first, &key);
    nta_header_hash(&first, held->first_link);
    int r = holds(held, last, err);

    if (r != 0)
        return r < 0 ? r : 0;
    r = walk(held, all, err);
    for (int i = 0; r == 0 && i < STEPS_MAX && last->head.number > held->best.head.number; i++) {
        const uint64_t number = last->head.number;

        r = holds(held, last, err);
        if (r != 0)
            return r < 0 ? r : 0;
        r = nta_store_newest(store, commit->sensor, number - 1, last, err);
        if (r == 0 && last->head.number >= number) /* a number that is none of ours */
            break;
    }
    if (r == 0)
        *last = held->best;
    return r;
}

int nta_held_find_revoked(const struct nta_commit *commit, const struct nta_held_stores *all,
                          uint64_t *ret_number, struct nta_err *err)
{
    const struct nta_store_query query = {.sensor = commit->sensor,
                                          .from_number = 1,
                                          .marked_only = true,
                                          .wants = nta_store_wants_none};
    struct held *held = &(struct held){.commit = commit};
    int r = walk_notes(held, all, &query, err);

    *ret_number = r < 0 ? 0 : held->revoked;
    return r < 0 ? r : 0;
}
