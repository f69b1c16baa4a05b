/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an index's list and as a page: what is found lies where the list says. */
#include "vault/index/index.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const struct nta_span bytes = {data, len};
    struct nta_reader page = nta_reader_of(data, len);
    struct nta_index_row row;
    struct nta_index_set set;
    struct nta_index index;
    size_t at, n = 0;

    while (nta_index_next(&page, &row))
        n++;
    assert(nta_index_look_up(bytes, 1, &set) == nta_reader_done(&page) && n <= len / 6);
    if (!nta_index_read(bytes, &index))
        return 0;
    for (size_t i = 0; i < index.n_batches; i++)
        assert(i == 0 || nta_index_number(&index, i) > nta_index_number(&index, i - 1));
    assert(!nta_index_page_of(&index, 0x80000000, &at) || at < index.n_pages);
    return 0;
}
