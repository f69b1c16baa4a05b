/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a parser reports, as text: a line for each event.  Part of play.h. */

#include "play_text.h"

static inline void play_dns(struct nta_play *play, const struct nta_dns_lookup *dns)
{
    char text[NTA_ADDR_TEXT_SIZE];
    static const struct nta_addr none;

    nta_buf_printf(&play->log, " %u", dns->id);
    play_text(play, "name", dns->name);
    play_number(play, "type", dns->type);
    play_number(play, "asked", (uint64_t)dns->asked_wall_ns);
    if (dns->answered)
        nta_buf_printf(&play->log, " rcode=%u", dns->rcode);
    play_number(play, "cut", dns->truncated);
    for (size_t i = 0; i < dns->n_answers; i++) {
        const struct nta_dns_answer *answer = &dns->answers[i];

        nta_buf_printf(&play->log, " [");
        nta_text_escape(&play->log, answer->name);
        nta_buf_printf(&play->log, " %u %u", answer->type, answer->ttl_s);
        if (!nta_addr_equal(&answer->addr, &none))
            nta_buf_printf(&play->log, " %s", nta_addr_text(&answer->addr, text));
        if (answer->target.len > 0)
            nta_buf_printf(&play->log, " ");
        nta_text_escape(&play->log, answer->target);
        nta_buf_printf(&play->log, "]");
    }
}

static inline void play_http(struct nta_play *play, const struct nta_http_exchange *http)
{
    play_text(play, "method", http->method);
    play_text(play, "host", http->host);
    play_number(play, "port", http->port);
    play_text(play, "target", http->target);
    play_number(play, "status", http->status);
    play_text(play, "type", http->content_type);
    play_text(play, "file", http->file_name);
    play_text(play, "server", http->server);
    play_number(play, "up", http->request_bytes);
    play_number(play, "down", http->response_bytes);
    play_number(play, "lost", http->response_lost);
    play_number(play, "announced", http->response_expected + 1); /* one more, so that none is 0 */
    play_number(play, "first", http->range_first + 1);
    play_number(play, "whole", http->range_total + 1);
    play_number(play, "complete", http->complete);
    play_number(play, "part", http->is_part);
    play_number(play, "parts-told", http->has_parts);
    play_number(play, "hole", http->hole);
    play_number(play, "cut", http->truncated);
    play_number(play, "hosts-differ", http->hosts_differ);
    play_number(play, "initiator", http->initiator);
    play_text(play, "other-host", http->other_host);
    play_text(play, "start", http->body_start);
    play_number(play, "at", (uint64_t)http->begin_wall_ns);
}

static inline void play_transfer(struct nta_play *play, const struct nta_transfer *transfer)
{
    static const struct nta_addr none;
    const struct nta_transfer_data *data = &transfer->data;
    char text[NTA_ADDR_TEXT_SIZE];

    play_text(play, "method", transfer->method);
    play_text(play, "host", transfer->host);
    play_number(play, "port", transfer->port);
    play_text(play, "path", transfer->path);
    play_number(play, "listens", transfer->listens);
    play_number(play, "first", transfer->first);
    play_number(play, "to_server", transfer->to_server);
    play_number(play, "status", transfer->status);
    play_number(play, "up", transfer->bytes_up);
    play_number(play, "down", transfer->bytes_down);
    play_number(play, "lost-up", transfer->lost_up);
    play_number(play, "lost-down", transfer->lost_down);
    play_number(play, "announced", transfer->expected);
    play_number(play, "hole", transfer->hole);
    play_number(play, "complete", transfer->complete);
    play_text(play, "type", nta_span_of(transfer->type ? transfer->type : ""));
    if (data->port != 0)
        nta_buf_printf(&play->log, " %s at %s:%u%s", data->client_listens ? "client" : "server",
                       nta_addr_equal(&data->addr, &none) ? "" : nta_addr_text(&data->addr, text),
                       data->port, data->over_udp ? "/udp" : "");
}

static inline void play_addr(struct nta_play *play, const char *label, const struct nta_addr *addr)
{
    static const struct nta_addr none;
    char text[NTA_ADDR_TEXT_SIZE];

    if (!nta_addr_equal(addr, &none))
        nta_buf_printf(&play->log, " %s=%s", label, nta_addr_text(addr, text));
}

static inline void play_binding(struct nta_play *play, const struct nta_binding *binding)
{
    nta_buf_printf(&play->log, " %s %s%s", nta_binding_source_name(binding->source),
                   nta_binding_state_name(binding->state), binding->of_server ? " server" : "");
    play_text(play, "message", binding->message);
    for (size_t i = 0; i < 6 && binding->has_mac; i++)
        nta_buf_printf(&play->log, "%c%02x", i == 0 ? ' ' : ':', binding->mac[i]);
    play_addr(play, "addr", &binding->prefix.addr);
    if (binding->prefix.len != 0 && binding->prefix.len != 128)
        nta_buf_printf(&play->log, "/%u", binding->prefix.len);
    play_text(play, "name", binding->name);
    play_text(play, "login", binding->login);
    play_text(play, "domain", binding->domain);
    play_text(play, "client", binding->client_id);
    play_text(play, "vendor", binding->vendor);
    play_text(play, "circuit", binding->circuit);
    play_text(play, "session", binding->session);
    play_text(play, "to", binding->other);
    play_addr(play, "by", &binding->by);
    play_number(play, "valid", binding->valid_s);
    play_number(play, "age", binding->age_s);
}

static inline void play_content(struct nta_play *play, const struct nta_content *content)
{
    play_number(play, "at", content->offset);
    play_text(play, "bytes", content->bytes);
}

static inline void play_software(struct nta_play *play, const struct nta_software *software)
{
    play_text(play, software->of_server ? "server" : "client", software->text);
}

static inline void play_realm(struct nta_play *play, const struct nta_span *realm)
{
    play_text(play, "name", *realm);
}

static inline void play_forwarded(struct nta_play *play, const struct nta_addr *addr)
{
    play_addr(play, "addr", addr);
}

/* A name that may be empty, which is something to say, too. */
static inline void play_name(struct nta_play *play, const char *label, struct nta_span name)
{
    nta_buf_puts(&play->log, label);
    nta_text_escape(&play->log, name);
}

static inline void play_client_hello(struct nta_play *play,
                                     const struct nta_tls_client_hello *hello)
{
    play_name(play, " name=", hello->server_name);
    for (size_t i = 0; i < hello->n_alpn; i++)
        play_name(play, i == 0 ? " alpn=" : ",", hello->alpn[i]);
    for (size_t i = 0; i < hello->n_versions; i++)
        nta_buf_printf(&play->log, "%s%04x", i == 0 ? " versions=" : ",", hello->versions[i]);
    nta_buf_printf(&play->log, "%s%s ja4=%s", hello->ech ? " ech" : "", hello->cut ? " cut" : "",
                   hello->ja4);
}

static inline void play_server_hello(struct nta_play *play,
                                     const struct nta_tls_server_hello *hello)
{
    nta_buf_printf(&play->log, " version=%04x", hello->version);
    play_name(play, " alpn=", hello->alpn);
}

static inline void play_certificate(struct nta_play *play, const struct nta_tls_certificate *cert)
{
    play_name(play, " cn=", cert->common_name);
    for (size_t i = 0; i < cert->n_names; i++)
        play_name(play, i == 0 ? " names=" : ",", cert->names[i]);
    play_name(play, " issuer=", cert->issuer);
}

static inline void play_emit(void *owner, const struct nta_event *event)
{
    struct nta_play *play = owner;

    if (event->kind == NTA_EVENT_HTTP_RESPONSE && !play->shows_responses)
        return;
    play->n_events++;
    nta_buf_printf(&play->log, "%s%s ", play->io.swap || play->swapped ? "swapped " : "",
                   nta_app_name(event->app));
    switch (event->kind) {
#define SHOW(symbol, word, member)                                                                 \
    case NTA_EVENT_##symbol:                                                                       \
        nta_buf_printf(&play->log, "%s", word);                                                    \
        play_##member(play, event->member);                                                        \
        break;
        NTA_EVENTS(SHOW)
#undef SHOW
    }
    nta_buf_printf(&play->log, "\n");
}
