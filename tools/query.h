/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What `nta records` is asked for: parsed from words, turned into tokens (which batches can hold an answer), and held
 * against each record of those.
 */

#include "base/addr.h"
#include "base/err.h"
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
    int64_t since_ns, until_ns; ///< 0: open.
    const char *user;           ///< As given; NULL: anyone.
    bool user_is_addr;
    struct nta_prefix user_prefix;
    bool user_is_mac;
    uint8_t user_mac[6];
    char *site, *list, *country; ///< Lower case; owned; NULL: any.
    bool alerts_only;
    uint8_t tokens[NTA_QUERY_TOKENS][NTA_TOKEN_LEN];
    size_t n_tokens;
};

void nta_query_done(struct nta_query *query);

/** Each takes the text of an option.  0, or -EINVAL with a sentence that says what would be right. */
int nta_query_user(struct nta_query *query, const char *text, struct nta_err *err);
int nta_query_site(struct nta_query *query, const char *text, struct nta_err *err);
int nta_query_list(struct nta_query *query, const char *text, struct nta_err *err);
int nta_query_country(struct nta_query *query, const char *text, struct nta_err *err);

/**
 * A time: RFC 3339 ("2026-01-31T12:00:00Z", zone or local), a date, "yesterday", "today", "now", or an age ("-2h",
 * "90m", "3d").  0, or -EINVAL with a sentence.
 */
int nta_query_time(const char *text, int64_t now_ns, int64_t *ret_ns, struct nta_err *err);

/** Make the tokens; without a token key none are made and every batch is opened. */
void nta_query_make_tokens(struct nta_query *query, const struct nta_opener *opener);

bool nta_query_has(const struct nta_query *query, const struct nta_record *record);
