/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Stays: who had which address, in which network, from when to when, out of what records say of
 * their users, or say of pseudonyms.  Records that say the same are one stay; each has the record
 * that says it best: a binding's own (`lease`), else the first.
 *
 * One thread; memory is bounded by NTA_LEDGER_MAX stays, of more than those the first stay.
 */

#include "record/record.h"
#include "search/calendar.h"
#include "search/search.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_LEDGER_MAX = 10000,
    NTA_LEDGER_TEXT = 256,
};

struct nta_stay
{
    struct nta_addr addr; ///< All zeros: of a device whatever its address.
    struct nta_record_tags vlan;
    struct nta_record_network network;
    char pseudonym[20]; ///< Under which records have him that day; "": they name him.
    char device[20];    ///< MAC; "": not known.
    char name[NTA_LEDGER_TEXT], login[NTA_LEDGER_TEXT], person[NTA_LEDGER_TEXT];
    char department[NTA_LEDGER_TEXT], source[32];
    uint8_t strength;
    int64_t from_ns, to_ns; ///< To: 0: nobody says until when.
    bool is_over;           ///< Somebody said that it ended.
    bool by_lease;          ///< `id` is of a lease.
    uint64_t n_records;
    char id[NTA_FOUND_ID_SIZE];
};

struct nta_ledger
{
    struct nta_stay *stays; ///< Owns.
    size_t n, n_space;
    bool is_full; ///< There are more.
};

/** A record whose user was asked for.  0 or -ENOMEM. */
int nta_ledger_add(struct nta_ledger *ledger, const struct nta_record *record, const char *id);

/**
 * A binding, of whomever: what it ends of the stays, it ends.  In any order, after all were added.
 */
void nta_ledger_end(struct nta_ledger *ledger, const struct nta_record *lease);

/**
 * In the order of their beginning; those alone that include that moment, or may; NULL: all.
 */
void nta_ledger_sort(struct nta_ledger *ledger, const struct nta_moment *at);

/** Free what it owns. */
void nta_ledger_done(struct nta_ledger *ledger);
