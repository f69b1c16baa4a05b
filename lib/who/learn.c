/* SPDX-License-Identifier: Apache-2.0 */
/* From facts to bindings: what goes on, what begins, what that ends, and what contradicts it. */
#include "base/own.h"
#include "who/bindings.h"
#include "who/networks.h"
#include "who/resets.h"
#include "who/told.h"

#include <string.h>

/** What is learnt of one key, and by whom it is said to be the address of. */
struct lesson
{
    struct nta_who_table *table;
    const struct nta_who_fact *fact;
    struct nta_who_news *news;
    struct nta_who_key key;
    const uint8_t *mac; ///< Of an address; NULL: not known.
    bool is_inferred;   ///< `mac` is not said.
    int64_t from_ns, until_ns;
};

static bool is_text(const struct nta_who_table *table, uint32_t number, struct nta_span text)
{
    return nta_span_equal(nta_texts_get(&table->texts, number), text);
}

/** Both are said, and are others. */
static bool differs(const struct nta_who_table *table, uint32_t number, struct nta_span text)
{
    return number && text.len > 0 && !is_text(table, number, text);
}

static bool is_other_mac(const struct lesson *lesson, const struct nta_who_binding *b)
{
    return lesson->mac && b->has_mac && memcmp(lesson->mac, b->mac, 6) != 0;
}

static bool says(const struct nta_who_table *table, uint32_t number, struct nta_span text)
{
    return text.len == 0 || is_text(table, number, text);
}

/**
 * Can it go on as this binding?  Not if more is said now than then: what is known since is not
 * told of what was before.
 */
static bool agrees(const struct lesson *lesson, const struct nta_who_binding *b)
{
    const struct nta_who_fact *fact = lesson->fact;

    return b->source == fact->source && !is_other_mac(lesson, b) && (b->has_mac || !lesson->mac) &&
           says(lesson->table, b->name, fact->name) && says(lesson->table, b->login, fact->login) &&
           says(lesson->table, b->person, fact->person);
}

/** The names of one machine as several protocols have them: without domain, whatever the case. */
static bool is_same_host(struct nta_span a, struct nta_span b)
{
    enum
    {
        NETBIOS_MAX = 15
    };

    const uint8_t *dot_a = memchr(a.ptr, '.', a.len), *dot_b = memchr(b.ptr, '.', b.len);
    const struct nta_span host_a = {a.ptr, dot_a ? (size_t)(dot_a - a.ptr) : a.len};
    const struct nta_span host_b = {b.ptr, dot_b ? (size_t)(dot_b - b.ptr) : b.len};

    if (host_a.len >= NETBIOS_MAX && host_b.len >= NETBIOS_MAX)
        return nta_span_alike(nta_span_first(host_a, NETBIOS_MAX),
                              nta_span_first(host_b, NETBIOS_MAX));
    return nta_span_alike(host_a, host_b);
}

/** Tell what it contradicts. */
static void note_conflict(const struct lesson *lesson, const struct nta_who_binding *b)
{
    const struct nta_who_fact *fact = lesson->fact;
    const struct nta_span name = nta_texts_get(&lesson->table->texts, b->name);
    struct nta_who_news *news = lesson->news;

    if (is_other_mac(lesson, b) && !news->has_other_mac) {
        news->has_other_mac = true;
        memcpy(news->other_mac, b->mac, 6);
    }
    if (name.len > 0 && fact->name.len > 0 && !is_same_host(name, fact->name))
        news->other_name = name;
    if (differs(lesson->table, b->login, fact->login))
        news->other_login = nta_texts_get(&lesson->table->texts, b->login);
}

/** Does what is said now end this one?  What is weaker ends nothing. */
static bool ends(const struct lesson *lesson, const struct nta_who_binding *b)
{
    if (b->is_inferred && is_other_mac(lesson, b))
        return false; /* it ends with those who say so */
    if (nta_who_strength(lesson->fact->source) < nta_who_strength(b->source))
        return false;
    return is_other_mac(lesson, b) || (b->source == lesson->fact->source && !agrees(lesson, b));
}

/** What one worker alone hears of changes nothing of what all know. */
static bool may_change(const struct lesson *lesson, const struct nta_who_binding *b)
{
    return b->of_addr || !lesson->fact->of_addr;
}

static bool is_near(const struct lesson *lesson, const struct nta_who_binding *b)
{
    return b->network == lesson->key.network && b->until_ns > lesson->fact->wall_ns &&
           b->from_ns <= lesson->fact->wall_ns;
}

/** It is news again when half of the time is over for which it was said to hold. */
static bool is_news(struct nta_who_binding *b, int64_t wall_ns)
{
    const int64_t told_ns = (int64_t)b->told_until_s * NTA_NS_PER_S;

    if (told_ns > wall_ns && (b->until_ns - wall_ns) / 2 < told_ns - wall_ns)
        return false;
    b->told_until_s = b->until_ns / NTA_NS_PER_S > UINT32_MAX ? UINT32_MAX
                      : b->until_ns < 0                       ? 0
                                        : (uint32_t)(b->until_ns / NTA_NS_PER_S);
    return true;
}

static void fill(const struct lesson *lesson, struct nta_who_binding *b)
{
    const struct nta_who_fact *fact = lesson->fact;
    struct nta_who_table *table = lesson->table;

    if (lesson->mac && !b->has_mac) {
        b->has_mac = true;
        b->is_inferred = lesson->is_inferred;
        memcpy(b->mac, lesson->mac, 6);
    }
    b->until_ns = lesson->until_ns;
    nta_who_touch(table, b, fact->wall_ns);
    nta_who_set_text(table, b, &b->name, fact->name);
    nta_who_set_text(table, b, &b->login, fact->login);
    nta_who_set_text(table, b, &b->person, fact->person);
    nta_who_set_text(table, b, &b->client_id, fact->client_id);
    nta_who_set_text(table, b, &b->circuit, fact->circuit);
    lesson->news->from_ns = b->from_ns;
    lesson->news->until_ns = b->until_ns;
}

/** A binding ends now. */
static void end_binding(const struct lesson *lesson, struct nta_who_binding *b)
{
    b->until_ns = lesson->from_ns > b->from_ns ? lesson->from_ns : b->from_ns;
}

/**
 * Who had the address in this network has lost it: what was said of it without a network was said
 * of him.
 */
static void end_said(const struct lesson *lesson, const struct nta_who_binding *lost)
{
    if (!lost->has_mac || lost->network == NTA_WHO_ANYWHERE)
        return;
    for (struct nta_who_binding *b = nta_who_first(lesson->table, &lesson->key); b;
         b = nta_who_next(lesson->table, b)) {
        if (b->network == NTA_WHO_ANYWHERE && b->has_mac && memcmp(b->mac, lost->mac, 6) == 0 &&
            nta_who_holds(b, lesson->fact->wall_ns))
            end_binding(lesson, b);
    }
}

/** Does anybody say that the address is still this device's? */
static bool is_claimed(const struct lesson *lesson, const uint8_t mac[6])
{
    for (const struct nta_who_binding *b = nta_who_first(lesson->table, &lesson->key); b;
         b = nta_who_next(lesson->table, b)) {
        if (is_near(lesson, b) && b->has_mac && !b->is_inferred && memcmp(b->mac, mac, 6) == 0)
            return true;
    }
    return false;
}

/** Who had the address has lost it, and with it whatever it was known by then. */
static void end_inferred(const struct lesson *lesson)
{
    for (struct nta_who_binding *b = nta_who_first(lesson->table, &lesson->key); b;
         b = nta_who_next(lesson->table, b)) {
        if (is_near(lesson, b) && b->is_inferred && !is_claimed(lesson, b->mac))
            end_binding(lesson, b);
    }
}

static void hold(const struct lesson *lesson)
{
    struct nta_who_table *table = lesson->table;
    struct nta_who_binding *same = NULL;

    for (struct nta_who_binding *b = nta_who_first(table, &lesson->key); b;
         b = nta_who_next(table, b)) {
        if (!is_near(lesson, b))
            continue;
        note_conflict(lesson, b);
        if (!may_change(lesson, b))
            continue;
        if (ends(lesson, b)) {
            end_binding(lesson, b);
            if (is_other_mac(lesson, b))
                end_said(lesson, b);
        } else if (!same && b->of_addr == lesson->fact->of_addr && agrees(lesson, b)) {
            same = b;
        }
    }
    if (!same) {
        same = nta_who_add(table, &lesson->key);
        same->source = lesson->fact->source & 0x1fU;
        same->of_addr = lesson->fact->of_addr;
        same->from_ns = same->seen_ns = lesson->from_ns;
    }
    fill(lesson, same);
    if (lesson->mac && !lesson->is_inferred)
        end_inferred(lesson);
    if (is_news(same, lesson->fact->wall_ns))
        lesson->news->is_new = true;
}

/** Is it what is said to be over? */
static bool is_ended(const struct lesson *lesson, const struct nta_who_binding *b)
{
    const struct nta_who_fact *fact = lesson->fact;

    if (is_other_mac(lesson, b))
        return false;
    if (nta_who_strength(fact->source) == NTA_STRENGTH_LOGIN) /* who logs out keeps his address */
        return b->source == fact->source && says(lesson->table, b->login, fact->login);
    return !lesson->key.is_device && nta_who_strength(fact->source) >= nta_who_strength(b->source);
}

static void end(const struct lesson *lesson)
{
    for (struct nta_who_binding *b = nta_who_first(lesson->table, &lesson->key); b;
         b = nta_who_next(lesson->table, b)) {
        if (!is_near(lesson, b) || !may_change(lesson, b) || !is_ended(lesson, b))
            continue;
        lesson->news->is_new = true;
        lesson->news->from_ns = b->from_ns;
        lesson->news->until_ns = b->until_ns = lesson->fact->wall_ns;
        if (nta_who_strength(lesson->fact->source) == NTA_STRENGTH_LEASE)
            end_said(lesson, b);
    }
}

static void learn(const struct lesson *lesson)
{
    nta_who_answers_learnt(&lesson->table->answers, &lesson->key.addr);
    if (lesson->fact->state == NTA_WHO_ENDS)
        end(lesson);
    else
        hold(lesson);
}

/** Whose the address is, as far as is known; false: not known. */
static bool find_holder(const struct nta_who_table *table, const struct nta_who_fact *fact,
                        uint8_t ret_mac[6])
{
    const struct nta_who_question question = {
        .network = fact->network,
        .addr = &fact->ip.addr,
        .of_addr = fact->of_addr,
        .at_ns = fact->wall_ns,
        .now_ns = fact->wall_ns,
    };
    struct nta_who_answer answer;

    if (!nta_who_find(table, &question, &answer) || !answer.has_device)
        return false;
    memcpy(ret_mac, answer.device, 6);
    return true;
}

static struct nta_who_fact without_machines(const struct nta_who_fact *fact)
{
    struct nta_who_fact plain = *fact;

    if (nta_who_is_computer(fact->login)) {
        if (fact->name.len == 0)
            plain.name = nta_span_first(fact->login, fact->login.len - 1);
        plain.login = (struct nta_span){0};
    }
    return plain;
}

static int64_t until_of(const struct nta_who_fact *fact)
{
    int64_t until_ns;

    if (fact->until_ns)
        return fact->until_ns;
    if (__builtin_add_overflow(fact->wall_ns, nta_who_holds_ns((enum nta_who_source)fact->source),
                               &until_ns))
        return INT64_MAX;
    return until_ns;
}

static void note_prefix(struct nta_who_table *table, uint8_t bits)
{
    if (bits < 128)
        table->bits[bits / 64] |= 1ULL << (bits % 64);
}

/** The address: whose it is, and what it is known by where no device is. */
static void learn_address(struct lesson *lesson, struct nta_who_fact *fact, bool is_device)
{
    if (is_device)
        fact->name = fact->login = fact->person = (struct nta_span){0};
    note_prefix(lesson->table, fact->ip.len);
    lesson->key = nta_who_key_of_addr(fact->network, &fact->ip.addr, fact->ip.len);
    learn(lesson);
}

/** What a device is known by, which all its addresses are. */
static void learn_device(struct lesson *lesson, const struct nta_who_fact *fact)
{
    if (fact->name.len + fact->login.len + fact->person.len == 0)
        return;
    lesson->key = nta_who_key_of_mac(nta_who_device_network(fact->network), lesson->mac);
    lesson->mac = NULL;
    learn(lesson);
}

/** An address behind a MAC, which that may make a router's. */
static void note_station(struct nta_who_table *table, const uint8_t mac[6],
                         const struct nta_who_fact *fact)
{
    const struct nta_who_key key = nta_who_key_of_mac(0, mac);

    nta_who_stations_note(&table->stations, mac, &fact->ip.addr, fact->wall_ns);
    nta_who_answers_learnt(&table->answers, &key.addr);
}

void nta_who_learn(struct nta_who_table *table, const struct nta_who_fact *fact,
                   struct nta_who_news *ret_news)
{
    const struct nta_who_fact plain = without_machines(fact);
    struct nta_who_fact address = plain;
    const bool is_address = plain.has_ip && plain.ip.len == 128;
    uint8_t mac[6];
    bool has_mac = plain.has_mac;

    *ret_news = (struct nta_who_news){.until_ns = 0};
    nta_who_sweep(table, plain.wall_ns);
    if (nta_who_is_reset(&plain)) {
        ret_news->is_new = nta_who_reset(table, &plain);
        return;
    }
    memcpy(mac, plain.mac, sizeof(mac));
    if (has_mac && is_address && plain.state == NTA_WHO_HOLDS)
        note_station(table, mac, &plain);
    if (!has_mac && is_address)
        has_mac = find_holder(table, &plain, mac);
    const bool is_device =
        has_mac && !plain.of_addr && !nta_who_is_router(table, mac, plain.wall_ns);
    struct lesson lesson = {
        .table = table,
        .fact = &address,
        .news = ret_news,
        .mac = has_mac ? mac : NULL,
        .is_inferred = !plain.has_mac,
        .from_ns = plain.from_ns && plain.from_ns < plain.wall_ns ? plain.from_ns : plain.wall_ns,
        .until_ns = until_of(&plain),
    };

    if (lesson.until_ns <= lesson.from_ns && plain.state == NTA_WHO_HOLDS)
        return; /* it was over before it began */
    if (plain.has_ip)
        learn_address(&lesson, &address, is_device);
    lesson.fact = &plain;
    if (is_device)
        learn_device(&lesson, &plain);
}
