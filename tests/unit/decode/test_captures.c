/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every classic capture below $NTA_SHARED/corpora, each packet from an exact copy: nothing may read
 * past its end.
 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "decode/bench.h"
#include "decode/fragment.h"
#include "decode/pcap_file.h"

#include <cmocka.h>
#include <fts.h>
#include <sys/stat.h>

enum
{
    FILE_MAX = 16 * 1024 * 1024
};

static struct bench bench;
static struct nta_fragments *fragments;
static unsigned n_files, n_packets, n_by_kind[NTA_PACKET_FRAGMENT + 1], n_datagrams;

static void check_packet(const struct nta_packet *packet)
{
    assert_true(packet->kind <= NTA_PACKET_FRAGMENT);
    if (packet->kind == NTA_PACKET_OTHER)
        return;
    assert_true((uint64_t)packet->payload_off + packet->payload_len <= packet->cap_len);
    assert_true(packet->payload_wire_len >= packet->payload_len);
}

static void run_packet(uint32_t link_type, const struct pcap_record *record)
{
    struct nta_packet packet = {.cap_len = (uint32_t)record->bytes.len,
                                .wire_len = record->wire_len,
                                .wall_ns = n_packets * NTA_NS_PER_MS};
    uint8_t *copy = malloc(record->bytes.len ? record->bytes.len : 1);
    struct nta_span datagram;

    assert_non_null(copy);
    memcpy(copy, record->bytes.ptr, record->bytes.len);
    nta_decode_packet(&bench.decode, (int)link_type, copy, &packet);
    check_packet(&packet);
    n_packets++;
    n_by_kind[packet.kind]++;
    if (packet.kind == NTA_PACKET_FRAGMENT &&
        nta_fragments_push(fragments, &packet, copy, &datagram)) {
        packet.cap_len = packet.wire_len = (uint32_t)datagram.len;
        nta_decode_datagram(&bench.decode, datagram.ptr, &packet);
        check_packet(&packet);
        n_datagrams++;
    }
    free(copy);
}

static void run_beginnings(int64_t wall_ns)
{
    struct nta_packet packet;
    struct nta_span datagram;

    while (nta_fragments_expire(fragments, wall_ns, &packet, &datagram)) {
        nta_decode_datagram(&bench.decode, datagram.ptr, &packet);
        check_packet(&packet);
        assert_true(packet.flags & NTA_PACKET_CUT);
    }
}

static void run_file(const char *path, size_t size)
{
    NTA_AUTO_FILE FILE *stream = fopen(path, "rb");
    static uint8_t bytes[FILE_MAX];
    struct pcap_file file;
    struct pcap_record record;

    if (!stream || fread(bytes, 1, size, stream) != size || !pcap_file_open(&file, bytes, size))
        return;
    n_files++;
    while (pcap_file_next(&file, &record))
        run_packet(file.link_type, &record);
    run_beginnings(n_packets * NTA_NS_PER_MS);
}

static void captures_of_others_do_no_harm(void **state)
{
    const char *shared = getenv("NTA_SHARED"); // NOLINT(concurrency-mt-unsafe): one thread
    const struct nta_fragment_options options = {0};
    char folder[4096];
    char *roots[2] = {folder, NULL};

    (void)state;
    if (!shared) {
        print_message("skipped: NTA_SHARED is not set\n");
        skip();
    }
    bench_init(&bench);
    assert_int_equal(nta_fragments_new(&options, &bench.counters, &fragments, NULL), 0);
    (void)snprintf(folder, sizeof(folder), "%s/corpora", shared);

    FTS *tree = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, NULL);

    assert_non_null(tree);
    for (FTSENT *entry = fts_read(tree); entry; entry = fts_read(tree))
        if (entry->fts_info == FTS_F && entry->fts_statp->st_size > 0 &&
            entry->fts_statp->st_size <= FILE_MAX)
            run_file(entry->fts_path, (size_t)entry->fts_statp->st_size);
    (void)fts_close(tree);
    nta_fragments_free(&fragments);
    print_message("%u files, %u packets: other %u, tcp %u, udp %u, ip %u, fragments %u, whole %u\n",
                  n_files, n_packets, n_by_kind[NTA_PACKET_OTHER], n_by_kind[NTA_PACKET_TCP],
                  n_by_kind[NTA_PACKET_UDP], n_by_kind[NTA_PACKET_IP],
                  n_by_kind[NTA_PACKET_FRAGMENT], n_datagrams);
    assert_true(n_files > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(captures_of_others_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
