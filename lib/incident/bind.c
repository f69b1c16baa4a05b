/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From when to when each binding holds: what one sensor says of one address in the order of time.
 * Another device, another login of the same source, an end, and an access server that starts anew
 * end what was before; what is told again takes it over.
 */
#include "base/own.h"
#include "incident/set.h"
#include "who/who.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum
{
    OPEN_MAX = 16 ///< Of one address at a time: sources, and networks that have it, too.
};

/** Of one sensor and address, in the order in which it was told. */
static int order_told(const void *left, const void *right, void *owner)
{
    const struct nta_incidents *set = owner;
    const struct nta_fact_binding *a = &set->bindings[*(const uint32_t *)left];
    const struct nta_fact_binding *b = &set->bindings[*(const uint32_t *)right];
    const int order = memcmp(a->id.sensor, b->id.sensor, sizeof(a->id.sensor));

    if (order)
        return order;
    if (a->place != b->place)
        return a->place < b->place ? -1 : 1;
    if (a->told_ns != b->told_ns)
        return a->told_ns < b->told_ns ? -1 : 1;
    return nta_fact_id_order(&a->id, &b->id);
}

/** What holds of one address at the moment that is looked at. */
struct open
{
    struct nta_fact_binding *all[OPEN_MAX];
    size_t n;
};

struct nta_who_told nta_fact_binding_told(const struct nta_fact_binding *binding)
{
    return (struct nta_who_told){
        .address = binding->address,
        .device = binding->device,
        .login = binding->login,
        .on = binding->on,
        .since_ns = binding->since_ns,
        .seen_ns = binding->seen_ns,
        .source = binding->source,
        .is_anywhere = binding->is_anywhere,
    };
}

static int64_t right_before(int64_t at_ns)
{
    return at_ns == INT64_MIN ? at_ns : at_ns - 1;
}

static void end(struct open *open, size_t i, int64_t at_ns)
{
    if (open->all[i]->to_ns >= at_ns)
        open->all[i]->to_ns = right_before(at_ns);
    open->all[i] = open->all[--open->n];
}

/** One moment at which all logins by an access server end. */
struct reset
{
    const char *sensor; ///< Borrowed.
    uint64_t server;
    int64_t at_ns;
};

struct resets
{
    struct reset *all; ///< Owned; in their order.
    size_t n;
};

static int order_resets(const void *left, const void *right)
{
    const struct reset *a = left, *b = right;
    const int order = strcmp(a->sensor, b->sensor);

    if (order)
        return order;
    if (a->server != b->server)
        return a->server < b->server ? -1 : 1;
    return a->at_ns < b->at_ns ? -1 : a->at_ns > b->at_ns;
}

static int gather_resets(const struct nta_incidents *set, struct resets *resets)
{
    resets->all = calloc(set->n_bindings + 1, sizeof(*resets->all));
    if (!resets->all)
        return -ENOMEM;
    for (size_t i = 0; i < set->n_bindings; i++) {
        const struct nta_fact_binding *one = &set->bindings[i];

        if (one->is_reset && one->server)
            resets->all[resets->n++] = (struct reset){one->id.sensor, one->server, one->told_ns};
    }
    if (resets->n)
        qsort(resets->all, resets->n, sizeof(*resets->all), order_resets);
    return 0;
}

/** When the access server of this login started anew after it was last told; INT64_MAX: never. */
static int64_t reset_of(const struct resets *resets, const struct nta_fact_binding *one)
{
    const struct reset wanted = {one->id.sensor, one->server, one->seen_ns};
    size_t low = 0, high = one->server ? resets->n : 0;

    while (low < high) { /* the first behind it */
        const size_t middle = low + (high - low) / 2;

        if (order_resets(&resets->all[middle], &wanted) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (!one->server || low == resets->n || resets->all[low].server != one->server ||
        strcmp(resets->all[low].sensor, one->id.sensor) != 0)
        return INT64_MAX;
    return resets->all[low].at_ns;
}

/** End what an access server ended until then. */
static void end_reset(const struct resets *resets, struct open *open, int64_t until_ns)
{
    for (size_t i = open->n; i > 0; i--) {
        const int64_t at_ns = reset_of(resets, open->all[i - 1]);

        if (at_ns < until_ns)
            end(open, i - 1, at_ns);
    }
}

/** It is told by the later one from then on, and on the device that it was. */
static void take_over(struct nta_fact_binding *one, struct nta_fact_binding *next)
{
    if (next->since_ns <= one->from_ns) { /* it tells all of it */
        next->from_ns = one->from_ns;
        one->is_told = true;
    } else {
        one->to_ns = right_before(next->since_ns);
    }
    if (!next->on)
        next->on = one->on;
}

/**
 * It goes on: what is told again takes over, so that of each moment the record is named that says
 * it of that moment.
 */
static bool goes_on(struct open *open, struct nta_fact_binding *next)
{
    const struct nta_who_told told = nta_fact_binding_told(next);

    for (size_t i = 0; i < open->n; i++) {
        struct nta_fact_binding *one = open->all[i];
        const struct nta_who_told before = nta_fact_binding_told(one);

        if (one->source != next->source || one->address != next->address ||
            !nta_who_told_agree(&before, &told) || one->to_ns < right_before(next->since_ns))
            continue;
        take_over(one, next);
        open->all[i] = next;
        return true;
    }
    return false;
}

/** The device that all say has the address; 0: nobody does, or they do not agree. */
static uint64_t device_now(const struct open *open, int64_t at_ns)
{
    uint64_t device = 0;

    for (size_t i = 0; i < open->n; i++) {
        const struct nta_fact_binding *one = open->all[i];

        if (one->to_ns < at_ns || !one->on || one->on == device)
            continue;
        if (device)
            return 0;
        device = one->on;
    }
    return device;
}

static void look_at(struct open *open, struct nta_fact_binding *next)
{
    const struct nta_who_told told = nta_fact_binding_told(next);

    for (size_t i = open->n; i > 0; i--) {
        const struct nta_who_told before = nta_fact_binding_told(open->all[i - 1]);

        if (next->is_over ? nta_who_told_is_over(&before, &told)
                          : nta_who_told_is_followed(&before, &told))
            end(open, i - 1, next->is_over ? next->told_ns : next->since_ns);
    }
    next->from_ns = next->since_ns;
    next->to_ns = right_before(next->until_ns);
    next->seen_ns = next->told_ns;
    next->is_told = false;
    if (next->is_over)
        return;
    next->on = next->device ? next->device : device_now(open, next->since_ns);
    if (goes_on(open, next))
        return;
    if (open->n == OPEN_MAX) { /* the oldest is not looked at any more */
        for (size_t i = 1; i < OPEN_MAX; i++)
            open->all[i - 1] = open->all[i];
        open->n--;
    }
    open->all[open->n++] = next;
}

/** In the order of `order`. */
static void look_at_all(struct nta_incidents *set, const uint32_t *order,
                        const struct resets *resets)
{
    struct open open = {.n = 0};

    for (size_t i = 0; i < set->n_bindings; i++) {
        struct nta_fact_binding *next = &set->bindings[order[i]];
        const struct nta_fact_binding *before = i ? &set->bindings[order[i - 1]] : next;

        if (before->place != next->place || strcmp(before->id.sensor, next->id.sensor) != 0) {
            end_reset(resets, &open, INT64_MAX);
            open.n = 0;
        }
        if (next->is_reset)
            continue;
        end_reset(resets, &open, next->told_ns);
        look_at(&open, next);
    }
    end_reset(resets, &open, INT64_MAX);
}

int nta_incidents_bind(struct nta_incidents *set)
{
    NTA_AUTO_FREE uint32_t *order = calloc(set->n_bindings + 1, sizeof(*order));
    struct resets resets = {.n = 0};
    const int r = gather_resets(set, &resets);

    if (!order || r < 0) {
        free(resets.all);
        return -ENOMEM;
    }
    for (size_t i = 0; i < set->n_bindings; i++)
        order[i] = (uint32_t)i;
    if (set->n_bindings)
        qsort_r(order, set->n_bindings, sizeof(*order), order_told, set);
    look_at_all(set, order, &resets);
    free(resets.all);
    return 0;
}
