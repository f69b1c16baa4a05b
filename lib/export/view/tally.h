/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Sums by key, in bounded memory: who, where and what of any number of records.
 *
 * A table holds up to `n_max` keys with the sum of each and, if asked, the record that shows it
 * best.  When it is full, the half that weighs least (by the weightiest forbidden act, then
 * severity, then bytes) is folded into one rest, so what is heavy stays, whatever comes in which
 * order.  A key that was folded and comes again starts anew: then `n_folded` is not zero, and what
 * is shown is the heaviest, not all.  Off the packet path; one thread.
 */

#include "base/bytes.h"
#include "export/sum.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nta_tally_sum
{
    struct nta_sum base;
    uint64_t n_alerts;    ///< Of its records, alerts.
    uint64_t n_downloads; ///< Of these, flows and requests that are forbidden downloads.
};

/** Add `more` to `sum`. */
void nta_tally_sum_add(struct nta_tally_sum *sum, const struct nta_tally_sum *more);

enum
{
    NTA_TALLY_ID_SIZE = 96
};

/** The record that shows an entry best. */
struct nta_sample
{
    unsigned rank; ///< The higher replaces the lower; 0: none yet.
    char id[NTA_TALLY_ID_SIZE];
    uint8_t *cbor; ///< As encoded; owned by the entry.
    size_t cbor_len;
};

struct nta_tally_entry
{
    uint64_t hash;
    struct nta_tally_sum sum;
    struct nta_sample sample;
    size_t key_len;
    uint8_t key[];
};

struct nta_tally; ///< Opaque.

/** 0, -ENOMEM, or what the kernel's random numbers failed with.  n_max >= 2. */
int nta_tally_new(size_t n_max, struct nta_tally **ret_tally);
/** Takes NULL too. */
void nta_tally_free(struct nta_tally **tally);

/**
 * The entry of `key`, with `more` added to its sum; NULL if memory is out.  Borrows until the next
 * call.
 */
struct nta_tally_entry *nta_tally_add(struct nta_tally *tally, struct nta_span key,
                                      const struct nta_tally_sum *more);

/**
 * Keep a copy of the record as `sample` if its rank is higher.  0 or
 * -ENOMEM.
 */
int nta_sample_offer(struct nta_sample *sample, unsigned rank, const char *id,
                     struct nta_span cbor);

/**
 * Put the heaviest first.  Then entries 0 to nta_tally_count() - 1 are in that order until the next
 * addition.
 */
void nta_tally_sort(struct nta_tally *tally);
/** Put them in the order of their keys' bytes. */
void nta_tally_sort_by_key(struct nta_tally *tally);

/** How many entries there are. */
size_t nta_tally_count(const struct nta_tally *tally);
/** Entry `i` (< count).  Borrows until the next addition. */
const struct nta_tally_entry *nta_tally_get(const struct nta_tally *tally, size_t i);
/** The entry of a key, or NULL. */
const struct nta_tally_entry *nta_tally_find(const struct nta_tally *tally, struct nta_span key);

/** What was folded: how often an entry was, and its sums. */
uint64_t nta_tally_folded(const struct nta_tally *tally, struct nta_tally_sum *ret_rest);
