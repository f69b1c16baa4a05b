/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Segments of the sides in turns, each behind its length in two bytes.  Each side has one software.
 */
#include "../unit/proto/play.h"
#include "proto/ssh.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct nta_play play;
    struct nta_reader all = nta_reader_of(data, len);

    play_begin(&play, &nta_proto_ssh, true, 22);
    play.io.saw_syn = len & 1;
    for (unsigned side = 0; nta_reader_left(&all) > 0; side ^= 1) {
        struct nta_reader r = nta_read_vec16(&all);

        struct nta_span bytes = nta_reader_rest(&r);

        (void)play_probe(&play, side, bytes.ptr, bytes.len);
        play_data(&play, side, bytes.ptr, bytes.len);
    }
    assert(play.log.len < 2 * (size_t)4 * 255 + 64); /* two lines, all of it escaped */
    play_end(&play);
    play_done(&play);
    return 0;
}
