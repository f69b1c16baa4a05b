/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/proof/noted.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "vault/cosign.h"
#include "vault/tree/log_tree.h"
#include "vault/tree/merkle.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct noting
{
    const struct nta_case_witnesses *witnesses;
    struct nta_case_report *report;
    const char *missed; ///< Who cosigned no head behind the records of a sensor.
    const char *first;  ///< Who was the first to have cosigned such a head,
    uint64_t first_s;   ///< and when; of several sensors the latest of these times.
    size_t n;           ///< Heads.
};

/* ---- in the log ---- */

/**
 * The newest batch's own path in a tree that ends with it has nothing but subtrees of those before
 * it: they make the tree that it signs.
 */
static bool makes_signed_tree(struct nta_span path, const uint8_t root[NTA_HASH_LEN])
{
    uint8_t hash[NTA_HASH_LEN];

    if (path.len == 0)
        return true; /* batch 1, before which there is none */
    memcpy(hash, path.ptr, sizeof(hash));
    for (size_t at = NTA_HASH_LEN; at < path.len; at += NTA_HASH_LEN)
        nta_merkle_node(path.ptr + at, hash, hash);
    return memcmp(hash, root, sizeof(hash)) == 0;
}

/** NULL: it lies in the log of the case; else why not. */
static const char *find_fault(const struct nta_case_noted *noted,
                              const struct nta_case_head *newest)
{
    const struct nta_checkpoint *head = &noted->head;
    const uint64_t n = newest->header.number - 1; /* what the newest one signs */
    uint8_t link[NTA_HASH_LEN];

    if (head->n <= n)
        return nta_log_check_consistency(head->n, head->root, n, newest->header.log, noted->path)
                   ? NULL
                   : "its tree is not the beginning of the one that the newest batch signs";
    if (head->n > n + 1)
        return "it is of a batch behind the newest one of the case";
    nta_header_hash(&newest->sealed, link);
    return nta_log_check_inclusion(link, n, head->n, noted->path, head->root) &&
                   makes_signed_tree(noted->path, newest->header.log)
               ? NULL
               : "its tree is not the one that the newest batch signs, with that batch";
}

/** As find_fault(), for all of a sensor; tells the first. */
static bool are_in_log(struct noting *noting, const struct nta_case_sensor *sensor,
                       const uint8_t *key)
{
    for (size_t i = 0; i < sensor->n_noted; i++) {
        const struct nta_case_noted *noted = &sensor->noted[i];
        const char *fault = find_fault(noted, &sensor->heads[sensor->n_heads - 1]);
        struct nta_checkpoint read;

        if (!fault && !key)
            fault = "by which key the sensor signs heads is not proved";
        if (!fault && !nta_checkpoint_read(noted->note, key, &read))
            fault = "the sensor did not sign it";
        if (!fault)
            continue;
        nta_case_tell(noting->report, NTA_CASE_NOTED_HEADS, NTA_CASE_WRONG,
                      "the head of batch %" PRIu64 " that was noted: %s", noted->head.n, fault);
        return false;
    }
    return true;
}

/* ---- who cosigned ---- */

/** The last batch with records. */
static uint64_t last_of(const struct nta_case_sensor *sensor)
{
    uint64_t last = 0;

    for (size_t i = 0; i < sensor->n_heads; i++)
        if (sensor->heads[i].n_records)
            last = sensor->heads[i].header.number;
    return last;
}

/** When this one, or an authority, had first signed a head at or behind the records; 0: never. */
static uint64_t time_of(const struct noting *noting, const struct nta_case_sensor *sensor, size_t i)
{
    const struct nta_case_witnesses *witnesses = noting->witnesses;
    const uint64_t last = last_of(sensor);
    uint64_t first_s = 0, time_s = 0;

    for (size_t j = 0; j < sensor->n_noted; j++) {
        const struct nta_span note = sensor->noted[j].note;

        if (sensor->noted[j].head.n >= last &&
            (i < witnesses->n ? nta_cosign_check(note, &witnesses->keys[i], &time_s)
                              : witnesses->stamped(note, witnesses->owner, &time_s)) &&
            (first_s == 0 || time_s < first_s))
            first_s = time_s;
    }
    return first_s;
}

static void look_for_witnesses(struct noting *noting, const struct nta_case_sensor *sensor)
{
    const struct nta_case_witnesses *witnesses = noting->witnesses;
    const size_t n = witnesses ? witnesses->n + (witnesses->stamped ? 1 : 0) : 0;
    const char *first = NULL;
    uint64_t first_s = UINT64_MAX;

    for (size_t i = 0; i < n; i++) {
        const char *name = i < witnesses->n ? witnesses->keys[i].name : "a time stamp (--tsa)";
        const uint64_t time_s = time_of(noting, sensor, i);

        if (time_s == 0)
            noting->missed = name;
        else if (time_s < first_s) {
            first = name;
            first_s = time_s;
        }
    }
    if (!first || (noting->first && first_s <= noting->first_s))
        return;
    noting->first = first;
    noting->first_s = first_s;
}

/* ---- what is told ---- */

static void tell(const struct noting *noting)
{
    const int64_t most_s = INT64_MAX / NTA_NS_PER_S;
    const int64_t wall_s = noting->first_s < (uint64_t)most_s ? (int64_t)noting->first_s : most_s;
    char time[NTA_TIME_TEXT_SIZE];

    if (noting->missed)
        nta_case_tell(noting->report, NTA_CASE_NOTED_HEADS, NTA_CASE_UNSEEN,
                      "no head behind the records is cosigned by %.120s", noting->missed);
    else if (noting->first)
        nta_case_tell(noting->report, NTA_CASE_NOTED_HEADS, NTA_CASE_HOLDS,
                      "all records were there by %.19s: %.120s has cosigned a head behind them, "
                      "which lies in the log",
                      nta_clock_text(wall_s * NTA_NS_PER_S, time), noting->first);
    else if (noting->n)
        nta_case_tell(noting->report, NTA_CASE_NOTED_HEADS, NTA_CASE_HOLDS,
                      "%zu noted head%s in the log; who cosigned them was not looked at, since no "
                      "key of a witness was given (--witness)",
                      noting->n, noting->n == 1 ? " lies" : "s lie");
    else
        nta_case_tell(noting->report, NTA_CASE_NOTED_HEADS, NTA_CASE_NONE,
                      "no head that somebody noted is in the case");
}

void nta_case_prove_noted(const struct nta_case *kase, const struct nta_chain *chain,
                          const struct nta_case_witnesses *witnesses,
                          struct nta_case_report *report)
{
    struct noting noting = {.witnesses = witnesses, .report = report};

    for (size_t i = 0; i < kase->n_sensors; i++) {
        const struct nta_case_sensor *sensor = &kase->sensors[i];
        uint8_t id[NTA_SENSOR_ID_LEN];

        nta_sensor_id(sensor->identity, id);
        if (!are_in_log(&noting, sensor, nta_chain_checkpoint_key(chain, id)))
            return;
        noting.n += sensor->n_noted;
        look_for_witnesses(&noting, sensor);
    }
    tell(&noting);
}
