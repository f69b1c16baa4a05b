/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"
#include "base/runtime/clock.h"
#include "evidence/proof/sheet.h"
#include "vault/cosign.h"
#include "vault/note.h"
#include "vault/tree/log_tree.h"

#include <inttypes.h>
#include <string.h>

static void tell_key(const struct nta_sheet *sheet, const struct nta_trust *trust,
                     struct nta_case_report *report)
{
    char hex[NTA_HEX_SIZE(NTA_KEY_LEN)];
    const struct nta_trusted *trusted = nta_trust_find(trust, sheet->header.sensor);

    (void)nta_hex_text(sheet->identity, NTA_KEY_LEN, hex);
    if (trust->n == 0)
        nta_case_tell(report, NTA_CASE_KEY, NTA_CASE_UNSEEN,
                      "no key was given: all below holds only if nta-sensor-%s is the key that was "
                      "noted when the sensor was set up (--key)",
                      hex);
    else if (trusted && memcmp(trusted->public_key, sheet->identity, NTA_KEY_LEN) == 0)
        nta_case_tell(report, NTA_CASE_KEY, NTA_CASE_HOLDS, "of the sensor whose key was given");
    else
        nta_case_tell(report, NTA_CASE_KEY, NTA_CASE_WRONG,
                      "it is of the sensor nta-sensor-%s, which is not the key that was given",
                      hex);
}

/** Of batch 1, whose signature is the identity's. */
static bool find_heads_key(const struct nta_header *first, struct nta_note *ret_note)
{
    for (size_t i = 0; nta_header_note(first, i, ret_note); i++)
        if (ret_note->kind == NTA_HEADER_NOTE_CHECKPOINT_KEY)
            return true;
    return false;
}

/** Who was the first of the witnesses to have cosigned the head, and when; one that has not. */
struct cosigned
{
    const char *first, *missed; ///< NULL: nobody.
    uint64_t time_s;
};

static struct cosigned look_for_witnesses(const struct nta_sheet *sheet,
                                          const struct nta_case_witnesses *witnesses)
{
    struct cosigned cosigned = {.first = NULL};
    uint64_t time_s;

    for (size_t i = 0; witnesses && i < witnesses->n; i++) {
        const struct nta_note_key *key = &witnesses->keys[i];

        if (!nta_cosign_check(sheet->note, key, &time_s))
            cosigned.missed = key->name;
        else if (!cosigned.first || time_s < cosigned.time_s)
            cosigned = (struct cosigned){key->name, cosigned.missed, time_s};
    }
    return cosigned;
}

static void tell_witness(const struct nta_sheet *sheet, const struct nta_case_witnesses *witnesses,
                         struct nta_case_report *report)
{
    const struct cosigned cosigned = look_for_witnesses(sheet, witnesses);
    char time[NTA_TIME_TEXT_SIZE];

    if (cosigned.missed)
        nta_case_tell(report, NTA_CASE_NOTED_HEADS, NTA_CASE_UNSEEN,
                      "the head is not cosigned by %.120s", cosigned.missed);
    else if (cosigned.first)
        nta_case_tell(report, NTA_CASE_NOTED_HEADS, NTA_CASE_HOLDS,
                      "%.120s cosigned the head at %.19sZ: the record was there by then",
                      cosigned.first,
                      nta_clock_text((int64_t)cosigned.time_s * NTA_NS_PER_S, time));
    else
        nta_case_tell(report, NTA_CASE_NOTED_HEADS, NTA_CASE_UNSEEN,
                      "no witness's key was given (--witness): without one, whoever has had the "
                      "sensor's key of heads can have made all of this");
}

static void tell_others(struct nta_case_report *report)
{
    nta_case_tell(report, NTA_CASE_BATCHES, NTA_CASE_NONE,
                  "the key that signed the batch is not on the sheet: the log proves it");
    nta_case_tell(report, NTA_CASE_TIMES, NTA_CASE_NONE,
                  "whether the sensor saw this itself, or read it from files, a case proves");
    for (size_t i = NTA_CASE_POLICY; i < NTA_CASE_N_STEPS; i++)
        nta_case_tell(report, (enum nta_case_step)i, NTA_CASE_NONE, "not on a sheet");
}

void nta_sheet_prove(const struct nta_sheet *sheet, const struct nta_trust *trust,
                     const struct nta_case_witnesses *witnesses, struct nta_case_report *report)
{
    struct nta_proof proof = {.n_path = sheet->record.path.len / NTA_HASH_LEN};
    struct nta_checkpoint head;
    uint8_t link[NTA_HASH_LEN];
    struct nta_note note;

    tell_key(sheet, trust, report);
    const bool has_key = nta_header_signed(&sheet->first, sheet->identity) &&
                         find_heads_key(&sheet->first_header, &note);

    nta_case_tell(report, NTA_CASE_CHANGES, has_key ? NTA_CASE_HOLDS : NTA_CASE_WRONG,
                  has_key ? "batch 1 is signed by the sensor's key, and names the key of its heads"
                          : "batch 1 is not signed by the sensor's key, or names no key of heads");
    nta_header_hash(&sheet->sealed, link);
    const bool is_head = has_key && nta_checkpoint_read(sheet->note, note.key, &head);
    const bool is_in =
        is_head && nta_log_check_inclusion(link, sheet->header.number - 1, sheet->head.n,
                                           sheet->path, sheet->head.root);

    nta_case_tell(report, NTA_CASE_LOG, is_in ? NTA_CASE_HOLDS : NTA_CASE_WRONG,
                  is_in     ? "batch %" PRIu64 " lies in the log of %" PRIu64 ", whose head the "
                              "sensor signed"
                  : is_head ? "batch %" PRIu64 " is not in the log of %" PRIu64
                            : "the sensor did not sign the head: batch %" PRIu64
                              ", log of %" PRIu64,
                  sheet->header.number, sheet->head.n);
    memcpy(proof.salt, sheet->record.salt.ptr, NTA_PROOF_SALT_LEN);
    if (proof.n_path)
        memcpy(proof.path, sheet->record.path.ptr, sheet->record.path.len);
    const bool is_record =
        nta_proof_check(&proof, &sheet->header, sheet->record.index, sheet->record.bytes);

    nta_case_tell(report, NTA_CASE_RECORDS, is_record ? NTA_CASE_HOLDS : NTA_CASE_WRONG,
                  is_record ? "the record is the one under the root of its batch"
                            : "the record is not the one under the root of its batch");
    tell_witness(sheet, witnesses, report);
    tell_others(report);
}
