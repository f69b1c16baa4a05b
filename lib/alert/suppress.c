/* SPDX-License-Identifier: Apache-2.0 */
#include "alert/suppress.h"

#include "alert/text.h"
#include "base/hash.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "record/counted.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum
{
    N_SLOTS = 2 * NTA_SUPPRESS_KEYS, ///< Of the index: a power of two, half empty.
    SLOT_MASK = N_SLOTS - 1,
    LEAST_SHARED = 16, ///< A limit below is nobody's in particular.
    SEVERE = 3,        ///< From this severity on: high.
    /** Places of users and of lists, who share one now and then: nobody can choose with whom. */
    N_USERS = 4096,
    N_LISTS = 256
};

/** Lines of this minute, all, and of those that are not severe. */
struct nta_suppress_share
{
    uint32_t n, n_common;
};

#define MINUTE_NS (60 * NTA_NS_PER_S)

/** All windows are equally long, so the order of opening is the order of ending: a ring. */
struct nta_suppress_window
{
    uint64_t hash;
    int64_t start_ns;
    struct nta_alert_repeat repeat;
};

struct nta_suppress
{
    struct nta_hash_key key;
    int64_t window_ns;
    unsigned per_minute;
    int64_t minute_ns; ///< When the current minute began.
    struct nta_suppress_share all, users[N_USERS], lists[N_LISTS];
    uint64_t n_capped;
    size_t first, n_windows;
    uint16_t index[N_SLOTS]; ///< Place in the ring + 1; 0: free.
    struct nta_suppress_window windows[NTA_SUPPRESS_KEYS];
};

int nta_suppress_new(int64_t window_ns, unsigned per_minute, struct nta_suppress **ret_suppress)
{
    struct nta_suppress *suppress = calloc(1, sizeof(*suppress));

    if (!suppress)
        return -ENOMEM;
    int r = nta_hash_key_random(&suppress->key);

    if (r < 0) {
        free(suppress);
        return r;
    }
    suppress->window_ns = window_ns > 0 ? window_ns : 0;
    suppress->per_minute = per_minute;
    *ret_suppress = suppress;
    return 0;
}

void nta_suppress_free(struct nta_suppress **suppress)
{
    free(*suppress);
    *suppress = NULL;
}

enum nta_alert_deed nta_alert_deed(const struct nta_record *record)
{
    if (record->opened_by == NTA_OPENED_BY_PEER)
        return NTA_ALERT_WAS_CONTACTED_BY;
    return nta_record_is_lookup(record) ? NTA_ALERT_ASKED_FOR : NTA_ALERT_VISITED;
}

/** Where the user's address is this user's: elsewhere it is another one's. */
static uint64_t network_of(const struct nta_suppress *suppress, const struct nta_record *record)
{
    const uint64_t tags = (uint64_t)record->vlan.ids[0] << 16 | record->vlan.ids[1];

    if (record->network.kind == NTA_NETWORK_KIND_VNI ||
        record->network.kind == NTA_NETWORK_KIND_VSID)
        return nta_hash_words(&suppress->key, tags << 8 | record->network.kind, record->network.id);
    return tags ? nta_hash_words(&suppress->key, tags << 8, 0) : 0;
}

/** What the alert says of its user; a file that came is more than a visit to where it lies. */
static uint64_t act_of(const struct nta_record *record)
{
    return (uint64_t)nta_alert_deed(record) << 2 | (uint64_t)record->download << 1;
}

/** `is_claimed`: of what nobody answered. */
static uint64_t hash_of(const struct nta_suppress *suppress, const struct nta_record *record,
                        bool is_claimed)
{
    const struct nta_span entry = record->match.entry.len ? record->match.entry : record->site;
    uint64_t site = nta_hash_bytes(&suppress->key, entry.ptr, entry.len);
    uint64_t list = nta_hash_bytes(&suppress->key, record->match.list.ptr, record->match.list.len);
    uint64_t user = nta_hash_bytes(&suppress->key, record->user.addr.bytes, NTA_ADDR_LEN) ^
                    network_of(suppress, record);

    return nta_hash_words(&suppress->key, nta_hash_words(&suppress->key, site, list),
                          user ^ (act_of(record) | is_claimed));
}

/** The slot that holds this hash, or the free one where it would be. */
static size_t find_slot(const struct nta_suppress *suppress, uint64_t hash)
{
    size_t at = hash & SLOT_MASK;

    while (suppress->index[at] && suppress->windows[suppress->index[at] - 1].hash != hash)
        at = (at + 1) & SLOT_MASK;
    return at;
}

/* No tombstones: what stands behind moves up if its home allows (Knuth 6.4, algorithm R). */
static void free_slot(struct nta_suppress *suppress, size_t hole)
{
    for (size_t at = (hole + 1) & SLOT_MASK; suppress->index[at]; at = (at + 1) & SLOT_MASK) {
        size_t home = suppress->windows[suppress->index[at] - 1].hash & SLOT_MASK;

        if (((at - home) & SLOT_MASK) >= ((at - hole) & SLOT_MASK)) {
            suppress->index[hole] = suppress->index[at];
            hole = at;
        }
    }
    suppress->index[hole] = 0;
}

/** The shown form into `buf`; what is cut ends with "...". */
static void show(char *buf, size_t size, struct nta_span text)
{
    NTA_AUTO(nta_buf_done) struct nta_buf shown = {0};

    nta_alert_put_text(&shown, text, size - 1);
    (void)snprintf(buf, size, "%.*s", (int)shown.len, shown.len ? (const char *)shown.ptr : "");
}

static void describe(const struct nta_suppress *suppress, const struct nta_record *record,
                     struct nta_alert_repeat *repeat)
{
    char name[72], login[72];
    char addr[NTA_ADDR_TEXT_SIZE];
    bool both = record->user.name.len && record->user.login.len;

    *repeat = (struct nta_alert_repeat){.party = nta_suppress_party(suppress, record),
                                        .user = record->user.addr,
                                        .deed = nta_alert_deed(record),
                                        .last_ns = record->time_ns};
    show(name, sizeof(name), record->user.name);
    show(login, sizeof(login), record->user.login);
    (void)nta_addr_text(&record->user.addr, addr);
    if (name[0] || login[0])
        (void)snprintf(repeat->who, sizeof(repeat->who), "%s (%s%s%s)", addr, login,
                       both ? ", " : "", name);
    else
        (void)snprintf(repeat->who, sizeof(repeat->who), "%s", addr);
    show(repeat->site, sizeof(repeat->site), record->site);
    show(repeat->entry, sizeof(repeat->entry), record->match.entry);
    show(repeat->list, sizeof(repeat->list), record->match.list);
}

bool nta_suppress_pass(struct nta_suppress *suppress, const struct nta_record *record,
                       int64_t mono_ns)
{
    if (suppress->window_ns == 0)
        return true;
    uint64_t hash = hash_of(suppress, record, false);
    size_t slot = find_slot(suppress, hash);

    /* what is answered is no repeat of what was claimed, but the other way round it is */
    if (!suppress->index[slot] && record->seen == NTA_SEEN_CLAIMED) {
        hash = hash_of(suppress, record, true);
        slot = find_slot(suppress, hash);
    }
    if (suppress->index[slot]) {
        struct nta_alert_repeat *repeat = &suppress->windows[suppress->index[slot] - 1].repeat;

        if (!repeat->has_others) {
            char site[sizeof(repeat->site)];

            show(site, sizeof(site), record->site);
            repeat->has_others = strcmp(site, repeat->site) != 0;
        }
        repeat->n++;
        repeat->last_ns = record->time_ns;
        return false;
    }
    if (suppress->n_windows == NTA_SUPPRESS_KEYS)
        return true; /* the caller did not make space; rather logged than lost */
    size_t at = (suppress->first + suppress->n_windows++) % NTA_SUPPRESS_KEYS;

    suppress->windows[at].hash = hash;
    suppress->windows[at].start_ns = mono_ns;
    describe(suppress, record, &suppress->windows[at].repeat);
    suppress->index[slot] = (uint16_t)(at + 1);
    return true;
}

bool nta_suppress_due(struct nta_suppress *suppress, int64_t mono_ns, bool all,
                      struct nta_alert_repeat *ret_repeat)
{
    while (suppress->n_windows > 0) {
        struct nta_suppress_window *oldest = &suppress->windows[suppress->first];

        if (!all && suppress->n_windows < NTA_SUPPRESS_KEYS &&
            mono_ns - oldest->start_ns < suppress->window_ns)
            return false;
        free_slot(suppress, find_slot(suppress, oldest->hash));
        suppress->first = (suppress->first + 1) % NTA_SUPPRESS_KEYS;
        suppress->n_windows--;
        if (oldest->repeat.n > 0) {
            *ret_repeat = oldest->repeat;
            return true;
        }
    }
    return false;
}

struct nta_alert_party nta_suppress_party(const struct nta_suppress *suppress,
                                          const struct nta_record *record)
{
    const struct nta_span list = record->match.list;

    return (struct nta_alert_party){
        .user = nta_hash_bytes(&suppress->key, record->user.addr.bytes, NTA_ADDR_LEN),
        .list = nta_hash_bytes(&suppress->key, list.ptr, list.len),
        .is_severe = record->match.severity >= SEVERE,
    };
}

static void begin_minute(struct nta_suppress *suppress, int64_t mono_ns)
{
    suppress->minute_ns = mono_ns;
    suppress->all = (struct nta_suppress_share){0};
    memset(suppress->users, 0, sizeof(suppress->users));
    memset(suppress->lists, 0, sizeof(suppress->lists));
}

/** Whether one line more is within what a limit leaves to all, to a user and to a list. */
static bool is_within(const struct nta_suppress *suppress, const struct nta_alert_party *party,
                      const struct nta_suppress_share *user, const struct nta_suppress_share *list)
{
    const unsigned limit = suppress->per_minute;

    if (suppress->all.n >= limit)
        return false;
    if (limit < LEAST_SHARED)
        return true;
    if (user->n >= limit / 2)
        return false;
    return party->is_severe || (suppress->all.n_common < limit - limit / 4 &&
                                user->n_common < limit / 4 && list->n_common < limit / 2);
}

bool nta_suppress_line(struct nta_suppress *suppress, const struct nta_alert_party *party,
                       uint64_t n, int64_t mono_ns)
{
    struct nta_suppress_share *const shares[] = {
        &suppress->all,
        &suppress->users[party->user % N_USERS],
        &suppress->lists[party->list % N_LISTS],
    };

    if (suppress->per_minute == 0)
        return true;
    /* a minute with kept back alerts ends by nta_suppress_capped() */
    if (mono_ns - suppress->minute_ns >= MINUTE_NS && suppress->n_capped == 0)
        begin_minute(suppress, mono_ns);
    if (!is_within(suppress, party, shares[1], shares[2])) {
        suppress->n_capped += n;
        return false;
    }
    for (size_t i = 0; i < NTA_N_ELEMENTS(shares); i++) {
        shares[i]->n++;
        shares[i]->n_common += !party->is_severe;
    }
    return true;
}

void nta_suppress_count(struct nta_suppress *suppress, uint64_t n)
{
    suppress->n_capped += n;
}

uint64_t nta_suppress_capped(struct nta_suppress *suppress, int64_t mono_ns, bool all)
{
    uint64_t n = suppress->n_capped;

    if (n == 0 || (!all && mono_ns - suppress->minute_ns < MINUTE_NS))
        return 0;
    suppress->n_capped = 0;
    begin_minute(suppress, mono_ns);
    return n;
}

int64_t nta_suppress_next_ns(const struct nta_suppress *suppress)
{
    int64_t next_ns = INT64_MAX;

    if (suppress->n_windows > 0)
        next_ns = suppress->windows[suppress->first].start_ns + suppress->window_ns;
    if (suppress->n_capped > 0 && suppress->minute_ns + MINUTE_NS < next_ns)
        next_ns = suppress->minute_ns + MINUTE_NS;
    return next_ns;
}
