/* SPDX-License-Identifier: Apache-2.0 */
#include "packets/packet_log.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

enum
{
    UNIT = 16,
    BYTES_MAX = 1 << 30
};

static_assert(sizeof(struct nta_logged) % 8 == 0, "entries stay aligned");

int nta_packet_log_init(struct nta_packet_log *log, size_t bytes, struct nta_err *err)
{
    size_t size = (bytes < BYTES_MAX ? bytes : BYTES_MAX) / UNIT * UNIT;

    *log = (struct nta_packet_log){.head = 1};
    if (size == 0)
        return 0;
    log->area = nta_area_new(size, NTA_AREA_ROAMS);
    if (!log->area)
        return nta_err_sys(err, -ENOMEM, "packets kept for alerts");
    log->n_units = size / UNIT;
    return 0;
}

void nta_packet_log_done(struct nta_packet_log *log)
{
    nta_area_free(log->area, log->n_units * UNIT);
    *log = (struct nta_packet_log){0};
}

void nta_packet_log_warm(struct nta_packet_log *log, struct nta_warm *warm)
{
    (void)nta_area_warm(warm, log->area, log->n_units * UNIT);
}

static uint64_t n_units_of(uint32_t cap_len)
{
    return (sizeof(struct nta_logged) + cap_len + UNIT - 1) / UNIT;
}

/**
 * Where a packet of so many units would go: behind the last one, or at the area's front; and never
 * at place 0.
 */
static uint64_t place_for(const struct nta_packet_log *log, uint64_t n_units)
{
    uint64_t at = log->head;

    if ((at & NTA_LOG_PLACES) == 0)
        at++;
    if (at % log->n_units + n_units > log->n_units)
        at += log->n_units - at % log->n_units;
    return (at & NTA_LOG_PLACES) == 0 ? at + 1 : at;
}

/** The unwrapped form of a place. */
static uint64_t unwrap(const struct nta_packet_log *log, uint32_t place)
{
    return log->head - ((log->head - place) & NTA_LOG_PLACES);
}

uint32_t nta_packet_log_put(struct nta_packet_log *log, const struct nta_logged *what,
                            const uint8_t *bytes)
{
    uint64_t n_units = n_units_of(what->cap_len);

    if (n_units + 1 >= log->n_units)
        return 0;
    uint64_t at = place_for(log, n_units);
    uint8_t *to = log->area + at % log->n_units * UNIT;

    memcpy(to, what, sizeof(*what));
    memcpy(to + sizeof(*what), bytes, what->cap_len);
    log->head = at + n_units;
    for (size_t ahead = 64; ahead <= 256; ahead += 64) /* where the next one goes */
        __builtin_prefetch(to + sizeof(*what) + what->cap_len + ahead, 1);
    return (uint32_t)(at & NTA_LOG_PLACES);
}

const struct nta_logged *nta_packet_log_find(const struct nta_packet_log *log, uint32_t place,
                                             const struct nta_flow *flow)
{
    if (place == 0 || !log->area)
        return NULL;
    uint64_t at = unwrap(log, place);

    uint64_t space = (log->n_units - at % log->n_units) * UNIT;

    if (at >= log->head || log->head - at > log->n_units || space < sizeof(struct nta_logged))
        return NULL;
    const struct nta_logged *logged =
        (const struct nta_logged *)(const void *)(log->area + at % log->n_units * UNIT);

    if (logged->flow != flow || logged->flow_wall_ns != flow->first_wall_ns ||
        logged->cap_len > space - sizeof(*logged))
        return NULL;
    return logged;
}

bool nta_packet_log_would_take(const struct nta_packet_log *log, uint32_t place, uint32_t cap_len)
{
    uint64_t n_units = n_units_of(cap_len);

    return place_for(log, n_units) + n_units - unwrap(log, place) > log->n_units;
}
