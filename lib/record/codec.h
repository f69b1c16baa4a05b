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
    NTA_N_BINDING_FIELDS = 0
#define BINDING_FIELD(...) +1
#include "record/fields.inc"
        ,
    NTA_N_LOG_FIELDS = 0
#define LOG_FIELD(...) +1
#define LOG_LIST(...)  +1
#include "record/fields.inc"
        ,
    NTA_N_RECORD_FIELDS = 0
#define RECORD_FIELD(...)   +1
#define RECORD_GROUP(...)   +1
#define RECORD_LIST(...)    +1
#define EVIDENCE_FIELD(...) +1
#define FLAG_FIELD(...)     +1
#define TLS_FIELD(...)      +1
#define MORE_FIELD(...)     +1
#define MORE_LIST(...)      +1
#define MARK_FIELD(...)     +1
#define SHOWN(...)          +1
#include "record/fields.inc"
};

// NOLINTEND(bugprone-macro-parentheses)

/** Whether nothing is known of it. */
static inline bool nta_record_binding_is_empty(const struct nta_record_binding *binding)
{
    return binding->until_ns == 0 && binding->how.len == 0 && binding->state.len == 0 &&
           binding->client_id.len == 0 && binding->circuit.len == 0;
}

struct nta_cbor_map;

/* The nested map `more` (encode_more.c, decode_more.c). */
/** Write it; nothing if it is empty. */
void nta_record_put_more(struct nta_cbor_map *parent, unsigned key,
                         const struct nta_record *record);
/** Read it; lists lie in `buf`. */
void nta_record_get_more(struct nta_reader *r, struct nta_record_buf *buf,
                         struct nta_record *record);
/** Empty its members. */
void nta_record_clear_more(struct nta_record *record);

/* nta_json_TYPE() of its types (json_more.c): name and value, or nothing if it is not known. */
/** Of 8 bytes, in hex. */
void nta_json_stamp(struct nta_buf *out, const char *name, const uint64_t *stamp);
/** Words; an empty array if somebody looked and none is left. */
void nta_json_doubts(struct nta_buf *out, const char *name, const uint16_t *bits);
/** Kind and id. */
void nta_json_network(struct nta_buf *out, const char *name,
                      const struct nta_record_network *network);
/** How an address is bound; nothing if nothing is known. */
void nta_json_binding(struct nta_buf *out, const char *name,
                      const struct nta_record_binding *binding);
/** Aliases through which a list matched. */
void nta_json_via(struct nta_buf *out, const char *name, const struct nta_record *record);
/** What says which other site. */
void nta_json_conflict(struct nta_buf *out, const char *name, const struct nta_record *record);
/** The numbers of the requests that belong to it. */
void nta_json_requests(struct nta_buf *out, const char *name, const struct nta_record *record);
/** What the sensor says of itself. */
void nta_json_log(struct nta_buf *out, const char *name, const struct nta_record *record);
