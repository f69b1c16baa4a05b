/* SPDX-License-Identifier: Apache-2.0 */
#include "who/ledger.h"

#include "base/runtime/clock.h"
#include "base/text.h"

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

/** Of a lease its own MAC is the device's; of others that of the frames may be a router's. */
static void fill(struct nta_stay *stay, const struct nta_record *record)
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
        stay->to_ns = record->binding.until_ns ? record->binding.until_ns : record->end_ns;
        stay->is_over = nta_span_is(record->binding.state, "end");
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
    return is_same_place(a, b) && is_same_time(a, b) && agree(a->device, b->device) &&
           strcmp(a->pseudonym, b->pseudonym) == 0 && agree(a->name, b->name) &&
           agree(a->login, b->login) && agree(a->person, b->person);
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
    if (other->strength > stay->strength) {
        stay->strength = other->strength;
        memcpy(stay->source, other->source, sizeof(stay->source));
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

int nta_ledger_add(struct nta_ledger *ledger, const struct nta_record *record, const char *id)
{
    struct nta_stay stay;

    if (record->event == NTA_RECORD_LEASE && !record->user.strength &&
        nta_span_is(record->binding.state, "claimed"))
        return 0; /* an address that somebody wished for is nobody's */
    fill(&stay, record);
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

void nta_ledger_end(struct nta_ledger *ledger, const struct nta_record *lease)
{
    struct nta_stay other;
    const bool is_end = nta_span_is(lease->binding.state, "end");

    fill(&other, lease);
    if (nta_span_is(lease->binding.state, "claimed"))
        return;
    for (size_t i = 0; i < ledger->n; i++) {
        struct nta_stay *stay = &ledger->stays[i];
        const bool is_other =
            stay->device[0] && other.device[0] && strcmp(stay->device, other.device) != 0;

        if (!is_same_place(stay, &other) || lease->time_ns <= stay->from_ns ||
            (stay->to_ns && lease->time_ns >= stay->to_ns))
            continue;
        /* it is said to be over, or somebody else has it, by no weaker source */
        if (is_end ? !is_other && agree(stay->login, other.login)
                   : is_other && other.strength >= stay->strength) {
            stay->to_ns = lease->time_ns;
            stay->is_over = true;
        }
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

void nta_ledger_done(struct nta_ledger *ledger)
{
    free(ledger->stays);
    *ledger = (struct nta_ledger){.n = 0};
}
