/* SPDX-License-Identifier: Apache-2.0 */
/* The way of one packet, and what is done while there is none. */
#include "base/runtime/clock.h"
#include "base/text.h"
#include "capture/state.h"

#include <poll.h>

enum
{
    NAP_MS = 10 ///< Longest sleep before a stop is looked for.
};

const char *nta_capture_shown(const char *text, char buf[NTA_NAME_SHOWN])
{
    return nta_text_escape_to(buf, NTA_NAME_SHOWN, nta_span_of(text));
}

void nta_capture_idle(struct nta_capture *capture, int64_t wall_ns)
{
    capture->mono_ns = nta_clock_mono_ns();
    nta_dispatch_flush(capture->dispatch, capture->mono_ns - NTA_FLUSH_NS, wall_ns);
}

/**
 * Sleep until the packet is due; time between packets passes for workers as it did when they were
 * captured.
 */
static void pace(struct nta_capture *capture, int64_t wall_ns)
{
    int64_t due, left;

    /* clocks that jump back, and first packets of files, start anew */
    if (!capture->paced || wall_ns < capture->pace_wall_ns) {
        capture->paced = true;
        capture->pace_wall_ns = wall_ns;
        capture->pace_mono_ns = nta_clock_mono_ns();
    }
    if (__builtin_add_overflow(capture->pace_mono_ns, wall_ns - capture->pace_wall_ns, &due))
        return;
    for (;;) {
        capture->mono_ns = nta_clock_mono_ns();
        left = due - capture->mono_ns;
        if (left <= 0 || nta_capture_stopped(capture))
            return;
        nta_capture_idle(capture, wall_ns - left);
        (void)poll(NULL, 0, left > NAP_MS * NTA_NS_PER_MS ? NAP_MS : (int)(left / NTA_NS_PER_MS));
    }
}

/**
 * To its worker.  Files wait for it, however long it takes; of an interface, what finds no space is
 * counted as `lost`.
 */
static void put(struct nta_capture *capture, const struct nta_packet *packet, const uint8_t *bytes,
                enum nta_counter lost)
{
    while (nta_dispatch_put(capture->dispatch, packet, bytes, capture->mono_ns) != NTA_PUT_OK) {
        if (capture->options.interface || nta_capture_stopped(capture)) {
            nta_count(&capture->counters, lost, 1);
            return;
        }
        nta_dispatch_wait_space(capture->dispatch, packet, NAP_MS * NTA_NS_PER_MS);
    }
}

/** The outer connections of a tunnelled packet go to the workers of their own addresses. */
static void put_outer_packets(struct nta_capture *capture, const uint8_t *bytes)
{
    struct nta_outer_packets *outer_packets = &capture->outer_packets;

    for (uint32_t i = 0; i < outer_packets->n; i++)
        put(capture, &outer_packets->packets[i], bytes, NTA_COUNTER_DROP_OUTER);
    outer_packets->n = 0;
}

/** A frame that holds more than one packet. */
static void put_all(struct nta_capture *capture, struct nta_packet *packet, const uint8_t *bytes)
{
    const uint8_t *at = bytes;

    do {
        put_outer_packets(capture, bytes);
        put(capture, packet, at, NTA_COUNTER_DROP_RING);
        at = nta_decode_next(&capture->decode, bytes, packet);
    } while (at);
}

void nta_capture_packet(struct nta_capture *capture, const struct nta_frame *frame)
{
    struct nta_counters *counters = &capture->counters;
    struct nta_packet packet;

    packet.wall_ns = frame->wall_ns;
    packet.data_off = 0;
    packet.source = capture->options.source;
    packet.cap_len = frame->cap_len < NTA_BLOCK_PACKET_MAX ? frame->cap_len : NTA_BLOCK_PACKET_MAX;
    /* a packet that is there was at least that long on the wire, whatever a broken file says */
    packet.wire_len = frame->wire_len > frame->cap_len ? frame->wire_len : frame->cap_len;
    nta_count(counters, NTA_COUNTER_RECEIVED, 1);
    nta_count(counters, NTA_COUNTER_RECEIVED_BYTES, packet.wire_len);
    if (packet.cap_len < packet.wire_len)
        nta_count(counters, NTA_COUNTER_CUT_SNAPLEN, 1);
    nta_decode_packet(&capture->decode, frame->link_type, frame->bytes, &packet);
    capture->last_wall_ns = frame->wall_ns;
    if (capture->options.pace && !capture->options.interface)
        pace(capture, frame->wall_ns);
    if (__builtin_expect((capture->outer_packets.n | capture->outer_packets.rest_end) != 0, 0))
        put_all(capture, &packet, frame->bytes);
    else
        put(capture, &packet, frame->bytes, NTA_COUNTER_DROP_RING);
}
