/* SPDX-License-Identifier: Apache-2.0 */
/* The way of one packet, and what is done while there is none. */
#include "base/runtime/clock.h"
#include "base/runtime/thread.h"
#include "base/text.h"
#include "capture/datagrams.h"
#include "capture/put.h"

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
    nta_thread_beat();
    capture->mono_ns = nta_clock_mono_ns();
    nta_datagrams_expire(capture, nta_order_at(&capture->order, wall_ns));
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

/** More than one entry comes of this frame, or none yet. */
static bool is_special(const struct nta_capture *capture, const struct nta_packet *packet)
{
    const struct nta_outer_packets *outer_packets = &capture->frames.outer_packets;

    return (outer_packets->n | outer_packets->rest_end) != 0 || packet->kind >= NTA_PACKET_IP ||
           nta_datagrams_tell(packet);
}

static void count(struct nta_capture *capture, const struct nta_packet *packet)
{
    nta_count(&capture->counters, NTA_COUNTER_RECEIVED, 1);
    nta_count(&capture->counters, NTA_COUNTER_RECEIVED_BYTES, packet->wire_len);
    if (packet->cap_len < packet->wire_len)
        nta_count(&capture->counters, NTA_COUNTER_CUT_SNAPLEN, 1);
}

void nta_capture_packet(struct nta_capture *capture, const struct nta_frame *frame)
{
    struct nta_packet packet;

    packet.wall_ns = frame->wall_ns;
    packet.order_ns = nta_order_step(&capture->order, frame->wall_ns);
    packet.data_off = 0;
    packet.source = capture->options.source;
    packet.cap_len = frame->cap_len < NTA_BLOCK_PACKET_MAX ? frame->cap_len : NTA_BLOCK_PACKET_MAX;
    /* a packet that is there was at least that long on the wire, whatever a broken file says */
    packet.wire_len = frame->wire_len > frame->cap_len ? frame->wire_len : frame->cap_len;
    count(capture, &packet);
    nta_decode_packet(&capture->frames.decode, frame->link_type, frame->bytes, &packet);
    capture->last_wall_ns = frame->wall_ns;
    if (capture->options.pace && !capture->options.interface)
        pace(capture, frame->wall_ns);
    if (__builtin_expect(packet.order_ns >= capture->quiet_until_ns, 0))
        nta_datagrams_expire(capture, packet.order_ns);
    if (__builtin_expect(is_special(capture, &packet), 0))
        nta_datagrams_take(capture, &packet, frame->bytes);
    else
        nta_capture_put(capture, &packet, frame->bytes, NTA_COUNTER_DROP_RING);
}
