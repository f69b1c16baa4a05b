/* SPDX-License-Identifier: Apache-2.0 */
/* A case's packets out of the log: copied, redacted, written as a pcapng section, reported. */
#include "base/text.h"
#include "decode/decode.h"
#include "export/pcapng.h"
#include "pipeline/keep.h"
#include "pipeline/report.h"
#include "pipeline/worker.h"

#include <string.h>

#ifndef NTA_VERSION
#    define NTA_VERSION "unknown"
#endif

enum
{
    COMMENT_SIZE = 1200,
    LINKS = 64, ///< Of struct nta_packet's six bits.
};

/** The case's packets, oldest first. */
static size_t collect(struct nta_keep *keep, const struct nta_case *c)
{
    uint32_t place = *nta_flow_mark(c->flow) & NTA_LOG_PLACES;
    const struct nta_logged *logged;
    size_t n = 0;

    while (n < c->n_packets && n < NTA_KEEP_PACKETS &&
           (logged = nta_packetlog_find(&keep->log, place, c->flow))) {
        keep->packets[n++] = logged;
        place = logged->before;
    }
    bool client_is_upper = nta_keep_is_upper(&c->flow->client, c->flow->client_port,
                                             &c->flow->server, c->flow->server_port);

    for (size_t i = 0; i < n / 2; i++) {
        const struct nta_logged *other = keep->packets[i];

        keep->packets[i] = keep->packets[n - 1 - i];
        keep->packets[n - 1 - i] = other;
    }
    for (size_t i = 0; i < n; i++)
        keep->from_client[i] = keep->packets[i]->from_upper == client_is_upper;
    return n;
}

/** What is behind the transport's payload is nobody's: redacted, unless it is zeros as padding should be. */
static void redact_trailer(struct nta_redact_piece *piece, uint8_t *frame,
                           const struct nta_logged *what)
{
    for (uint32_t at = what->payload_off + what->payload_len; at < what->cap_len; at++) {
        piece->redacted += frame[at] != 0;
        frame[at] = frame[at] ? 'x' : 0;
    }
}

/** Copies that can be redacted; as many as there is space for. */
static size_t copy_frames(struct nta_keep *keep, size_t n)
{
    size_t at = 0;

    for (size_t i = 0; i < n; i++) {
        const struct nta_logged *what = keep->packets[i];

        if (what->cap_len > sizeof(keep->frames) - at)
            return i;
        memcpy(keep->frames + at, nta_logged_bytes(what), what->cap_len);
        keep->pieces[i] = (struct nta_redact_piece){
            .bytes = keep->frames + at + what->payload_off,
            .len = what->payload_len,
            .seq = what->tcp_seq,
        };
        at += what->cap_len;
    }
    return n;
}

/** Protocols without credentials, whose messages are shown as they are. */
static bool is_plain(enum nta_app app, bool is_tcp)
{
    if (is_tcp)
        return app == NTA_APP_DNS || app == NTA_APP_BITTORRENT;
    return app == NTA_APP_DNS || app == NTA_APP_MDNS || app == NTA_APP_LLMNR ||
           app == NTA_APP_NETBIOS || app == NTA_APP_QUIC || app == NTA_APP_DTLS ||
           app == NTA_APP_TFTP || app == NTA_APP_DHCP || app == NTA_APP_BITTORRENT;
}

/** One direction's pieces, which are moved together and back. */
static void redact_direction(struct nta_keep *keep, size_t n, bool client,
                             const struct nta_redact_options *options)
{
    struct nta_redact_piece *pieces = keep->side;
    size_t k = 0;

    for (size_t i = 0; i < n; i++)
        if (keep->from_client[i] == client && keep->pieces[i].len > 0)
            pieces[k++] = keep->pieces[i];
    (void)nta_redact_stream(&keep->redact, options, pieces, k);
    k = 0;
    for (size_t i = 0; i < n; i++)
        if (keep->from_client[i] == client && keep->pieces[i].len > 0)
            keep->pieces[i].redacted = pieces[k++].redacted;
}

static void redact_stream(struct nta_worker *worker, size_t n)
{
    struct nta_keep *keep = worker->keep;

    for (unsigned client = 0; client < 2; client++) {
        struct nta_redact_options options = {
            .urls = worker->policy->url_detail,
            .from_client = client,
        };

        for (size_t i = 0; i < n && !options.from_start; i++) {
            options.from_start = keep->from_client[i] == client && keep->packets[i]->is_syn;
            options.first_seq = keep->packets[i]->tcp_seq;
        }
        redact_direction(keep, n, client, &options);
    }
}

/** Credentials out of the copies; gives how many bytes. */
static size_t redact(struct nta_worker *worker, const struct nta_case *c, size_t n)
{
    struct nta_keep *keep = worker->keep;
    const struct nta_conn *conn = c->flow->conn;
    bool is_tcp = keep->packets[0]->is_tcp;
    /* a connection that FTP announced carries a file and nothing else */
    bool plain =
        conn && !conn->handed_over &&
        (is_plain((enum nta_app)conn->app, is_tcp) || (is_tcp && conn->expected_by == NTA_APP_FTP));
    size_t n_redacted = 0;

    if (!plain && is_tcp)
        redact_stream(worker, n);
    for (size_t i = 0; i < n; i++) {
        if (!plain && !is_tcp)
            nta_redact_all(&keep->pieces[i]);
        redact_trailer(&keep->pieces[i], keep->pieces[i].bytes - keep->packets[i]->payload_off,
                       keep->packets[i]);
        n_redacted += keep->pieces[i].redacted;
    }
    return n_redacted;
}

static struct nta_span describe(struct nta_buf *out, const struct nta_case *c, size_t n_redacted)
{
    nta_buf_clear(out);
    nta_buf_puts(out, "list ");
    nta_text_escape(out, nta_span_of(c->hit.list));
    nta_buf_printf(out, ", line %u, entry ", c->hit.line);
    nta_text_escape(out, nta_span_of(c->hit.entry));
    nta_buf_puts(out, "; site ");
    nta_text_escape(out, (struct nta_span){(const uint8_t *)c->site, c->site_len});
    if (out->len > COMMENT_SIZE)
        out->len = COMMENT_SIZE;
    nta_buf_printf(out, "; %zu bytes masked", n_redacted);
    if (n_redacted)
        nta_buf_puts(out, " (each an x: credentials, or what may hold some)");
    return nta_buf_span(out);
}

static void put_interfaces(struct nta_keep *keep, size_t n, uint8_t ret_numbers[LINKS])
{
    uint8_t n_interfaces = 0;

    memset(ret_numbers, UINT8_MAX, LINKS);
    for (size_t i = 0; i < n; i++) {
        uint8_t link = keep->packets[i]->link;

        if (ret_numbers[link] != UINT8_MAX)
            continue;
        ret_numbers[link] = n_interfaces++;
        nta_pcapng_interface(&keep->section, nta_decode_link_type(link));
    }
}

static void put_packet(struct nta_keep *keep, size_t i, uint32_t interface, bool from_user)
{
    const struct nta_logged *what = keep->packets[i];
    uint32_t n_redacted = keep->pieces[i].redacted;

    nta_buf_clear(&keep->comment);
    if (n_redacted)
        nta_buf_printf(&keep->comment, "%u bytes masked", n_redacted);
    nta_pcapng_packet(&keep->section,
                      &(struct nta_pcapng_packet){
                          .interface = interface,
                          .wall_ns = what->wall_ns,
                          .bytes = {keep->pieces[i].bytes - what->payload_off, what->cap_len},
                          .wire_len = what->wire_len,
                          .flags = from_user ? NTA_PCAPNG_OUTBOUND : NTA_PCAPNG_INBOUND,
                          .comment = nta_buf_span(&keep->comment),
                      });
}

void nta_evidence_report(struct nta_worker *worker, struct nta_case *c)
{
    struct nta_keep *keep = worker->keep;
    size_t n = copy_frames(keep, collect(keep, c));
    bool user_is_client = nta_observe_ends(worker->policy, c->flow).user_is_client;
    uint8_t numbers[LINKS];

    if (n == 0)
        return;
    size_t n_redacted = redact(worker, c, n);
    const struct nta_span comment = describe(&keep->comment, c, n_redacted);

    nta_buf_clear(&keep->section);
    nta_pcapng_begin(&keep->section, &(struct nta_pcapng_head){
                                         .hardware = nta_span_of(keep->hardware),
                                         .os = nta_span_of(keep->os),
                                         .application = nta_span_of("nta " NTA_VERSION),
                                         .comments = &comment,
                                         .n_comments = 1,
                                     });
    put_interfaces(keep, n, numbers);
    for (size_t i = 0; i < n; i++)
        put_packet(keep, i, numbers[keep->packets[i]->link],
                   keep->from_client[i] == user_is_client);
    if (keep->section.failed)
        nta_count(&worker->counters, NTA_COUNTER_RECORD_DROP, 1);
    else
        nta_report_packets(worker, c, nta_buf_span(&keep->section), keep->packets[0]->wall_ns,
                           keep->packets[n - 1]->wall_ns);
}
