/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/canary.h"

#include "base/runtime/clock.h"
#include "capture/put.h"

#include <inttypes.h>
#include <stdio.h>

enum
{
    FRAME_SIZE = 768,
    NAME_SIZE = 254,
    TRIES = 4096, ///< Client addresses, until each of 64 workers has one: more than enough.
    LINK_ETHERNET = 1,
    IP_OFF = 14,        ///< Behind the Ethernet header.
    TRANSPORT_OFF = 54, ///< Behind the IPv6 header.
    PORT_DNS = 53,
    PORT_TLS = 443,
    PROTO_TCP = 6,
    PROTO_UDP = 17,
    FIRST_SEQ = 1000,
};

struct frame
{
    uint8_t bytes[FRAME_SIZE];
    size_t len;
};

static void put(struct frame *frame, const void *bytes, size_t len)
{
    if (len > FRAME_SIZE - frame->len)
        return; /* cannot be: names are bounded */
    memcpy(frame->bytes + frame->len, bytes, len);
    frame->len += len;
}

/** `n` bytes of a number, big-endian. */
static void put_number(struct frame *frame, uint64_t value, size_t n)
{
    for (size_t i = n; i > 0; i--) {
        uint8_t byte = (uint8_t)(value >> 8 * (i - 1));

        put(frame, &byte, 1);
    }
}

/** Write the `n` bytes of a length that stand before `start`. */
static void end_length(struct frame *frame, size_t start, size_t n)
{
    size_t len = frame->len - start;

    for (size_t i = 0; i < n; i++)
        frame->bytes[start - 1 - i] = (uint8_t)(len >> 8 * i);
}

/** Ethernet and IPv6 (RFC 8200 section 3); the length is filled in by finish(). */
static void start(struct frame *frame, uint64_t client, uint8_t proto)
{
    static const uint8_t ethernet[] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x86, 0xdd};
    static const uint8_t net[8] = {0x20, 0x01, 0x0d, 0xb8, 0, 'n', 't', 'a'};

    frame->len = 0;
    put(frame, ethernet, sizeof(ethernet));
    put_number(frame, 0x60000000, 4);
    put_number(frame, (uint64_t)proto << 8 | 64, 4); /* no length yet, next header, hop limit */
    put(frame, net, sizeof(net));
    put_number(frame, client, 8);
    put(frame, net, sizeof(net));
    put_number(frame, 1, 8);
}

/** Lengths, and the checksum at `checksum_off` (RFC 8200 section 8.1). */
static void finish(struct frame *frame, uint8_t proto, size_t checksum_off)
{
    size_t len = frame->len - TRANSPORT_OFF;
    uint32_t sum = (uint32_t)len + proto;

    frame->bytes[IP_OFF + 4] = (uint8_t)(len >> 8);
    frame->bytes[IP_OFF + 5] = (uint8_t)len;
    if (proto == PROTO_UDP) {
        frame->bytes[TRANSPORT_OFF + 4] = (uint8_t)(len >> 8);
        frame->bytes[TRANSPORT_OFF + 5] = (uint8_t)len;
    }
    for (size_t i = IP_OFF + 8; i < frame->len; i += 2)
        sum += (uint32_t)frame->bytes[i] << 8 | (i + 1 < frame->len ? frame->bytes[i + 1] : 0);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = ~((sum & 0xffff) + (sum >> 16));
    frame->bytes[checksum_off] = (uint8_t)(sum >> 8);
    frame->bytes[checksum_off + 1] = (uint8_t)sum;
}

/** A question for the name's address (RFC 1035 section 4.1). */
static void make_question(struct frame *frame, uint64_t client, const char *name)
{
    start(frame, client, PROTO_UDP);
    put_number(frame, (client & 0x3fff) + 49152, 2);
    put_number(frame, PORT_DNS, 2);
    put_number(frame, 0, 4);
    put_number(frame, client & 0xffff, 2);
    put_number(frame, 0x0100000100000000, 8); /* recursion desired; one question */
    put_number(frame, 0, 2);
    while (*name) {
        size_t n = strcspn(name, ".");

        put_number(frame, n, 1);
        put(frame, name, n);
        name += n + (name[n] == '.');
    }
    put_number(frame, 0, 1);
    put_number(frame, 0x00010001, 4); /* A, IN */
    finish(frame, PROTO_UDP, TRANSPORT_OFF + 6);
}

static void start_tcp(struct frame *frame, uint64_t client, uint32_t seq, uint8_t flags)
{
    start(frame, client, PROTO_TCP);
    put_number(frame, (client & 0x3fff) + 49152, 2);
    put_number(frame, PORT_TLS, 2);
    put_number(frame, seq, 4);
    put_number(frame, flags & NTA_TCP_ACK ? 1 : 0, 4);
    put_number(frame, 0x50, 1);
    put_number(frame, flags, 1);
    put_number(frame, 0xffff0000, 4); /* window, checksum */
    put_number(frame, 0, 2);
}

/** A ClientHello with nothing but the name and TLS 1.3 (RFC 8446 section 4.1.2), in one record. */
static void put_hello(struct frame *frame, const char *name)
{
    static const uint8_t random[32] = {0};
    size_t len = strlen(name), record, message, extensions;

    put_number(frame, 0x1603010000, 5);
    record = frame->len;
    put_number(frame, 0x01000000, 4);
    message = frame->len;
    put_number(frame, 0x0303, 2);
    put(frame, random, sizeof(random));
    put_number(frame, 0, 1);
    put_number(frame, 0x00021301, 4);
    put_number(frame, 0x0100, 2);
    put_number(frame, 0, 2);
    extensions = frame->len;
    put_number(frame, (uint64_t)(len + 5), 4); /* server_name is extension 0 */
    put_number(frame, len + 3, 2);
    put_number(frame, len, 3);
    put(frame, name, len);
    put_number(frame, 0x002b0003020304, 7); /* supported_versions */
    end_length(frame, extensions, 2);
    end_length(frame, message, 3);
    end_length(frame, record, 2);
}

/** Decoded as what the interface gives; false if it is no packet of a connection. */
static bool decode(const struct nta_capture *capture, const struct frame *frame, int64_t wall_ns,
                   struct nta_packet *ret_packet)
{
    ret_packet->wall_ns = wall_ns;
    ret_packet->order_ns = nta_order_at(&capture->order, wall_ns);
    ret_packet->data_off = 0;
    ret_packet->source = capture->options.source;
    ret_packet->cap_len = ret_packet->wire_len = (uint32_t)frame->len;
    nta_decode_packet(&capture->frames.decode, LINK_ETHERNET, frame->bytes, ret_packet);
    ret_packet->flags |= NTA_PACKET_MADE_UP;
    return ret_packet->kind == NTA_PACKET_UDP || ret_packet->kind == NTA_PACKET_TCP;
}

/** Where there is no space for it, it is lost as a packet would be, and missed. */
static void give(struct nta_capture *capture, const struct frame *frame, int64_t wall_ns)
{
    struct nta_packet packet;

    if (decode(capture, frame, wall_ns, &packet))
        (void)nta_dispatch_put(capture->dispatch, nta_capture_worker(capture, &packet), &packet,
                               frame->bytes, capture->mono_ns);
}

static void name_for(const struct nta_capture *capture, char kind, uint32_t worker, uint64_t ticket,
                     char name[NAME_SIZE])
{
    (void)snprintf(name, NAME_SIZE, "%c-%u-%u-%" PRIu64 ".%.200s", kind,
                   (unsigned)capture->options.source, worker, ticket, capture->options.canary);
}

/** The question, and a connection that says hello and ends. */
static void ask_worker(struct nta_capture *capture, uint64_t client, uint32_t worker,
                       uint64_t ticket)
{
    int64_t wall_ns = nta_clock_wall_ns();
    struct frame frame;
    char name[NAME_SIZE];

    name_for(capture, 'd', worker, ticket, name);
    make_question(&frame, client, name);
    give(capture, &frame, wall_ns);
    name_for(capture, 't', worker, ticket, name);
    start_tcp(&frame, client, FIRST_SEQ, NTA_TCP_SYN);
    finish(&frame, PROTO_TCP, TRANSPORT_OFF + 16);
    give(capture, &frame, wall_ns);
    start_tcp(&frame, client, FIRST_SEQ + 1, NTA_TCP_PSH | NTA_TCP_ACK);
    put_hello(&frame, name);
    finish(&frame, PROTO_TCP, TRANSPORT_OFF + 16);
    uint32_t next = FIRST_SEQ + 1 + (uint32_t)(frame.len - TRANSPORT_OFF - 20);

    give(capture, &frame, wall_ns);
    start_tcp(&frame, client, next, NTA_TCP_RST);
    finish(&frame, PROTO_TCP, TRANSPORT_OFF + 16);
    give(capture, &frame, wall_ns);
}

/** The worker that packets of this client go to; UINT32_MAX: none. */
static uint32_t worker_of(const struct nta_capture *capture, uint64_t client)
{
    struct nta_packet packet;
    struct frame frame;

    make_question(&frame, client, "x");
    return decode(capture, &frame, 0, &packet) ? nta_capture_worker(capture, &packet) : UINT32_MAX;
}

void nta_canary_serve(struct nta_capture *capture)
{
    uint64_t ticket = atomic_load_explicit(&capture->canary_asked, memory_order_acquire);
    uint64_t served = 0; /* a bit for each worker */
    uint32_t n_served = 0;

    if (ticket == capture->canary_served || !capture->options.canary)
        return;
    capture->canary_served = ticket;
    for (uint64_t i = 0; i < TRIES && n_served < capture->n_workers; i++) {
        /* sources share workers: none may have another one's client, or two would be one flow */
        uint64_t client = nta_hash_words(&capture->options.key, ticket,
                                         (uint64_t)capture->options.source << 32 | i);
        uint32_t worker = worker_of(capture, client);

        if (worker >= 64 || (served >> worker & 1))
            continue;
        served |= UINT64_C(1) << worker;
        n_served++;
        ask_worker(capture, client, worker, ticket);
    }
}
