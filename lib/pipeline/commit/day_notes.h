/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a sensor's heads note of days: deleted, held, released.  Journal and MySQL may each have
 * heads that the other one lacks (one that was lost, or is behind), so both are read, and what they
 * say alike counts once.
 */

#include "store/store.h"
#include "vault/note.h"

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
    NTA_DAY_NOTES_MAX = 1 << 18 ///< Of all classes and a hundred years.
};

/** Frees what it owns; none are left. */
void nta_day_notes_done(struct nta_day_notes *notes);

/**
 * Add what the sensor's heads in a store say, proved or not.  0; -E2BIG: there are more than
 * NTA_DAY_NOTES_MAX; or negative errno: as many were added as were read.
 */
int nta_day_notes_read(struct nta_day_notes *notes, struct nta_store *store,
                       const uint8_t sensor[NTA_SENSOR_ID_LEN], struct nta_err *err);

/**
 * In the order of their headers, each once.  Where two headers of one number say different things,
 * what is held there comes last, and stays.
 */
void nta_day_notes_settle(struct nta_day_notes *notes);
