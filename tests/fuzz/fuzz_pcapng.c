/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stored pcapng section: what is accepted can be copied with more comments, and the copy is
 * accepted too.
 */
#include "base/text.h"
#include "capture/pcapng_write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct nta_buf copy;
    const struct nta_span comment = nta_span_of("comment");
    struct nta_pcapng_counts counts, again;

    nta_buf_clear(&copy);
    if (!nta_pcapng_annotate((struct nta_span){data, len}, &comment, 1, &copy, &counts))
        return 0;
    if (!nta_pcapng_annotate(nta_buf_span(&copy), NULL, 0, NULL, &again) ||
        again.n_packets != counts.n_packets || again.n_comments != counts.n_comments + 1)
        __builtin_trap();
    return 0;
}
