/* SPDX-License-Identifier: Apache-2.0 */
#include "who/bindings.h"

#include "base/memory/area.h"
#include "base/own.h"
#include "who/networks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum
{
    MARK_MAX = INT32_MAX,      ///< As many bits as a binding has for it.
    MAC_AT = NTA_ADDR_LEN - 6, ///< Where a key has it.
    TEXT_TRIES = 64,           ///< Bindings that go for the space of one text.
    DEVICE_SHARE = 4,          ///< One device for so many bindings.
};

void nta_who_free(struct nta_who_table **table)
{
    struct nta_who_table *t = *table;

    if (!t)
        return;
    nta_area_free(t->bindings, t->n_max * sizeof(*t->bindings));
    nta_area_free(t->buckets, t->n_buckets * sizeof(*t->buckets));
    nta_texts_done(&t->texts);
    nta_who_stations_done(&t->stations);
    nta_who_answers_done(&t->answers);
    free(t);
    *table = NULL;
}

int nta_who_new(size_t n_max, const struct nta_hash_key *key, struct nta_who_table **ret_table,
                struct nta_err *err)
{
    NTA_AUTO(nta_who_free) struct nta_who_table *table = calloc(1, sizeof(*table));

    if (!table)
        return nta_err_sys(err, -ENOMEM, "table of bindings");
    table->key = *key;
    table->n_max = n_max;
    table->n_buckets = 64;
    while (table->n_buckets < n_max)
        table->n_buckets *= 2;
    table->bindings = nta_area_new(n_max * sizeof(*table->bindings), NTA_AREA_GROWS);
    table->buckets = nta_area_new(table->n_buckets * sizeof(*table->buckets), NTA_AREA_ROAMS);
    if (!table->bindings || !table->buckets || nta_texts_init(&table->texts, n_max, key) < 0 ||
        nta_who_stations_init(&table->stations, n_max / DEVICE_SHARE + 1, key) < 0 ||
        nta_who_answers_init(&table->answers, key) < 0)
        return nta_err_sys(err, -ENOMEM, "table of bindings");
    *ret_table = NTA_TAKE(table);
    return 0;
}

struct nta_who_key nta_who_key_of_addr(uint64_t network, const struct nta_addr *addr, uint8_t bits)
{
    struct nta_who_key key = {.addr = *addr, .network = network, .bits = bits};

    for (size_t i = 0; i < NTA_ADDR_LEN; i++) {
        if (i * 8 >= bits)
            key.addr.bytes[i] = 0;
        else if (bits - i * 8 < 8)
            key.addr.bytes[i] &= (uint8_t)(0xff00 >> (bits - i * 8));
    }
    return key;
}

struct nta_who_key nta_who_key_of_mac(uint64_t network, const uint8_t mac[6])
{
    struct nta_who_key key = {.network = network, .is_device = true};

    memcpy(key.addr.bytes + MAC_AT, mac, 6);
    return key;
}

/** All networks' bindings of an address are in one: whoever asks for one sees the others. */
static uint32_t *bucket_of(const struct nta_who_table *table, const struct nta_who_key *key)
{
    uint64_t words[2];

    memcpy(words, &key->addr, sizeof(words));
    return &table->buckets[nta_hash_words(&table->key, words[0] ^ key->bits, words[1]) &
                           (table->n_buckets - 1)];
}

static struct nta_who_binding *at(const struct nta_who_table *table, uint32_t number)
{
    return number ? &table->bindings[number - 1] : NULL;
}

static uint32_t number_of(const struct nta_who_table *table, const struct nta_who_binding *binding)
{
    return (uint32_t)(binding - table->bindings) + 1;
}

static bool is_of(const struct nta_who_binding *binding, const struct nta_who_key *key)
{
    return nta_addr_equal(&binding->key, &key->addr) && binding->bits == key->bits &&
           binding->is_device == key->is_device;
}

static struct nta_who_key key_of(const struct nta_who_binding *binding)
{
    return (struct nta_who_key){
        .addr = binding->key,
        .network = binding->network,
        .bits = binding->bits,
        .is_device = binding->is_device,
    };
}

struct nta_who_binding *nta_who_first(const struct nta_who_table *table,
                                      const struct nta_who_key *key)
{
    struct nta_who_binding *binding = at(table, *bucket_of(table, key));

    while (binding && !is_of(binding, key))
        binding = at(table, binding->next);
    return binding;
}

struct nta_who_binding *nta_who_next(const struct nta_who_table *table,
                                     const struct nta_who_binding *binding)
{
    const struct nta_who_key key = key_of(binding);
    struct nta_who_binding *next = at(table, binding->next);

    while (next && !is_of(next, &key))
        next = at(table, next->next);
    return next;
}

/* ---- the order in which they go ---- */

static void leave_order(struct nta_who_table *table, const struct nta_who_binding *binding)
{
    *(binding->older ? &at(table, binding->older)->newer : &table->oldest) = binding->newer;
    *(binding->newer ? &at(table, binding->newer)->older : &table->newest) = binding->older;
}

static void join_order(struct nta_who_table *table, struct nta_who_binding *binding)
{
    const uint32_t number = number_of(table, binding);

    binding->older = table->newest;
    binding->newer = 0;
    *(table->newest ? &at(table, table->newest)->newer : &table->oldest) = number;
    table->newest = number;
}

void nta_who_touch(struct nta_who_table *table, struct nta_who_binding *binding, int64_t wall_ns)
{
    if (wall_ns > binding->seen_ns)
        binding->seen_ns = wall_ns;
    leave_order(table, binding);
    join_order(table, binding);
}

static void drop_texts(struct nta_who_table *table, const struct nta_who_binding *binding)
{
    nta_texts_drop(&table->texts, binding->name);
    nta_texts_drop(&table->texts, binding->login);
    nta_texts_drop(&table->texts, binding->person);
    nta_texts_drop(&table->texts, binding->client_id);
    nta_texts_drop(&table->texts, binding->circuit);
}

static void forget(struct nta_who_table *table, struct nta_who_binding *binding)
{
    const struct nta_who_key key = key_of(binding);
    const uint32_t number = number_of(table, binding);
    uint32_t *link = bucket_of(table, &key);

    while (*link != number)
        link = &at(table, *link)->next;
    *link = binding->next;
    leave_order(table, binding);
    drop_texts(table, binding);
    *binding = (struct nta_who_binding){.older = table->free_list};
    table->free_list = number;
    table->n_used--;
    table->answers.forgotten++;
}

static void evict(struct nta_who_table *table, struct nta_who_binding *binding)
{
    forget(table, binding);
    table->n_evicted++;
}

/** One that is too many: of the key in its network, or of all networks. */
static struct nta_who_binding *surplus(const struct nta_who_table *table,
                                       const struct nta_who_key *key)
{
    struct nta_who_binding *oldest[2] = {NULL, NULL};
    size_t n[2] = {0, 0};

    for (struct nta_who_binding *b = nta_who_first(table, key); b; b = nta_who_next(table, b)) {
        for (size_t all = b->network != key->network; all < NTA_N_ELEMENTS(n); all++) {
            n[all]++;
            if (!oldest[all] || b->seen_ns <= oldest[all]->seen_ns)
                oldest[all] = b;
        }
    }
    if (n[0] >= NTA_WHO_HISTORY)
        return oldest[0];
    return n[1] >= NTA_WHO_ALL_HISTORY ? oldest[1] : NULL;
}

static struct nta_who_binding *take(struct nta_who_table *table)
{
    struct nta_who_binding *binding;

    if (!table->free_list && table->n_touched == table->n_max)
        evict(table, at(table, table->oldest));
    binding = at(table, table->free_list);
    if (binding)
        table->free_list = binding->older;
    else
        binding = &table->bindings[table->n_touched++];
    table->n_used++;
    return binding;
}

struct nta_who_binding *nta_who_add(struct nta_who_table *table, const struct nta_who_key *key)
{
    struct nta_who_binding *old = surplus(table, key);

    if (old)
        evict(table, old);
    struct nta_who_binding *binding = take(table);
    uint32_t *bucket = bucket_of(table, key);

    *binding = (struct nta_who_binding){
        .key = key->addr,
        .network = key->network,
        .bits = key->bits,
        .is_device = key->is_device,
        .next = *bucket,
    };
    *bucket = number_of(table, binding);
    join_order(table, binding);
    return binding;
}

void nta_who_set_text(struct nta_who_table *table, const struct nta_who_binding *keep,
                      uint32_t *number, struct nta_span text)
{
    if (*number || text.len == 0)
        return;
    for (int i = 0; i < TEXT_TRIES && nta_texts_is_full(&table->texts, text.len); i++) {
        struct nta_who_binding *oldest = at(table, table->oldest);

        if (oldest == keep)
            break;
        evict(table, oldest);
    }
    *number = nta_texts_hold(&table->texts, text);
}

size_t nta_who_count(const struct nta_who_table *table, uint64_t *ret_evicted)
{
    *ret_evicted = table->n_evicted;
    return table->n_used;
}

bool nta_who_mark(const struct nta_who_answer *answer, uint16_t day)
{
    struct nta_who_binding *first = NULL;
    uint32_t mark = day;

    for (size_t i = 0; i < NTA_N_ELEMENTS(answer->bindings); i++) {
        struct nta_who_binding *b = answer->bindings[i];

        /* what is known of a device stands for several addresses */
        if (b && (!first || (first->is_device && !b->is_device)))
            first = b;
        mark = mark * 31 + (b ? (uint32_t)(b->from_ns / NTA_NS_PER_MS) ^ b->source : 0);
    }
    mark &= MARK_MAX;
    if (!first || first->mark == mark)
        return false;
    first->mark = mark & MARK_MAX;
    return true;
}

void nta_who_show(const struct nta_who_table *table, const struct nta_who_binding *binding,
                  struct nta_who_fact *ret_fact)
{
    *ret_fact = (struct nta_who_fact){
        .wall_ns = binding->seen_ns,
        .from_ns = binding->from_ns,
        .until_ns = binding->until_ns,
        .network =
            binding->is_device ? nta_who_network_of_device(binding->network) : binding->network,
        .has_ip = !binding->is_device,
        .has_mac = binding->is_device || binding->has_mac,
        .source = binding->source,
        .state = NTA_WHO_HOLDS,
        .name = nta_texts_get(&table->texts, binding->name),
        .login = nta_texts_get(&table->texts, binding->login),
        .person = nta_texts_get(&table->texts, binding->person),
        .client_id = nta_texts_get(&table->texts, binding->client_id),
        .circuit = nta_texts_get(&table->texts, binding->circuit),
    };
    if (binding->is_device)
        memcpy(ret_fact->mac, binding->key.bytes + MAC_AT, 6);
    else
        memcpy(ret_fact->mac, binding->mac, 6);
    if (!binding->is_device)
        ret_fact->ip = (struct nta_prefix){.addr = binding->key, .len = binding->bits};
}

size_t nta_who_each(const struct nta_who_table *table, size_t at, size_t n, int64_t wall_ns,
                    void (*each)(void *owner, const struct nta_who_fact *fact), void *owner)
{
    const size_t end = n < table->n_touched - at ? at + n : table->n_touched;
    struct nta_who_fact fact;

    for (; at < end; at++) {
        const struct nta_who_binding *b = &table->bindings[at];

        if (!b->source || b->until_ns <= wall_ns || b->from_ns > wall_ns)
            continue;
        nta_who_show(table, b, &fact);
        fact.has_mac = fact.has_mac && !b->is_inferred;
        each(owner, &fact);
    }
    return at < table->n_touched ? at : 0;
}
