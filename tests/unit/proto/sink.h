/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * For tests of TLS and QUIC: what a parser says as lines of text, and a stand-in for the stream layer that shows growing
 * buffers from exact heap blocks, so that a sanitizer sees each read past the end.
 */

#include "proto/proto.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sink
{
    char text[16384]; ///< One line an event.
    size_t len, n_events;
    bool swapped; ///< The parser said that the sides are the wrong way round.
};

static inline void sink_put(struct sink *sink, const char *text, size_t len)
{
    if (len < sizeof(sink->text) - sink->len) {
        memcpy(sink->text + sink->len, text, len);
        sink->len += len;
    }
    sink->text[sink->len] = '\0';
}

static inline void sink_puts(struct sink *sink, const char *text)
{
    sink_put(sink, text, strlen(text));
}

static inline void sink_span(struct sink *sink, const char *key, struct nta_span span)
{
    sink_puts(sink, key);
    for (size_t i = 0; i < span.len; i++) {
        char byte[8];
        int n = snprintf(byte, sizeof(byte),
                         span.ptr[i] > ' ' && span.ptr[i] < 127 ? "%c" : "\\x%02x", span.ptr[i]);

        sink_put(sink, byte, (size_t)n);
    }
}

static inline void sink_client_hello(struct sink *sink, const struct nta_tls_client_hello *hello)
{
    sink_span(sink, "client name=", hello->server_name);
    for (size_t i = 0; i < hello->n_alpn; i++)
        sink_span(sink, i == 0 ? " alpn=" : ",", hello->alpn[i]);
    for (size_t i = 0; i < hello->n_versions; i++) {
        char version[8];

        (void)snprintf(version, sizeof(version), "%04x", hello->versions[i]);
        sink_puts(sink, i == 0 ? " versions=" : ",");
        sink_puts(sink, version);
    }
    sink_puts(sink, hello->ech ? " ech" : "");
    sink_puts(sink, hello->cut ? " cut" : "");
    sink_puts(sink, " ja4=");
    sink_puts(sink, hello->ja4);
}

static inline void sink_server_hello(struct sink *sink, const struct nta_tls_server_hello *hello)
{
    char version[32];

    (void)snprintf(version, sizeof(version), "server version=%04x", hello->version);
    sink_puts(sink, version);
    sink_span(sink, " alpn=", hello->alpn);
}

static inline void sink_certificate(struct sink *sink, const struct nta_tls_certificate *cert)
{
    sink_span(sink, "certificate cn=", cert->common_name);
    for (size_t i = 0; i < cert->n_names; i++)
        sink_span(sink, i == 0 ? " names=" : ",", cert->names[i]);
    sink_span(sink, " issuer=", cert->issuer);
}

static inline void sink_emit(void *owner, const struct nta_event *event)
{
    struct sink *sink = owner;

    sink->n_events++;
    sink_puts(sink, nta_app_name(event->app));
    sink_puts(sink, " ");
    if (event->kind == NTA_EVENT_TLS_CLIENT_HELLO)
        sink_client_hello(sink, event->client_hello);
    else if (event->kind == NTA_EVENT_TLS_SERVER_HELLO)
        sink_server_hello(sink, event->server_hello);
    else if (event->kind == NTA_EVENT_TLS_CERTIFICATE)
        sink_certificate(sink, event->certificate);
    sink_puts(sink, "\n");
}

/** One call of feed with a heap copy of exactly these bytes. */
static inline enum nta_parse sink_feed(const struct nta_proto *proto, void *state,
                                       struct nta_proto_io *io, struct nta_span bytes,
                                       size_t *ret_consumed)
{
    uint8_t *copy = malloc(bytes.len ? bytes.len : 1);
    enum nta_parse verdict = NTA_PARSE_BAD;

    if (!copy)
        abort();
    if (bytes.len > 0)
        memcpy(copy, bytes.ptr, bytes.len);

    struct nta_reader r = nta_reader_of(copy, bytes.len);

    verdict = proto->feed(state, io, &r);
    *ret_consumed = nta_reader_offset(&r);
    free(copy);
    return verdict;
}

/** Show `bytes` as a stream of `io->side` that grows by `step` bytes; gives the last verdict. */
static inline enum nta_parse sink_stream(const struct nta_proto *proto, void *state,
                                         struct nta_proto_io *io, struct nta_span bytes,
                                         size_t step)
{
    enum nta_parse verdict = NTA_PARSE_OK;
    struct sink *sink = io->owner;
    size_t begin = 0, end = 0;

    while (end < bytes.len) {
        struct nta_span shown;
        size_t consumed = 0;

        end = bytes.len - end > step ? end + step : bytes.len;
        shown = (struct nta_span){.ptr = bytes.ptr + begin, .len = end - begin};
        io->done = io->done_both = io->swap = false;
        verdict = sink_feed(proto, state, io, shown, &consumed);
        sink->swapped |= io->swap;
        if (io->swap)
            io->side = io->side == NTA_FROM_CLIENT ? NTA_FROM_SERVER : NTA_FROM_CLIENT;
        begin += consumed;
        if (io->done || io->done_both || verdict == NTA_PARSE_BAD || verdict == NTA_PARSE_OTHER)
            break;
    }
    return verdict;
}
