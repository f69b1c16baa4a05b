/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/commit/say.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ALARM_NS (3600 * NTA_NS_PER_S)

void nta_commit_put_loss(struct nta_commit *commit, const struct nta_commit_loss *loss)
{
    if (loss->last_reason && loss->first > loss->last)
        return;
    (void)pthread_mutex_lock(&commit->lock);
    if (commit->n_losses < NTA_COMMIT_LOSSES)
        commit->losses[commit->n_losses++] = *loss;
    (void)pthread_mutex_unlock(&commit->lock);
}

void nta_commit_raise_alarm(struct nta_commit *commit, enum nta_cause cause, const char *detail)
{
    nta_health_set(commit->options.health, cause, detail);
    commit->alarm_mono_ns = nta_clock_mono_ns();
}

void nta_commit_end_alarms(struct nta_commit *commit, int64_t mono_ns)
{
    static const enum nta_cause causes[] = {NTA_CAUSE_ROLLBACK, NTA_CAUSE_JOURNAL_GONE,
                                            NTA_CAUSE_STORE_CONFLICT, NTA_CAUSE_STATE};

    if (!commit->alarm_mono_ns || mono_ns - commit->alarm_mono_ns < ALARM_NS)
        return;
    for (size_t i = 0; i < NTA_N_ELEMENTS(causes); i++)
        nta_health_set(commit->options.health, causes[i], NULL);
    commit->alarm_mono_ns = 0;
}

void nta_commit_report_rollback(struct nta_commit *commit, uint64_t first, uint64_t last,
                                const char *witness)
{
    const struct nta_commit_loss loss = {"rolled_back.first", "rolled_back.last", first, last};
    char detail[NTA_HEALTH_DETAIL_SIZE];

    (void)snprintf(detail, sizeof(detail),
                   "batches %" PRIu64 " to %" PRIu64
                   " were written (%s knows), and the journal does not hold them as it did: it was "
                   "put back from a copy, cut or removed; the numbers go on behind them",
                   first, last, witness);
    if (!commit->options.health) /* which says so itself */
        nta_log_error("the store is older than what was written before: %s", detail);
    nta_commit_raise_alarm(commit, NTA_CAUSE_ROLLBACK, detail);
    nta_commit_put_loss(commit, &loss);
}

void nta_commit_report_foreign(struct nta_commit *commit, uint64_t first, uint64_t last)
{
    const struct nta_commit_loss loss = {"foreign.first", "foreign.last", first, last};
    char detail[NTA_HEALTH_DETAIL_SIZE];

    (void)snprintf(detail, sizeof(detail),
                   "no key of this sensor signed the batches %" PRIu64 " to %" PRIu64
                   " that the store has at its end: they were put there or changed; the chain goes "
                   "on behind what holds, and the numbers behind them",
                   first, last);
    if (!commit->options.health) /* which says so itself */
        nta_log_error("the store: %s", detail);
    nta_commit_raise_alarm(commit, NTA_CAUSE_STORE_CONFLICT, detail);
    nta_commit_put_loss(commit, &loss);
}

static void say_unadopted(const struct nta_commit *commit, const char *why)
{
    char detail[NTA_HEALTH_DETAIL_SIZE];

    (void)snprintf(
        detail, sizeof(detail),
        "%s; batches from %" PRIu64
        " on count as unproved until, while ntad is stopped, \"nta keys adopt --identity "
        "FILE\" was run with the identity's secret",
        why, commit->unadopted.keys[0].from);
    if (!commit->options.health) /* which says so itself */
        nta_log_error("the signing key: %s", detail);
    nta_health_set(commit->options.health, NTA_CAUSE_SIGNING, detail);
}

void nta_commit_report_unadopted(struct nta_commit *commit, uint64_t from, const char *why)
{
    const struct nta_commit_loss loss = {.first_reason = "signing_key_lost.first", .first = from};
    struct nta_unadopted *unadopted = &commit->unadopted;
    struct nta_err err = {0};

    /* what was to sign from there on, and never did, is none */
    while (unadopted->n > 0 && unadopted->keys[unadopted->n - 1].from >= from)
        unadopted->n--;
    if (unadopted->n < NTA_UNADOPTED_MAX) {
        unadopted->keys[unadopted->n].from = from;
        nta_sealer_get_signing(commit->sealer, unadopted->keys[unadopted->n++].key);
    }
    if (nta_unadopted_write(commit->options.outlet->state_dir, commit->sealer, unadopted, &err) < 0)
        nta_log_warning("%s: the next start will not say that the signing key is to be adopted",
                        err.text);
    say_unadopted(commit, why);
    nta_commit_put_loss(commit, &loss);
}

void nta_commit_recall_unadopted(struct nta_commit *commit)
{
    struct nta_sensor_public sensor;
    struct nta_err err = {0};

    nta_sealer_get_public(commit->sealer, &sensor);
    int r =
        nta_unadopted_read(commit->options.outlet->state_dir, &sensor, &commit->unadopted, &err);

    if (r < 0 && r != -ENOENT) {
        if (!commit->options.health) /* which says so itself */
            nta_log_error("%s: nothing is adopted by it", err.text);
        nta_commit_raise_alarm(commit, NTA_CAUSE_STATE, err.text);
    }
    if (commit->unadopted.n > 0)
        say_unadopted(commit, "the one that the chain names was lost before this start");
}

void nta_commit_end_unadopted(struct nta_commit *commit)
{
    struct nta_unadopted *unadopted = &commit->unadopted;
    struct nta_err err = {0};

    if (unadopted->n > 0)
        unadopted->n--;
    memmove(&unadopted->keys[0], &unadopted->keys[1], unadopted->n * sizeof(unadopted->keys[0]));
    if (nta_unadopted_write(commit->options.outlet->state_dir, commit->sealer, unadopted, &err) < 0)
        nta_log_warning("%s: the next start will say once more that the signing key is to be "
                        "adopted",
                        err.text);
    if (unadopted->n > 0)
        say_unadopted(commit, "another one was lost later");
    else
        nta_health_set(commit->options.health, NTA_CAUSE_SIGNING, NULL);
}

void nta_commit_report_revoked(struct nta_commit *commit, uint64_t number)
{
    char detail[NTA_HEALTH_DETAIL_SIZE];

    (void)snprintf(detail, sizeof(detail),
                   "batch %" PRIu64 " revokes this sensor's identity: what is sealed since is no "
                   "proof and is not shown; set the sensor up again, with another key folder and "
                   "another store",
                   number);
    if (!commit->options.health) /* which says so itself */
        nta_log_error("%s", detail);
    nta_health_set(commit->options.health, NTA_CAUSE_REVOKED, detail);
}

void nta_commit_log_head(const struct nta_commit *commit)
{
    const struct nta_sealer_at *at = nta_sealer_get_at(commit->sealer);
    char link[NTA_HEX_SIZE(NTA_HASH_LEN)], tree[NTA_HEX_SIZE(NTA_HASH_LEN)];
    uint8_t root[NTA_HASH_LEN];

    nta_log_root(&at->log, root);
    nta_log_notice("chain head of sensor %s: batch %" PRIu64 ", %s, tree %s", commit->text,
                   at->number, nta_hex_text(at->previous, sizeof(at->previous), link),
                   nta_hex_text(root, sizeof(root), tree));
}
