/* SPDX-License-Identifier: Apache-2.0 */
#include "session/state/rates.h"

#include "base/memory/area.h"
#include "decode/order.h"

#include <errno.h>
#include <string.h>

enum
{
    WAYS = 4, ///< Places where a user may be.
    USERS_SIZE = NTA_RATE_USERS * sizeof(struct nta_rate_user),
    SUMS_SIZE = NTA_RATE_SUMS * sizeof(struct nta_sum),
};

static_assert((NTA_RATE_SUMS & (NTA_RATE_SUMS - 1)) == 0 && NTA_RATE_SUMS < UINT16_MAX,
              "numbers of slots go round and fit");
static_assert(sizeof(struct nta_sum_kind) == sizeof(uint64_t), "it is hashed as one word");

int nta_rates_init(struct nta_rates *rates, const struct nta_hash_key *key)
{
    *rates = (struct nta_rates){.key = *key};
    rates->users = nta_area_new(USERS_SIZE, NTA_AREA_GROWS);
    rates->sums = nta_area_new(SUMS_SIZE, NTA_AREA_GROWS);
    return rates->users && rates->sums ? 0 : -ENOMEM;
}

void nta_rates_done(struct nta_rates *rates)
{
    nta_area_free(rates->users, USERS_SIZE);
    nta_area_free(rates->sums, SUMS_SIZE);
    rates->users = NULL;
    rates->sums = NULL;
}

/* ---- credit ---- */

uint64_t nta_rates_user(const struct nta_rates *rates, const struct nta_addr *addr,
                        uint64_t network)
{
    uint64_t words[2];

    static_assert(sizeof(words) == NTA_ADDR_LEN, "an address is two words");
    memcpy(words, addr->bytes, sizeof(words));
    const uint64_t user =
        nta_hash_words(&rates->key, nta_hash_words(&rates->key, words[0], words[1]), network);

    return user ? user : 1;
}

/** His place, or that of who was not heard of for longest; `ret_is_new`: he has no credit yet. */
static struct nta_rate_user *place_of(struct nta_rates *rates, uint64_t user, bool *ret_is_new)
{
    struct nta_rate_user *ways = &rates->users[user % (NTA_RATE_USERS / WAYS) * WAYS];
    struct nta_rate_user *oldest = ways;

    *ret_is_new = false;
    for (struct nta_rate_user *way = ways; way < ways + WAYS; way++) {
        if (way->key == user)
            return way;
        if (way->key == 0 || (oldest->key != 0 && way->last_ns < oldest->last_ns))
            oldest = way;
    }
    *ret_is_new = true;
    return oldest;
}

/** What was saved since the last time; a clock that was set back starts anew. */
static void give_credit(const struct nta_rates *rates, struct nta_rate_user *place, int64_t wall_ns)
{
    const int64_t most_ns = NTA_RATE_SAVED_S * NTA_NS_PER_S;
    int64_t gone_ns;

    /* packets may be late, and so may be what is told of them: they gain nothing by it */
    if (nta_order_since(place->last_ns, rates->now_ns) > NTA_ORDER_SLACK_NS)
        place->last_ns = wall_ns;
    if (wall_ns <= place->last_ns)
        return;
    if (__builtin_sub_overflow(wall_ns, place->last_ns, &gone_ns) ||
        gone_ns > most_ns - place->credit_ns)
        place->credit_ns = most_ns;
    else
        place->credit_ns += gone_ns;
    place->last_ns = wall_ns;
}

bool nta_rates_allow(struct nta_rates *rates, uint64_t user, uint64_t rate, int64_t wall_ns,
                     bool spends)
{
    const int64_t cost_ns = NTA_NS_PER_S / (int64_t)rate;
    bool is_new;
    struct nta_rate_user *place = place_of(rates, user, &is_new);

    if (is_new)
        *place = (struct nta_rate_user){.key = user,
                                        .last_ns = wall_ns,
                                        .credit_ns = NTA_RATE_SAVED_S * NTA_NS_PER_S,
                                        .number = ++rates->n_users};
    give_credit(rates, place, wall_ns);
    if (place->credit_ns < cost_ns)
        return false;
    if (spends)
        place->credit_ns -= cost_ns;
    return true;
}

/* ---- sums ---- */

/** What any of these records says at least. */
static struct nta_sum_kind least_of(struct nta_sum_kind kind)
{
    return (struct nta_sum_kind){.event = kind.event,
                                 .app = kind.app,
                                 .act = NTA_ACT_NONE,
                                 .seen = NTA_SEEN_CLAIMED,
                                 .carrier = kind.carrier,
                                 .told = kind.told};
}

static uint64_t key_of(const struct nta_rates *rates, uint64_t user, struct nta_sum_kind kind,
                       struct nta_span site)
{
    uint64_t word;

    memcpy(&word, &kind, sizeof(word));
    return nta_hash_words(&rates->key, user ^ nta_hash_bytes(&rates->key, site.ptr, site.len),
                          word);
}

static struct nta_sum *slot_of(const struct nta_rates *rates, uint64_t n)
{
    return &rates->sums[n % NTA_RATE_SUMS];
}

static struct nta_sum *find(const struct nta_rates *rates, uint64_t key)
{
    uint16_t number = rates->by_hash[key % NTA_RATE_SUMS];

    while (number && rates->sums[number - 1].key != key)
        number = rates->sums[number - 1].next;
    return number ? &rates->sums[number - 1] : NULL;
}

/** A new one, behind the newest, for which there is space. */
static struct nta_sum *make(struct nta_rates *rates, uint64_t key, const struct nta_flow *flow)
{
    uint16_t *chain = &rates->by_hash[key % NTA_RATE_SUMS];
    struct nta_sum *sum = slot_of(rates, rates->n_made++);

    *sum = (struct nta_sum){
        .key = key, .next = *chain, .flow = *flow, .made_ns = rates->now_ns, .begin_ns = INT64_MAX};
    sum->flow.conn = NULL;
    *chain = (uint16_t)(sum - rates->sums + 1);
    return sum;
}

static bool is_full(const struct nta_rates *rates)
{
    return rates->n_made - rates->n_told == NTA_RATE_SUMS;
}

static void count(struct nta_sum *sum, const struct nta_sum_part *part)
{
    sum->n++;
    sum->up.bytes += part->up.bytes;
    sum->up.packets += part->up.packets;
    sum->down.bytes += part->down.bytes;
    sum->down.packets += part->down.packets;
    if (part->begin_ns < sum->begin_ns)
        sum->begin_ns = part->begin_ns;
    if (part->end_ns > sum->end_ns)
        sum->end_ns = part->end_ns;
}

/** The sum that it is added to, made if need be; NULL: there is no space. */
static struct nta_sum *sum_for(struct nta_rates *rates, uint64_t user, const struct nta_flow *flow,
                               struct nta_sum_kind kind, struct nta_span site)
{
    const uint64_t key = key_of(rates, user, kind, site);
    struct nta_sum *sum = find(rates, key);

    if (sum || is_full(rates))
        return sum;
    sum = make(rates, key, flow);
    sum->user = user;
    sum->kind = kind;
    sum->site_len = (uint16_t)nta_smaller(site.len, sizeof(sum->site));
    if (sum->site_len > 0)
        memcpy(sum->site, site.ptr, sum->site_len);
    return sum;
}

/** Is it what was added to last, as of a hundred requests in one segment? */
static bool is_newest(const struct nta_rates *rates, uint64_t user, const struct nta_sum_part *part)
{
    const struct nta_sum *sum = rates->newest;

    return sum && sum->user == user && memcmp(&sum->kind, &part->kind, sizeof(part->kind)) == 0 &&
           nta_span_equal((struct nta_span){(const uint8_t *)sum->site, sum->site_len}, part->site);
}

bool nta_rates_add(struct nta_rates *rates, uint64_t user, const struct nta_flow *flow,
                   const struct nta_sum_part *part)
{
    if (is_newest(rates, user, part)) {
        count(rates->newest, part);
        return true;
    }
    bool is_new;
    struct nta_rate_user *place = place_of(rates, user, &is_new);
    struct nta_sum *sum = find(rates, key_of(rates, user, part->kind, part->site));

    rates->newest = sum;
    if (!sum && !is_new && place->n_sites < NTA_RATE_SITES) {
        sum = sum_for(rates, user, flow, part->kind, part->site);
        if (sum)
            sum->named_by = place->number;
        place->n_sites += sum != NULL;
    } else if (!sum) {
        sum = sum_for(rates, user, flow, least_of(part->kind), (struct nta_span){0});
    }
    if (sum)
        count(sum, part);
    return sum != NULL;
}

const struct nta_sum *nta_rates_due(const struct nta_rates *rates, int64_t wall_ns)
{
    const struct nta_sum *sum = slot_of(rates, rates->n_told);

    if (rates->n_told == rates->n_made ||
        (wall_ns != INT64_MAX && nta_order_since(wall_ns, sum->made_ns) < NTA_RATE_SUM_NS))
        return NULL;
    return sum;
}

void nta_rates_drop(struct nta_rates *rates)
{
    const struct nta_sum *sum = slot_of(rates, rates->n_told++);
    uint16_t *number = &rates->by_hash[sum->key % NTA_RATE_SUMS];
    bool is_new;
    struct nta_rate_user *place = place_of(rates, sum->user, &is_new);

    while (*number != (uint16_t)(sum - rates->sums + 1))
        number = &rates->sums[*number - 1].next;
    *number = sum->next;
    if (rates->newest == sum)
        rates->newest = NULL;
    place->n_sites -= !is_new && sum->named_by == place->number;
}
