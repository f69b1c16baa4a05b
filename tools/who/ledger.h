/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Stays: who had which address, in which network, from when to when, out of what records say of
 * their users, or say of pseudonyms.  Records that say the same are one stay; each has the record
 * that says it best: a binding's own (`lease`), else the first.  What ends them is the rule of
 * incidents, too (who/told.h).  What holds and what does not are never one stay, and what does not
 * ends nothing that does.
 *
 * One thread; memory is bounded by NTA_LEDGER_MAX stays, of more than those the first stay.
 */

#include "record/record.h"
#include "search/search.h"
#include "search/words/calendar.h"
#include "who/told.h"

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
    struct nta_who_told told;
    uint64_t place;  ///< Hash of the address, or else device, alone.
    uint64_t server; ///< Of RADIUS: hash of the access server's address; 0: none is said.
    uint64_t n_records;
    const char *unverified; ///< NULL: what says so holds; else why not (struct nta_found).
    char id[NTA_FOUND_ID_SIZE];
};

struct nta_ledger
{
    struct nta_stay *stays; ///< Owns.
    size_t n, n_space;
    bool is_full; ///< There are more.
    struct nta_hash_key key;
};

/** An empty one.  0 or negative errno: no random numbers. */
int nta_ledger_init(struct nta_ledger *ledger);

/** A record whose user was asked for; `unverified` as of struct nta_found.  0 or -ENOMEM. */
int nta_ledger_add(struct nta_ledger *ledger, const struct nta_record *record, const char *id,
                   const char *unverified);

/**
 * A binding, of whomever: what it ends of the stays, it ends.  In any order, after all were added.
 * `holds` as of the record.
 */
void nta_ledger_end(struct nta_ledger *ledger, const struct nta_record *lease, bool holds);

/**
 * In the order of their beginning; those alone that include that moment, or may; NULL: all.
 */
void nta_ledger_sort(struct nta_ledger *ledger, const struct nta_moment *at);

/** Leave out what is over before then. */
void nta_ledger_since(struct nta_ledger *ledger, int64_t since_ns);

/** Free what it owns. */
void nta_ledger_done(struct nta_ledger *ledger);
