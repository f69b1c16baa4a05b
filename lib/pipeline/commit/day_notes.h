/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a sensor's heads note of days: deleted, held, released.  Journal and MySQL may each have
 * heads that the other one lacks (one that was lost, or is behind), so both are read, and what they
 * say alike counts once.
 *
 * Records are destroyed by what stands here, and whoever can write to MySQL can put any head there.
 * So a note counts only if its head is signed by the key of its number: the judge decides (chain/),
 * once by the journal's heads alone, of which nobody else's hide any, and once by MySQL's with the
 * journal's behind them.  Beside it count heads under keys that this sensor made for itself and
 * that its identity did not adopt yet.  Whether a head has notes is asked of the head and of no
 * column.
 */

#include "store/store.h"
#include "vault/note.h"
#include "vault/vault.h"

struct nta_day_note
{
    uint64_t number; ///< The header that says it.
    enum nta_note_kind kind;
    enum nta_class class;   ///< Deleted: of which class.
    int64_t day, last_day;  ///< As those of struct nta_note, as are the others.
    uint64_t batch, record; ///< Held, released: of which incident.
    unsigned reason;
};

/** Zeros: none. */
struct nta_day_notes
{
    struct nta_day_note *all; ///< Owned.
    size_t n, size;
};

enum
{
    NTA_DAY_NOTES_MAX = 1 << 18, ///< Of all classes and a hundred years.
    NTA_DAY_LINES_MAX = 9
};

/** Whose signatures count: a value. */
struct nta_day_trust
{
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    bool has_identity;
    uint8_t identity[NTA_KEY_LEN]; ///< The sensor's first.
    size_t n_lines;

    struct
    {
        uint64_t from;            ///< A key that signs from this number on,
        uint8_t key[NTA_KEY_LEN]; ///< until such a head names the next one.
    } lines[NTA_DAY_LINES_MAX];
};

struct nta_unadopted;

/**
 * Of this sensor: its identity, if its public half is in the key folder, and keys that are not
 * adopted yet.  True: there was an identity.
 */
bool nta_day_trust_init(struct nta_day_trust *trust, const char *keys_dir,
                        const uint8_t sensor[NTA_SENSOR_ID_LEN],
                        const struct nta_unadopted *unadopted);

/**
 * The same for who looks from outside, also where there is no state folder.  0, or negative errno:
 * there is no sensor.pub.
 */
int nta_day_trust_look(struct nta_day_trust *trust, const struct nta_keys_place *place,
                       struct nta_err *err);

/** Frees what it owns; none are left. */
void nta_day_notes_done(struct nta_day_notes *notes);

struct nta_day_reader; ///< Opaque: heads that were looked at.

/** 0, or -ENOMEM. */
int nta_day_reader_new(const struct nta_day_trust *trust, struct nta_day_reader **ret_reader,
                       struct nta_err *err);
/** Takes NULL too, and clears. */
void nta_day_reader_free(struct nta_day_reader **reader);

/**
 * Look at a store's heads: MySQL's, if there is one, before the journal's (`is_own`).  With `n_max`
 * above 0 at about so many heads, the next ones at the next call for this store.  1: there are
 * more; 0: all of it was looked at; or negative errno.
 */
int nta_day_reader_look(struct nta_day_reader *reader, struct nta_store *store, bool is_own,
                        size_t n_max, struct nta_err *err);

/**
 * Add what is proved of all that was looked at, settled.  0; -E2BIG: there are more than
 * NTA_DAY_NOTES_MAX; or -ENOMEM: as many were added as were read.
 */
int nta_day_reader_give(struct nta_day_reader *reader, struct nta_day_notes *notes,
                        struct nta_err *err);

/**
 * In the order of their headers, each once.  Where two headers of one number say different things,
 * what is held there comes last, and stays.
 */
void nta_day_notes_settle(struct nta_day_notes *notes);
