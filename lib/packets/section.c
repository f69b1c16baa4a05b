/* SPDX-License-Identifier: Apache-2.0 */
#include "packets/section.h"

#include "base/buf.h"
#include "base/own.h"
#include "base/text.h"
#include "base/version.h"
#include "capture/pcapng_write.h"
#include "decode/decode.h"
#include "redact/redact.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

enum
{
    LINKS = 64, ///< Of struct nta_packet's six bits.
};

static_assert(NTA_WATCH_PACKETS <= (int)NTA_REDACT_PIECES, "all of a case are masked at once");

/** What is needed to make one; nothing of it lasts but what the system is called. */
struct nta_section
{
    struct nta_redact redact;
    const struct nta_logged *packets[NTA_WATCH_PACKETS];
    struct nta_redact_piece pieces[NTA_WATCH_PACKETS], side[NTA_WATCH_PACKETS];
    bool from_client[NTA_WATCH_PACKETS];
    uint8_t frames[NTA_REDACT_BYTES];
    struct nta_buf bytes, comment;
    char hardware[72], os[160];
};

void nta_section_free(struct nta_section **section)
{
    if (!*section)
        return;
    nta_buf_done(&(*section)->bytes);
    nta_buf_done(&(*section)->comment);
    free(*section);
    *section = NULL;
}

int nta_section_new(struct nta_section **ret_section, struct nta_err *err)
{
    NTA_AUTO(nta_section_free) struct nta_section *section = calloc(1, sizeof(*section));
    struct utsname system;

    if (!section)
        return nta_err_sys(err, -ENOMEM, "packets kept for alerts");
    if (uname(&system) == 0) {
        (void)snprintf(section->hardware, sizeof(section->hardware), "%s", system.machine);
        (void)snprintf(section->os, sizeof(section->os), "%s %s", system.sysname, system.release);
    }
    *ret_section = NTA_TAKE(section);
    return 0;
}

/** The case's packets, oldest first. */
static size_t collect(struct nta_section *section, const struct nta_packet_log *log,
                      const struct nta_case *c)
{
    uint32_t place = *nta_flow_mark(c->flow) & NTA_LOG_PLACES;
    const struct nta_logged *logged;
    size_t n = 0;

    while (n < c->n_packets && n < NTA_WATCH_PACKETS &&
           (logged = nta_packet_log_find(log, place, c->flow))) {
        section->packets[n++] = logged;
        place = logged->before;
    }
    bool client_is_upper = nta_logged_is_upper(&c->flow->client, c->flow->client_port,
                                               &c->flow->server, c->flow->server_port);

    for (size_t i = 0; i < n / 2; i++) {
        const struct nta_logged *other = section->packets[i];

        section->packets[i] = section->packets[n - 1 - i];
        section->packets[n - 1 - i] = other;
    }
    for (size_t i = 0; i < n; i++)
        section->from_client[i] = section->packets[i]->from_upper == client_is_upper;
    return n;
}

/**
 * What is behind the transport's payload is nobody's: redacted, unless it is zeros as padding
 * should be.
 */
static void redact_trailer(struct nta_redact_piece *piece, uint8_t *frame,
                           const struct nta_logged *what)
{
    for (uint32_t at = what->payload_off + what->payload_len; at < what->cap_len; at++) {
        piece->redacted += frame[at] != 0;
        frame[at] = frame[at] ? 'x' : 0;
    }
}

/** Copies that can be redacted; as many as there is space for. */
static size_t copy_frames(struct nta_section *section, size_t n)
{
    size_t at = 0;

    for (size_t i = 0; i < n; i++) {
        const struct nta_logged *what = section->packets[i];

        if (what->cap_len > sizeof(section->frames) - at)
            return i;
        memcpy(section->frames + at, nta_logged_bytes(what), what->cap_len);
        section->pieces[i] = (struct nta_redact_piece){
            .bytes = section->frames + at + what->payload_off,
            .len = what->payload_len,
            .seq = what->tcp_seq,
        };
        at += what->cap_len;
    }
    return n;
}

/** One direction's pieces, which are moved together and back. */
static void redact_direction(struct nta_section *section, size_t n, bool client,
                             const struct nta_redact_options *options)
{
    struct nta_redact_piece *pieces = section->side;
    size_t k = 0;

    for (size_t i = 0; i < n; i++)
        if (section->from_client[i] == client && section->pieces[i].len > 0)
            pieces[k++] = section->pieces[i];
    (void)nta_redact_stream(&section->redact, options, pieces, k);
    k = 0;
    for (size_t i = 0; i < n; i++)
        if (section->from_client[i] == client && section->pieces[i].len > 0)
            section->pieces[i].redacted = pieces[k++].redacted;
}

/** The first bytes that are kept are the server's, and greet. */
static enum nta_redact_talk talk(const struct nta_section *section, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct nta_redact_piece *piece = &section->pieces[i];

        if (piece->len > 0)
            return section->from_client[i]
                       ? NTA_REDACT_NO_TALK
                       : nta_redact_greets((struct nta_span){piece->bytes, piece->len});
    }
    return NTA_REDACT_NO_TALK;
}

static void redact_stream(struct nta_section *section, size_t n,
                          const struct nta_section_options *about)
{
    const enum nta_redact_talk said = talk(section, n);

    for (unsigned client = 0; client < 2; client++) {
        struct nta_redact_options options = {.urls = about->urls,
                                             .talk = said,
                                             .plain = about->plain,
                                             .from_client = client,
                                             .is_content = about->holds == NTA_SECTION_FILE};

        for (size_t i = 0; i < n && !options.from_start; i++) {
            options.from_start = section->from_client[i] == client && section->packets[i]->is_syn;
            options.first_seq = section->packets[i]->tcp_seq;
        }
        redact_direction(section, n, client, &options);
    }
}

/** The first datagram of a flow says nothing of the others: each is held by itself. */
static void redact_datagram(struct nta_section *section, size_t i,
                            const struct nta_section_options *options)
{
    struct nta_redact_piece *piece = &section->pieces[i];
    const struct nta_span bytes = {piece->bytes, piece->len};

    if (options->holds == NTA_SECTION_FILE)
        nta_redact_tftp(piece, options->urls);
    else
        nta_redact_datagram(&section->redact, piece,
                            options->holds == NTA_SECTION_PLAIN
                                ? options->form_of(options->owner, section->from_client[i], bytes)
                                : NTA_REDACT_NOT_PLAIN);
}

/** Credentials out of the copies; gives how many bytes. */
static size_t redact(struct nta_section *section, size_t n,
                     const struct nta_section_options *options)
{
    bool is_tcp = section->packets[0]->is_tcp;
    size_t n_redacted = 0;

    if (is_tcp)
        redact_stream(section, n, options);
    for (size_t i = 0; i < n; i++) {
        if (!is_tcp)
            redact_datagram(section, i, options);
        redact_trailer(&section->pieces[i],
                       section->pieces[i].bytes - section->packets[i]->payload_off,
                       section->packets[i]);
        n_redacted += section->pieces[i].redacted;
    }
    return n_redacted;
}

static struct nta_span describe(struct nta_buf *out, struct nta_span about, size_t n_redacted)
{
    nta_buf_clear(out);
    nta_buf_put(out, about.ptr, about.len);
    nta_buf_printf(out, "; %zu bytes masked", n_redacted);
    if (n_redacted)
        nta_buf_puts(out, " (each an x: credentials, or what may hold some)");
    return nta_buf_span(out);
}

static void put_interfaces(struct nta_section *section, size_t n, uint8_t ret_numbers[LINKS])
{
    uint8_t n_interfaces = 0;

    memset(ret_numbers, UINT8_MAX, LINKS);
    for (size_t i = 0; i < n; i++) {
        uint8_t link = section->packets[i]->link;

        if (ret_numbers[link] != UINT8_MAX)
            continue;
        ret_numbers[link] = n_interfaces++;
        nta_pcapng_interface(&section->bytes, nta_decode_link_type(link));
    }
}

static void put_packet(struct nta_section *section, size_t i, uint32_t interface, bool from_user)
{
    const struct nta_logged *what = section->packets[i];
    uint32_t n_redacted = section->pieces[i].redacted;

    nta_buf_clear(&section->comment);
    if (n_redacted)
        nta_buf_printf(&section->comment, "%u bytes masked", n_redacted);
    nta_pcapng_packet(&section->bytes,
                      &(struct nta_pcapng_packet){
                          .interface = interface,
                          .wall_ns = what->wall_ns,
                          .bytes = {section->pieces[i].bytes - what->payload_off, what->cap_len},
                          .wire_len = what->wire_len,
                          .flags = from_user ? NTA_PCAPNG_OUTBOUND : NTA_PCAPNG_INBOUND,
                          .comment = nta_buf_span(&section->comment),
                      });
}

int nta_section_make(struct nta_section *section, const struct nta_packet_log *log,
                     const struct nta_case *c, const struct nta_section_options *options,
                     struct nta_section_made *ret_made)
{
    size_t n = copy_frames(section, collect(section, log, c));
    uint8_t numbers[LINKS];

    if (n == 0)
        return -ENOENT;
    size_t n_redacted = redact(section, n, options);
    const struct nta_span comment = describe(&section->comment, options->about, n_redacted);

    nta_buf_clear(&section->bytes);
    nta_pcapng_begin(&section->bytes, &(struct nta_pcapng_head){
                                          .hardware = nta_span_of(section->hardware),
                                          .os = nta_span_of(section->os),
                                          .application = nta_span_of(nta_version_named()),
                                          .comments = &comment,
                                          .n_comments = 1,
                                      });
    put_interfaces(section, n, numbers);
    for (size_t i = 0; i < n; i++)
        put_packet(section, i, numbers[section->packets[i]->link],
                   section->from_client[i] == options->user_is_client);
    if (section->bytes.failed)
        return -ENOMEM;
    *ret_made = (struct nta_section_made){
        .bytes = nta_buf_span(&section->bytes),
        .first_wall_ns = section->packets[0]->wall_ns,
        .last_wall_ns = section->packets[n - 1]->wall_ns,
    };
    return 0;
}
