/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A capture run to its end with one worker that keeps what it is given. */

#include "base/own.h"
#include "base/runtime/clock.h"
#include "capture/capture.h"
#include "unit.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

enum
{
    COLLECT_MAX = 64, ///< Packets kept; all are counted.
    COLLECT_BESIDE = NTA_PACKET_REST | NTA_PACKET_HEARSAY | NTA_PACKET_FRAG_END,
};

struct collected
{
    uint64_t n_packets;
    uint64_t wire_bytes;
    uint64_t n_kind[NTA_PACKET_FRAGMENT + 1];
    struct nta_packet packets[COLLECT_MAX];
    uint8_t first_bytes[COLLECT_MAX];
    uint64_t n_received;
    uint64_t n_fragments; ///< Held until their datagrams are whole.
    uint64_t n_late;      ///< Not in the order of time.
    uint64_t n_broken, n_cut, n_dropped;
    uint64_t done, all;
    int rc;
    struct nta_err err;
};

struct collector
{
    struct nta_wake wake;
    struct nta_dispatch *dispatch;
    struct collected *into;
};

/** It is none: says how late it is when files end. */
static inline bool tells_end(const struct nta_packet *packet)
{
    return packet->kind == NTA_PACKET_OTHER && (packet->flags & NTA_PACKET_MADE_UP);
}

static inline void collect_block(struct collected *into, struct nta_block *block)
{
    for (uint32_t i = 0; i < block->n_packets; i++) {
        const struct nta_packet *packet = &nta_block_packets(block)[i];

        if (tells_end(packet))
            continue;
        into->n_kind[packet->kind]++;
        if (packet->kind == NTA_PACKET_OUTER || (packet->flags & COLLECT_BESIDE))
            continue; /* of the same frame as another one, or of several */
        if (into->n_packets < COLLECT_MAX) {
            into->packets[into->n_packets] = *packet;
            into->first_bytes[into->n_packets] =
                packet->cap_len > 0 ? *nta_block_bytes(block, packet) : 0;
        }
        into->n_packets++;
        into->wire_bytes += packet->wire_len;
    }
}

static inline void *collect(void *arg)
{
    struct collector *collector = arg;
    bool more = true;

    while (more) {
        struct nta_block *block = nta_dispatch_take(collector->dispatch, 0);

        if (!block) {
            (void)nta_dispatch_wait_any(&collector->dispatch, 1, 0, &collector->wake,
                                        100 * NTA_NS_PER_S);
            continue;
        }
        collect_block(collector->into, block);
        more = !(block->flags & NTA_BLOCK_LAST);
        nta_dispatch_give_back(collector->dispatch, 0, block);
    }
    return NULL;
}

/** Open and run; if it cannot be opened, only rc and err are set. */
static inline void collect_all(const struct nta_capture_options *options, struct collected *into)
{
    NTA_AUTO(nta_dispatch_free) struct nta_dispatch *dispatch = NULL;
    NTA_AUTO(nta_capture_free) struct nta_capture *capture = NULL;
    struct collector collector = {.into = into};
    const struct nta_counters *counters;
    pthread_t thread;

    *into = (struct collected){0};
    assert_int_equal(nta_dispatch_new(0, 1, 4, &dispatch, NULL), 0);
    into->rc = nta_capture_open(options, dispatch, &capture, &into->err);
    if (into->rc < 0)
        return;
    collector.dispatch = dispatch;
    nta_dispatch_set_wake(dispatch, 0, &collector.wake);
    assert_int_equal(pthread_create(&thread, NULL, collect, &collector), 0);
    into->rc = nta_capture_run(capture, &into->err);
    assert_int_equal(pthread_join(thread, NULL), 0);
    counters = nta_capture_counters(capture);
    into->n_fragments = nta_counted(counters, NTA_COUNTER_FRAGMENTS);
    into->n_received = nta_counted(counters, NTA_COUNTER_RECEIVED);
    /* a fragment may hold another one */
    assert_in_range(into->n_received, into->n_packets, into->n_packets + into->n_fragments);
    if (into->n_fragments == 0)
        assert_int_equal(nta_counted(counters, NTA_COUNTER_RECEIVED_BYTES), into->wire_bytes);
    into->n_late = nta_counted(counters, NTA_COUNTER_ORDER_LATE);
    into->n_broken = nta_counted(counters, NTA_COUNTER_FILE_BROKEN);
    into->n_cut = nta_counted(counters, NTA_COUNTER_CUT_SNAPLEN);
    into->n_dropped = nta_counted(counters, NTA_COUNTER_DROP_RING);
    nta_capture_progress(capture, &into->done, &into->all);
    /* a sentence if and only if something was wrong */
    assert_int_equal(into->rc < 0, into->err.text[0] != '\0');
}

static inline void collect_file(const char *path, struct collected *into)
{
    const struct nta_capture_options options = {.files = &path, .n_files = 1};

    collect_all(&options, into);
}
