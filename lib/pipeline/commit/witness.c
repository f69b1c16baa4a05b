/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/commit/witness.h"

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

/**
 * Behind the last batch that is seen: what MySQL is only said to have, nobody can link to.  Gives
 * the first number that no store is seen to hold; 0: none is lost.
 */
static uint64_t find_lost(const struct nta_witnesses *known, struct nta_verdict *verdict)
{
    uint64_t seen = higher(believed(known, &known->newest), believed(known, &known->mysql_newest));

    if (seen >= verdict->head.number)
        return 0;
    if (believed(known, &known->file) >= verdict->head.number)
        verdict->reason = known->newest.number == 0 && known->row.number == 0
                              ? NTA_LOST_FILE_REMOVED
                              : NTA_LOST_STORE_OLDER;
    else if (believed(known, &known->row) >= verdict->head.number)
        verdict->reason = NTA_LOST_CHAIN_ROW;
    else
        verdict->reason = NTA_LOST_RECOVERED;
    return seen + 1;
}

void nta_witnesses_judge(const struct nta_witnesses *known, struct nta_verdict *ret_verdict)
{
    struct nta_verdict verdict = {0};

    verdict.witness = find_highest(known, &verdict.head);
    uint64_t end = verdict.head.number;
    /* what MySQL has, the journal need not hold; its chain row, or what it is said to have had,
     * is not what is there */
    uint64_t there =
        higher(believed(known, &known->newest),
               known->mysql_answers ? believed(known, &known->mysql_newest) : known->acked);

    if (there < end) {
        verdict.first = there + 1;
        verdict.last = end;
    } else if (known->row.number != end ||
               memcmp(known->row.hash, verdict.head.hash, NTA_HASH_LEN) != 0) {
        verdict.first = known->row.number < end ? known->row.number + 1 : end;
        verdict.last = end;
    }
    const uint64_t lost = find_lost(known, &verdict);

    if (lost && !verdict.last) { /* numbers are never given up in silence */
        verdict.first = lost;
        verdict.last = end;
    }
    *ret_verdict = verdict;
}
