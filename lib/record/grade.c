/* SPDX-License-Identifier: Apache-2.0 */
#include "record/grade.h"

static enum nta_grade grade_of_basis(enum nta_basis basis)
{
    switch (basis) {
    case NTA_BASIS_URL:
    case NTA_BASIS_SNI:
    case NTA_BASIS_CERT: return NTA_GRADE_STRONG;
    case NTA_BASIS_DNS: return NTA_GRADE_LIKELY;
    case NTA_BASIS_ADDRESS:
    case NTA_BASIS_NONE: return NTA_GRADE_WEAK;
    }
    return NTA_GRADE_WEAK;
}

bool nta_record_has_grade(const struct nta_record *record)
{
    switch (record->event) {
    case NTA_RECORD_FLOW:
    case NTA_RECORD_LOOKUP:
    case NTA_RECORD_REQUEST:
    case NTA_RECORD_ALERT:
    case NTA_RECORD_PACKETS:
    case NTA_RECORD_DOWNLOAD: return true;
    case NTA_RECORD_LOSS:
    case NTA_RECORD_LEASE:
    case NTA_RECORD_CANARY:
    case NTA_RECORD_POLICY:
    case NTA_RECORD_START:
    case NTA_RECORD_STOP:
    case NTA_RECORD_GAP:
    case NTA_RECORD_AUDIT:
    case NTA_RECORD_NOTE:
    case NTA_RECORD_PSEUDONYM: return false;
    }
    return false;
}

/** That nobody answered, or an innocent explanation that was not ruled out. */
static bool is_doubtful(const struct nta_record *record)
{
    enum
    {
        EXPLAINS = 1U << NTA_DOUBT_FORGED | 1U << NTA_DOUBT_PREFETCH | 1U << NTA_DOUBT_NAT |
                   1U << NTA_DOUBT_MOVED | 1U << NTA_DOUBT_SERVER | 1U << NTA_DOUBT_DECOY
    };

    /* of other bytes at the same place `decoy` says whether they count, where somebody looked */
    return record->seen < NTA_SEEN_ANSWERED || (record->doubts & EXPLAINS) ||
           record->initiator == NTA_INITIATOR_PREFETCH ||
           (!record->doubts && (record->disagrees & NTA_AGREES_OVERLAP));
}

/** A list forbids the very address, and no other site can be behind it. */
static bool is_site_itself(const struct nta_record *record)
{
    return record->basis == NTA_BASIS_ADDRESS && record->match.list.len && !record->match.weak &&
           nta_app_has(record->app, NTA_TRAIT_ONE_SITE);
}

enum nta_grade nta_record_grade(const struct nta_record *record)
{
    /* what a connection speaks is seen in its bytes, wherever it goes */
    const bool is_program = record->match.list.len && record->match.kind == NTA_MATCH_PROGRAM;
    enum nta_grade grade =
        is_program || is_site_itself(record) ? NTA_GRADE_STRONG : grade_of_basis(record->basis);

    if (record->match.weak)
        return NTA_GRADE_WEAK;
    if ((record->hidden || is_doubtful(record)) && grade > NTA_GRADE_LIKELY)
        grade = NTA_GRADE_LIKELY;
    if ((record->disagrees & ~(unsigned)NTA_AGREES_OVERLAP) && grade > NTA_GRADE_WEAK)
        grade--;
    return grade;
}

const char *nta_grade_name(enum nta_grade grade)
{
    switch (grade) {
    case NTA_GRADE_STRONG: return "strong";
    case NTA_GRADE_LIKELY: return "likely";
    case NTA_GRADE_WEAK: return "weak";
    }
    return "";
}
