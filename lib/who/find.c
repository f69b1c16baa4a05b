/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who had an address at a moment.  First whose it was: of the devices that it is said to be of, the
 * one whose frames they are, else the one of the strongest source.  Then what that device, or the
 * address while it had it, is known by.
 */
#include "base/own.h"
#include "who/bindings.h"
#include "who/networks.h"

#include <string.h>

enum
{
    OF_FRAME = 64,  ///< Added to the strength of what the frames themselves show,
    OF_NETWORK = 32 ///< and of what was seen in that very network.
};

bool nta_who_is_router(const struct nta_who_table *table, const uint8_t mac[6], int64_t wall_ns)
{
    return nta_who_stations_is_router(&table->stations, mac, wall_ns);
}

/** A question while it is answered. */
struct search
{
    const struct nta_who_table *table;
    const struct nta_who_question *question;
    struct nta_who_binding *first; ///< Of the address, in all networks; NULL: none.
    struct nta_who_binding *holder, *named, *logged;
    bool is_since_later; ///< The holder is known since a later moment.
    bool is_kept;        ///< The answer may be: it depends on nothing but bindings.
    int64_t good_ns[2];  ///< Between the last change before the moment and the next.
    bool has_device;
};

static bool is_mac(const struct nta_who_binding *b, const uint8_t *mac)
{
    return b->has_mac && mac && memcmp(b->mac, mac, 6) == 0;
}

/** It was said of a device, and the frames are another's. */
static bool is_other_frames(const struct search *search, const struct nta_who_binding *said)
{
    return said->has_mac && search->question->mac && !is_mac(said, search->question->mac);
}

/**
 * What was said of an address without its network is of this one, unless the device had it in
 * another one since, or somebody has it there and it was said of no device, or of another one than
 * the frames are from: then nobody knows whose it is.
 */
static bool is_of_others(const struct search *search, const struct nta_who_binding *said)
{
    for (const struct nta_who_binding *b = search->first; b; b = nta_who_next(search->table, b)) {
        const int64_t at_ns = search->question->at_ns;

        if (b->network == NTA_WHO_ANYWHERE || b->network == search->question->network ||
            !b->has_mac)
            continue;
        if (said->has_mac && is_mac(b, said->mac) && b->from_ns <= at_ns &&
            b->until_ns > said->from_ns)
            return true;
        if ((!said->has_mac || is_other_frames(search, said)) && nta_who_holds(b, at_ns))
            return true;
    }
    return false;
}

/** The answer changes where a binding begins or ends. */
static void note_change(struct search *search, int64_t wall_ns)
{
    if (wall_ns <= search->question->at_ns && wall_ns > search->good_ns[0])
        search->good_ns[0] = wall_ns;
    if (wall_ns > search->question->at_ns && wall_ns < search->good_ns[1])
        search->good_ns[1] = wall_ns;
}

static void note_changes(struct search *search, const struct nta_who_binding *b)
{
    note_change(search, b->from_ns);
    note_change(search, b->until_ns);
}

static bool applies(const struct search *search, const struct nta_who_binding *b, int64_t at_ns)
{
    if (!nta_who_holds(b, at_ns) || (b->of_addr && !search->question->of_addr))
        return false;
    if (b->network == search->question->network)
        return true;
    return b->network == NTA_WHO_ANYWHERE && !is_of_others(search, b);
}

static unsigned rank_of(const struct search *search, const struct nta_who_binding *b)
{
    return (unsigned)nta_who_strength(b->source) +
           (is_mac(b, search->question->mac) ? (unsigned)OF_FRAME : 0U) +
           (b->network == search->question->network ? (unsigned)OF_NETWORK : 0U);
}

/** Of two that say something, the one that counts: the better one, else the later one. */
static struct nta_who_binding *better(struct nta_who_binding *a, struct nta_who_binding *b,
                                      unsigned rank_a, unsigned rank_b)
{
    if (!a || rank_b > rank_a || (rank_b == rank_a && b->from_ns > a->from_ns))
        return b;
    return a;
}

static struct nta_who_binding *find_holder(const struct search *search, int64_t at_ns,
                                           bool only_of_frame)
{
    struct nta_who_binding *found = NULL;

    for (struct nta_who_binding *b = search->first; b; b = nta_who_next(search->table, b)) {
        if (b->has_mac && !b->is_inferred && applies(search, b, at_ns) &&
            (!only_of_frame || is_mac(b, search->question->mac)))
            found = better(found, b, found ? rank_of(search, found) : 0, rank_of(search, b));
    }
    return found;
}

static unsigned strength_of(const struct nta_who_binding *b)
{
    return b ? (unsigned)nta_who_strength(b->source) : 0;
}

static void take_texts(struct search *search, struct nta_who_binding *b)
{
    if (b->name)
        search->named = better(search->named, b, strength_of(search->named), strength_of(b));
    if (b->login || b->person)
        search->logged = better(search->logged, b, strength_of(search->logged), strength_of(b));
}

/**
 * Somebody logged in from the address, nobody knows by which machine, and was not told of again
 * since DHCP gave it to the holder, which may be another one.
 */
static bool is_of_former(const struct nta_who_binding *holder, const struct nta_who_binding *b)
{
    return holder && !b->has_mac && (b->login || b->person) && holder->source == NTA_WHO_DHCP &&
           holder->from_ns > b->seen_ns && holder->from_ns - b->seen_ns > NTA_WHO_TOGETHER_NS;
}

/** What the address is known by, while its holder has it. */
static void ask_address(struct search *search)
{
    const struct nta_who_binding *holder = search->holder;

    for (struct nta_who_binding *b = search->first; b; b = nta_who_next(search->table, b)) {
        note_changes(search, b);
        if (applies(search, b, search->question->at_ns) &&
            (!b->has_mac || !holder || is_mac(b, holder->mac)) && !is_of_former(holder, b))
            take_texts(search, b);
    }
}

/** A machine is called what it was called a moment later. */
static void take_later_name(struct search *search, struct nta_who_binding *b)
{
    search->named = b;
    search->is_kept = false;
}

static void ask_device(struct search *search)
{
    const uint64_t network = nta_who_device_network(search->question->network);
    const struct nta_who_key key = nta_who_key_of_mac(network, search->holder->mac);
    const int64_t at_ns = search->question->at_ns, now_ns = search->question->now_ns;

    for (struct nta_who_binding *b = nta_who_first(search->table, &key); b;
         b = nta_who_next(search->table, b)) {
        if (b->network != network && b->network != NTA_WHO_ANYWHERE)
            continue;
        note_changes(search, b);
        if (nta_who_holds(b, at_ns))
            take_texts(search, b);
        else if (!search->named && b->name && b->from_ns > at_ns && nta_who_holds(b, now_ns))
            take_later_name(search, b);
    }
}

static void find_device(struct search *search)
{
    const struct nta_who_question *question = search->question;

    search->holder = find_holder(search, question->at_ns, false);
    if (!search->holder && question->mac) {
        search->holder = find_holder(search, question->now_ns, true);
        search->is_since_later = search->holder != NULL;
        search->is_kept = search->is_kept && !search->holder;
    }
    search->has_device =
        search->holder && !nta_who_is_router(search->table, search->holder->mac, question->at_ns);
    if (search->is_since_later && !search->has_device)
        search->holder = NULL; /* frames of a router show nobody */
}

static void fill(const struct search *search, struct nta_who_answer *ret_answer)
{
    const struct nta_texts *texts = &search->table->texts;
    const struct nta_who_binding *holder = search->holder, *named = search->named,
                                 *logged = search->logged;
    const struct nta_who_binding *why = logged ? logged : named ? named : holder;
    const struct nta_who_binding *had = holder ? holder : why;

    *ret_answer = (struct nta_who_answer){
        .has_device = search->has_device,
        .source = why->source,
        .strength = (uint8_t)strength_of(why),
        .since_ns = search->is_since_later ? search->question->at_ns : had->from_ns,
        .bindings = {search->holder, search->named != holder ? search->named : NULL,
                     logged != holder && logged != named ? search->logged : NULL},
    };
    if (strength_of(holder) > ret_answer->strength)
        ret_answer->strength = (uint8_t)strength_of(holder);
    if (search->has_device)
        memcpy(ret_answer->device, holder->mac, 6);
    if (named)
        ret_answer->name = nta_texts_get(texts, named->name);
    if (logged) {
        ret_answer->login = nta_texts_get(texts, logged->login);
        ret_answer->person = nta_texts_get(texts, logged->person);
    }
}

/** Of the address, or a prefix of it that was given to one user (RFC 3162, RFC 8415). */
static bool find_among(struct search *search, uint8_t bits)
{
    const struct nta_who_question *question = search->question;
    const struct nta_who_key key = nta_who_key_of_addr(question->network, question->addr, bits);

    search->first = nta_who_first(search->table, &key);
    if (!search->first)
        return false;
    find_device(search);
    ask_address(search);
    if (search->has_device)
        ask_device(search);
    return search->holder || search->named || search->logged;
}

/** Prefixes are few: who is in none is not asked about in each. */
static bool search_all(struct search *search)
{
    const struct nta_who_table *table = search->table;
    bool found = find_among(search, 128);

    for (unsigned bits = 128; !found && (table->bits[0] | table->bits[1]) && bits-- > 0;) {
        if (table->bits[bits / 64] & 1ULL << (bits % 64)) {
            found = find_among(search, (uint8_t)bits);
            search->is_kept = false; /* facts about a prefix are about many addresses */
        }
    }
    return found;
}

bool nta_who_find(const struct nta_who_table *table, const struct nta_who_question *question,
                  struct nta_who_answer *ret_answer)
{
    struct nta_who_kept *kept = nta_who_answers_place(&table->answers, question);
    struct search search = {
        .table = table,
        .question = question,
        .is_kept = true,
        .good_ns = {INT64_MIN, INT64_MAX},
    };

    if (nta_who_kept_is_good(&table->answers, kept, question)) {
        *ret_answer = kept->answer;
        return true;
    }
    *ret_answer = (struct nta_who_answer){.has_device = false};
    if (!search_all(&search))
        return false;
    fill(&search, ret_answer);
    if (search.is_kept && (!search.holder || search.has_device) &&
        !nta_who_stations_knows_router(&table->stations, search.holder ? search.holder->mac : NULL))
        nta_who_answers_keep(&table->answers, kept, question, ret_answer, search.good_ns);
    return true;
}

/**
 * Until when it was known: a server takes a lease back, but of what a station says nobody hears
 * when it is over.
 */
static int64_t known_until(const struct nta_who_binding *b)
{
    const bool is_given = nta_who_strength(b->source) >= NTA_STRENGTH_LEASE;

    return is_given || b->until_ns <= b->seen_ns ? b->until_ns : b->seen_ns + 1;
}

bool nta_who_had_other(const struct nta_who_table *table, const struct nta_who_question *question,
                       const uint8_t device[6], int64_t from_ns)
{
    const struct nta_who_key key = nta_who_key_of_addr(question->network, question->addr, 128);

    for (const struct nta_who_binding *b = nta_who_first(table, &key); b;
         b = nta_who_next(table, b)) {
        if (b->has_mac && !b->is_inferred && !is_mac(b, device) &&
            (b->network == question->network || b->network == NTA_WHO_ANYWHERE) &&
            (!b->of_addr || question->of_addr) && b->from_ns <= question->at_ns &&
            known_until(b) > from_ns && !nta_who_is_router(table, b->mac, question->at_ns))
            return true;
    }
    return false;
}
