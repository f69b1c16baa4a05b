/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the module: the table of bindings, found by key, and in the order in which they were last
 * confirmed.  What a binding means is learn.c's and find.c's.
 */

#include "who/answers.h"
#include "who/stations.h"
#include "who/texts.h"
#include "who/who.h"

#include <assert.h>

enum
{
    NTA_WHO_RESETS = 16 ///< Access servers that started anew in one second.
};

/** An interval: [from, until). */
struct nta_who_binding
{
    struct nta_addr key; ///< An address or a prefix; of a device its MAC in the last 6 bytes.
    uint64_t network;
    int64_t from_ns, until_ns;
    int64_t seen_ns;                                  ///< Last confirmed.
    uint32_t name, login, person, client_id, circuit; ///< nta_texts; 0: not said.
    uint32_t next;         ///< In its bucket, the newest first: 1 + index; 0: none.
    uint32_t older, newer; ///< By `seen_ns`; of a free one, `older` is the next free.
    uint8_t mac[6];        ///< Whose the address is, with `has_mac`.
    uint8_t bits;          ///< Length of the prefix; 128: an address.
    uint8_t source : 5;    ///< enum nta_who_source.
    uint8_t has_mac : 1;
    uint8_t is_inferred : 1; ///< `mac` is not said, but of who had the address.
    uint8_t is_device : 1;   ///< The key is a MAC.
    uint32_t told_until_s;   ///< Until when it was last said to hold, for who hears of it.
    uint32_t mark : 31;      ///< Of the answer that last relied on it; see nta_who_mark().
    uint32_t of_addr : 1;    ///< As in its fact.
};

static_assert(sizeof(struct nta_who_binding) <= 96, "a million of them take 96 MB");

struct nta_who_table
{
    struct nta_hash_key key;
    struct nta_who_binding *bindings; ///< Owned; n_max.
    uint32_t *buckets;                ///< Owned; 1 + index of the newest; 0: none.
    size_t n_max, n_buckets, n_touched, n_used;
    uint32_t free_list, oldest, newest; ///< 1 + index; 0: none.
    uint64_t n_evicted;
    uint64_t bits[2]; ///< Lengths of prefixes, below 128, that were ever learnt.
    struct nta_texts texts;
    struct nta_who_stations stations;
    struct nta_who_answers answers;

    struct nta_who_reset
    {
        uint32_t server; ///< nta_texts; held.
        int64_t at_ns;
    } resets[NTA_WHO_RESETS]; ///< Of which the logins are still to be ended.

    size_t n_resets;
    int64_t swept_ns; ///< When that was last done.
};

/** A key. */
struct nta_who_key
{
    struct nta_addr addr;
    uint64_t network;
    uint8_t bits;
    bool is_device;
};

/** Of an address, or of a prefix of so many bits, whose others are ignored. */
struct nta_who_key nta_who_key_of_addr(uint64_t network, const struct nta_addr *addr, uint8_t bits);
/** Of a device. */
struct nta_who_key nta_who_key_of_mac(uint64_t network, const uint8_t mac[6]);

/** The newest binding of a key in any network; NULL: there is none. */
struct nta_who_binding *nta_who_first(const struct nta_who_table *table,
                                      const struct nta_who_key *key);
/** The one before it of the same key; NULL: there is none. */
struct nta_who_binding *nta_who_next(const struct nta_who_table *table,
                                     const struct nta_who_binding *binding);

/**
 * A new one of that key, its interval and texts empty; of too many of the key, or in all, the
 * oldest goes.
 */
struct nta_who_binding *nta_who_add(struct nta_who_table *table, const struct nta_who_key *key);

/** It is confirmed: of all the last to go. */
void nta_who_touch(struct nta_who_table *table, struct nta_who_binding *binding, int64_t wall_ns);

/** Hold the text in `*number`, if that holds none yet; of others the oldest go for its space. */
void nta_who_set_text(struct nta_who_table *table, const struct nta_who_binding *keep,
                      uint32_t *number, struct nta_span text);

/** Does the interval include this moment? */
static inline bool nta_who_holds(const struct nta_who_binding *binding, int64_t wall_ns)
{
    return binding->from_ns <= wall_ns && wall_ns < binding->until_ns;
}
