/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The questions of one flow that wait for their response, oldest first, in a few bytes of plain
 * memory.
 */

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_DNS_PENDING_MAX = 8,
    NTA_DNS_PENDING_TEXT_SIZE = 1024,
};

struct nta_dns_pending_question
{
    int64_t asked_wall_ns;
    uint16_t id, type, name_len;
};

/** All zeros: empty. */
struct nta_dns_pending
{
    uint16_t n, texts_len;
    struct nta_dns_pending_question questions[NTA_DNS_PENDING_MAX];
    uint8_t texts[NTA_DNS_PENDING_TEXT_SIZE]; ///< The names, in the order of the questions.
};

/** Name of question `i`, borrowed until the next push or drop. */
struct nta_span nta_dns_pending_name(const struct nta_dns_pending *pending, size_t i);

/** Index of the question with this id, name and type (0: any type), or -1. */
int nta_dns_pending_find(const struct nta_dns_pending *pending, uint16_t id, struct nta_span name,
                         uint16_t type);

/** Index of the oldest question with this id, or -1. */
int nta_dns_pending_find_id(const struct nta_dns_pending *pending, uint16_t id);

/**
 * True if a question with a name of `name_len` bytes, at most NTA_DNS_NAME_TEXT_MAX, can be pushed.
 */
bool nta_dns_pending_fits(const struct nta_dns_pending *pending, size_t name_len);

/** Add one; it must fit.  `question`'s name_len is set here. */
void nta_dns_pending_push(struct nta_dns_pending *pending,
                          const struct nta_dns_pending_question *question, struct nta_span name);

/** Take question `i` out; those behind it move up. */
void nta_dns_pending_drop(struct nta_dns_pending *pending, size_t i);
