/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/proof/prove.h"

#include "base/hex.h"
#include "base/own.h"
#include "base/text.h"
#include "evidence/proof/noted.h"
#include "evidence/proof/policies.h"
#include "evidence/proof/times.h"
#include "vault/tree/log_tree.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

struct proving
{
    const struct nta_case *kase;
    const struct nta_trust *trust; ///< Somebody's, or `own`.
    struct nta_trust own;          ///< The identities that the case names.
    struct nta_findings *findings; ///< Owned.
    struct nta_chain *chain;       ///< Owned.
    struct nta_case_report *report;
    size_t n_changes, n_changes_hold; ///< Headers that name keys or hold notes.
    size_t n_batches, n_batches_hold; ///< Those with records.
    size_t n_paths, n_paths_hold, n_no_path;
    size_t n_records, n_records_hold;
    char fault[NTA_FINDING_TEXT_SIZE]; ///< The first thing that does not hold; "": none.
};

static void proving_done(struct proving *proving)
{
    nta_chain_free(&proving->chain);
    nta_findings_free(&proving->findings);
    nta_trust_done(&proving->own);
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

static void blame(struct proving *proving, const struct nta_case_head *head, const char *what)
{
    if (proving->fault[0] == '\0')
        (void)snprintf(proving->fault, sizeof(proving->fault), "batch %" PRIu64 ": %s",
                       head->header.number, what);
}

/* ---- whose it is ---- */

static void tell_key(struct proving *proving, bool is_given)
{
    const struct nta_case *kase = proving->kase;
    char hex[NTA_HEX_SIZE(NTA_KEY_LEN)];

    for (size_t i = 0; i < kase->n_sensors; i++) {
        uint8_t id[NTA_SENSOR_ID_LEN];

        nta_sensor_id(kase->sensors[i].identity, id);
        (void)nta_hex_text(kase->sensors[i].identity, NTA_KEY_LEN, hex);
        const struct nta_trusted *trusted = nta_trust_find(proving->trust, id);

        if (!trusted || memcmp(trusted->public_key, kase->sensors[i].identity, NTA_KEY_LEN) != 0) {
            nta_case_tell(proving->report, NTA_CASE_KEY, NTA_CASE_WRONG,
                          "it is of the sensor nta-sensor-%s, which is not the key that was given",
                          hex);
            return;
        }
    }
    if (is_given)
        nta_case_tell(proving->report, NTA_CASE_KEY, NTA_CASE_HOLDS,
                      "of %zu sensor%s, with the key%s given", kase->n_sensors,
                      plural(kase->n_sensors), plural(kase->n_sensors));
    else if (kase->n_sensors > 1)
        nta_case_tell(
            proving->report, NTA_CASE_KEY, NTA_CASE_UNSEEN,
            "no key was given: all below holds only if each of the %zu keys in README.txt "
            "is one that was noted when a sensor was set up (--key, once for each)",
            kase->n_sensors);
    else
        nta_case_tell(proving->report, NTA_CASE_KEY, NTA_CASE_UNSEEN,
                      "no key was given: all below holds only if nta-sensor-%s is the key that was "
                      "noted when the sensor was set up (--key)",
                      hex);
}

static int trust_own(struct proving *proving)
{
    for (size_t i = 0; i < proving->kase->n_sensors; i++) {
        struct nta_trusted trusted = {.is_given = true};
        struct nta_err ignored;

        memcpy(trusted.public_key, proving->kase->sensors[i].identity, NTA_KEY_LEN);
        if (nta_trust_add(&proving->own, &trusted, &ignored) == -ENOMEM)
            return -ENOMEM;
    }
    return 0;
}

/* ---- headers ---- */

static bool is_change(const struct nta_case_head *head)
{
    return head->header.has_next || head->header.n_notes > 0;
}

static struct nta_stored row_of(const struct nta_case_head *head)
{
    return (struct nta_stored){.header = head->header, .sealed = head->sealed};
}

/** Every header that names a key or holds notes, before any is judged by them. */
static int learn(struct proving *proving)
{
    for (size_t i = 0; i < proving->kase->n_sensors; i++)
        for (size_t j = 0; j < proving->kase->sensors[i].n_heads; j++) {
            const struct nta_case_head *head = &proving->kase->sensors[i].heads[j];
            const struct nta_stored row = row_of(head);

            if (is_change(head) && nta_chain_learn(proving->chain, &row) < 0)
                return -ENOMEM;
        }
    return 0;
}

/** 1: it is the sensor's, 0: it is not, or -ENOMEM. */
static int judge(struct proving *proving, const struct nta_case_head *head)
{
    const struct nta_stored row = row_of(head);
    struct nta_verdict verdict;

    nta_chain_look(proving->chain, &row, false, &verdict);
    const int r = nta_chain_prove(proving->chain, &row, NTA_CHAIN_NOW, &verdict);

    return r < 0 ? r : verdict.shows;
}

/** From the batch's link to the tree hash in the newest header, which has its own signature. */
static void check_path(struct proving *proving, const struct nta_case_head *head,
                       const struct nta_case_head *newest)
{
    const uint64_t n = newest->header.number - 1;
    uint8_t link[NTA_HASH_LEN];

    if (head == newest && head->path.len == 0)
        return;
    if (head->path.len == 0 && n > 1) {
        proving->n_no_path++;
        return;
    }
    nta_header_hash(&head->sealed, link);
    proving->n_paths++;
    if (nta_log_check_inclusion(link, head->header.number - 1, n, head->path, newest->header.log))
        proving->n_paths_hold++;
    else
        blame(proving, head, "it is not in the tree whose hash the newest batch signs");
}

static bool is_proved(const struct nta_case_head *head, const struct nta_case_record *record)
{
    struct nta_proof proof = {.n_path = record->path.len / NTA_HASH_LEN};

    memcpy(proof.salt, record->salt.ptr, NTA_PROOF_SALT_LEN);
    if (record->path.len)
        memcpy(proof.path, record->path.ptr, record->path.len);
    return nta_proof_check(&proof, &head->header, record->index, record->bytes);
}

static int check_head(struct proving *proving, const struct nta_case_head *head,
                      const struct nta_case_head *newest)
{
    const int holds = judge(proving, head);

    if (holds < 0)
        return holds;
    if (is_change(head) || head == newest) {
        proving->n_changes++;
        proving->n_changes_hold += (size_t)holds;
    }
    if (head->n_records == 0)
        return 0;
    proving->n_batches++;
    proving->n_batches_hold += (size_t)holds;
    check_path(proving, head, newest);
    for (size_t i = 0; i < head->n_records; i++) {
        const bool is_good = is_proved(head, &head->records[i]);

        proving->n_records++;
        proving->n_records_hold += holds && is_good;
        if (!is_good)
            blame(proving, head, "a record is not the one under its signed root");
    }
    return 0;
}

static int check_heads(struct proving *proving)
{
    for (size_t i = 0; i < proving->kase->n_sensors; i++) {
        const struct nta_case_sensor *sensor = &proving->kase->sensors[i];
        int r = 0;

        for (size_t j = 0; j < sensor->n_heads && r == 0; j++)
            r = check_head(proving, &sensor->heads[j], &sensor->heads[sensor->n_heads - 1]);
        if (r < 0)
            return r;
    }
    return 0;
}

/** What the judge says, but for the numbers that a case leaves out. */
static int end_chain(struct proving *proving)
{
    const struct nta_chain_end end = {.is_partial = true};
    struct nta_finding finding;

    if (nta_chain_end(proving->chain, &end) < 0)
        return -ENOMEM;
    for (size_t i = 0; nta_findings_get(proving->findings, i, &finding); i++) {
        NTA_AUTO(nta_buf_done) struct nta_buf text = {0}, shown = {0};

        if (nta_finding_form(finding.kind)->weight != NTA_WRONG ||
            finding.kind == NTA_FINDING_HOLE || proving->fault[0])
            continue;
        nta_finding_put(&text, &finding);
        nta_text_escape(&shown, nta_buf_span(&text));
        (void)snprintf(proving->fault, sizeof(proving->fault), "%.*s",
                       (int)nta_smaller(shown.len, sizeof(proving->fault) - 1),
                       shown.ptr ? (const char *)shown.ptr : "out of memory");
    }
    return 0;
}

/** A step of which `n` things of a kind were looked at. */
static void tell_count(struct proving *proving, enum nta_case_step step, size_t n, size_t n_hold,
                       const char *what)
{
    if (n_hold == n)
        nta_case_tell(proving->report, step, NTA_CASE_HOLDS, "%zu of %zu %s", n_hold, n, what);
    else
        nta_case_tell(proving->report, step, NTA_CASE_WRONG, "%zu of %zu %s; %s", n_hold, n, what,
                      proving->fault[0] ? proving->fault : "the others are not");
}

static void tell_log(struct proving *proving)
{
    tell_count(proving, NTA_CASE_LOG, proving->n_paths, proving->n_paths_hold,
               "batches lie in the tree over all batches, whose hash the newest one signs");
    if (proving->n_paths_hold < proving->n_paths)
        return;
    if (proving->n_no_path)
        nta_case_tell(
            proving->report, NTA_CASE_LOG, NTA_CASE_UNSEEN,
            "of %zu batch%s there is no path in the tree: when the case was made, batches "
            "before the newest one were missing",
            proving->n_no_path, proving->n_no_path == 1 ? "" : "es");
    else if (proving->n_paths == 0)
        nta_case_tell(proving->report, NTA_CASE_LOG, NTA_CASE_NONE,
                      "no batch with records lies in front of the newest one, whose signature "
                      "alone proves them");
}

static void tell_chain(struct proving *proving)
{
    uint64_t n_wrong = nta_findings_of(proving->findings, NTA_WRONG) -
                       nta_findings_of_kind(proving->findings, NTA_FINDING_HOLE);

    tell_count(proving, NTA_CASE_BATCHES, proving->n_batches, proving->n_batches_hold,
               "batches of records are signed by the key of their number");
    tell_count(
        proving, NTA_CASE_CHANGES, proving->n_changes, proving->n_changes_hold,
        "headers that name keys or hold notes, and the newest, are signed by the key of their "
        "number, from the identity on");
    if (n_wrong && proving->report->steps[NTA_CASE_CHANGES].state == NTA_CASE_HOLDS)
        nta_case_tell(proving->report, NTA_CASE_CHANGES, NTA_CASE_WRONG, "%s", proving->fault);
    tell_log(proving);
    tell_count(proving, NTA_CASE_RECORDS, proving->n_records, proving->n_records_hold,
               "records are those under the signed root of their batch");
}

int nta_case_prove(const struct nta_case *kase, const struct nta_trust *trust,
                   const struct nta_case_witnesses *witnesses, struct nta_case_report *report)
{
    NTA_AUTO(proving_done)
    struct proving proving = {.kase = kase, .trust = trust, .report = report};
    int r = trust_own(&proving);

    if (trust->n == 0)
        proving.trust = &proving.own;
    proving.findings = nta_findings_new();
    proving.chain = proving.findings ? nta_chain_new(proving.trust, proving.findings) : NULL;
    if (r < 0 || !proving.chain)
        return -ENOMEM;
    tell_key(&proving, trust->n > 0);
    r = learn(&proving);
    if (r == 0)
        r = check_heads(&proving);
    if (r == 0)
        r = end_chain(&proving);
    if (r < 0)
        return r;
    tell_chain(&proving);
    nta_case_prove_noted(kase, proving.chain, witnesses, report);
    r = nta_case_prove_times(kase, report);
    return r < 0 ? r : nta_case_prove_policies(kase, report);
}
