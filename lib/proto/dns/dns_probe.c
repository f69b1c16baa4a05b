/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/dns/dns_probe.h"

#include "base/scratch.h"
#include "proto/dns/dns_message.h"

enum
{
    PORT_DNS = 53,
    PORT_NETBIOS = 137,
    PORT_MDNS = 5353,
    PORT_LLMNR = 5355,
    QUESTION_LEN_MIN = 5,
    RECORD_LEN_MIN = 11,
};

static enum nta_app app_of_port(uint16_t port)
{
    switch (port) {
    case PORT_MDNS: return NTA_APP_MDNS;
    case PORT_LLMNR: return NTA_APP_LLMNR;
    case PORT_NETBIOS: return NTA_APP_NETBIOS;
    case PORT_DNS: return NTA_APP_DNS;
    default: return NTA_APP_NONE;
    }
}

bool nta_dns_port(uint16_t port)
{
    return app_of_port(port) != NTA_APP_NONE;
}

/* NONE: neither port is one of ours. */
static enum nta_app app_of(const struct nta_proto_io *io)
{
    enum nta_app app = app_of_port(io->server_port);

    return app != NTA_APP_NONE ? app : app_of_port(io->client_port);
}

enum nta_app nta_dns_app(const struct nta_proto_io *io)
{
    enum nta_app app = app_of(io);

    return app != NTA_APP_NONE ? app : NTA_APP_DNS;
}

static bool plain_name(struct nta_span name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] <= ' ' || name.ptr[i] > '~')
            return false;
    }
    return true;
}

/* Is a header that came on a port of ours possible? */
static bool header_possible(const struct nta_dns_header *header, enum nta_app app)
{
    bool response = header->flags & NTA_DNS_FLAG_RESPONSE;

    return (app == NTA_APP_NETBIOS || nta_dns_opcode(header) <= 6) && header->n_questions <= 256 &&
           header->n_answers <= 8192 && header->n_authorities <= 8192 &&
           header->n_additionals <= 8192 &&
           (response || header->n_questions > 0 || nta_dns_is_inverse(header));
}

/* Is it what clients and servers really send? */
static bool header_usual(const struct nta_dns_header *header, bool is_stream, size_t left)
{
    bool response = header->flags & NTA_DNS_FLAG_RESPONSE;
    unsigned opcode = nta_dns_opcode(header), rcode = header->flags & 15U;
    size_t n_records = (size_t)header->n_answers + header->n_authorities + header->n_additionals;

    if ((opcode != 0 && opcode != 4 && opcode != 5) || header->flags & NTA_DNS_FLAG_ZERO ||
        header->n_questions != 1 || rcode > 10)
        return false;
    if (!response && (rcode != 0 || header->n_additionals > 2))
        return false;
    if (!response && opcode == 0 && header->n_answers + header->n_authorities > 0)
        return false;
    return is_stream || left >= QUESTION_LEN_MIN + n_records * RECORD_LEN_MIN;
}

static bool question_usual(const struct nta_dns_question *question)
{
    return plain_name(question->name) && question->type > 0 &&
           (question->type <= 262 || (question->type >> 1) == 0x4000) &&
           (question->class == 1 || question->class == 3 || question->class >> 1 == 127);
}

/* Could `bytes`, as far as they are there, be the beginning of a message? */
static enum nta_parse probe_message(const struct nta_proto_io *io, struct nta_span bytes)
{
    NTA_SCRATCH uint8_t buf[NTA_DNS_NAME_TEXT_MAX];
    enum nta_app app = app_of(io);
    bool known_port = app != NTA_APP_NONE;
    struct nta_dns_message message;
    struct nta_dns_question question;
    enum nta_parse verdict;

    if (nta_dns_message_begin(&message, app, bytes,
                              (struct nta_dns_text){.buf = buf, .size = sizeof(buf)}) !=
        NTA_PARSE_OK)
        return io->is_stream ? NTA_PARSE_MORE : NTA_PARSE_OTHER;
    if (known_port ? !header_possible(&message.header, app)
                   : !header_usual(&message.header, io->is_stream, nta_reader_left(&message.r)))
        return NTA_PARSE_OTHER;
    if (message.header.n_questions == 0)
        return NTA_PARSE_OK;
    verdict = nta_dns_message_question(&message, &question);
    if (verdict == NTA_PARSE_MORE)
        return io->is_stream ? NTA_PARSE_MORE : known_port ? NTA_PARSE_OK : NTA_PARSE_OTHER;
    if (verdict != NTA_PARSE_OK || (!known_port && !question_usual(&question)))
        return NTA_PARSE_OTHER;
    return NTA_PARSE_OK;
}

/* The same over TCP, with the length in front. */
static enum nta_parse probe_framed(const struct nta_proto_io *io, struct nta_span bytes)
{
    struct nta_reader r = nta_reader_of(bytes.ptr, bytes.len);
    size_t len = nta_read_be16(&r);
    enum nta_parse verdict;

    if (!nta_reader_ok(&r))
        return NTA_PARSE_MORE;
    if (len < NTA_DNS_HEADER_LEN)
        return NTA_PARSE_OTHER;
    bytes = nta_read_span(&r, nta_reader_left(&r) < len ? nta_reader_left(&r) : len);
    verdict = probe_message(io, bytes);
    return verdict == NTA_PARSE_MORE && bytes.len == len ? NTA_PARSE_OTHER : verdict;
}

enum nta_parse nta_dns_probe(const struct nta_proto_io *io, struct nta_span first)
{
    return io->is_stream ? probe_framed(io, first) : probe_message(io, first);
}
