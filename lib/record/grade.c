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

enum nta_grade nta_record_grade(const struct nta_record *record)
{
    enum nta_grade grade = grade_of_basis(record->basis);

    if (record->match.weak)
        return NTA_GRADE_WEAK;
    if (record->hidden && grade > NTA_GRADE_LIKELY)
        grade = NTA_GRADE_LIKELY;
    if (record->disagrees && grade > NTA_GRADE_WEAK)
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
