/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Kinds of event, one row each: symbol, a word for it, the member of struct nta_event that holds
 * it.
 */
#define NTA_EVENTS(ROW)                                                                            \
    ROW(TLS_CLIENT_HELLO, "client", client_hello)                                                  \
    ROW(TLS_SERVER_HELLO, "server", server_hello)                                                  \
    ROW(TLS_CERTIFICATE, "certificate", certificate)                                               \
    /* the head of a request is complete: for matching at once */                                  \
    ROW(HTTP_REQUEST, "request", http)                                                             \
    /* the head of a final response is complete, and its request known: content follows, if any */ \
    ROW(HTTP_RESPONSE, "response", http)                                                           \
    /* a request with its response is over (or the flow ended): for the record */                  \
    ROW(HTTP_EXCHANGE, "exchange", http)                                                           \
    /* a question was asked: for matching at once */                                               \
    ROW(DNS_QUESTION, "question", dns)                                                             \
    /* a question with its answer, or without one if none came: for the record */                  \
    ROW(DNS_LOOKUP, "lookup", dns)                                                                 \
    /* a file, or a proxy's target, was asked for: for matching at once */                         \
    ROW(TRANSFER_BEGIN, "begin", transfer)                                                         \
    /* what the server said of the one begun last on this connection: status, path */              \
    ROW(TRANSFER_REPLY, "reply", transfer)                                                         \
    /* on the connection that was expected: the content's first bytes */                           \
    ROW(TRANSFER_DATA, "data", transfer)                                                           \
    /* it is over, all of it is in the event: for the record */                                    \
    ROW(TRANSFER_END, "end", transfer)                                                             \
    /* a piece of a file that goes by, if asked for (io->wants_content) */                         \
    ROW(CONTENT, "content", content)                                                               \
    /* what one end runs: for the record */                                                        \
    ROW(SOFTWARE, "software", software)                                                            \
    /* a server says in clear to which domain it belongs, and nothing proves it: for matching */   \
    ROW(REALM, "realm", realm)                                                                     \
    /* a proxy says for whom it opened the connection */                                           \
    ROW(FORWARDED, "forwarded", forwarded)                                                         \
    /* who has an address, or asks for one: for the record */                                      \
    ROW(BINDING, "binding", binding)

enum nta_event_kind
{
#define NTA_EVENT_ENUM(symbol, word, member) NTA_EVENT_##symbol,
    NTA_EVENTS(NTA_EVENT_ENUM)
#undef NTA_EVENT_ENUM
};
