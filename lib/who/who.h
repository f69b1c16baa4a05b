/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Who had an address, in which network, from when to when, and how that is known.
 *
 * What is learnt is a *fact*: at this moment, this source said that an address is a device's, or
 * that an address or a device has this host name, login or person.  Facts become *bindings*:
 * intervals of one source about one key, which is an address (or a prefix) or a device (its MAC),
 * each in its network.  A question is about an address at one moment, and only intervals that
 * include it answer, so nobody gets the name of who had the address before or after.  Of several
 * the stronger source wins; what contradicts is said to whoever taught it (struct nta_who_news).
 *
 * A device has all its addresses: what one of them is known by, the others are, too.  A MAC with
 * NTA_WHO_ROUTER_ADDRS addresses within NTA_WHO_ROUTER_NS is a router's, and no device.
 *
 * The table is one worker's: each learns the same facts in the same order (hearsay, see
 * docs/architecture.md), so all of them answer the same, and no lookup waits for a lock.
 *
 * Bounds: bindings, texts and devices, each of fixed number; at the bound the binding that was
 * confirmed longest ago goes first, and is counted.  Of one key NTA_WHO_HISTORY are kept.  Nothing
 * is allocated after nta_who_new().
 */

#include "base/addr.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/runtime/clock.h"
#include "record/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* symbol, name, strength, for how long it holds if nobody says so */
#define NTA_WHO_SOURCES(ROW)                                                                       \
    ROW(USERS, "users", ADDRESS, INT64_MAX)                                                        \
    ROW(ARP, "arp", ARP, 3600 * NTA_NS_PER_S)                                                      \
    ROW(NDP, "ndp", ARP, 3600 * NTA_NS_PER_S)                                                      \
    ROW(MDNS, "mdns", ANNOUNCED, 3600 * NTA_NS_PER_S)                                              \
    ROW(LLMNR, "llmnr", ANNOUNCED, 3600 * NTA_NS_PER_S)                                            \
    ROW(NETBIOS, "netbios", ANNOUNCED, 3600 * NTA_NS_PER_S)                                        \
    ROW(DHCP, "dhcp", LEASE, 3600 * NTA_NS_PER_S)                                                  \
    ROW(DHCPV6, "dhcpv6", LEASE, 3600 * NTA_NS_PER_S)                                              \
    ROW(LEASES, "leases", LEASE, 3600 * NTA_NS_PER_S)                                              \
    ROW(FILE, "file", LOGIN, INT64_C(43200) * NTA_NS_PER_S)                                        \
    ROW(KERBEROS, "kerberos", LOGIN, INT64_C(36000) * NTA_NS_PER_S)                                \
    ROW(NTLM, "ntlm", LOGIN, INT64_C(36000) * NTA_NS_PER_S)                                        \
    ROW(RADIUS, "radius", LOGIN, INT64_C(86400) * NTA_NS_PER_S)

enum nta_who_source
{
    NTA_WHO_UNKNOWN,
#define NTA_WHO_SOURCE(symbol, ...) NTA_WHO_##symbol,
    NTA_WHO_SOURCES(NTA_WHO_SOURCE)
#undef NTA_WHO_SOURCE
    NTA_N_WHO_SOURCES
};

enum
{
    NTA_WHO_ROUTER_ADDRS = 8,
    NTA_WHO_HISTORY = 16,
    NTA_WHO_ALL_HISTORY = 256, ///< Of one address in all networks.
};

#define NTA_WHO_ROUTER_NS (600 * NTA_NS_PER_S)
/** A login and a lease of one address within this are of one machine, whichever is told first. */
#define NTA_WHO_TOGETHER_NS (60 * NTA_NS_PER_S)

/** The network of facts about an address wherever it is: told beside the wire, or by a server. */
#define NTA_WHO_ANYWHERE UINT64_MAX

/** What a source says of it. */
enum nta_who_state
{
    NTA_WHO_HOLDS, ///< So it is, since now or before.
    NTA_WHO_ENDS,  ///< It is over.
};

/** Texts may be empty: not said. */
struct nta_who_fact
{
    int64_t wall_ns;  ///< When it was seen, or is true.
    int64_t from_ns;  ///< Since when it is so; 0: `wall_ns`.
    int64_t until_ns; ///< Until when, if nothing else is heard; 0: as long as its source's hold.
    uint64_t network; ///< nta_who_network(), or NTA_WHO_ANYWHERE.
    bool has_ip, has_mac;
    /** Only who owns the address hears of it (decode/owner.h): what others know stays as it is. */
    bool of_addr;
    struct nta_prefix ip; ///< 128 bits: an address.
    uint8_t mac[6];
    uint8_t source; ///< enum nta_who_source.
    uint8_t state;  ///< enum nta_who_state.
    struct nta_span name, login, person;
    /** Bytes; of a login by RADIUS `client_id` begins with its access server's address (16). */
    struct nta_span client_id, circuit;
    struct nta_span how; ///< What it was that said so; not kept.
};

/** What a fact changed. */
struct nta_who_news
{
    bool is_new;      ///< A binding began, ended, or holds much longer than was said.
    int64_t from_ns;  ///< Since when it is so.
    int64_t until_ns; ///< When it ends by itself, or ended.
    /** Who the stronger, or until now the same, source said had it; borrows; empty: nobody. */
    struct nta_span other_name, other_login;
    bool has_other_mac;
    uint8_t other_mac[6];
};

struct nta_who_binding; ///< Opaque, see bindings.h.

/** Texts borrow from the table until the next fact. */
struct nta_who_answer
{
    bool has_device; ///< `device` is the MAC of one machine.
    uint8_t device[6];
    uint8_t source;   ///< enum nta_who_source; UNKNOWN: nothing is known.
    uint8_t strength; ///< enum nta_strength.
    int64_t since_ns; ///< Since when the address has been its device's.
    struct nta_span name, login, person;
    /** What says so, each at most once: address, name, login; NULL: none. */
    struct nta_who_binding *bindings[3];
};

/** A question. */
struct nta_who_question
{
    uint64_t network;
    const struct nta_addr *addr;
    const uint8_t *mac; ///< Of the frames that the address sent; NULL: not known.
    bool of_addr;       ///< Who owns the address asks: facts of it alone count, too.
    int64_t at_ns;      ///< When.
    /** The moment of asking, not before: whom the frames' MAC is known to be since, it was then. */
    int64_t now_ns;
};

struct nta_who_table; ///< Opaque; one worker's.

/** For `n_max` bindings.  0, or negative errno with `err`. */
int nta_who_new(size_t n_max, const struct nta_hash_key *key, struct nta_who_table **ret_table,
                struct nta_err *err);
/** Takes NULL too. */
void nta_who_free(struct nta_who_table **table);

/** The network of a frame with these tags (0: none), inside a tunnel's network of that kind. */
uint64_t nta_who_network(const uint16_t vlan[2], uint8_t kind, uint64_t id);

/**
 * Learn it.  `ret_news` borrows until the next fact.  An access server of RADIUS that starts or
 * stops (ENDS of neither address, device nor login) ends all logins by it (RFC 2866 section 5.1):
 * at once, or within a second if others did so right before.
 */
void nta_who_learn(struct nta_who_table *table, const struct nta_who_fact *fact,
                   struct nta_who_news *ret_news);

/** Who had the address then?  False: nothing is known, and the answer is empty. */
bool nta_who_find(const struct nta_who_table *table, const struct nta_who_question *question,
                  struct nta_who_answer *ret_answer);

/** Was the address said to be another device's than this one from `from_ns` until that moment? */
bool nta_who_had_other(const struct nta_who_table *table, const struct nta_who_question *question,
                       const uint8_t device[6], int64_t from_ns);

/** The binding as a fact, whose texts borrow until the next one is learnt. */
void nta_who_show(const struct nta_who_table *table, const struct nta_who_binding *binding,
                  struct nta_who_fact *ret_fact);

/**
 * Was not the very same answer about this address marked for this day yet (days since 1970)?  It is
 * from now on.  False of an empty one.
 */
bool nta_who_mark(const struct nta_who_answer *answer, uint16_t day);

/** Is this MAC, for all that was learnt, a router's at this moment? */
bool nta_who_is_router(const struct nta_who_table *table, const uint8_t mac[6], int64_t wall_ns);

/**
 * Those of `n` places of the table, from place `at` on, that still hold at `wall_ns`, as facts that
 * make the same table when they are learnt.  Gives the place to go on at; 0: that was all.
 */
size_t nta_who_each(const struct nta_who_table *table, size_t at, size_t n, int64_t wall_ns,
                    void (*each)(void *owner, const struct nta_who_fact *fact), void *owner);

/** Bindings that are kept; `ret_evicted`: how many went for want of space. */
size_t nta_who_count(const struct nta_who_table *table, uint64_t *ret_evicted);

/** As records have it; "" for UNKNOWN.  Static. */
const char *nta_who_source_name(enum nta_who_source source);
/** The source of that name; UNKNOWN: there is none. */
enum nta_who_source nta_who_source_of(struct nta_span name);
/** For how long what it says holds, if nobody says. */
int64_t nta_who_holds_ns(enum nta_who_source source);
/** How strong what it says is. */
enum nta_strength nta_who_strength(enum nta_who_source source);
