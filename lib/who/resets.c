/* SPDX-License-Identifier: Apache-2.0 */
#include "who/resets.h"

#include <stdlib.h>

#define PAUSE_NS NTA_NS_PER_S

bool nta_who_is_reset(const struct nta_who_fact *fact)
{
    return fact->source == NTA_WHO_RADIUS && fact->state == NTA_WHO_ENDS && !fact->has_ip &&
           !fact->has_mac && fact->login.len + fact->name.len == 0 && fact->client_id.len > 0;
}

static void end_by(struct nta_who_table *table, struct nta_who_binding *b)
{
    for (size_t i = 0; i < table->n_resets; i++) {
        const struct nta_who_reset *reset = &table->resets[i];

        /* what was said since is of its new life */
        if (b->client_id != reset->server || b->seen_ns > reset->at_ns ||
            b->until_ns <= reset->at_ns)
            continue;
        b->until_ns = reset->at_ns > b->from_ns ? reset->at_ns : b->from_ns;
        nta_who_answers_learnt(&table->answers, &b->key);
    }
}

/** A bit of 64 for each number: most logins are by servers that did not start anew. */
static uint64_t bit_of(uint32_t server)
{
    return UINT64_C(1) << server % 64;
}

static void sweep(struct nta_who_table *table, int64_t wall_ns)
{
    uint64_t bits = 0;

    for (size_t i = 0; i < table->n_resets; i++)
        bits |= bit_of(table->resets[i].server);
    for (size_t i = 0; i < table->n_touched; i++) {
        struct nta_who_binding *b = &table->bindings[i];

        if (b->source == NTA_WHO_RADIUS && (bits & bit_of(b->client_id)))
            end_by(table, b);
    }
    while (table->n_resets > 0)
        nta_texts_drop(&table->texts, table->resets[--table->n_resets].server);
    table->swept_ns = wall_ns;
}

void nta_who_sweep(struct nta_who_table *table, int64_t wall_ns)
{
    int64_t ns;

    if (table->n_resets == 0 ||
        (!__builtin_sub_overflow(wall_ns, table->swept_ns, &ns) && llabs(ns) < PAUSE_NS))
        return;
    sweep(table, wall_ns);
}

bool nta_who_reset(struct nta_who_table *table, const struct nta_who_fact *fact)
{
    const uint32_t server = nta_texts_hold(&table->texts, fact->client_id);
    bool is_noted = server == 0;

    for (size_t i = 0; i < table->n_resets && !is_noted; i++)
        is_noted = table->resets[i].server == server;
    if (is_noted) {
        nta_texts_drop(&table->texts, server);
        return false;
    }
    if (table->n_resets == NTA_WHO_RESETS)
        sweep(table, fact->wall_ns);
    table->resets[table->n_resets++] =
        (struct nta_who_reset){.server = server, .at_ns = fact->wall_ns};
    nta_who_sweep(table, fact->wall_ns);
    return true;
}
