/* SPDX-License-Identifier: Apache-2.0 */
#include "who/ledger.h"

#include "base/runtime/clock.h"
#include "base/text.h"
#include "record/user/user.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_NS (86400 * NTA_NS_PER_S)

static void put_mac(char device[18], const uint8_t mac[6])
{
    (void)snprintf(device, 18, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
                   mac[4], mac[5]);
}

static bool is_given(const struct nta_addr *addr)
{
    static const struct nta_addr none = {0};

    return !nta_addr_equal(addr, &none);
}

static uint64_t hash_text(const struct nta_ledger *ledger, const char *text)
{
    return text[0] ? nta_hash_bytes(&ledger->key, text, strlen(text)) : 0;
}

static uint64_t hash_key(const struct nta_ledger *ledger, const struct nta_user_key *key)
{
    const struct nta_span bytes = nta_user_key_span(key);

    return nta_hash_bytes(&ledger->key, bytes.ptr, bytes.len);
}

static uint64_t hash_place(const struct nta_ledger *ledger, const struct nta_addr *addr)
{
    const struct nta_record record = {.user = {.addr = *addr}};
    struct nta_user_key key;

    nta_record_anywhere_key(&record, &key);
    return hash_key(ledger, &key);
}

/** Beside what else is told of the address, or of the device. */
static void set_told(const struct nta_ledger *ledger, struct nta_stay *stay,
                     const struct nta_record *record)
{
    const enum nta_who_source source = nta_who_source_of(nta_span_of(stay->source));
    const bool is_anywhere = nta_who_tells_anywhere(record);
    struct nta_user_key here;

    nta_record_address_key(record, &here);
    stay->place = hash_place(ledger, &stay->addr);
    stay->told = (struct nta_who_told){
        .address = is_anywhere ? stay->place : hash_key(ledger, &here),
        .device = hash_text(ledger, stay->device),
        .login = hash_text(ledger, stay->login),
        .on = hash_text(ledger, stay->device),
        .since_ns = stay->from_ns,
        .seen_ns = record->time_ns,
        .source = (uint8_t)source,
        .is_anywhere = is_anywhere,
    };
    if (stay->by_lease && source == NTA_WHO_RADIUS && is_given(&record->peer.addr))
        stay->server = hash_place(ledger, &record->peer.addr);
    if (is_given(&stay->addr))
        return;
    stay->told.address = 0;
    stay->place = stay->told.device;
}

/** Of a lease its own MAC is the device's; of others that of the frames may be a router's. */
static void fill(const struct nta_ledger *ledger, struct nta_stay *stay,
                 const struct nta_record *record)
{
    const bool is_opened = record->event == NTA_RECORD_PSEUDONYM;
    const struct nta_record_side *user = is_opened ? &record->peer : &record->user;

    *stay = (struct nta_stay){
        .addr = user->addr,
        .vlan = record->vlan,
        .network = record->network,
        .strength = user->strength,
        .from_ns = user->since_ns ? user->since_ns : record->time_ns,
        .to_ns = record->end_ns ? record->end_ns : record->time_ns,
        .by_lease = record->event == NTA_RECORD_LEASE,
    };
    if (stay->by_lease) {
        const int64_t until_ns = nta_who_tells_until(record);

        stay->is_over = nta_who_tells_end(record);
        stay->to_ns = stay->is_over ? record->time_ns : until_ns == INT64_MAX ? 0 : until_ns;
    }
    if (is_opened) { /* so many are called that from then on until the UTC day is over */
        stay->from_ns = record->time_ns;
        stay->to_ns = record->time_ns - record->time_ns % DAY_NS + DAY_NS;
        nta_text_copy(stay->pseudonym, sizeof(stay->pseudonym), record->user.device);
    }
    if (user->device.len > 0)
        nta_text_copy(stay->device, sizeof(stay->device), user->device);
    else if (stay->by_lease && user->has_mac)
        put_mac(stay->device, user->mac);
    nta_text_copy(stay->name, sizeof(stay->name), user->name);
    nta_text_copy(stay->login, sizeof(stay->login), user->login);
    nta_text_copy(stay->person, sizeof(stay->person), user->person);
    nta_text_copy(stay->department, sizeof(stay->department), user->department);
    nta_text_copy(stay->source, sizeof(stay->source), user->source);
    set_told(ledger, stay, record);
}

static bool is_same_place(const struct nta_stay *a, const struct nta_stay *b)
{
    return nta_addr_equal(&a->addr, &b->addr) && a->vlan.n == b->vlan.n &&
           memcmp(a->vlan.ids, b->vlan.ids, sizeof(a->vlan.ids)) == 0 &&
           a->network.kind == b->network.kind && a->network.id == b->network.id;
}

/** Either says nothing, or both say the same. */
static bool agree(const char *a, const char *b)
{
    return !a[0] || !b[0] || strcmp(a, b) == 0;
}

/** They begin at the same time; a pseudonym is told more than once a day. */
static bool is_same_time(const struct nta_stay *a, const struct nta_stay *b)
{
    return a->pseudonym[0] ? a->to_ns == b->to_ns : a->from_ns == b->from_ns;
}

static bool is_same(const struct nta_stay *a, const struct nta_stay *b)
{
    return a->unverified == b->unverified && is_same_place(a, b) && is_same_time(a, b) &&
           agree(a->device, b->device) && strcmp(a->pseudonym, b->pseudonym) == 0 &&
           agree(a->name, b->name) && agree(a->login, b->login) && agree(a->person, b->person);
}

static void merge_text(char *into, const char *text)
{
    if (!into[0])
        (void)snprintf(into, NTA_LEDGER_TEXT, "%s", text);
}

/** Both say it: what one has besides, and the better evidence. */
static void merge(struct nta_stay *stay, const struct nta_stay *other, const char *id)
{
    stay->n_records++;
    if (other->from_ns < stay->from_ns)
        stay->from_ns = other->from_ns;
    if (!stay->device[0])
        memcpy(stay->device, other->device, sizeof(stay->device));
    merge_text(stay->name, other->name);
    merge_text(stay->login, other->login);
    merge_text(stay->person, other->person);
    merge_text(stay->department, other->department);
    if (other->is_over ||
        (!stay->is_over && stay->to_ns && (!other->to_ns || other->to_ns > stay->to_ns)))
        stay->to_ns = other->to_ns;
    stay->is_over = stay->is_over || other->is_over;
    if (other->told.seen_ns > stay->told.seen_ns)
        stay->told.seen_ns = other->told.seen_ns;
    if (!stay->told.device)
        stay->told.device = stay->told.on = other->told.device;
    if (!stay->told.login)
        stay->told.login = other->told.login;
    if (!stay->server)
        stay->server = other->server;
    if (other->strength > stay->strength) {
        stay->strength = other->strength;
        memcpy(stay->source, other->source, sizeof(stay->source));
        stay->told.source = other->told.source;
        stay->told.address = other->told.address;
        stay->told.is_anywhere = other->told.is_anywhere;
    }
    if (other->by_lease && !stay->by_lease) {
        stay->by_lease = true;
        (void)snprintf(stay->id, sizeof(stay->id), "%s", id);
    }
}

static int grow(struct nta_ledger *ledger)
{
    const size_t n_space = ledger->n_space ? ledger->n_space * 2 : 64;
    struct nta_stay *stays = realloc(ledger->stays, n_space * sizeof(*stays));

    if (!stays)
        return -ENOMEM;
    ledger->stays = stays;
    ledger->n_space = n_space;
    return 0;
}

int nta_ledger_add(struct nta_ledger *ledger, const struct nta_record *record, const char *id,
                   const char *unverified)
{
    struct nta_stay stay;

    if (record->event == NTA_RECORD_LEASE && !record->user.strength &&
        nta_span_is(record->binding.state, "claimed"))
        return 0; /* an address that somebody wished for is nobody's */
    fill(ledger, &stay, record);
    stay.unverified = unverified;
    if (!stay.pseudonym[0] && !stay.device[0] && !stay.name[0] && !stay.login[0] && !stay.person[0])
        return 0;                            /* it says nothing of who it was */
    for (size_t i = ledger->n; i > 0; i--) { /* mostly it is the last one that goes on */
        if (is_same(&ledger->stays[i - 1], &stay)) {
            merge(&ledger->stays[i - 1], &stay, id);
            return 0;
        }
    }
    ledger->is_full = ledger->n == NTA_LEDGER_MAX;
    if (ledger->is_full)
        return 0;
    if (ledger->n == ledger->n_space && grow(ledger) < 0)
        return -ENOMEM;
    stay.n_records = 1;
    (void)snprintf(stay.id, sizeof(stay.id), "%s", id);
    ledger->stays[ledger->n++] = stay;
    return 0;
}

/** The access server of a login started anew, or what is told is of this address or device. */
static bool is_ended(const struct nta_stay *stay, const struct nta_stay *other, bool is_reset)
{
    if (is_reset)
        return other->server && stay->server == other->server &&
               stay->told.source == NTA_WHO_RADIUS;
    if (stay->place != other->place)
        return false;
    return other->is_over ? nta_who_told_is_over(&stay->told, &other->told)
                          : nta_who_told_is_followed(&stay->told, &other->told);
}

void nta_ledger_end(struct nta_ledger *ledger, const struct nta_record *lease, bool holds)
{
    const bool is_reset = nta_who_tells_reset(lease);
    struct nta_stay other;

    fill(ledger, &other, lease);
    if (nta_span_is(lease->binding.state, "claimed") || nta_who_is_computer(lease->user.login))
        return;
    const int64_t at_ns = other.is_over ? lease->time_ns : other.from_ns;

    for (size_t i = 0; i < ledger->n; i++) {
        struct nta_stay *stay = &ledger->stays[i];

        if (at_ns <= stay->from_ns || (stay->to_ns && at_ns >= stay->to_ns) ||
            !(holds || stay->unverified) || !is_ended(stay, &other, is_reset))
            continue;
        stay->to_ns = at_ns;
        stay->is_over = true;
    }
}

static int compare(const void *a, const void *b)
{
    const struct nta_stay *x = a, *y = b;

    if (x->from_ns != y->from_ns)
        return x->from_ns < y->from_ns ? -1 : 1;
    return memcmp(&x->addr, &y->addr, sizeof(x->addr));
}

void nta_ledger_sort(struct nta_ledger *ledger, const struct nta_moment *at)
{
    size_t n = 0;

    for (size_t i = 0; i < ledger->n; i++) {
        const struct nta_stay *stay = &ledger->stays[i];

        if (!at ||
            (stay->from_ns <= at->later_ns && (!stay->to_ns || at->earlier_ns < stay->to_ns)))
            ledger->stays[n++] = *stay;
    }
    ledger->n = n;
    if (n > 0)
        qsort(ledger->stays, n, sizeof(*ledger->stays), compare);
}

void nta_ledger_since(struct nta_ledger *ledger, int64_t since_ns)
{
    size_t n = 0;

    for (size_t i = 0; i < ledger->n; i++) {
        const struct nta_stay *stay = &ledger->stays[i];

        if (!stay->to_ns || stay->to_ns >= since_ns)
            ledger->stays[n++] = *stay;
    }
    ledger->n = n;
}

int nta_ledger_init(struct nta_ledger *ledger)
{
    *ledger = (struct nta_ledger){.n = 0};
    return nta_hash_key_random(&ledger->key);
}

void nta_ledger_done(struct nta_ledger *ledger)
{
    free(ledger->stays);
    *ledger = (struct nta_ledger){.n = 0};
}
