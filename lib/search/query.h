/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is looked for (the rows of query_rows.h): parsed from words, turned into tokens (which
 * batches can hold an answer), and held against each record of those.  Everything that is set must
 * be true of a record.
 *
 * A value: no thread of its own, memory for the words only.
 */

#include "base/addr.h"
#include "base/err.h"
#include "chain/chain.h"
#include "record/counted.h"
#include "record/grade.h"
#include "record/record.h"
#include "search/query_rows.h"
#include "vault/vault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
// NOLINTNEXTLINE(bugprone-macro-parentheses): a sum
#define NTA_QUERY_COUNT(...) +1
    NTA_QUERY_TOKENS = 0 NTA_FILTERS(NTA_QUERY_COUNT, NTA_QUERY_COUNT), ///< One a filter, at most.
#undef NTA_QUERY_COUNT
    NTA_QUERY_SENSORS = 64
};

struct nta_query
{
    int64_t since_ns, until_ns; ///< From, inclusive, to before; 0: open.
    bool begun;                 ///< Only what began in that time, not what was still going on then.
    char *user;                 ///< As given; NULL: anyone.
    bool user_is_addr;
    struct nta_prefix user_prefix;
    bool user_is_mac;
    uint8_t user_mac[6];
    char user_device[18];                             ///< The same as records have a device.
    char *site, *country, *type;                      ///< Lower case; owned; NULL: any.
#define NTA_QUERY_WORD(symbol, word, ...) char *word; /* likewise: the WORD rows' */
#define NTA_QUERY_OWN(...)
    NTA_FILTERS(NTA_QUERY_WORD, NTA_QUERY_OWN)
#undef NTA_QUERY_WORD
#undef NTA_QUERY_OWN
    char *sensors; ///< Names and ids, with commas between; owned; NULL: any.
    uint8_t sensor_ids[NTA_QUERY_SENSORS][NTA_SENSOR_ID_LEN]; ///< By nta_query_find_sensors().
    size_t n_sensors;
    uint8_t app;          ///< 0: any.
    uint8_t grades;       ///< Bits 1 << enum nta_grade; 0: any.
    uint16_t kinds;       ///< Bits 1 << enum nta_file_kind; 0: any.  So are the next ones.
    uint16_t acts, seens; ///< Of enum nta_act, nta_seen.
    uint16_t severities;  ///< Of enum nta_severity.
    uint32_t events;      ///< Bits 1 << enum nta_record_event; 0: what users do.
    int between[2];       ///< Minutes of each day (nta_period_daily()); both the same: any.
    bool matched;         ///< Only with a match.
    bool download;        ///< Only what counts as a download.
    uint64_t bytes_above; ///< Up and down together more than this; 0: any.
};

/** What a query asks for, as batches under one data key have it. */
struct nta_query_tokens
{
    uint8_t all[NTA_QUERY_TOKENS][NTA_TOKEN_LEN]; ///< A batch must have all of these,
    size_t n_all;
    uint8_t any[NTA_QUERY_TOKENS][NTA_TOKEN_LEN]; ///< and one of these, if there are any.
    size_t n_any;
};

/** Free what it owns. */
void nta_query_done(struct nta_query *query);

/**
 * One for each row of NTA_FILTERS, nta_query_user() and so on: takes the text of the row's option
 * (NULL if it has no argument).  0, or -EINVAL with a sentence that says what would be right.
 *
 * type: a MIME type by any of its names, its first part, its second, or how names of such files
 * end: "video/mp4", "video", "mp4", "exe"; or a kind.  grade: "strong",
 * or several with commas; "likely+" for that and better.  event: "flow", or several with commas.
 * bytes: "500", "10k", "10M", "2GiB", powers of 1024.
 */
#define NTA_QUERY_TAKE(symbol, word, ...)                                                          \
    int nta_query_##word(struct nta_query *query, const char *text, struct nta_err *err);
NTA_FILTERS(NTA_QUERY_TAKE, NTA_QUERY_TAKE)
#undef NTA_QUERY_TAKE

/**
 * Whom `sensors` names among those that are trusted: by name, or by four digits or more of an id
 * that no other begins with.  0, or -EDOM with a sentence that names those that there are.
 */
int nta_query_find_sensors(struct nta_query *query, const struct nta_trust *trust,
                           struct nta_err *err);

/** Is this sensor asked?  By the header of a batch: records do not say whose they are. */
bool nta_query_has_sensor(const struct nta_query *query, const uint8_t sensor[NTA_SENSOR_ID_LEN]);

/** True if something is asked for that batches have tokens of. */
bool nta_query_has_tokens(const struct nta_query *query);

/**
 * The tokens of what is asked for in batches like that of this header.  What has none there, or
 * none that can be made (its data key is not here, or token.key of format 1), is left out: such a
 * batch may have it.
 */
void nta_query_make_tokens(const struct nta_query *query, const struct nta_opener *opener,
                           const struct nta_header *header, struct nta_query_tokens *ret_tokens);

/** True if a batch with these sorted tokens can have what is asked for. */
bool nta_query_tokens_fit(const struct nta_query_tokens *wanted, struct nta_span tokens);

/** Does the record fit?  Decides alone: tokens only say which batches are worth opening. */
bool nta_query_has(const struct nta_query *query, const struct nta_record *record);

/**
 * Of which classes records that fit can be (1 << enum nta_class): batches of others are not opened.
 */
unsigned nta_query_classes(const struct nta_query *query);

/**
 * Whether sums over what is found count outer connections of tunnels: what they carried is recorded
 * by itself, so only if the tunnel is asked for by its name, or only what a list forbids is looked
 * at.
 */
bool nta_query_sums_outer_flows(const struct nta_query *query);

/**
 * What sums over what is found are asked for, whatever they are grouped by: NTA_COUNTING_ALL where
 * connections or requests are not looked for, NTA_COUNTING_FILES where it is files or what lists
 * forbid.
 */
enum nta_counting nta_query_counting(const struct nta_query *query);

/** The parts of a record (NTA_PART_...) that nta_query_has() looks at. */
uint32_t nta_query_parts(const struct nta_query *query);
