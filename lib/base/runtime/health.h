/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is not well with the program now: one row a cause.
 *
 * Whoever sees that a thing does not work sets its cause with a sentence, and clears it when it
 * works again: any thread but a worker or a capture thread, at any time, as often as it likes (a
 * short lock, no allocation).  Whoever shows it (`nta status`, its exit status, systemd's status
 * line, Prometheus) takes a snapshot; the program's main thread compares snapshots and says each
 * change once.  A cause that comes and goes between two snapshots is seen by its count.
 *
 * A cause belongs to whoever sets it: two that set and clear the same one would hide each other's.
 */

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A row: symbol; name in JSON and Prometheus; BAD (it is not well) or WARN (worth a line, the state
 * is good all the same); ITEMS if a change of the detail is told anew (it names things), ONCE if
 * not (it has a number or a reason); sentence, which the detail follows behind a colon.
 */
#define NTA_CAUSES(ROW)                                                                            \
    ROW(STORE, "store", BAD, ONCE, "records cannot be stored")                                     \
    ROW(JOURNAL_GONE, "journal_gone", BAD, ONCE, "the store's file was removed or replaced")       \
    ROW(STORE_CONFLICT, "store_conflict", BAD, ONCE, "somebody else wrote into the store's chain") \
    ROW(ROLLBACK, "rollback", BAD, ONCE, "the store is older than what was written before")        \
    ROW(STATE, "state", BAD, ONCE, "the file of the chain's state cannot be used")                 \
    ROW(SIGNING, "signing_key", BAD, ONCE, "what is sealed is not proved: a signing key was lost") \
    ROW(REVOKED, "revoked", BAD, ONCE, "what is sealed is no proof: the identity was revoked")     \
    ROW(IDENTITY, "identity", WARN, ITEMS, "the identity's secret is on this machine")             \
    ROW(DISK, "disk", BAD, ITEMS, "a disk is nearly full")                                         \
    ROW(STORE_FULL, "store_full", BAD, ITEMS, "the store is at its bound")                         \
    ROW(RETENTION, "retention", BAD, ONCE, "what is to be deleted is not")                         \
    ROW(HEADS, "heads", BAD, ONCE, "heads of batches take half of the store's bound")              \
    ROW(MYSQL, "mysql", BAD, ONCE, "batches do not reach MySQL")                                   \
    ROW(MYSQL_OLDER, "mysql_older", BAD, ITEMS, "MySQL lacks batches that it had")                 \
    ROW(MYSQL_BEHIND, "mysql_behind", BAD, ONCE, "batches wait for MySQL too long")                \
    ROW(INDEXES, "indexes", WARN, ITEMS, "indexes do not reach MySQL, which is searched slowly")   \
    ROW(ALERTS_WAITING, "alerts_waiting", BAD, ONCE, "alerts wait to be written")                  \
    ROW(ALERTS_UNWRITTEN, "alerts_unwritten", BAD, ONCE, "alerts could not be written")            \
    ROW(INTERFACE, "interface", BAD, ITEMS, "nothing is seen of an interface")                     \
    ROW(CARRIER, "carrier", WARN, ITEMS, "an interface has no carrier")                            \
    ROW(CANARY, "canary", BAD, ITEMS, "does not find what it should")                              \
    ROW(LIST, "list", BAD, ITEMS, "a list is not loaded as it should be")                          \
    ROW(LIST_OLD, "list_old", BAD, ITEMS, "a list is too old (blacklist.max_age)")                 \
    ROW(RELOAD, "reload", BAD, ITEMS, "last reload refused")                                       \
    ROW(CLOCK, "clock", BAD, ITEMS, "the clock was stepped")                                       \
    ROW(LOST_PACKETS, "lost_packets", BAD, ONCE, "packets are lost")                               \
    ROW(LOST_FLOWS, "lost_flows", BAD, ONCE, "flows are given up before their end")                \
    ROW(LOST_STATE, "lost_state", BAD, ONCE, "what flows say is not read for want of room")        \
    ROW(LOST_RECORDS, "lost_records", BAD, ONCE, "records are lost")

enum nta_cause
{
#define NTA_CAUSE_ENUM(symbol, name, level, reporting, sentence) NTA_CAUSE_##symbol,
    NTA_CAUSES(NTA_CAUSE_ENUM)
#undef NTA_CAUSE_ENUM
    NTA_N_CAUSES
};

enum
{
    NTA_HEALTH_DETAIL_SIZE = 512
};

/** What a cause is, for those who show it. */
struct nta_cause_info
{
    const char *name, *sentence;
    bool is_bad;    ///< False: a warning.
    bool has_items; ///< A changed detail is a change to tell.
};

extern const struct nta_cause_info nta_cause_infos[NTA_N_CAUSES];

/** How a cause is now. */
struct nta_health_state
{
    bool on;
    int64_t since_wall_ns; ///< Since it is on, or since it is off again; 0: it never was.
    int64_t lasted_ns;     ///< How long it is on, or was the last time.
    int64_t until_mono_ns; ///< Until when it was on; now, if it is; 0: it never was.
    uint64_t n_times;      ///< How often it was set after being clear.
    uint64_t n_details;    ///< How often the detail changed.
    /** Shown form (base/text.h), NUL-terminated; of the last time if it is off. */
    char detail[NTA_HEALTH_DETAIL_SIZE];
};

struct nta_health; ///< Opaque.

/** NULL: no memory. */
struct nta_health *nta_health_new(void);
/** Takes NULL too.  No thread may report any more. */
void nta_health_free(struct nta_health **health);

/**
 * `detail` is a sentence in shown form, without its full stop, copied (what is too long is cut and
 * ends with "...", and what is not printable is escaped); "" where the cause says all.  NULL: it is
 * well again.  `health` may be NULL: nobody asks.
 */
void nta_health_set(struct nta_health *health, enum nta_cause cause, const char *detail);

/** All causes at one moment.  Gives the generation, which grows with each change. */
uint64_t nta_health_get(struct nta_health *health,
                        struct nta_health_state ret_states[NTA_N_CAUSES]);

/** Is it on now? */
bool nta_health_is(struct nta_health *health, enum nta_cause cause);

/** How many that are BAD are on. */
size_t nta_health_n_bad(const struct nta_health_state states[NTA_N_CAUSES]);

/** Append "records cannot be stored: disk full". */
void nta_health_put(struct nta_buf *out, enum nta_cause cause,
                    const struct nta_health_state *state);
