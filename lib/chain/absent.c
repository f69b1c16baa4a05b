/* SPDX-License-Identifier: Apache-2.0 */
/* Batches whose contents or data key are not there: destroyed, as a note says, or removed. */
#include "chain/judge.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void put_day(int64_t day, char *buf, size_t size)
{
    const time_t seconds = (time_t)(day * 86400);
    struct tm tm;

    if (!gmtime_r(&seconds, &tm) || strftime(buf, size, "%Y-%m-%d", &tm) == 0)
        (void)snprintf(buf, size, "day %" PRId64, day);
}

/** Once for each class and day. */
static void tell(struct nta_chain *chain, struct nta_chain_part *part,
                 const struct nta_deleted *deleted)
{
    const struct nta_finding_at place = {.sensor = part->trusted->sensor};
    char text[NTA_FINDING_TEXT_SIZE], day[32];

    part->n_deleted++;
    if (part->has_told[deleted->class] && part->told[deleted->class] == deleted->day)
        return;
    part->has_told[deleted->class] = true;
    part->told[deleted->class] = deleted->day;
    put_day(deleted->day, day, sizeof(day));
    (void)snprintf(text, sizeof(text),
                   "contents of class %s of %s were deleted (%s), as batch %" PRIu64 " notes",
                   nta_class_name(deleted->class), day, nta_delete_reason_name(deleted->reason),
                   deleted->number);
    nta_findings_add(chain->findings, NTA_FINDING_DELETED, &place, text);
}

static void say(struct nta_chain *chain, const struct nta_absent *absent,
                enum nta_finding_kind kind)
{
    const struct nta_finding_at place = {
        .sensor = chain->parts[absent->sensor].trusted->sensor,
        .number = absent->number,
        .print = absent->print,
    };

    nta_findings_add(chain->findings, kind, &place,
                     kind == NTA_FINDING_CONTENT ? "its contents are missing, and no later batch "
                                                   "notes that they were deleted"
                                                 : NULL);
}

/** One that finds no room is said at once. */
static void keep(struct nta_chain *chain, const struct nta_absent *absent)
{
    if (chain->n_absent == chain->size_absent && chain->size_absent < ABSENT_MAX) {
        size_t size = chain->size_absent ? 2 * chain->size_absent : 64;
        struct nta_absent *all = reallocarray(chain->absent, size, sizeof(*all));

        if (all) {
            chain->absent = all;
            chain->size_absent = size;
        }
    }
    if (chain->n_absent < chain->size_absent)
        chain->absent[chain->n_absent++] = *absent;
    else
        say(chain, absent, absent->kind);
}

enum nta_finding_kind nta_chain_miss(struct nta_chain *chain, size_t sensor,
                                     const struct nta_stored *row, uint64_t print,
                                     enum nta_finding_kind kind)
{
    const struct nta_absent absent = {
        .sensor = sensor,
        .number = row->header.number,
        .print = print,
        .class = row->header.class,
        .day = nta_day_of(row->header.sealed_ns),
        .kind = kind,
    };
    struct nta_chain_part *part = &chain->parts[sensor];
    const struct nta_deleted *deleted =
        nta_timeline_deleted(&part->timeline, absent.number, absent.class, absent.day);

    if (deleted) {
        tell(chain, part, deleted);
        return NTA_FINDING_DELETED;
    }
    keep(chain, &absent);
    return kind;
}

void nta_chain_end_absent(struct nta_chain *chain, bool is_partial)
{
    for (size_t i = 0; i < chain->n_absent; i++) {
        const struct nta_absent *absent = &chain->absent[i];
        struct nta_chain_part *part = &chain->parts[absent->sensor];
        const struct nta_deleted *deleted =
            nta_timeline_deleted(&part->timeline, absent->number, absent->class, absent->day);

        if (deleted)
            tell(chain, part, deleted);
        else
            say(chain, absent,
                is_partial && absent->kind == NTA_FINDING_CONTENT ? NTA_FINDING_UNSEEN
                                                                  : absent->kind);
    }
    chain->n_absent = 0;
}
