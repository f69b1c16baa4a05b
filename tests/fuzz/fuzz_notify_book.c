/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as a book that was kept: refused, or the same when it is written and read again. */
#include "notify/book.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct nta_notify_book book;
    struct nta_buf one = {0}, two = {0};

    if (nta_notify_book_read(&book, (struct nta_span){data, len}) == 0) {
        nta_notify_book_put(&book, &one);
        assert(nta_notify_book_read(&book, nta_buf_span(&one)) == 0);
        nta_notify_book_put(&book, &two);
        assert(nta_span_equal(nta_buf_span(&one), nta_buf_span(&two)));
    } else {
        assert(book.n == 0);
    }
    nta_notify_book_done(&book);
    nta_buf_done(&one);
    nta_buf_done(&two);
    return 0;
}
