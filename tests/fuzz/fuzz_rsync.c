/* SPDX-License-Identifier: Apache-2.0 */
/* Segments of the sides in turns, each behind its length in two bytes. */
#include "../unit/proto/play.h"
#include "proto/recognised/rsync.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct nta_play play;
    struct nta_reader all = nta_reader_of(data, len);

    play_begin(&play, &nta_proto_rsync, true, 873);
    for (unsigned side = len & 1; nta_reader_left(&all) > 0; side ^= 1) {
        struct nta_reader r = nta_read_vec16(&all);
        const struct nta_span bytes = nta_reader_rest(&r);

        (void)play_probe(&play, side, bytes.ptr, bytes.len);
        play_data(&play, side, bytes.ptr, bytes.len);
    }
    (void)play_end(&play);
    play_done(&play);
    return 0;
}
