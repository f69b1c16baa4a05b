/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How many records one user is worth: a credit for each user, and sums of what is beyond it.
 *
 * A user has credit for so many records a second and, saved up, for NTA_RATE_SAVED_S seconds of
 * them.  What comes when it is spent is added to a sum of its kind and site: who makes a million
 * records costs the store, and whoever reads it, a few rows, and nobody else a record.  Whether a
 * record counts here at all, and what becomes of a sum, is report_put.c's.
 *
 * A sum has exactly what its records have in common, so it claims of none more than it said; of
 * sites beyond NTA_RATE_SITES of a user at a time, one for each kind and protocol, which claims the
 * least of all.
 *
 * Bounds: NTA_RATE_USERS and NTA_RATE_SUMS, 320 KiB and half a MiB that become memory as they are
 * used.  The user who was not heard of for longest is forgotten first, with what he has spent; of
 * sums the oldest is to be told first.  Time is the packets'.
 */

#include "base/hash.h"
#include "base/runtime/clock.h"
#include "blacklist/blacklist.h"
#include "flow/flow.h"
#include "record/record.h"

#include <stdbool.h>
#include <stdint.h>

enum
{
    NTA_RATE_USERS = 8192,
    NTA_RATE_SUMS = 1024,
    NTA_RATE_SITES = 32,   ///< Sums of one user that name what they are of.
    NTA_RATE_SAVED_S = 10, ///< What is not spent is saved for so long.
};

/** A sum is told when it is so old. */
#define NTA_RATE_SUM_NS (10 * NTA_NS_PER_S)

struct nta_rate_user
{
    uint64_t key;      ///< 0: nobody.
    int64_t last_ns;   ///< Until when credit was given.
    int64_t credit_ns; ///< A record costs a second's share.
    uint64_t number;   ///< Of who was forgotten and comes again another one; from 1.
    uint32_t n_sites;  ///< Sums that name what they are of, made since.
};

/** What all records of a sum have in common, beside user and site.  No padding. */
struct nta_sum_kind
{
    uint8_t event, app, basis, act, seen, opened_by, carrier, told;
};

/** What a record, or what would be one, adds to a sum; borrows. */
struct nta_sum_part
{
    struct nta_sum_kind kind;
    struct nta_span site;
    int64_t begin_ns, end_ns;
    struct nta_record_counts up, down;
};

struct nta_sum
{
    uint64_t key, user;
    uint64_t named_by; ///< Number of the user whose n_sites counts it; 0: it names nothing.
    uint16_t next;     ///< With the same hash: its slot + 1.
    struct nta_sum_kind kind;
    struct nta_flow flow; ///< Of its first record; without `conn`.
    int64_t made_ns;
    int64_t begin_ns, end_ns; ///< Of all records.
    uint64_t n;
    struct nta_record_counts up, down;
    uint16_t site_len;
    char site[NTA_NAME_SIZE];
};

struct nta_rates
{
    struct nta_hash_key key;
    int64_t now_ns;              ///< The packets' time.
    struct nta_rate_user *users; ///< Owned.
    struct nta_sum *sums;        ///< Owned; the oldest at n_told.
    uint64_t n_made, n_told;     ///< Slots go round.
    uint64_t n_users;            ///< Numbers given to users.
    uint16_t by_hash[NTA_RATE_SUMS];
    struct nta_sum *newest; ///< What was added to last, by its own key; NULL: none that is left.
};

/** 0 or -ENOMEM. */
int nta_rates_init(struct nta_rates *rates, const struct nta_hash_key *key);
/** Frees; of sums nothing is told.  A zeroed one is fine. */
void nta_rates_done(struct nta_rates *rates);

/** Who it is for credit; `network` is what tells equal addresses apart.  Never 0. */
uint64_t nta_rates_user(const struct nta_rates *rates, const struct nta_addr *addr,
                        uint64_t network);

/**
 * May this user have a record more, that is of `wall_ns`, at `rate` a second?  With `spends`, that
 * is paid for.
 */
bool nta_rates_allow(struct nta_rates *rates, uint64_t user, uint64_t rate, int64_t wall_ns,
                     bool spends);

/**
 * Add this of a user's to the sum that it belongs to, which `flow` stands for if it is new.  False:
 * that is a new one, and there is no space before the oldest was told.
 */
bool nta_rates_add(struct nta_rates *rates, uint64_t user, const struct nta_flow *flow,
                   const struct nta_sum_part *part);

/** The oldest sum, if it is to be told at `wall_ns` (INT64_MAX: it is); NULL: none. */
const struct nta_sum *nta_rates_due(const struct nta_rates *rates, int64_t wall_ns);

/** The oldest was told. */
void nta_rates_drop(struct nta_rates *rates);
