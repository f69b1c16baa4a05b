/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any rows of a store before everyone who reads them: each is a record behind its length (the
 * highest bit: its batch does not hold; the next: it has no id; the next: it comes twice).  Those
 * that decode are shown by themselves, summed, made to incidents, and put into report and maps; the
 * incidents are the same ones whatever order the rows come in.
 */
#include "rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct row rows[ROWS_MAX];
    struct nta_reader r = nta_reader_of(data, len);
    const size_t n = rows_read(&r, rows);
    struct nta_view *view = rows_gather(rows, n, false), *turned = rows_gather(rows, n, true);

    rows_show(view);
    assert(nta_incidents_count(view->incidents) == nta_incidents_count(turned->incidents));
    nta_view_free(&view);
    nta_view_free(&turned);
    return 0;
}
