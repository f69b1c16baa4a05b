/* SPDX-License-Identifier: Apache-2.0 */
/* Batches whose contents or data key are not there: destroyed, as a note says, or removed. */
#include "chain/judge.h"
#include "chain/sweep.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum
{
    ABSENT_MAX = 1 << 16 ///< Batches of which it is not yet known why a part is missing.
};

/** A batch a part of which is missing, until it is known whether a note excuses that. */
struct nta_absent
{
    size_t sensor;
    uint64_t number, print;
    enum nta_class class;
    int64_t day;
    enum nta_finding_kind kind; ///< What it is otherwise.
    bool is_unsigned;           ///< Nobody is known to have signed it: no note excuses it.
};

/** What a store lacks, or has, of a class and day whose contents were deleted as notes say. */
struct nta_gone
{
    enum nta_class class;
    int64_t day;
    uint64_t n;    ///< Batches that are excused.
    bool is_there; ///< Contents of one before the note are there all the same.
};

/** The one of this class and day, put there if it was not; NULL: no memory. */
static struct nta_gone *find_gone(struct nta_chain *chain, struct nta_chain_part *part,
                                  const struct nta_deleted *deleted)
{
    size_t low = 0, high = part->n_gone;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct nta_gone *one = &part->gone[middle];

        if (one->class < deleted->class ||
            (one->class == deleted->class && one->day < deleted->day))
            low = middle + 1;
        else
            high = middle;
    }
    if (low < part->n_gone && part->gone[low].class == deleted->class &&
        part->gone[low].day == deleted->day)
        return &part->gone[low];
    /* no more than there are notes, which have their bound */
    if (nta_make_space((void **)&part->gone, part->n_gone, &part->size_gone, sizeof(*part->gone)) <
        0) {
        chain->is_failed = true;
        return NULL;
    }
    memmove(part->gone + low + 1, part->gone + low, (part->n_gone - low) * sizeof(*part->gone));
    part->gone[low] = (struct nta_gone){.class = deleted->class, .day = deleted->day};
    part->n_gone++;
    return &part->gone[low];
}

/** Once for each class and day. */
static void tell(struct nta_chain *chain, struct nta_chain_part *part,
                 const struct nta_deleted *deleted)
{
    const struct nta_finding_at place = {.sensor = part->trusted->sensor};
    char text[NTA_FINDING_TEXT_SIZE], day[NTA_DAY_TEXT_SIZE];

    struct nta_gone *gone = find_gone(chain, part, deleted);

    if (gone)
        gone->n++;
    part->n_deleted++;
    if (part->has_told[deleted->class] && part->told[deleted->class] == deleted->day)
        return;
    part->has_told[deleted->class] = true;
    part->told[deleted->class] = deleted->day;
    (void)snprintf(text, sizeof(text),
                   "contents of class %s of %s were deleted (%s), as batch %" PRIu64 " notes",
                   nta_class_name(deleted->class), nta_day_text(deleted->day, day),
                   nta_delete_reason_name(deleted->reason), deleted->number);
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
                     kind != NTA_FINDING_CONTENT ? NULL
                     : absent->is_unsigned       ? "its contents are missing, and nothing excuses "
                                                   "that: nobody is known to have signed it"
                                                 : "its contents are missing, and no later batch "
                                                   "notes that they were deleted");
}

/** One above the bound is said at once. */
static void keep(struct nta_chain *chain, const struct nta_absent *absent)
{
    if (chain->n_absent == chain->size_absent && chain->size_absent < ABSENT_MAX) {
        size_t size = chain->size_absent ? 2 * chain->size_absent : 64;
        struct nta_absent *all = reallocarray(chain->absent, size, sizeof(*all));

        if (!all) {
            chain->is_failed = true;
            return;
        }
        chain->absent = all;
        chain->size_absent = size;
    }
    if (chain->n_absent < chain->size_absent)
        chain->absent[chain->n_absent++] = *absent;
    else
        say(chain, absent, absent->kind);
}

static struct nta_absent absent_of(size_t sensor, const struct nta_stored *row, uint64_t print,
                                   enum nta_finding_kind kind)
{
    return (struct nta_absent){
        .sensor = sensor,
        .number = row->header.number,
        .print = print,
        .class = row->header.class,
        .day = nta_day_of(row->header.sealed_ns),
        .kind = kind,
    };
}

/** The note that excuses it, as far as is known now, or NULL. */
static const struct nta_deleted *find_excuse(const struct nta_chain *chain,
                                             const struct nta_absent *absent)
{
    return absent->is_unsigned ? NULL
                               : nta_timeline_deleted(&chain->parts[absent->sensor].timeline,
                                                      absent->number, absent->class, absent->day);
}

enum nta_finding_kind nta_chain_miss(struct nta_chain *chain, size_t sensor,
                                     const struct nta_stored *row, uint64_t print,
                                     enum nta_finding_kind kind)
{
    const struct nta_absent absent = absent_of(sensor, row, print, kind);
    const struct nta_deleted *deleted = find_excuse(chain, &absent);
    const bool is_new = nta_prints_put(&chain->missed, print, SIZE_MAX);

    if (deleted && is_new)
        tell(chain, &chain->parts[sensor], deleted);
    else if (is_new)
        keep(chain, &absent);
    return deleted ? NTA_FINDING_DELETED : kind;
}

void nta_chain_lack(struct nta_chain *chain, size_t sensor, const struct nta_stored *row,
                    uint64_t print)
{
    struct nta_absent absent = absent_of(sensor, row, print, NTA_FINDING_CONTENT);

    absent.is_unsigned = true;
    keep(chain, &absent);
}

void nta_chain_have(struct nta_chain *chain, size_t sensor, const struct nta_header *header)
{
    struct nta_chain_part *part = &chain->parts[sensor];
    const struct nta_deleted *deleted = nta_timeline_deleted(
        &part->timeline, header->number, header->class, nta_day_of(header->sealed_ns));
    struct nta_gone *gone = deleted ? find_gone(chain, part, deleted) : NULL;

    if (gone)
        gone->is_there = true;
}

/** What is deleted is as much as notes say, and all of it. */
static void end_gone(struct nta_chain *chain, const struct nta_chain_part *part, bool is_partial)
{
    const struct nta_finding_at place = {.sensor = part->trusted->sensor};
    char text[NTA_FINDING_TEXT_SIZE], day[NTA_DAY_TEXT_SIZE];

    for (size_t i = 0; i < part->n_gone; i++) {
        const struct nta_gone *gone = &part->gone[i];
        const struct nta_deleted *deleted =
            nta_timeline_deleted(&part->timeline, 0, gone->class, gone->day);

        (void)nta_day_text(gone->day, day);
        if (gone->n > (deleted ? deleted->n_batches : 0)) {
            (void)snprintf(text, sizeof(text),
                           "contents of %" PRIu64 " batches of class %s of %s are missing, but "
                           "notes say that %" PRIu64 " were deleted",
                           gone->n, nta_class_name(gone->class), day,
                           deleted ? deleted->n_batches : 0);
            nta_findings_add(chain->findings, is_partial ? NTA_FINDING_UNSEEN : NTA_FINDING_CONTENT,
                             &place, text);
        }
        if (gone->is_there) {
            (void)snprintf(text, sizeof(text),
                           "contents of class %s of %s are there, but a later batch notes that "
                           "they were deleted",
                           nta_class_name(gone->class), day);
            nta_findings_add(chain->findings, NTA_FINDING_NOTE, &place, text);
        }
    }
}

void nta_chain_end_absent(struct nta_chain *chain, bool is_partial)
{
    for (size_t i = 0; i < chain->n_absent; i++) {
        const struct nta_absent *absent = &chain->absent[i];
        const struct nta_deleted *deleted = find_excuse(chain, absent);

        if (deleted)
            tell(chain, &chain->parts[absent->sensor], deleted);
        else
            say(chain, absent,
                is_partial && absent->kind == NTA_FINDING_CONTENT ? NTA_FINDING_UNSEEN
                                                                  : absent->kind);
    }
    chain->n_absent = 0;
    for (size_t i = 0; i < chain->trust->n; i++)
        end_gone(chain, &chain->parts[i], is_partial);
}
