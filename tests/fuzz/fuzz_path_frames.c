/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames, each behind its length (the highest bit: the other side sent it; the next: an hour
 * later), mended, decoded and taken by a worker, whose records must decode and be shown.
 */
#include "../unit/pipeline/worker_script.h"
#include "frames.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct nta_outer_packets outer_packets;

/** False: the block is full. */
static bool put(struct worker_script *script, uint8_t *frame, uint32_t len)
{
    struct nta_packet packet = {
        .wall_ns = script->wall_ns, .order_ns = script->wall_ns, .cap_len = len, .wire_len = len};
    const uint8_t *bytes = frame;
    bool fits = true;

    outer_packets.n = 0;
    nta_decode_packet(&script->decode, 1, frame, &packet);
    for (; bytes && fits; bytes = nta_decode_next(&script->decode, frame, &packet))
        fits = !nta_packet_is_told(&packet) ||
               nta_dispatch_put(script->dispatch, 0, &packet, bytes, 0) == NTA_PUT_OK;
    return fits;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct worker_script script;
    struct nta_reader all = nta_reader_of(data, len);

    if (!script.n_packets)
        script_init(&script, NTA_TEST_SOURCE_DIR "/tests/golden/lists.txt");
    struct nta_worker *worker = script_open(&script);

    script.decode.outer_packets = &outer_packets;
    script.n_bytes = script.n_packets = UINT64_MAX; /* numbers of TCP may be any */
    while (nta_reader_left(&all) > 0) {
        uint8_t frame[2048];
        const uint16_t head = nta_read_be16(&all);
        const struct nta_span one = nta_read_span(&all, head & 0x7ff);

        if (one.len == 0)
            break;
        memcpy(frame, one.ptr, one.len);
        frames_mend(frame, one.len, head >> 15);
        script.wall_ns += head & 0x4000 ? SCRIPT_HOUR_NS : 1000000;
        if (!put(&script, frame, (uint32_t)one.len))
            break;
    }
    (void)script_close(&script, worker);
    return 0;
}
