/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the sensor says of itself in records of the events policy, start, stop, gap, loss, audit and
 * note: the map `log` of a record.  Values whose texts and lists are borrowed.
 */

#include "base/addr.h"
#include "base/bytes.h"
#include "record/types.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** How many items the lists of a record hold at most. */
enum
{
    NTA_LOG_INTERFACES = 64,
    NTA_LOG_LISTS = 128,
    NTA_LOG_DATABASES = 64,
    NTA_LOG_HOMES = 64,
    NTA_LOG_INPUTS = 256, ///< More files are told by several records.
    NTA_LOG_BLIND = 66,
    NTA_LOG_WORST = 128, ///< No fewer than there are counters.
};

/** State of the system's clock. */
struct nta_record_clock
{
    bool known, synchronised;
    uint32_t error_ms; ///< Estimated.
};

struct nta_log_interface
{
#define INTERFACE_FIELD(key, type, member, ...) NTA_MEMBER_##type(member)
#include "record/fields.inc"
};

/** A list in force. */
struct nta_log_list
{
#define LISTED_FIELD(key, type, member, ...) NTA_MEMBER_##type(member)
#include "record/fields.inc"
};

/** A geo database. */
struct nta_log_database
{
#define DATABASE_FIELD(key, type, member, ...) NTA_MEMBER_##type(member)
#include "record/fields.inc"
};

/** A file that is read. */
struct nta_log_input
{
#define INPUT_FIELD(key, type, member, ...) NTA_MEMBER_##type(member)
#include "record/fields.inc"
};

/** Seconds in which an interface did not show all. */
struct nta_log_blind
{
    struct nta_span interface; ///< "*": whatever the interface.
    uint64_t seconds;
};

/** The second in which most was lost for one reason. */
struct nta_log_worst
{
    struct nta_span reason; ///< A counter's name.
    uint64_t n;             ///< Lost in it.
    int64_t end_ns;         ///< When it was over.
};

/** Members are declared by the rows of fields.inc, which say what they are. */
struct nta_record_log
{
#define LOG_FIELD(key, type, member, ...) NTA_MEMBER_##type(member)
#define LOG_LIST(key, type, ...)          NTA_MEMBERS_##type
#include "record/fields.inc"
};

/** Memory that decoding needs for its lists. */
struct nta_log_buf
{
    struct nta_record_log log;
    struct nta_log_interface interfaces[NTA_LOG_INTERFACES];
    struct nta_log_list lists[NTA_LOG_LISTS];
    struct nta_log_database geo[NTA_LOG_DATABASES];
    struct nta_prefix home[NTA_LOG_HOMES];
    struct nta_log_input inputs[NTA_LOG_INPUTS];
    struct nta_log_blind blind[NTA_LOG_BLIND];
    struct nta_log_worst worst[NTA_LOG_WORST];
};
