/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/seal.h"

#include "base/hex.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "evidence/proof/each.h"
#include "evidence/view.h"

#include <errno.h>

const char *nta_case_seal_text(const char *incident, const uint8_t manifest[NTA_HASH_LEN],
                               char text[NTA_CASE_SEAL_SIZE])
{
    char hex[NTA_HEX_SIZE(NTA_HASH_LEN)];

    (void)snprintf(text, NTA_CASE_SEAL_SIZE, "case %.96s, manifest %s", incident,
                   nta_hex_text(manifest, NTA_HASH_LEN, hex));
    return text;
}

struct sealing
{
    const char *text; ///< What it has to say.
    size_t n_records;
    bool is_said;
    char id[NTA_CASE_ID_SIZE], actor[64], time[NTA_TIME_TEXT_SIZE];
};

static int look_at(void *owner, const struct nta_case_at *at)
{
    struct sealing *sealing = owner;
    const struct nta_record_log *log = at->record ? at->record->log : NULL;

    sealing->n_records++;
    if (!log || at->record->event != NTA_RECORD_AUDIT ||
        !nta_span_equal(log->question, nta_span_of(sealing->text)))
        return 0;
    if (at->record->end_ns && at->record->end_ns != at->record->time_ns)
        return 0; /* as of a reading, whose begin is told by who asks: not when it was sealed */
    sealing->is_said = true;
    (void)snprintf(sealing->id, sizeof(sealing->id), "%s", at->id);
    (void)nta_text_escape_to(sealing->actor, sizeof(sealing->actor), log->actor);
    (void)nta_clock_text(at->record->time_ns, sealing->time);
    return 0;
}

/** The steps of a case that a seal has; the others are about what it does not have. */
static const enum nta_case_step proved[] = {NTA_CASE_KEY, NTA_CASE_CHANGES, NTA_CASE_BATCHES,
                                            NTA_CASE_LOG, NTA_CASE_RECORDS};

/** The first step that does not hold, or NULL. */
static const struct nta_case_told *find_fault(const struct nta_case_report *report)
{
    for (size_t i = 0; i < NTA_N_ELEMENTS(proved); i++)
        if (report->steps[proved[i]].state == NTA_CASE_WRONG)
            return &report->steps[proved[i]];
    return NULL;
}

/** A case is sealed by its own sensors. */
static bool has_its_sensors(const struct nta_case *seal, const struct nta_case *kase)
{
    for (size_t i = 0; i < seal->n_sensors; i++) {
        uint8_t id[NTA_SENSOR_ID_LEN];

        nta_sensor_id(seal->sensors[i].identity, id);
        if (!nta_case_has_sensor(kase, id))
            return false;
    }
    return true;
}

static int prove_seal(const struct nta_case_file *file, const char *text,
                      const struct nta_trust *trust, struct nta_case_report *report)
{
    struct nta_case_report inner = {0};
    struct sealing sealing = {.text = text};
    int r = nta_case_prove(file->seal, trust, NULL, &inner);

    if (r == 0)
        r = nta_case_each(file->seal, look_at, &sealing);
    if (r < 0)
        return r;
    const struct nta_case_told *fault = find_fault(&inner);

    if (!has_its_sensors(file->seal, file->kase))
        nta_case_tell(report, NTA_CASE_SEAL, NTA_CASE_WRONG,
                      "seal.cbor is of a sensor that the case is not of");
    else if (fault)
        nta_case_tell(report, NTA_CASE_SEAL, NTA_CASE_WRONG, "seal.cbor: %.300s", fault->text);
    else if (!sealing.is_said || sealing.n_records != 1 ||
             !nta_span_equal(file->seal->program, file->kase->program))
        nta_case_tell(report, NTA_CASE_SEAL, NTA_CASE_WRONG,
                      "seal.cbor is not about this case and this manifest");
    else
        nta_case_tell(report, NTA_CASE_SEAL, NTA_CASE_HOLDS,
                      "the files for people are those that %s made on %.19s: record %s has their "
                      "hashes",
                      sealing.actor, sealing.time, sealing.id);
    return 0;
}

/** What another version worded nobody can write again: sealed, it is known whose words they are. */
static void tell_pages(struct nta_case_report *report)
{
    if (report->steps[NTA_CASE_SEAL].state == NTA_CASE_HOLDS &&
        report->steps[NTA_CASE_PAGES].state == NTA_CASE_UNSEEN)
        nta_case_tell(report, NTA_CASE_PAGES, NTA_CASE_UNSEEN,
                      "the files for people are sealed, but of another version of the program: "
                      "they are the words of who made them; what is proved stands in case.cbor");
}

int nta_case_prove_file(const struct nta_case_file *file, const struct nta_trust *trust,
                        const struct nta_case_witnesses *witnesses, struct nta_case_report *report)
{
    struct nta_case_view view;
    char text[NTA_CASE_SEAL_SIZE];
    int r = nta_case_prove(file->kase, trust, witnesses, report);

    if (r < 0)
        return r;
    if (!file->seal) {
        nta_case_tell(
            report, NTA_CASE_SEAL, NTA_CASE_NONE,
            "files for people are not sealed: no sensor noted this case when it was made");
        return 0;
    }
    r = nta_case_view_init(&view, file->kase);
    if (r == 0) {
        (void)nta_case_seal_text(view.incident ? view.incident->id : "", file->manifest, text);
        r = prove_seal(file, text, trust, report);
    }
    nta_case_view_done(&view);
    tell_pages(report);
    return r;
}
