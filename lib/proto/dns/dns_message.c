/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/dns/dns_message.h"

enum
{
    CLASS_IN = 1,
    /** The top bit of a class has its own meaning in multicast DNS (RFC 6762 section 10.2). */
    CLASS_MASK = 0x7fff,
    HINT_V4 = 4, ///< SvcParamKeys, RFC 9460 section 14.3.2.
    HINT_V6 = 6,
    POINTER = 0xc0,
};

/* One record's fixed part. */
struct nta_dns_record
{
    struct nta_span name;
    uint16_t type, class;
    uint32_t ttl_s;
    size_t data_len;
};

enum nta_parse nta_dns_message_begin(struct nta_dns_message *message, enum nta_app app,
                                     struct nta_span bytes, struct nta_dns_text text)
{
    struct nta_reader *r = &message->r;
    struct nta_dns_header *header = &message->header;

    message->app = app;
    message->text = text;
    message->n_known = 0;
    message->len = (uint16_t)nta_smaller(bytes.len, UINT16_MAX);
    *r = nta_reader_of(bytes.ptr, bytes.len);
    header->id = nta_read_be16(r);
    header->flags = nta_read_be16(r);
    header->n_questions = nta_read_be16(r);
    header->n_answers = nta_read_be16(r);
    header->n_authorities = nta_read_be16(r);
    header->n_additionals = nta_read_be16(r);
    return nta_reader_ok(r) ? NTA_PARSE_OK : NTA_PARSE_MORE;
}

/*
 * The name that the pointer at `r` leads to, if it was read before; moves behind the pointer then.
 */
static bool known_name(const struct nta_dns_message *message, struct nta_reader *r,
                       struct nta_span *ret_name)
{
    struct nta_reader at = *r;
    uint16_t first = nta_read_be16(&at);

    if (!nta_reader_ok(&at) || first >> 8 < POINTER)
        return false;
    for (size_t i = 0; i < message->n_known; i++) {
        if (message->known[i].offset == (first & 0x3fffU)) {
            *ret_name = message->known[i].name;
            *r = at;
            return true;
        }
    }
    return false;
}

static enum nta_parse read_name(struct nta_dns_message *message, struct nta_reader *r,
                                struct nta_span *ret_name)
{
    size_t offset = nta_reader_offset(r);
    enum nta_parse verdict;

    if (known_name(message, r, ret_name))
        return NTA_PARSE_OK;
    verdict = nta_dns_name_read(r, &message->text, ret_name);
    if (verdict != NTA_PARSE_OK)
        return verdict;
    if (message->app == NTA_APP_NETBIOS)
        nta_dns_netbios_decode(&message->text, ret_name);
    if (message->n_known < NTA_DNS_NAMES_KNOWN_MAX) {
        message->known[message->n_known].offset = offset;
        message->known[message->n_known++].name = *ret_name;
    }
    return NTA_PARSE_OK;
}

enum nta_parse nta_dns_message_question(struct nta_dns_message *message,
                                        struct nta_dns_question *ret_question)
{
    struct nta_dns_question question = {0};
    enum nta_parse verdict = read_name(message, &message->r, &question.name);

    if (verdict != NTA_PARSE_OK)
        return verdict;
    question.type = nta_read_be16(&message->r);
    question.class = nta_read_be16(&message->r);
    if (!nta_reader_ok(&message->r))
        return NTA_PARSE_MORE;
    *ret_question = question;
    return NTA_PARSE_OK;
}

/*
 * An answer of this record, with no address and no target yet; NULL, noted, if there is no place
 * left.
 */
static struct nta_dns_answer *add_answer(struct nta_dns_answers *answers,
                                         const struct nta_dns_record *record, uint16_t type)
{
    struct nta_dns_answer *answer;

    if (answers->n == NTA_DNS_ANSWERS_MAX) {
        answers->cut = true;
        return NULL;
    }
    answer = &answers->list[answers->n++];
    *answer = (struct nta_dns_answer){.name = record->name, .type = type, .ttl_s = record->ttl_s};
    return answer;
}

static void add_addr(struct nta_dns_answers *answers, const struct nta_dns_record *record,
                     uint16_t type, struct nta_addr addr)
{
    struct nta_dns_answer *answer = add_answer(answers, record, type);

    if (answer)
        answer->addr = addr;
}

static enum nta_parse add_target(struct nta_dns_message *message, struct nta_dns_answers *answers,
                                 const struct nta_dns_record *record, struct nta_reader *data)
{
    struct nta_span target;
    struct nta_dns_answer *answer;

    if (read_name(message, data, &target) != NTA_PARSE_OK)
        return NTA_PARSE_BAD;
    answer = add_answer(answers, record, record->type);
    if (answer)
        answer->target = target;
    return NTA_PARSE_OK;
}

/* RFC 1002 section 4.2.13: flags and address, repeated. */
static enum nta_parse add_netbios(struct nta_dns_answers *answers,
                                  const struct nta_dns_record *record, struct nta_reader *data)
{
    while (nta_reader_left(data) > 0) {
        nta_reader_skip(data, 2);
        const uint8_t *four = nta_reader_take(data, 4);

        if (!four)
            return NTA_PARSE_BAD;
        add_addr(answers, record, NTA_DNS_TYPE_A, nta_addr_v4(four));
    }
    return NTA_PARSE_OK;
}

/* Each address of one hint becomes a copy of `like` with the address. */
static enum nta_parse add_hints(struct nta_dns_answers *answers, const struct nta_dns_answer *like,
                                struct nta_reader *value, size_t addr_len)
{
    while (nta_reader_left(value) > 0) {
        const uint8_t *addr = nta_reader_take(value, addr_len);

        if (!addr)
            return NTA_PARSE_BAD;
        if (answers->n == NTA_DNS_ANSWERS_MAX) {
            answers->cut = true;
            return NTA_PARSE_OK;
        }
        answers->list[answers->n] = *like;
        answers->list[answers->n++].addr = addr_len == 4 ? nta_addr_v4(addr) : nta_addr_v6(addr);
    }
    return NTA_PARSE_OK;
}

/* RFC 9460 section 2.2. */
static enum nta_parse add_service(struct nta_dns_message *message, struct nta_dns_answers *answers,
                                  const struct nta_dns_record *record, struct nta_reader *data)
{
    struct nta_dns_answer like;
    size_t n_before = answers->n;

    nta_reader_skip(data, 2); /* SvcPriority */
    if (add_target(message, answers, record, data) != NTA_PARSE_OK)
        return NTA_PARSE_BAD;
    if (answers->n == n_before)
        return NTA_PARSE_OK;
    like = answers->list[n_before];
    answers->n = n_before;
    while (nta_reader_left(data) > 0) {
        uint16_t key = nta_read_be16(data);
        struct nta_reader value = nta_read_vec16(data);

        if (!nta_reader_ok(&value))
            return NTA_PARSE_BAD;
        if ((key == HINT_V4 && add_hints(answers, &like, &value, 4) != NTA_PARSE_OK) ||
            (key == HINT_V6 && add_hints(answers, &like, &value, 16) != NTA_PARSE_OK))
            return NTA_PARSE_BAD;
    }
    if (answers->n == n_before)
        answers->list[answers->n++] = like;
    return NTA_PARSE_OK;
}

/* Data of one record, whose reader ends where the data does. */
static enum nta_parse read_data(struct nta_dns_message *message, struct nta_dns_answers *answers,
                                const struct nta_dns_record *record, struct nta_reader *data)
{
    const uint8_t *addr;

    if (message->app == NTA_APP_NETBIOS)
        return record->type == NTA_DNS_TYPE_NB ? add_netbios(answers, record, data) : NTA_PARSE_OK;
    switch (record->type) {
    case NTA_DNS_TYPE_A:
        if (!(addr = nta_reader_take(data, 4)))
            return NTA_PARSE_BAD;
        add_addr(answers, record, record->type, nta_addr_v4(addr));
        return NTA_PARSE_OK;
    case NTA_DNS_TYPE_AAAA:
        if (!(addr = nta_reader_take(data, 16)))
            return NTA_PARSE_BAD;
        add_addr(answers, record, record->type, nta_addr_v6(addr));
        return NTA_PARSE_OK;
    case NTA_DNS_TYPE_CNAME:
    case NTA_DNS_TYPE_DNAME:
    case NTA_DNS_TYPE_PTR: return add_target(message, answers, record, data);
    case NTA_DNS_TYPE_MX:
        nta_reader_skip(data, 2); /* preference */
        return add_target(message, answers, record, data);
    case NTA_DNS_TYPE_SRV:
        nta_reader_skip(data, 6); /* priority, weight, port */
        return add_target(message, answers, record, data);
    case NTA_DNS_TYPE_SVCB:
    case NTA_DNS_TYPE_HTTPS: return add_service(message, answers, record, data);
    default: return NTA_PARSE_OK;
    }
}

static enum nta_parse read_record(struct nta_dns_message *message, struct nta_dns_record *record)
{
    struct nta_reader *r = &message->r;
    enum nta_parse verdict = read_name(message, r, &record->name);

    if (verdict != NTA_PARSE_OK)
        return verdict;
    record->type = nta_read_be16(r);
    record->class = nta_read_be16(r) & CLASS_MASK;
    record->ttl_s = nta_read_be32(r);
    record->data_len = nta_read_be16(r);
    if (record->ttl_s > INT32_MAX)
        record->ttl_s = 0; /* RFC 2181 section 8 */
    return nta_reader_ok(r) && nta_reader_left(r) >= record->data_len ? NTA_PARSE_OK
                                                                      : NTA_PARSE_MORE;
}

enum nta_parse nta_dns_message_owner(struct nta_dns_message *message,
                                     struct nta_dns_question *ret_owner)
{
    struct nta_dns_record record = {0};
    enum nta_parse verdict = read_record(message, &record);

    if (verdict != NTA_PARSE_OK)
        return verdict;
    nta_reader_skip(&message->r, record.data_len);
    *ret_owner = (struct nta_dns_question){record.name, record.type, record.class};
    return NTA_PARSE_OK;
}

/* Note the owner of a record of a message without questions. */
static void add_owner(const struct nta_dns_message *message, struct nta_dns_answers *answers,
                      const struct nta_dns_record *record)
{
    const bool all = message->app == NTA_APP_MDNS && record->type != NTA_DNS_TYPE_OPT;

    if (!all && answers->n_owners > 0)
        return;
    for (size_t i = 0; i < answers->n_owners; i++) {
        if (nta_dns_name_equal(answers->owners[i].name, record->name))
            return;
    }
    if (answers->n_owners == NTA_DNS_OWNERS_MAX) {
        answers->cut = true;
        return;
    }
    answers->owners[answers->n_owners++] =
        (struct nta_dns_question){record->name, record->type, record->class};
}

/* The record at `message->r`, listed or not. */
static inline enum nta_parse take_record(struct nta_dns_message *message,
                                         struct nta_dns_answers *answers, bool is_listed)
{
    struct nta_dns_record record = {0};
    enum nta_parse verdict = read_record(message, &record);

    if (verdict != NTA_PARSE_OK)
        return verdict;
    struct nta_reader data = message->r;

    nta_reader_limit(&data, record.data_len);
    nta_reader_skip(&message->r, record.data_len);
    if (message->header.n_questions == 0 && (is_listed || answers->n_owners == 0))
        add_owner(message, answers, &record);
    if (record.class != CLASS_IN || !is_listed)
        return NTA_PARSE_OK;
    if (!nta_dns_text_fits(&message->text)) {
        answers->cut = true;
        return NTA_PARSE_OK;
    }
    return read_data(message, answers, &record, &data) == NTA_PARSE_OK ? NTA_PARSE_OK
                                                                       : NTA_PARSE_BAD;
}

enum nta_parse nta_dns_message_answers(struct nta_dns_message *message,
                                       struct nta_dns_answers *answers)
{
    const struct nta_dns_header *header = &message->header;
    size_t n_additional_from = (size_t)header->n_answers + header->n_authorities;
    size_t n = header->n_answers;
    enum nta_parse verdict = NTA_PARSE_OK;

    answers->n = answers->n_owners = 0;
    answers->cut = false;
    if (message->app == NTA_APP_MDNS)
        n = n_additional_from + header->n_additionals;
    for (size_t i = 0; i < n && verdict == NTA_PARSE_OK; i++) {
        if (!nta_dns_text_fits(&message->text)) {
            answers->cut = true;
            return NTA_PARSE_OK;
        }
        verdict = take_record(message, answers, i < header->n_answers || i >= n_additional_from);
    }
    return verdict;
}
