/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams, each behind its length; that one's highest bit is the side.  Known whole, or not. */
#include "../unit/proto/play.h"
#include "proto/recognised/zerotier.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct nta_play play;
    struct nta_reader all = nta_reader_of(data, len);

    play_begin(&play, &nta_proto_zerotier, false, 9993);
    while (nta_reader_left(&all) > 0) {
        const uint16_t head = nta_read_be16(&all);
        struct nta_reader r = nta_read_sub(&all, head & 0x7fff);
        const struct nta_span one = nta_reader_rest(&r);
        const bool is_ours = play_probe(&play, head >> 15, one.ptr, one.len) == NTA_PARSE_OK;

        assert(!is_ours || one.len >= 47);
        assert((play_call(&play, head >> 15, one) == NTA_PARSE_OK) == is_ours);
        assert(play.io.done_both == is_ours && play.n_events == 0);
    }
    play_done(&play);
    return 0;
}
