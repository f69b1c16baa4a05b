/* SPDX-License-Identifier: Apache-2.0 */
#include "chain/proof.h"

#include "base/own.h"
#include "base/prose.h"
#include "base/text.h"
#include "output/fail.h"
#include "output/term.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

const char *nta_proof_text(struct nta_search *search, char buf[NTA_PROOF_TEXT_SIZE])
{
    struct nta_search_proof proof;
    char end[80], opened[48] = "";

    nta_search_get_proof(search, &proof);
    if (proof.n_wrong)
        (void)snprintf(end, sizeof(end), "%" PRIu64 " thing%s not hold", proof.n_wrong,
                       proof.n_wrong == 1 ? " does" : "s do");
    else if (proof.n_batches == 0)
        (void)snprintf(end, sizeof(end), "there is nothing to check");
    else
        (void)snprintf(end, sizeof(end), "%s holds",
                       proof.n_opened < proof.n_batches ? "this much" : "all of it");
    if (proof.n_opened < proof.n_batches)
        (void)snprintf(opened, sizeof(opened), " (%" PRIu64 " opened)", proof.n_opened);
    (void)snprintf(
        buf, NTA_PROOF_TEXT_SIZE, "chain checked %s%s: %" PRIu64 " batch%s%s, %zu sensor%s; %s",
        proof.is_whole ? "to its end" : "as far as read", proof.is_partial ? ", without MySQL" : "",
        proof.n_batches, proof.n_batches == 1 ? "" : "es", opened, proof.n_sensors,
        proof.n_sensors == 1 ? "" : "s", end);
    return buf;
}

const char *nta_proof_nothing(struct nta_search *search)
{
    struct nta_search_proof proof;

    nta_search_get_proof(search, &proof);
    return proof.n_wrong ? "Nothing found in what holds." : "Nothing found.";
}

enum nta_proof_state nta_proof_state(struct nta_search *search)
{
    struct nta_search_proof proof;

    nta_search_get_proof(search, &proof);
    if (proof.n_wrong)
        return NTA_PROOF_BROKEN;
    return proof.is_whole && proof.n_batches && !proof.is_partial ? NTA_PROOF_HOLDS
                                                                  : NTA_PROOF_UNCHECKED;
}

static void show_one(struct nta_stores *stores, const struct nta_finding *finding)
{
    const struct nta_finding_form *form = nta_finding_form(finding->kind);
    NTA_AUTO(nta_buf_done) struct nta_buf line = {0}, shown = {0};

    nta_finding_put(&line, finding);
    nta_text_escape(&shown, nta_buf_span(&line));
    nta_prose_print(stderr, "nta: %.*s%s\n", (int)shown.len,
                    shown.ptr ? (const char *)shown.ptr : "",
                    !form->hides || finding->number == 0 ? ""
                    : stores->unverified ? " (marked UNVERIFIED, where it can be shown)"
                                         : ", not shown");
}

void nta_proof_show(struct nta_search *search, struct nta_proof_shown *shown)
{
    nta_proof_show_stores(nta_search_stores(search), shown);
}

void nta_proof_show_stores(struct nta_stores *stores, struct nta_proof_shown *shown)
{
    struct nta_finding finding;
    uint64_t n_more = 0;

    (void)nta_findings_kept(stores->findings, &n_more);
    for (; nta_findings_get(stores->findings, shown->n, &finding); shown->n++) {
        if (nta_finding_form(finding.kind)->weight == NTA_TOLD)
            continue;
        nta_progress_wipe();
        if (shown->n_lines++ < NTA_PROOF_LINES)
            show_one(stores, &finding);
    }
    if (shown->n_lines > NTA_PROOF_LINES)
        n_more += shown->n_lines - NTA_PROOF_LINES;
    if (n_more && !shown->is_more) {
        NTA_AUTO(nta_buf_done) struct nta_buf text = {0};

        shown->is_more = true;
        nta_progress_wipe();
        nta_put_more(&text, (struct nta_more){.n = n_more, .how = "nta verify"});
        nta_prose_print(stderr, "nta: %.*s\n", (int)text.len, (const char *)text.ptr);
    }
}

/** What is missing with good reason, in a line. */
static void show_told(struct nta_search *search, uint64_t n_deleted)
{
    struct nta_findings *findings = nta_search_stores(search)->findings;
    const uint64_t n_lost = nta_findings_of_kind(findings, NTA_FINDING_LOST);

    if (n_deleted)
        nta_prose_print(stderr,
                        "nta: of %" PRIu64 " batch%s the contents were deleted, as notes say\n",
                        n_deleted, n_deleted == 1 ? "" : "es");
    if (n_lost)
        nta_prose_print(stderr, "nta: %" PRIu64 " batch%s lost to the sensor, as notes say\n",
                        n_lost, n_lost == 1 ? " was" : "es were");
}

int nta_proof_conclude(struct nta_search *search, bool quiet, struct nta_proof_shown *shown)
{
    char text[NTA_PROOF_TEXT_SIZE];
    struct nta_search_proof proof;

    if (!search)
        return NTA_EXIT_OK;
    nta_search_get_proof(search, &proof);
    nta_proof_show(search, shown);
    nta_progress_wipe();
    if (!quiet)
        show_told(search, proof.n_deleted);
    if (!quiet || proof.n_wrong || proof.is_refused)
        nta_prose_print(stderr, "nta: %s%s\n", nta_proof_text(search, text),
                        proof.n_wrong ? "; `nta verify` says what to do" : "");
    if (proof.n_sensors == 0)
        nta_prose_print(stderr, "nta: no sensor's key is known here: give the one that you noted "
                                "(--key), or put its sensor.pub into the key folder\n");
    return proof.n_wrong || proof.is_refused ? NTA_EXIT_INPUT : NTA_EXIT_OK;
}

int nta_proof_failed(int error)
{
    return error == -EPROTO ? NTA_EXIT_INPUT : error == -EDOM ? NTA_EXIT_USAGE : NTA_EXIT_FAILURE;
}
