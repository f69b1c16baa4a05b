/* SPDX-License-Identifier: Apache-2.0 */
#include "base/runtime/health.h"

#include "base/runtime/clock.h"
#include "base/text.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum
{
    WARN = 0,
    BAD = 1,
    ONCE = 0,
    ITEMS = 1
};

const struct nta_cause_info nta_cause_infos[NTA_N_CAUSES] = {
#define CAUSE_INFO(symbol, name, level, reporting, sentence)                                       \
    [NTA_CAUSE_##symbol] = {(name), (sentence), (level), (reporting)},
    NTA_CAUSES(CAUSE_INFO)
#undef CAUSE_INFO
};

struct nta_health
{
    pthread_mutex_t lock; ///< Guards all below.
    uint64_t generation;
    struct nta_health_state states[NTA_N_CAUSES];
    /** When it was set last; the wall clock may be what is wrong. */
    int64_t on_mono_ns[NTA_N_CAUSES];
};

struct nta_health *nta_health_new(void)
{
    struct nta_health *health = calloc(1, sizeof(*health));

    if (health)
        (void)pthread_mutex_init(&health->lock, NULL);
    return health;
}

void nta_health_free(struct nta_health **health)
{
    if (!*health)
        return;
    (void)pthread_mutex_destroy(&(*health)->lock);
    free(*health);
    *health = NULL;
}

/** True: it changed. */
static bool turn_on(struct nta_health *health, enum nta_cause cause, const char *detail)
{
    struct nta_health_state *state = &health->states[cause];
    bool was_on = state->on, same = strcmp(state->detail, detail) == 0;

    if (was_on && same)
        return false;
    if (!was_on) {
        state->on = true;
        state->since_wall_ns = nta_clock_wall_ns();
        health->on_mono_ns[cause] = nta_clock_mono_ns();
        state->n_times++;
    }
    if (!same) {
        (void)snprintf(state->detail, sizeof(state->detail), "%s", detail);
        state->n_details++;
    }
    return true;
}

static bool turn_off(struct nta_health *health, enum nta_cause cause)
{
    struct nta_health_state *state = &health->states[cause];

    if (!state->on)
        return false;
    state->on = false;
    state->since_wall_ns = nta_clock_wall_ns();
    state->until_mono_ns = nta_clock_mono_ns();
    state->lasted_ns = state->until_mono_ns - health->on_mono_ns[cause];
    return true;
}

void nta_health_set(struct nta_health *health, enum nta_cause cause, const char *detail)
{
    char shown[NTA_HEALTH_DETAIL_SIZE];

    if (!health)
        return;
    if (detail)
        (void)nta_text_guard_to(shown, sizeof(shown), nta_span_of(detail));
    (void)pthread_mutex_lock(&health->lock);
    health->generation += detail ? turn_on(health, cause, shown) : turn_off(health, cause);
    (void)pthread_mutex_unlock(&health->lock);
}

uint64_t nta_health_get(struct nta_health *health, struct nta_health_state ret_states[NTA_N_CAUSES])
{
    (void)pthread_mutex_lock(&health->lock);
    int64_t mono_ns = nta_clock_mono_ns();
    uint64_t generation = health->generation;

    memcpy(ret_states, health->states, sizeof(health->states));
    for (size_t i = 0; i < NTA_N_CAUSES; i++) {
        if (!ret_states[i].on)
            continue;
        ret_states[i].until_mono_ns = mono_ns;
        ret_states[i].lasted_ns = mono_ns - health->on_mono_ns[i];
    }
    (void)pthread_mutex_unlock(&health->lock);
    return generation;
}

bool nta_health_is(struct nta_health *health, enum nta_cause cause)
{
    (void)pthread_mutex_lock(&health->lock);
    bool on = health->states[cause].on;

    (void)pthread_mutex_unlock(&health->lock);
    return on;
}

size_t nta_health_n_bad(const struct nta_health_state states[NTA_N_CAUSES])
{
    size_t n = 0;

    for (size_t i = 0; i < NTA_N_CAUSES; i++)
        n += states[i].on && nta_cause_infos[i].is_bad;
    return n;
}

void nta_health_put(struct nta_buf *out, enum nta_cause cause, const struct nta_health_state *state)
{
    nta_buf_puts(out, nta_cause_infos[cause].sentence);
    if (state->detail[0])
        nta_buf_printf(out, ": %s", state->detail);
}
