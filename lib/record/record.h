/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One record: what happened, who, where, and why it matters.  A value whose texts are borrowed; see
 * docs/format.md for its CBOR form and DESIGN's JSON names (record/json.h).
 *
 * Encoding (nta_record_encode) is called by workers and allocates nothing once its buffer has
 * grown.  Decoding gives a record whose texts borrow from the encoded bytes.
 */

#include "base/buf.h"
#include "base/bytes.h"
#include "base/runtime/counters.h"
#include "proto/app.h"
#include "record/kinds.h"
#include "record/log.h"
#include "record/side.h"
#include "record/types.h"
#include "record/words/words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nta_record_file
{
#define FILE_FIELD(key, type, member, ...) NTA_MEMBER_##type(member)
#include "record/fields.inc"
};

/** `list` empty: no match. */
struct nta_record_match
{
#define MATCH_FIELD(key, type, member, ...) NTA_MEMBER_##type(member)
#include "record/fields.inc"
};

/** Which network a tunnel says its content is of; kind NONE: not known. */
struct nta_record_network
{
    uint8_t kind; ///< enum nta_network_kind.
    uint64_t id;
};

/** What else says which other site. */
struct nta_record_conflict
{
    uint8_t kind; ///< enum nta_conflict_kind.
    struct nta_span value;
};

/** How an address is bound. */
struct nta_record_binding
{
#define BINDING_FIELD(key, type, member, ...) NTA_MEMBER_##type(member)
#include "record/fields.inc"
};

/** On the wire, one way. */
struct nta_record_counts
{
    uint64_t bytes, packets;
};

/** One answer of a lookup, as listed. */
struct nta_record_answer
{
    uint16_t type;
    uint32_t ttl_s;
    struct nta_addr addr;   ///< A, AAAA (4 or 6 decided by type).
    struct nta_span target; ///< Others.
};

/** One reason of a loss record. */
struct nta_record_loss
{
    struct nta_span reason; ///< A counter's name.
    uint64_t n;
};

enum
{
    NTA_RECORD_ANSWERS = 64,
    NTA_RECORD_VIA = 16,
    NTA_RECORD_CONFLICTS = 16,
    NTA_RECORD_REQUESTS = 512,
    NTA_RECORD_LOSSES = NTA_N_COUNTERS
};

/**
 * Members are declared by the rows of fields.inc, which say what they are.  What is 0, false or
 * empty is not known.
 */
struct nta_record
{
#define RECORD_FIELD(key, symbol, type, member, ...) NTA_MEMBER_##type(member)
#define RECORD_GROUP(key, symbol, type, ...)         NTA_MEMBERS_##type
#define RECORD_LIST(key, symbol, type, ...)          NTA_MEMBERS_##type
#define EVIDENCE_FIELD(index, type, member, ...)     NTA_MEMBER_##type(member)
#define FLAG_FIELD(bit, member, ...)                 bool member;
#define QUERY_FIELD(index, type, member, ...)        NTA_MEMBER_##type(member)
#define TLS_FIELD(key, type, member, ...)            NTA_MEMBER_##type(member)
#define MORE_FIELD(key, type, member, ...)           NTA_MEMBER_##type(member)
#define MORE_LIST(key, type, ...)                    NTA_MEMBERS_##type
#define MARK_FIELD(bit, member, ...)                 bool member;
#include "record/fields.inc"
};

/** Append the record's CBOR to `out`.  A failure of memory is sticky in `out`. */
void nta_record_encode(const struct nta_record *record, struct nta_buf *out);

/** Memory that decoding needs for lists; one a reader, reused. */
struct nta_record_buf
{
    struct nta_record_answer answers[NTA_RECORD_ANSWERS];
    struct nta_record_loss losses[NTA_RECORD_LOSSES];
    struct nta_span via[NTA_RECORD_VIA];
    struct nta_record_conflict conflicts[NTA_RECORD_CONFLICTS];
    uint64_t requests[NTA_RECORD_REQUESTS];
    struct nta_log_buf log;
};

/**
 * Read one record.  True: `ret_record` is filled and borrows from `cbor` and `buf`.  False: not a
 * record of ours.  Unknown map keys are passed over, so that older readers read newer records.
 */
bool nta_record_decode(struct nta_span cbor, struct nta_record_buf *buf,
                       struct nta_record *ret_record);

/** The same, but of one that is not a record of ours something is left in `record`: for many. */
bool nta_record_decode_over(struct nta_span cbor, struct nta_record_buf *buf,
                            struct nta_record *record);

/**
 * Parts of a record, as bits: what nta_record_decode_some() is asked for.  One for each key:
 * NTA_PART_USER, …
 */
enum nta_record_part
{
#define RECORD_FIELD(key, symbol, ...) NTA_PART_##symbol = 1 << (key),
#define RECORD_GROUP(key, symbol, ...) NTA_PART_##symbol = 1 << (key),
#define RECORD_LIST(key, symbol, ...)  NTA_PART_##symbol = 1 << (key),
#define RECORD_PARTS(key, symbol, ...) NTA_PART_##symbol = 1 << (key),
#define RECORD_NEST(key, symbol, ...)  NTA_PART_##symbol = 1 << (key),
#include "record/fields.inc"
// NOLINTBEGIN(bugprone-macro-parentheses): a sum
#define RECORD_FIELD(key, symbol, ...) NTA_PART_##symbol |
#define RECORD_GROUP(key, symbol, ...) NTA_PART_##symbol |
#define RECORD_LIST(key, symbol, ...)  NTA_PART_##symbol |
#define RECORD_PARTS(key, symbol, ...) NTA_PART_##symbol |
#define RECORD_NEST(key, symbol, ...)  NTA_PART_##symbol |
    // NOLINTEND(bugprone-macro-parentheses)
    NTA_PARTS_ALL =
#include "record/fields.inc"
        0
};

#define KEY_IS_A_BIT(key, symbol, ...)                                                             \
    static_assert((key) < 31, "NTA_PART_" #symbol " is a bit of an int");
#define RECORD_FIELD KEY_IS_A_BIT
#define RECORD_GROUP KEY_IS_A_BIT
#define RECORD_LIST  KEY_IS_A_BIT
#define RECORD_PARTS KEY_IS_A_BIT
#include "record/fields.inc"
#undef KEY_IS_A_BIT

/**
 * Read only what is asked for, with event, time and end, and look no further behind the last of it:
 * several times as fast.  The other members of `record`, which must hold a record already (an empty
 * one will do), stay as they were.  It holds nothing of use if the answer is false.
 */
bool nta_record_decode_some(struct nta_span cbor, uint32_t parts, struct nta_record_buf *buf,
                            struct nta_record *record);

/** As JSON has it; "" for a number that is no event.  Static. */
const char *nta_record_event_name(enum nta_record_event event);
/** As JSON has it; "" for a number that is no basis.  Static. */
const char *nta_basis_name(enum nta_basis basis);
