/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Incidents: what one user did with one listed site, as one thing.  A view over records, with no
 * state but them: the same records give the same incidents, in whatever order they come.
 *
 * Records that a list forbids (class 1) belong together if they are of one user (login, else
 * device, else network and address: record/user/user.h) and one listed site (site.h), while pauses
 * between them are at most 30 minutes and the last begins less than 24 hours after the first.  One
 * that knows an address only is of the user that another record of the same connection (`about`)
 * knows better, or that a binding (`lease`) of whatever sensor says had it then, and nobody else.
 *
 * An incident's id is that of its first record as they were recorded, with "I-" before it, so it
 * does not change while more is recorded; that of any other of its records names it too.  What was
 * said of it (`note`) is looked up by all of them; the last word counts.
 *
 * Order is by act (downloads before uploads before visits before lookups), severity and bytes:
 * nothing that a watched person can choose freely decides what comes first, or stays.
 *
 * Memory: NTA_INCIDENTS_FACTS records, and NTA_INCIDENTS_BYTES of their encoded forms.  At a bound
 * records of one incident, kind and ten minutes are joined, files last; if that is not enough, the
 * lightest incidents are left out.  Either is counted.  Off the packet path; one thread.
 */

#include "base/buf.h"
#include "base/err.h"
#include "incident/types.h"
#include "incident/weight.h"
#include "record/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nta_incidents; ///< Opaque.

/** 0, or negative errno with `err`. */
int nta_incidents_new(struct nta_incidents **ret_incidents, struct nta_err *err);
/** Takes NULL too. */
void nta_incidents_free(struct nta_incidents **set_ptr);

/**
 * Take a record in, in any order: one that a list forbids, a `note` or a `lease`; others are passed
 * over.
 * `cbor` is its encoded form; `id` its id, or "" if it has none yet; `marks` NTA_INCIDENT_....  0,
 * or -ENOMEM with `err`.
 */
int nta_incidents_add(struct nta_incidents *set, const struct nta_record *record,
                      struct nta_span cbor, const char *id, unsigned marks, struct nta_err *err);

/**
 * Put together what was taken in.  Then incidents 0 to nta_incidents_count() - 1 are there, the
 * weightiest first, until the next record.  0, or -ENOMEM with `err`.
 */
int nta_incidents_settle(struct nta_incidents *set, struct nta_err *err);

/** What is asked for. */
struct nta_incidents_filter
{
    /** `sensor`: the record's, as its id has it; "": it has none. */
    bool (*has)(void *owner, const struct nta_record *record, const char *sensor);
    void *owner;
};

/**
 * Settled: mark as fitting those of which a record does once its user is completed, too.  0, or
 * -ENOMEM with `err`.
 */
int nta_incidents_fit(struct nta_incidents *set, const struct nta_incidents_filter *filter,
                      struct nta_err *err);

/** True if a record was taken in whose user's login is not known: bindings may complete it. */
bool nta_incidents_lack_who(const struct nta_incidents *set);
/** How many bindings were left out since memory was short; 0: none. */
uint64_t nta_incidents_forgotten(const struct nta_incidents *set);

/** Settled, in another order than that of acts, until the next record. */
void nta_incidents_order(struct nta_incidents *set, enum nta_order by);

/** How many there are. */
size_t nta_incidents_count(const struct nta_incidents *set);
/** Number `i` (< count).  Borrows until the next record. */
const struct nta_incident *nta_incidents_get(const struct nta_incidents *set, size_t i);
/**
 * The one that an id names, with "I-" or without: that of any of its records, whose sensor may be
 * left out or shortened at its end.  NULL: none; `ret_n` says of how many it could be the id.
 */
const struct nta_incident *nta_incidents_find(const struct nta_incidents *set, const char *id,
                                              size_t *ret_n);
/** How many were left out since memory was short; 0: none, and all that is shown is whole. */
uint64_t nta_incidents_left_out(const struct nta_incidents *set);

/**
 * True if what was before `from_ns` can matter, since records before it were not taken in: an
 * incident that begins so soon after it that it may have begun earlier is to be shown, or was cut
 * after a day, so that the next one's begin hangs on its own.
 */
bool nta_incidents_reach_back(const struct nta_incidents *set, int64_t from_ns);

/**
 * The record that shows an incident best: what was done rather than asked, well known rather than
 * not, large rather than small; of equals the first; with what others know of its user.  Its id is
 * put into `ret_id`.  Borrows from the set and from `buf`.
 */
void nta_incident_sample(const struct nta_incidents *set, const struct nta_incident *incident,
                         struct nta_record_buf *buf, struct nta_record *ret_record,
                         char ret_id[NTA_INCIDENT_ID_SIZE]);
