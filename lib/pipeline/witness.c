/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/witness.h"

#include "base/own.h"

#include <string.h>

static uint64_t higher(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t believed(const struct nta_witnesses *known, const struct nta_store_head *head)
{
    return head->number > nta_store_number_max(known->file.number) ? 0 : head->number;
}

/** The first of the highest. */
static const char *find_highest(const struct nta_witnesses *known, struct nta_store_head *ret_head)
{
    const struct
    {
        const struct nta_store_head *head;
        const char *name;
    } rows[] = {
        {&known->mysql, "MySQL"},
        {&known->file, "the state file"},
        {&known->row, "the store's chain row"},
        {&known->newest, "the store's last batch"},
    };

    size_t best = 0;

    for (size_t i = 1; i < NTA_N_ELEMENTS(rows); i++)
        if (believed(known, rows[i].head) > believed(known, rows[best].head))
            best = i;
    *ret_head = believed(known, rows[best].head) ? *rows[best].head : (struct nta_store_head){0};
    return rows[best].name;
}

void nta_witnesses_judge(const struct nta_witnesses *known, struct nta_verdict *ret_verdict)
{
    struct nta_verdict verdict = {0};

    verdict.witness = find_highest(known, &verdict.head);
    uint64_t end = verdict.head.number;
    /* what MySQL has, the journal need not hold */
    uint64_t there = higher(believed(known, &known->newest),
                            higher(believed(known, &known->mysql), known->acked));
    /* a store of before there were state files, all of it in MySQL, whose last batch was not left
     * there */
    bool is_old = !known->has_file && known->newest.number == 0 && known->mysql.number == 0 &&
                  known->row.number == end;

    if (there < end && !is_old) {
        verdict.first = there + 1;
        verdict.last = end;
    } else if (known->row.number != end ||
               memcmp(known->row.hash, verdict.head.hash, NTA_HASH_LEN) != 0) {
        verdict.first = known->row.number < end ? known->row.number + 1 : end;
        verdict.last = end;
    }
    *ret_verdict = verdict;
}
