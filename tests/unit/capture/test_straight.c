/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file of many blocks, read straight into them (one worker) or copied (several): every byte
 * arrives, in order.
 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "capture/capture.h"
#include "capture/image.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>

enum
{
    N_PACKETS = 30000,
    N_SMALL = 8000, ///< That come in a row, so that entries run out before bytes do.
    WORKERS_MAX = 3,
    LARGEST = 256 * 1024, ///< More than a block holds.
};

/** As a file says it; the largest are rare. */
static uint32_t len_of(uint32_t i)
{
    if (i % 9973 == 9000)
        return LARGEST;
    if (i % 997 == 500)
        return 65000;
    return i < N_SMALL ? i % 40 : (i * 2654435761U >> 7) % 1500;
}

static uint8_t byte_of(uint32_t i, uint32_t at)
{
    return (uint8_t)(i * 31 + at * 7 + (at >> 8));
}

static const char *write_file(void)
{
    static const char path[] = "straight.pcap";
    static uint8_t bytes[LARGEST];
    struct image head = {.len = 0};
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    image_start(&head, 0xa1b23c4d, LINK_ETHERNET, false);
    head.len = 16; /* the snap length */
    image_number(&head, LARGEST, 4);
    image_number(&head, LINK_ETHERNET, 4);
    assert_int_equal(fwrite(head.bytes, 1, head.len, file), head.len);
    for (uint32_t i = 0; i < N_PACKETS; i++) {
        uint32_t len = len_of(i);
        const uint32_t record[] = {0, i, len, len};

        for (uint32_t at = 0; at < len; at++)
            bytes[at] = byte_of(i, at);
        assert_int_equal(fwrite(record, 1, sizeof(record), file), sizeof(record));
        assert_int_equal(fwrite(bytes, 1, len, file), len);
    }
    assert_int_equal(fclose(file), 0);
    return path;
}

struct reader
{
    struct nta_dispatch *dispatch;
    struct nta_wake wake;
    uint32_t number;
    bool slow;
    uint64_t n_packets, n_wrong;
    int64_t last; ///< Number of the last packet; they come in order.
};

static bool is_right(const struct nta_packet *packet, const uint8_t *bytes)
{
    uint32_t i = (uint32_t)packet->wall_ns, len = len_of(i);

    if (packet->wire_len != len ||
        packet->cap_len != (len < NTA_BLOCK_PACKET_MAX ? len : NTA_BLOCK_PACKET_MAX))
        return false;
    for (uint32_t at = 0; at < packet->cap_len; at++)
        if (bytes[at] != byte_of(i, at))
            return false;
    return true;
}

static void *read_blocks(void *arg)
{
    struct reader *reader = arg;

    for (uint32_t flags = 0; !(flags & NTA_BLOCK_LAST);) {
        struct nta_block *block = nta_dispatch_take(reader->dispatch, reader->number);

        if (!block) {
            (void)nta_dispatch_wait_any(&reader->dispatch, 1, reader->number, &reader->wake,
                                        100 * NTA_NS_PER_S);
            continue;
        }
        for (uint32_t i = 0; i < block->n_packets; i++) {
            const struct nta_packet *packet = &nta_block_packets(block)[i];

            if (packet->flags & NTA_PACKET_MADE_UP)
                continue; /* none: how late it is at the end */
            reader->n_wrong += packet->wall_ns <= reader->last ||
                               !is_right(packet, nta_block_bytes(block, packet));
            reader->last = packet->wall_ns;
            reader->n_packets++;
        }
        flags = block->flags;
        if (reader->slow && reader->n_packets % 16 == 0)
            (void)poll(NULL, 0, 1);
        nta_dispatch_give_back(reader->dispatch, reader->number, block);
    }
    return NULL;
}

/** All of it by so many workers with so many blocks each; gives how many packets they saw. */
static uint64_t read_all(const char *path, uint32_t n_workers, uint32_t n_blocks, bool slow)
{
    NTA_AUTO(nta_dispatch_free) struct nta_dispatch *dispatch = NULL;
    NTA_AUTO(nta_capture_free) struct nta_capture *capture = NULL;
    struct nta_owner whose;
    const struct nta_capture_options options = {.files = &path, .n_files = 1, .whose = &whose};
    struct reader readers[WORKERS_MAX] = {0};
    pthread_t threads[WORKERS_MAX];
    uint64_t n_packets = 0;

    nta_owner_init(&whose, &(struct nta_hash_key){1, 2}, NULL, 0);
    assert_int_equal(nta_dispatch_new(0, n_workers, n_blocks, &dispatch, NULL), 0);
    assert_int_equal(nta_capture_open(&options, dispatch, &capture, NULL), 0);
    for (uint32_t w = 0; w < n_workers; w++) {
        readers[w] = (struct reader){.dispatch = dispatch, .number = w, .slow = slow, .last = -1};
        nta_dispatch_set_wake(dispatch, w, &readers[w].wake);
        assert_int_equal(pthread_create(&threads[w], NULL, read_blocks, &readers[w]), 0);
    }
    assert_int_equal(nta_capture_run(capture, NULL), 0);
    for (uint32_t w = 0; w < n_workers; w++) {
        assert_int_equal(pthread_join(threads[w], NULL), 0);
        assert_int_equal(readers[w].n_wrong, 0);
        n_packets += readers[w].n_packets;
    }
    return n_packets;
}

static void every_byte_of_a_file_arrives(void **state)
{
    const char *path = write_file();

    (void)state;
    assert_int_equal(read_all(path, 1, 32, false), N_PACKETS);
    assert_int_equal(read_all(path, 1, 3, false), N_PACKETS); /* the fewest: waits all the time */
    assert_int_equal(read_all(path, 1, 4, true), N_PACKETS);
    assert_int_equal(read_all(path, WORKERS_MAX, 3, false), N_PACKETS);
    (void)unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_of_a_file_arrives),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
