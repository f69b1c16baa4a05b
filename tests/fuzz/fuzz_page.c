/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a page: one that is as its digests say is the same when these are made anew. */
#include "base/own.h"
#include "export/page/proof.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    NTA_AUTO(nta_buf_done) struct nta_buf page = {0};
    struct nta_page_proof proof;

    if (nta_page_look((struct nta_span){data, len}, &proof) != NTA_PAGE_WHOLE)
        nta_page_put_proven(&page, (struct nta_span){data, len}, NULL, nta_span_of("x\n"));
    else
        nta_buf_put(&page, data, len);
    if (nta_page_look(nta_buf_span(&page), &proof) != NTA_PAGE_WHOLE)
        return 0;
    assert(proof.data.ptr >= page.ptr && proof.data.len <= page.len);
    assert(proof.heads.ptr >= page.ptr && proof.heads.len <= page.len);
    return 0;
}
