/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a map and a report show, gathered from records as they stream by: sums by user, site, list,
 * country, app, file type and place; a timeline; what the sensor lost.  Memory is
 * bounded by the rows below, however many records come (export/view/tally.h says what happens at a
 * bound).  One thread.
 *
 * Incidents are not made here: whoever gathers the view puts the set of them into it (incident/),
 * so that they are the same ones wherever they are shown.
 *
 * A lookup's peer is the resolver that was asked, not the site.  So lookups, and alerts about them,
 * count for users, sites and lists, but have no place.  Of a byte that a flow and its request have
 * one counts, which one by the table's row; those of the outer connection of a tunnel count only
 * for the list that forbids it, since what it carried was recorded by itself.
 */

#include "base/err.h"
#include "export/view/spot.h"
#include "export/view/tally.h"
#include "export/view/timeline.h"
#include "incident/incident.h"
#include "record/counted.h"
#include "record/grade.h"
#include "record/record.h"

#include <stdbool.h>
#include <stdint.h>

/* Rows: symbol, name in the page's data, most keys, which bytes they count (record/counted.h). */
#define NTA_VIEW_TABLES(ROW)                                                                       \
    ROW(USERS, "users", 8192, TRAFFIC)                                                             \
    ROW(SITES, "sites", 16384, SITES)                                                              \
    ROW(LISTS, "lists", 512, FILES)                                                                \
    ROW(COUNTRIES, "countries", 512, TRAFFIC)                                                      \
    ROW(APPS, "apps", 128, TRAFFIC)                                                                \
    ROW(TYPES, "types", 1024, FILES)                                                               \
    ROW(LOSSES, "losses", 256, ALL)                                                                \
    ROW(PLACES, "places", 4096, TRAFFIC)                                                           \
    ROW(USER_PLACES, "user_places", 4096, TRAFFIC)                                                 \
    ROW(LIST_PLACES, "list_places", 2048, FILES)                                                   \
    ROW(HOMES, "homes", 256, TRAFFIC)

enum nta_view_table
{
#define NTA_VIEW_ENUM(symbol, ...) NTA_VIEW_##symbol,
    NTA_VIEW_TABLES(NTA_VIEW_ENUM)
#undef NTA_VIEW_ENUM
    NTA_VIEW_N_TABLES
};

/** Samples of this rank and above are records with a match. */
enum
{
    NTA_VIEW_RANK_MATCH = 1 << 15
};

struct nta_view
{
    struct nta_tally *tables[NTA_VIEW_N_TABLES];
    struct nta_incidents *incidents; ///< Owned; NULL: none were looked for.  Settled.
    struct nta_timeline timeline;
    struct nta_tally_sum all;
    bool outer_flows; ///< Set it if all sums are to have outer connections of tunnels.
    /** Set it to what sums over what comes are asked for; a table's row may ask for more. */
    enum nta_counting counting;
    struct nta_counting_seen seen;
    uint64_t n_unplaced; ///< Flows, requests and alerts about a server of which no place is known.
    struct nta_record_buf buf;
};

/** 0, or negative errno with `err`. */
int nta_view_new(struct nta_view **ret_view, struct nta_err *err);
/** Takes NULL too. */
void nta_view_free(struct nta_view **view);

/**
 * Take in one record; `cbor` is its encoded form; `unverified`: its batch does not hold.  0, or
 * -ENOMEM with `err`.
 */
int nta_view_add(struct nta_view *view, const struct nta_record *record, struct nta_span cbor,
                 const char *id, bool unverified, struct nta_err *err);

/**
 * Decode the record that shows an entry best; false if there is none.  Borrows from the entry and
 * the view's buffer.
 */
bool nta_view_sample(struct nta_view *view, const struct nta_sample *sample,
                     struct nta_record *ret_record);

/** What incidents add up to: those that fit what is asked for. */
struct nta_view_incidents
{
    uint64_t n, n_downloads, n_files, n_users;
    uint64_t n_left_out; ///< At least so many more, all lighter: memory was short.
};

/** Of the set that is in the view; of none: zeros, as where memory is out. */
struct nta_view_incidents nta_view_count_incidents(const struct nta_view *view);

/** Places, of whichever table a map is made of, that were folded since memory was short. */
uint64_t nta_view_folded_places(const struct nta_view *view);

/** What the sums lack, as nta_counting_lacks() says it; NULL: nothing. */
const char *nta_view_lacks(const struct nta_view *view);

enum
{
    NTA_LABEL_SIZE = 192
};

/**
 * What people call a user: "Ann Example (10.0.0.5)", "ann (10.0.0.5)", "laptop-7 (10.0.0.5)",
 * "10.0.0.5"; in shown form.
 * Gives `buf`.
 */
const char *nta_view_user_label(const struct nta_record *record, char buf[NTA_LABEL_SIZE]);

/**
 * What people call a place: "Ghent, Belgium", "somewhere in Belgium"; in shown form.  Gives `buf`.
 */
const char *nta_view_place_label(const struct nta_place *place, char buf[NTA_LABEL_SIZE]);
