/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a set of incidents holds; for this module alone. */

#include "incident/bound.h"
#include "incident/fact.h"

enum
{
    NTA_INCIDENT_NOTES = 65536,    ///< Notes; beyond that the oldest goes.
    NTA_INCIDENT_BINDINGS = 65536, ///< Beyond that those go that no record of the set is about.
};

struct nta_incidents
{
    struct nta_hash_key key;
    struct nta_fact *facts; ///< Owned; settled: those of an incident in a row, in order of time.
    size_t n_facts, size;
    size_t n_bytes;              ///< Of their encoded forms.
    struct nta_fact_note *notes; ///< Owned; settled: by what they are about, the last word first.
    size_t n_notes, notes_size;
    struct nta_fact_binding *bindings; ///< Owned; as they came.
    size_t n_bindings, bindings_size;
    uint64_t n_forgotten;       ///< Bindings for which there was no space.
    struct nta_incident *items; ///< Owned; the weightiest first.
    size_t n_items;
    uint64_t n_left_out; ///< Incidents.
    bool is_settled;
};

/** Cut settled facts into incidents (cut.c): 0 or -ENOMEM. */
int nta_incidents_cut(struct nta_incidents *set);

/** Settle, then join and leave out until half of the space is free (thin.c): 0 or -ENOMEM. */
int nta_incidents_thin(struct nta_incidents *set);

/** From when to when each binding holds (bind.c): 0 or -ENOMEM. */
int nta_incidents_bind(struct nta_incidents *set);

/** Each user as well as any record, or any binding, knows him (known.c): 0 or -ENOMEM. */
int nta_incidents_know(struct nta_incidents *set);

/**
 * What requests brought that a `download` of the same incident tells of is no file of their own
 * (cover.c): 0 or -ENOMEM.
 */
int nta_incidents_cover(struct nta_incidents *set);

/** The weightiest first (cut.c). */
void nta_incidents_sort(struct nta_incidents *set);

/**
 * Flows that are nothing but requests (record/counted.h): one without a request in its incident
 * counts whole, one with holes what is more than its requests (cover.c).  0 or -ENOMEM.
 */
int nta_incidents_count_rest(struct nta_incidents *set);

/** All of that, unless it is done (settle.c): 0 or -ENOMEM. */
int nta_set_settle(struct nta_incidents *set);
