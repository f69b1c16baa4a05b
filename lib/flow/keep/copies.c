/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/keep/copies.h"

#include "flow/keep/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum
{
    UNIT = 64,
    ROOM = 256,       ///< At least: small segments that follow each other share a copy.
    JOINED_MAX = 128, ///< Only smaller ones do, so that where larger ones end stays known.
    UNITS_LEAST = 2 * NTA_FLOW_COPIES_REACH / UNIT,
};

static_assert(sizeof(struct nta_flow_copy) <= UNIT, "any unit can begin one");

struct nta_flow_copies *nta_flow_copies_new(size_t bytes, size_t n_flows,
                                            struct nta_counters *counters)
{
    uint32_t n_units = UNITS_LEAST;
    struct nta_flow_copies *copies = calloc(1, sizeof(*copies));

    while (n_units < UINT32_MAX / 4 && (size_t)n_units * 2 * UNIT <= bytes)
        n_units *= 2;
    if (!copies)
        return NULL;
    copies->n_flows = n_flows;
    copies->counters = counters;
    copies->n_units = copies->head = copies->tail = n_units;
    copies->area = nta_flow_map((size_t)n_units * UNIT, false);
    copies->newest = nta_flow_map((n_flows + 1) * sizeof(*copies->newest), false);
    if (copies->area && copies->newest)
        return copies;
    nta_flow_copies_free(copies);
    return NULL;
}

void nta_flow_copies_free(struct nta_flow_copies *copies)
{
    if (!copies)
        return;
    nta_flow_unmap(copies->area, (size_t)copies->n_units * UNIT);
    nta_flow_unmap(copies->newest, (copies->n_flows + 1) * sizeof(*copies->newest));
    free(copies);
}

static struct nta_flow_copy *at_place(const struct nta_flow_copies *copies, uint32_t place)
{
    return (struct nta_flow_copy *)(void *)(copies->area +
                                            (size_t)(place & (copies->n_units - 1)) * UNIT);
}

/** The copy of that name, if it is still there; NULL. */
static struct nta_flow_copy *find(const struct nta_flow_copies *copies, uint32_t place,
                                  uint32_t flow)
{
    struct nta_flow_copy *copy = at_place(copies, place);

    if (!place || place - copies->tail >= copies->head - copies->tail)
        return NULL;
    return copy->place == place && copy->flow == flow ? copy : NULL;
}

void nta_flow_copies_begin(struct nta_flow_copies *copies, uint32_t flow)
{
    copies->newest[flow] = 0;
}

struct nta_flow_copy *nta_flow_copies_newest(const struct nta_flow_copies *copies, uint32_t flow)
{
    return find(copies, copies->newest[flow], flow);
}

struct nta_flow_copy *nta_flow_copies_before(const struct nta_flow_copies *copies,
                                             const struct nta_flow_copy *copy)
{
    return find(copies, copy->before, copy->flow);
}

/** Place for `units` more, the oldest copies go. */
static void make_space(struct nta_flow_copies *copies, uint32_t units)
{
    while (copies->head - copies->tail + units > copies->n_units) {
        const struct nta_flow_copy *oldest = at_place(copies, copies->tail);

        if (oldest->kind == NTA_FLOW_COPY_ASIDE ||
            (oldest->kind == NTA_FLOW_COPY_OTHER && !oldest->is_done))
            nta_count(copies->counters, NTA_COUNTER_STREAM_COPY_LIMIT, 1);
        copies->tail += oldest->units;
    }
}

/** A new copy's place: `units` of the area without a break. */
static struct nta_flow_copy *take_place(struct nta_flow_copies *copies, uint32_t units)
{
    const uint32_t until_end = copies->n_units - (copies->head & (copies->n_units - 1));

    if (units > until_end) {
        make_space(copies, until_end);
        *at_place(copies, copies->head) = (struct nta_flow_copy){
            .place = copies->head, .units = until_end, .kind = NTA_FLOW_COPY_GONE};
        copies->head += until_end;
    }
    make_space(copies, units);
    struct nta_flow_copy *copy = at_place(copies, copies->head);

    *copy = (struct nta_flow_copy){.place = copies->head, .units = units};
    copies->head += units;
    return copy;
}

static bool follows(const struct nta_flow_copy *copy, const struct nta_flow_piece *piece,
                    uint8_t stream)
{
    return copy && copy->kind == NTA_FLOW_COPY_SHOWN && copy->stream == stream &&
           nta_flow_copy_end(copy) == piece->seq && piece->len <= JOINED_MAX &&
           sizeof(*copy) + copy->len + piece->len <= (size_t)copy->units * UNIT;
}

struct nta_flow_copy *nta_flow_copies_add(struct nta_flow_copies *copies, uint32_t flow,
                                          uint8_t stream, uint32_t first,
                                          struct nta_flow_piece piece, enum nta_flow_copy_kind kind)
{
    const uint32_t off = piece.seq - first;

    if (off >= NTA_FLOW_COPIES_REACH || piece.len == 0)
        return NULL;
    if (piece.len > NTA_FLOW_COPIES_REACH - off)
        piece.len = NTA_FLOW_COPIES_REACH - off;
    struct nta_flow_copy *copy = nta_flow_copies_newest(copies, flow);

    if (kind == NTA_FLOW_COPY_SHOWN && follows(copy, &piece, stream)) {
        copy->is_joined = true;
    } else {
        const size_t size = sizeof(*copy) + piece.len;

        copy = take_place(copies, (uint32_t)(((size < ROOM ? ROOM : size) + UNIT - 1) / UNIT));
        copy->flow = flow;
        copy->before = copies->newest[flow];
        copy->seq = piece.seq;
        copy->ack = piece.ack;
        copy->has_ack = piece.has_ack;
        copy->kind = (uint8_t)kind;
        copy->stream = stream;
        copies->newest[flow] = copy->place;
    }
    memcpy((uint8_t *)(copy + 1) + copy->len, piece.ptr, piece.len);
    copy->len += piece.len;
    return copy;
}
