/* SPDX-License-Identifier: Apache-2.0 */
#include "chain/finding.h"

#include "base/hash.h"
#include "base/hex.h"
#include "base/own.h"
#include "chain/set/prints.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static const struct nta_finding_form forms[] = {
#define FORM(constant, name_, weight_, hides_, reason_, todo_)                                     \
    [NTA_FINDING_##constant] = {.name = (name_),                                                   \
                                .reason = (reason_),                                               \
                                .todo = (todo_),                                                   \
                                .weight = NTA_##weight_,                                           \
                                .hides = (hides_)},
    NTA_FINDING_KINDS(FORM)
#undef FORM
};

static_assert(NTA_N_ELEMENTS(forms) == NTA_FINDING_N_KINDS, "each kind has its row");

enum
{
    SEEN_MAX = 1 << 16,              ///< Findings that are told from new ones.
    TOLD_MAX = NTA_FINDINGS_KEPT / 4 ///< Kept of those that are no fault: they hide none that is.
};

struct nta_findings
{
    void (*before)(void *owner); ///< NULL: nobody asked for it.
    void *before_owner;
    pthread_mutex_t lock; ///< For all that follows.
    uint64_t counts[NTA_FINDING_N_KINDS];
    struct nta_finding kept[NTA_FINDINGS_KEPT];
    size_t n_kept, n_told;
    uint64_t n_more;
    bool was_left_out; ///< The last one was not kept: what comes next does not join the one before.
    struct nta_prints seen;  ///< Those that were added.
    struct nta_hash_key key; ///< Of their prints.
};

const struct nta_finding_form *nta_finding_form(enum nta_finding_kind kind)
{
    return &forms[kind];
}

struct nta_findings *nta_findings_new(void)
{
    struct nta_findings *findings = calloc(1, sizeof(*findings));

    if (findings)
        (void)pthread_mutex_init(&findings->lock, NULL);
    if (findings && nta_hash_key_random(&findings->key) < 0)
        nta_findings_free(&findings);
    return findings;
}

void nta_findings_free(struct nta_findings **findings)
{
    struct nta_findings *dead = NTA_TAKE(*findings);

    if (!dead)
        return;
    (void)pthread_mutex_destroy(&dead->lock);
    nta_prints_done(&dead->seen);
    free(dead);
}

/* ---- none twice ---- */

/** Keyed, so that nobody can make two findings of which one hides the other. */
static uint64_t print_of(const struct nta_hash_key *key, enum nta_finding_kind kind,
                         const struct nta_finding_at *place, const char *text)
{
    const uint64_t parts[] = {
        (uint64_t)kind,
        place->number,
        place->to,
        place->print,
        place->sensor ? nta_hash_bytes(key, place->sensor, NTA_SENSOR_ID_LEN) : 0,
        /* without a number nothing but the words tells them apart */
        place->number == 0 ? nta_hash_bytes(key, text, strlen(text)) : 0,
    };

    return nta_hash_bytes(key, parts, sizeof(parts));
}

/* ---- adding ---- */

/** The last finding goes on with this batch. */
static bool joins(const struct nta_findings *findings, enum nta_finding_kind kind,
                  const struct nta_finding_at *place, const char *text)
{
    const struct nta_finding *last =
        findings->n_kept ? &findings->kept[findings->n_kept - 1] : NULL;

    return last && !findings->was_left_out && last->kind == kind && place->sensor &&
           last->has_sensor && place->number && last->to + 1 == place->number &&
           memcmp(last->sensor, place->sensor, NTA_SENSOR_ID_LEN) == 0 &&
           strcmp(last->text, text) == 0;
}

static void keep(struct nta_findings *findings, enum nta_finding_kind kind,
                 const struct nta_finding_at *place, const char *text)
{
    uint64_t to = place->to ? place->to : place->number;

    if (joins(findings, kind, place, text)) {
        findings->kept[findings->n_kept - 1].to = to;
        return;
    }
    bool is_told = forms[kind].weight == NTA_TOLD;

    findings->was_left_out =
        findings->n_kept == NTA_FINDINGS_KEPT || (is_told && findings->n_told == TOLD_MAX);
    if (findings->was_left_out) {
        findings->n_more++;
        return;
    }
    findings->n_told += is_told;
    struct nta_finding *finding = &findings->kept[findings->n_kept++];

    *finding = (struct nta_finding){.kind = kind, .number = place->number, .to = to};
    finding->has_sensor = place->sensor != NULL;
    if (place->sensor)
        memcpy(finding->sensor, place->sensor, NTA_SENSOR_ID_LEN);
    (void)snprintf(finding->text, sizeof(finding->text), "%s", text);
}

void nta_findings_before(struct nta_findings *findings, void (*before)(void *owner), void *owner)
{
    findings->before = before;
    findings->before_owner = owner;
}

void nta_findings_add(struct nta_findings *findings, enum nta_finding_kind kind,
                      const struct nta_finding_at *place, const char *text)
{
    char whole[NTA_FINDING_TEXT_SIZE];

    if (findings->before)
        findings->before(findings->before_owner);
    (void)snprintf(whole, sizeof(whole), "%s", text ? text : forms[kind].reason);
    (void)pthread_mutex_lock(&findings->lock);
    if (nta_prints_put(&findings->seen, print_of(&findings->key, kind, place, whole), SEEN_MAX)) {
        findings->counts[kind] += place->to > place->number ? place->to - place->number + 1 : 1;
        keep(findings, kind, place, whole);
    }
    (void)pthread_mutex_unlock(&findings->lock);
}

/* ---- reading ---- */

uint64_t nta_findings_of_kind(struct nta_findings *findings, enum nta_finding_kind kind)
{
    (void)pthread_mutex_lock(&findings->lock);
    uint64_t n = findings->counts[kind];

    (void)pthread_mutex_unlock(&findings->lock);
    return n;
}

uint64_t nta_findings_of(struct nta_findings *findings, enum nta_finding_weight weight)
{
    uint64_t n = 0;

    (void)pthread_mutex_lock(&findings->lock);
    for (size_t i = 0; i < NTA_FINDING_N_KINDS; i++)
        n += forms[i].weight == weight ? findings->counts[i] : 0;
    (void)pthread_mutex_unlock(&findings->lock);
    return n;
}

size_t nta_findings_kept(struct nta_findings *findings, uint64_t *ret_n_more)
{
    (void)pthread_mutex_lock(&findings->lock);
    size_t n = findings->n_kept;

    if (ret_n_more)
        *ret_n_more = findings->n_more;
    (void)pthread_mutex_unlock(&findings->lock);
    return n;
}

bool nta_findings_get(struct nta_findings *findings, size_t i, struct nta_finding *ret_finding)
{
    (void)pthread_mutex_lock(&findings->lock);
    bool is_there = i < findings->n_kept;

    if (is_there)
        *ret_finding = findings->kept[i];
    (void)pthread_mutex_unlock(&findings->lock);
    return is_there;
}

void nta_finding_put(struct nta_buf *out, const struct nta_finding *finding)
{
    if (finding->number && finding->to > finding->number)
        nta_buf_printf(out, "batches %" PRIu64 " to %" PRIu64, finding->number, finding->to);
    else if (finding->number)
        nta_buf_printf(out, "batch %" PRIu64, finding->number);
    if (finding->has_sensor) {
        nta_buf_puts(out, finding->number ? " of sensor " : "sensor ");
        nta_buf_put_hex(out, finding->sensor, sizeof(finding->sensor));
    }
    if (finding->number || finding->has_sensor)
        nta_buf_puts(out, ": ");
    nta_buf_puts(out, finding->text);
}
