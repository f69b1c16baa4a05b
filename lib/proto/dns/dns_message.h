/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The parts of one DNS message, read in order: header, questions, records (RFC 1035 section 4).
 *
 * All texts of a message lie in buffer the caller lends; an owner that points at a name read before
 * shares its text.
 */

#include "base/bytes.h"
#include "base/parse.h"
#include "proto/dns/dns_name.h"
#include "proto/event.h"

enum
{
    NTA_DNS_HEADER_LEN = 12,
    NTA_DNS_FLAG_RESPONSE = 0x8000,
    NTA_DNS_FLAG_TRUNCATED = 0x0200,
    NTA_DNS_FLAG_ZERO = 0x0040, ///< The Z bit (RFC 1035 section 4.1.1, less AD and CD of RFC 4035).
    NTA_DNS_NAMES_KNOWN_MAX = 8,
    NTA_DNS_OWNERS_MAX = 16,
    NTA_DNS_OPCODE_UPDATE = 5,
};

/* Types of records that are looked into, and the one of EDNS. */
enum
{
    NTA_DNS_TYPE_A = 1,
    NTA_DNS_TYPE_CNAME = 5,
    NTA_DNS_TYPE_SOA = 6,
    NTA_DNS_TYPE_PTR = 12,
    NTA_DNS_TYPE_MX = 15,
    NTA_DNS_TYPE_AAAA = 28,
    NTA_DNS_TYPE_NB = 32, ///< NetBIOS only.
    NTA_DNS_TYPE_SRV = 33,
    NTA_DNS_TYPE_DNAME = 39,
    NTA_DNS_TYPE_OPT = 41,
    NTA_DNS_TYPE_SVCB = 64,
    NTA_DNS_TYPE_HTTPS = 65,
    NTA_DNS_TYPE_IXFR = 251, ///< What changed in a zone (RFC 1995), and all of it (RFC 5936).
    NTA_DNS_TYPE_AXFR = 252,
};

struct nta_dns_header
{
    uint16_t id, flags, n_questions, n_answers, n_authorities, n_additionals;
};

/** The kind of question, 4 bits (RFC 1035 section 4.1.1). */
static inline unsigned nta_dns_opcode(const struct nta_dns_header *header)
{
    return header->flags >> 11 & 15U;
}

/** An inverse query (RFC 1035 section 6.4; obsolete by RFC 3425, and still asked). */
static inline bool nta_dns_is_inverse(const struct nta_dns_header *header)
{
    return nta_dns_opcode(header) == 1 && header->n_questions == 0 && header->n_answers == 1;
}

struct nta_dns_question
{
    struct nta_span name;
    uint16_t type, class;
};

/** A message being read. */
struct nta_dns_message
{
    struct nta_reader r;
    uint16_t len; ///< Of all of it, as far as it is here.
    enum nta_app app;
    struct nta_dns_header header;
    struct nta_dns_text text;
    size_t n_known;

    struct
    {
        size_t offset; ///< In the message.
        struct nta_span name;
    } known[NTA_DNS_NAMES_KNOWN_MAX];
};

/** What the records of a message say. */
struct nta_dns_answers
{
    size_t n;
    bool cut; ///< There were more than are listed.
    size_t n_owners;
    struct nta_dns_question owners[NTA_DNS_OWNERS_MAX]; ///< Of a message without questions.
    struct nta_dns_answer list[NTA_DNS_ANSWERS_MAX];
};

/**
 * Begin with `bytes`, the message from its first byte; texts go to `text`.  OK, or MORE: not even a
 * header.
 */
enum nta_parse nta_dns_message_begin(struct nta_dns_message *message, enum nta_app app,
                                     struct nta_span bytes, struct nta_dns_text text);

/** Read the next question.  OK, MORE (cut inside it) or BAD. */
enum nta_parse nta_dns_message_question(struct nta_dns_message *message,
                                        struct nta_dns_question *ret_question);

/**
 * Pass over the next record.  OK: `ret_owner` is its owner, type and class.  MORE (cut inside it)
 * or BAD.
 */
enum nta_parse nta_dns_message_owner(struct nta_dns_message *message,
                                     struct nta_dns_question *ret_owner);

/**
 * Read the records that are listed (see proto/dns/dns.h), after all questions.  `answers` need not
 * be set before.  OK; MORE or BAD: it holds what came before the cut or the mistake.
 *
 * A message without questions says by its records what it is about: `owners` has the different ones
 * of multicast DNS, each with the type of its first record; else that of the first record alone.
 */
enum nta_parse nta_dns_message_answers(struct nta_dns_message *message,
                                       struct nta_dns_answers *answers);
