/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What encoder, decoder and JSON of records agree about beside the rows of record/fields.inc.
 * Private to the module.
 */

#include "record/record.h"

enum
{
    NTA_RECORD_MICRO = 1000000, ///< Positions are stored in millionths of a degree.
    NTA_RECORD_LAT_MAX = 90 * NTA_RECORD_MICRO,
    NTA_RECORD_LON_MAX = 180 * NTA_RECORD_MICRO
};

/** Whether an answer of this type is stored as an address (A, AAAA), not as text. */
static inline bool nta_record_answer_is_addr(const struct nta_record_answer *answer)
{
    return answer->type == 1 || answer->type == 28;
}

/* How many rows there are: items of an array, members of an object. */
// NOLINTBEGIN(bugprone-macro-parentheses): sums
enum
{
    NTA_N_EVIDENCE_FIELDS = 0
#define EVIDENCE_FIELD(...) +1
#include "record/fields.inc"
        ,
    NTA_N_COUNT_FIELDS = 0
#define COUNT_FIELD(...) +1
#include "record/fields.inc"
        ,
    NTA_N_QUERY_FIELDS = 0
#define QUERY_FIELD(...) +1
#include "record/fields.inc"
        ,
    NTA_N_PLACE_FIELDS = 0
#define PLACE_FIELD(...) +1
#define PLACE_GROUP(...) +1
#include "record/fields.inc"
        ,
    NTA_N_SIDE_FIELDS = 0
#define SIDE_FIELD(...) +1
#define SIDE_GROUP(...) +1
#include "record/fields.inc"
        ,
    NTA_N_FILE_FIELDS = 0
#define FILE_FIELD(...) +1
#include "record/fields.inc"
        ,
    NTA_N_MATCH_FIELDS = 0
#define MATCH_FIELD(...) +1
#include "record/fields.inc"
        ,
    NTA_N_RECORD_FIELDS = 0
#define RECORD_FIELD(...)   +1
#define RECORD_GROUP(...)   +1
#define RECORD_LIST(...)    +1
#define EVIDENCE_FIELD(...) +1
#define FLAG_FIELD(...)     +1
#define TLS_FIELD(...)      +1
#include "record/fields.inc"
};

// NOLINTEND(bugprone-macro-parentheses)
