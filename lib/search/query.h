/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is looked for: parsed from words, turned into tokens (which batches can hold an answer), and held against each
 * record of those.  Everything that is set must be true of a record.
 *
 * A value: no thread of its own, memory for the words only.
 */

#include "base/addr.h"
#include "base/err.h"
#include "record/grade.h"
#include "record/record.h"
#include "vault/vault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_QUERY_TOKENS = 4
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
    char *site, *list, *category, *country, *type; ///< Lower case; owned; NULL: any.
    uint8_t app;                                   ///< 0: any.
    uint8_t grades;                                ///< Bits 1 << enum nta_grade; 0: any.
    uint16_t events;      ///< Bits 1 << enum nta_record_event; 0: any but canaries.
    bool matched;         ///< Only with a match.
    bool download;        ///< Only what counts as a download.
    uint64_t bytes_above; ///< Up and down together more than this; 0: any.
    uint8_t tokens[NTA_QUERY_TOKENS][NTA_TOKEN_LEN]; ///< A batch must have all of these,
    size_t n_tokens;
    uint8_t any_tokens[NTA_QUERY_TOKENS][NTA_TOKEN_LEN]; ///< and one of these, if there are any.
    size_t n_any_tokens;
};

/** Free what it owns. */
void nta_query_done(struct nta_query *query);

/** Each takes the text of an option.  0, or -EINVAL with a sentence that says what would be right. */
int nta_query_user(struct nta_query *query, const char *text, struct nta_err *err);
/** A name, with its subdomains, or an address; "*." before it and a dot behind do not matter. */
int nta_query_site(struct nta_query *query, const char *text, struct nta_err *err);
/** The name of a list. */
int nta_query_list(struct nta_query *query, const char *text, struct nta_err *err);
/** A category, as the lists have it. */
int nta_query_category(struct nta_query *query, const char *text, struct nta_err *err);
/** Two letters (ISO 3166-1). */
int nta_query_country(struct nta_query *query, const char *text, struct nta_err *err);
/** An application's name; the sentence lists them. */
int nta_query_app(struct nta_query *query, const char *text, struct nta_err *err);
/** A MIME type, its first part, or its second: "video/mp4", "video", "mp4". */
int nta_query_type(struct nta_query *query, const char *text, struct nta_err *err);
/** "strong", or several with commas; "likely+" for that and better. */
int nta_query_grade(struct nta_query *query, const char *text, struct nta_err *err);
/** "flow", or several with commas. */
int nta_query_event(struct nta_query *query, const char *text, struct nta_err *err);
/** "500", "10k", "10M", "2GiB": powers of 1024. */
int nta_query_bytes(struct nta_query *query, const char *text, struct nta_err *err);

/** Make the tokens; without a token key none are made and every batch is opened. */
void nta_query_make_tokens(struct nta_query *query, const struct nta_opener *opener);

/** Does the record fit?  Decides alone: tokens only say which batches are worth opening. */
bool nta_query_has(const struct nta_query *query, const struct nta_record *record);

/**
 * Whether sums over what is found count outer connections of tunnels: what they carried is recorded by itself, so only
 * if the tunnel is asked for by its name, or only what a list forbids is looked at.
 */
bool nta_query_sums_outer_flows(const struct nta_query *query);

/** The parts of a record (NTA_PART_...) that nta_query_has() looks at. */
uint32_t nta_query_parts(const struct nta_query *query);
