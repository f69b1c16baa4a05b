/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A capture run to its end with one worker that keeps what it is given; captures made byte by byte.
 */

#include "base/own.h"
#include "base/runtime/clock.h"
#include "capture/capture.h"
#include "unit.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

enum
{
    LINK_ETHERNET = 1,
    RECORD_LEN = 16 + 60, ///< One of image_record().
    COLLECT_MAX = 64      ///< Packets kept; all are counted.
};

struct collected
{
    uint64_t n_packets;
    uint64_t wire_bytes;
    uint64_t n_kind[NTA_PACKET_FRAGMENT + 1];
    struct nta_packet packets[COLLECT_MAX];
    uint8_t first_bytes[COLLECT_MAX];
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

static inline void collect_block(struct collected *into, struct nta_block *block)
{
    for (uint32_t i = 0; i < block->n_packets; i++) {
        const struct nta_packet *packet = &nta_block_packets(block)[i];

        into->n_kind[packet->kind]++;
        if (packet->kind == NTA_PACKET_OUTER || (packet->flags & NTA_PACKET_REST))
            continue; /* of the same frame as another one */
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
    assert_int_equal(nta_counted(counters, NTA_COUNTER_RECEIVED), into->n_packets);
    assert_int_equal(nta_counted(counters, NTA_COUNTER_RECEIVED_BYTES), into->wire_bytes);
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

/** Bytes of a file in the making. */
struct image
{
    uint8_t bytes[65536];
    size_t len;
    bool big; ///< Numbers most significant byte first.
};

static inline void image_number(struct image *image, uint64_t value, size_t n_bytes)
{
    assert_true(image->len + n_bytes <= sizeof(image->bytes));
    for (size_t i = 0; i < n_bytes; i++) {
        size_t shift = 8 * (image->big ? n_bytes - 1 - i : i);

        image->bytes[image->len++] = (uint8_t)(value >> shift);
    }
}

static inline void image_fill(struct image *image, uint8_t byte, size_t n_bytes)
{
    assert_true(image->len + n_bytes <= sizeof(image->bytes));
    memset(image->bytes + image->len, byte, n_bytes);
    image->len += n_bytes;
}

/** An Ethernet frame with an IPv4 UDP datagram to `port`, 60 bytes. */
static inline void image_frame(struct image *image, uint16_t port)
{
    static const uint8_t head[] = {
        2,   0,  0,   0,  0, 1, 2, 0, 0,  0,  0, 2, 8,   0,       /* Ethernet */
        69,  0,  0,   46, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, /* IPv4, 46 bytes */
        198, 51, 100, 1,                                          /* its destination */
        4,   0,
    };
    struct image big = {.big = true};

    memcpy(image->bytes + image->len, head, sizeof(head));
    image->len += sizeof(head);
    image_number(&big, (uint64_t)port << 32 | 26U << 16, 6); /* port, length, checksum */
    memcpy(image->bytes + image->len, big.bytes, 6);
    image->len += 6;
    image_fill(image, 0x55, 60 - sizeof(head) - 6);
}

/** Write the image's first `len` bytes to `path`. */
static inline void image_write(const struct image *image, size_t len, const char *path)
{
    FILE *file;

    (void)unlink(
        path); /* some file systems wait for the disk when a file is cut and written anew */
    file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(image->bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

/** The header of a pcap file. */
static inline void image_start(struct image *image, uint32_t magic, uint32_t link_type, bool big)
{
    image->len = 0;
    image->big = big;
    image_number(image, magic, 4);
    image_number(image, 2, 2);
    image_number(image, 4, 2);
    image_number(image, 0, 8);
    image_number(image, 65535, 4);
    image_number(image, link_type, 4);
}

static inline void image_record(struct image *image, uint32_t seconds, uint32_t fraction,
                                uint16_t port)
{
    image_number(image, seconds, 4);
    image_number(image, fraction, 4);
    image_number(image, 60, 4);
    image_number(image, 60, 4);
    image_frame(image, port);
}

/** Three packets, in Ethernet and microseconds. */
static inline void image_three(struct image *image)
{
    image_start(image, 0xa1b2c3d4, LINK_ETHERNET, false);
    for (uint16_t i = 0; i < 3; i++)
        image_record(image, 1000U + i, 7, (uint16_t)(50 + i));
}
