/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The questions of one flow that wait for their response, oldest first.
 *
 * Two rings of one size each: places for questions, and bytes for their names.  A question that is
 * answered leaves a gap that is free once all older ones are gone, so nothing is ever moved.  Those
 * whose ids have the same last bits are linked, newest first, so few are looked at.  There
 * is a small one, for most flows, and a large one, for forwarders that use one pair of ports for
 * all their questions.
 */

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_DNS_PENDING_SMALL = 8, ///< Powers of two.
    NTA_DNS_PENDING_LARGE = 512,
    NTA_DNS_PENDING_SMALL_TEXT = 1024,
    NTA_DNS_PENDING_LARGE_TEXT = 16384,
    NTA_DNS_PENDING_SMALL_LINKS = 2,
    NTA_DNS_PENDING_LARGE_LINKS = 256,
};

struct nta_dns_pending_question
{
    int64_t asked_wall_ns;
    uint16_t id, type;
    uint16_t name_at, name_len; ///< Where its name is.
    uint16_t len;               ///< Of the message that asked it.
    uint32_t next;              ///< 1 + number of the one before it in its link; 0: none.
    bool is_over;               ///< Answered; its place is not free yet.
};

/** All zeros: empty. */
struct nta_dns_pending_head
{
    uint32_t n_pushed; ///< So far, modulo 2^32: number and place of the next one.
    uint16_t n;        ///< Places in use, before that.
    uint16_t text_end; ///< Behind the newest name.
};

/** Only what stands before the questions need be zero at the start. */
struct nta_dns_pending_small
{
    struct nta_dns_pending_head head;
    uint32_t links[NTA_DNS_PENDING_SMALL_LINKS]; ///< As `next` of a question.
    struct nta_dns_pending_question questions[NTA_DNS_PENDING_SMALL];
    uint8_t texts[NTA_DNS_PENDING_SMALL_TEXT];
};

struct nta_dns_pending_large
{
    struct nta_dns_pending_head head;
    uint32_t links[NTA_DNS_PENDING_LARGE_LINKS];
    struct nta_dns_pending_question questions[NTA_DNS_PENDING_LARGE];
    uint8_t texts[NTA_DNS_PENDING_LARGE_TEXT];
};

/** One of them; borrows. */
struct nta_dns_pending
{
    struct nta_dns_pending_head *head;
    struct nta_dns_pending_question *questions;
    uint8_t *texts;
    uint32_t *links;
    uint16_t n_max, text_size, n_links;
};

/** The small ring, borrowed. */
static inline struct nta_dns_pending nta_dns_pending_small(struct nta_dns_pending_small *small)
{
    return (struct nta_dns_pending){&small->head,
                                    small->questions,
                                    small->texts,
                                    small->links,
                                    NTA_DNS_PENDING_SMALL,
                                    NTA_DNS_PENDING_SMALL_TEXT,
                                    NTA_DNS_PENDING_SMALL_LINKS};
}

/** The large ring, borrowed. */
static inline struct nta_dns_pending nta_dns_pending_large(struct nta_dns_pending_large *large)
{
    return (struct nta_dns_pending){&large->head,
                                    large->questions,
                                    large->texts,
                                    large->links,
                                    NTA_DNS_PENDING_LARGE,
                                    NTA_DNS_PENDING_LARGE_TEXT,
                                    NTA_DNS_PENDING_LARGE_LINKS};
}

/** The question at a place that one of the functions below gave. */
static inline const struct nta_dns_pending_question *
nta_dns_pending_at(const struct nta_dns_pending *pending, int place)
{
    return &pending->questions[place];
}

/** The name of the question at `place`, borrowed until it is dropped. */
static inline struct nta_span nta_dns_pending_name(const struct nta_dns_pending *pending, int place)
{
    const struct nta_dns_pending_question *question = &pending->questions[place];

    return (struct nta_span){pending->texts + question->name_at, question->name_len};
}

/** Place of the question with this id, name and type (0: any type), or -1. */
int nta_dns_pending_find(const struct nta_dns_pending *pending, uint16_t id, struct nta_span name,
                         uint16_t type);

/** Place of the oldest question with this id, or -1. */
int nta_dns_pending_find_id(const struct nta_dns_pending *pending, uint16_t id);

/** Place of the oldest question, or -1: none waits. */
int nta_dns_pending_oldest(const struct nta_dns_pending *pending);

/**
 * True if a question with a name of `name_len` bytes, at most NTA_DNS_NAME_TEXT_MAX, can be pushed.
 */
bool nta_dns_pending_fits(const struct nta_dns_pending *pending, size_t name_len);

/** Add one; it must fit.  Where its name is is set here. */
void nta_dns_pending_push(struct nta_dns_pending *pending,
                          const struct nta_dns_pending_question *question, struct nta_span name);

/** The question at `place` waits no longer. */
void nta_dns_pending_drop(struct nta_dns_pending *pending, int place);

/** Push all that wait in `from` to `to`, which is empty and larger; `from` is empty then. */
void nta_dns_pending_move(struct nta_dns_pending *from, struct nta_dns_pending *to);
