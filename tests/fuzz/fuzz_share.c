/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a share of an auditor's key: what is read is written again as the same text,
 * and is the same when it is typed. */
#include "base/own.h"
#include "vault/open/shares.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    NTA_AUTO(nta_buf_done) struct nta_buf again = {.secret = true};
    NTA_AUTO(nta_buf_done) struct nta_buf typed = {.secret = true};
    struct nta_share share;

    nta_share_typed((struct nta_span){data, len}, &typed);
    if (nta_share_parse((struct nta_span){data, len}, &share) < 0)
        return 0;
    nta_share_put(&share, &again);
    assert(nta_span_equal((struct nta_span){data, len}, nta_buf_span(&typed)));
    assert(nta_span_equal((struct nta_span){data, len}, nta_buf_span(&again)));
    assert(share.number >= 1 && share.number <= share.of && share.of <= NTA_SHARES_MAX);
    return 0;
}
