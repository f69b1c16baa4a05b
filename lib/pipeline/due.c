/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/due.h"

#include "base/runtime/clock.h"

#define HOUR_NS  (3600 * NTA_NS_PER_S)
#define SLOW_NS  (60 * NTA_NS_PER_S)
#define SOON_NS  (2 * NTA_NS_PER_S)
#define PAUSE_NS (4 * NTA_NS_PER_S)

enum
{
    HURRIED_PER_HOUR = 1000
};

static int64_t lower(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/** What is spent is forgiven evenly, so that no hour has more than twice the number. */
static int64_t spent_now(const struct nta_due *due, int64_t mono_ns)
{
    int64_t left_ns = due->spent_ns - (mono_ns - due->spent_mono_ns);

    return left_ns > 0 ? left_ns : 0;
}

static bool is_spent(const struct nta_due *due, int64_t mono_ns)
{
    return spent_now(due, mono_ns) + HOUR_NS / HURRIED_PER_HOUR > HOUR_NS;
}

static int64_t period_of(const struct nta_due *due, enum nta_class class, int64_t mono_ns)
{
    switch (class) {
    case NTA_CLASS_NONE:
    case NTA_CLASS_EVIDENCE:
        return lower(due->batch_ns, is_spent(due, mono_ns) ? PAUSE_NS : SOON_NS);
    case NTA_CLASS_TRAFFIC: return due->batch_ns;
    case NTA_CLASS_WHO:
    case NTA_CLASS_LOG: return SLOW_NS;
    }
    return due->batch_ns;
}

/** When an alert wants its batch to be closed. */
static int64_t hurry(const struct nta_due *due, int64_t mono_ns)
{
    int64_t at_ns = mono_ns + due->alert_ns / 2, earliest_ns = due->closed_mono_ns + PAUSE_NS;

    return is_spent(due, mono_ns) && at_ns < earliest_ns ? earliest_ns : at_ns;
}

void nta_due_add(struct nta_due *due, const struct nta_due_added *added, int64_t mono_ns)
{
    int64_t *at_ns = &due->at_mono_ns[added->class];

    if (added->is_first)
        *at_ns = mono_ns + period_of(due, added->class, mono_ns);
    if (added->has_alert && hurry(due, mono_ns) < *at_ns) {
        *at_ns = hurry(due, mono_ns);
        due->is_hurried[added->class] = true;
    }
    if (added->is_rare)
        *at_ns = lower(*at_ns, mono_ns);
}

bool nta_due_is(const struct nta_due *due, enum nta_class class, int64_t mono_ns)
{
    return mono_ns >= due->at_mono_ns[class];
}

void nta_due_closed(struct nta_due *due, enum nta_class class, int64_t mono_ns)
{
    if (due->is_hurried[class] || class == NTA_CLASS_EVIDENCE) {
        due->spent_ns = spent_now(due, mono_ns) + HOUR_NS / HURRIED_PER_HOUR;
        due->spent_mono_ns = mono_ns;
        due->closed_mono_ns = mono_ns;
    }
    due->is_hurried[class] = false;
    due->at_mono_ns[class] = 0;
}
