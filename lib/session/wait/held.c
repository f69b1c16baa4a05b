/* SPDX-License-Identifier: Apache-2.0 */
#include "session/wait/held.h"

#include <assert.h>
#include <string.h>

void nta_held_done(struct nta_held *held)
{
    for (size_t i = 0; i < NTA_HELD_MAX; i++)
        nta_buf_done(&held->alerts[i].bytes);
    nta_buf_done(&held->taken);
    held->n = 0;
}

static struct nta_held_alert *at(struct nta_held *held, uint32_t i)
{
    return &held->alerts[(held->first + i) % NTA_HELD_MAX];
}

/** What nobody could read is told at once. */
static bool can_be_told(struct nta_held *held, const struct nta_held_alert *alert)
{
    struct nta_record copy;
    const bool is_whole = nta_record_decode(nta_buf_span(&alert->bytes), &held->buf, &copy);

    explicit_bzero(&held->buf, sizeof(held->buf));
    return is_whole;
}

bool nta_held_put(struct nta_held *held, struct nta_flow *flow, const struct nta_record *alert,
                  int64_t wall_ns)
{
    if (held->n == NTA_HELD_MAX)
        return false;
    struct nta_held_alert *place = at(held, held->n);

    place->bytes.secret = true;
    nta_buf_clear(&place->bytes);
    nta_record_encode(alert, &place->bytes);
    if (place->bytes.failed || !can_be_told(held, place))
        return false;
    place->flow = flow;
    place->due_wall_ns = wall_ns + NTA_HELD_NS;
    held->n++;
    return true;
}

/** The clock may have been set back: nothing waits longer than it should. */
static bool is_due(const struct nta_held_alert *alert, int64_t wall_ns)
{
    return wall_ns >= alert->due_wall_ns || wall_ns < alert->due_wall_ns - 2 * NTA_HELD_NS;
}

static void swap(struct nta_held_alert *a, struct nta_held_alert *b)
{
    const struct nta_held_alert kept = *a;

    *a = *b;
    *b = kept;
}

struct nta_flow *nta_held_take(struct nta_held *held, const struct nta_flow *flow, int64_t wall_ns,
                               struct nta_record *ret_alert)
{
    uint32_t i = 0;

    while (i < held->n && (flow ? at(held, i)->flow != flow : !is_due(at(held, i), wall_ns)))
        i++;
    if (i == held->n)
        return NULL;
    for (; i > 0; i--) /* the order of the others stays */
        swap(at(held, i), at(held, i - 1));
    struct nta_held_alert *taken = at(held, 0);
    struct nta_flow *of = taken->flow;

    nta_held_told(held);
    const struct nta_buf bytes = held->taken;

    held->taken = taken->bytes;
    taken->bytes = bytes;
    held->first = (held->first + 1) % NTA_HELD_MAX;
    held->n--;
    const bool is_whole = nta_record_decode(nta_buf_span(&held->taken), &held->buf, ret_alert);

    assert(is_whole); /* it was when it was put in */
    return of;
}

void nta_held_told(struct nta_held *held)
{
    nta_buf_clear(&held->taken);
    explicit_bzero(&held->buf, sizeof(held->buf));
}
