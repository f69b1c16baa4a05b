/* SPDX-License-Identifier: Apache-2.0 */
/* What the rows of MySQL's answers say, of any form. */
#include "store/mysql/mysql_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

uint64_t nta_mysql_take_number(const struct nta_mysql_binds *columns, unsigned at, uint64_t max,
                               struct nta_store_row *row)
{
    uint64_t number = 0;

    if (nta_mysql_number_of(columns, at, &number) && number <= max)
        return number;
    row->faults |= NTA_ROW_TYPE;
    return 0;
}

void nta_mysql_take_lens(const struct nta_mysql_binds *columns, unsigned at,
                         enum nta_store_part from, unsigned n, struct nta_store_row *row)
{
    for (unsigned i = 0; i < n; i++) {
        if (!nta_mysql_number_of(columns, at + i, &row->lens[from + i]))
            row->faults |= NTA_ROW_CONTENT;
        else if (row->lens[from + i] > nta_store_part_max[from + i])
            row->faults |= NTA_ROW_SIZE;
    }
}

int nta_mysql_take_part(const struct nta_mysql_binds *columns, unsigned at,
                        enum nta_store_part part, struct nta_store_row *row, struct nta_err *err)
{
    if (columns->nulls[at] || row->lens[part] > nta_store_part_max[part])
        return 0;
    if (columns->lens[at] != row->lens[part]) {
        row->faults |= NTA_ROW_CONTENT;
        return 0;
    }
    row->has[part] = true;
    return nta_mysql_bytes(columns, at, nta_store_part_max[part], &row->bytes, err);
}

void nta_mysql_runs_done(struct nta_mysql_runs *list)
{
    free(list->runs);
}

int nta_mysql_add_run(struct nta_mysql_runs *list, const struct nta_store_run *run)
{
    if (list->n == NTA_MYSQL_ROWS_MAX)
        return -E2BIG;
    if (list->n == list->size) {
        size_t size = list->size ? 2 * list->size : 64;
        struct nta_store_run *more = reallocarray(list->runs, size, sizeof(*more));

        if (!more)
            return -ENOMEM;
        list->runs = more;
        list->size = size;
    }
    list->runs[list->n++] = *run;
    return 0;
}
