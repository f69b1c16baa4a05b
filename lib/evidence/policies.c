/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/policies.h"

#include "base/own.h"
#include "evidence/each.h"
#include "record/class.h"
#include "vault/merkle.h"

#include <errno.h>
#include <stdlib.h>

/** A list in force, as a policy record has it. */
struct listed
{
    uint8_t tree[NTA_HASH_LEN];
    uint64_t n_lines;
};

/** What the policy records of the case say, in order, so that each question takes a few steps. */
struct policies
{
    uint64_t *stamps; ///< Owned.
    struct listed *lists;
    size_t n_stamps, n_lists;
    size_t n_foreign;              ///< Records not decoded, or of another class than their batch.
    size_t n_stamped, n_no_policy; ///< Records that name a policy; those whose is not here.
};

static void policies_done(struct policies *policies)
{
    free(policies->stamps);
    free(policies->lists);
}

static int order_stamps(const void *a, const void *b)
{
    const uint64_t *one = a, *other = b;

    return (*one > *other) - (*one < *other);
}

static int order_listed(const void *a, const void *b)
{
    const struct listed *one = a, *other = b;
    const int order = memcmp(one->tree, other->tree, NTA_HASH_LEN);

    return order ? order : (one->n_lines > other->n_lines) - (one->n_lines < other->n_lines);
}

/** Space for one more of `size` bytes behind `n`, which is a power of two when it is full. */
static bool make_space(void **array, size_t n, size_t size)
{
    if (n & (n - 1))
        return true;
    void *grown = reallocarray(*array, n ? 2 * n : 1, size);

    if (grown)
        *array = grown;
    return grown;
}

static int take_lists(struct policies *policies, const struct nta_record_log *log)
{
    for (size_t i = 0; i < log->n_lists; i++) {
        if (log->lists[i].tree.len != NTA_HASH_LEN)
            continue;
        if (!make_space((void **)&policies->lists, policies->n_lists, sizeof(*policies->lists)))
            return -ENOMEM;
        struct listed *listed = &policies->lists[policies->n_lists++];

        memcpy(listed->tree, log->lists[i].tree.ptr, NTA_HASH_LEN);
        listed->n_lines = log->lists[i].lines;
    }
    return 0;
}

static int take_policy(void *owner, const struct nta_case_at *at)
{
    struct policies *policies = owner;

    policies->n_foreign += !at->record || nta_record_class(at->record) != at->head->header.class;
    if (!at->record || at->record->event != NTA_RECORD_POLICY)
        return 0;
    if (!make_space((void **)&policies->stamps, policies->n_stamps, sizeof(*policies->stamps)))
        return -ENOMEM;
    policies->stamps[policies->n_stamps++] = nta_case_stamp(at->stored->bytes);
    return at->record->log ? take_lists(policies, at->record->log) : 0;
}

static int look_for_policy(void *owner, const struct nta_case_at *at)
{
    struct policies *policies = owner;

    if (!at->record || !at->record->policy)
        return 0;
    policies->n_stamped++;
    policies->n_no_policy +=
        policies->n_stamps == 0 || !bsearch(&at->record->policy, policies->stamps,
                                            policies->n_stamps, sizeof(uint64_t), order_stamps);
    return 0;
}

static int gather_policies(const struct nta_case *kase, struct policies *policies)
{
    int r = nta_case_each(kase, take_policy, policies);

    if (policies->n_stamps)
        qsort(policies->stamps, policies->n_stamps, sizeof(uint64_t), order_stamps);
    if (policies->n_lists)
        qsort(policies->lists, policies->n_lists, sizeof(struct listed), order_listed);
    return r < 0 ? r : nta_case_each(kase, look_for_policy, policies);
}

static void tell_policies(struct nta_case_report *report, const struct policies *policies)
{
    if (policies->n_foreign && report->steps[NTA_CASE_RECORDS].state == NTA_CASE_HOLDS)
        nta_case_tell(report, NTA_CASE_RECORDS, NTA_CASE_WRONG,
                      "%zu records are signed, and not of a form that this program knows, or not "
                      "of their batch's class",
                      policies->n_foreign);
    if (policies->n_stamped == 0)
        nta_case_tell(report, NTA_CASE_POLICY, NTA_CASE_NONE, "no record names a policy");
    else if (policies->n_no_policy)
        nta_case_tell(report, NTA_CASE_POLICY, NTA_CASE_UNSEEN,
                      "%zu of %zu records name a policy whose record is not here",
                      policies->n_no_policy, policies->n_stamped);
    else
        nta_case_tell(report, NTA_CASE_POLICY, NTA_CASE_HOLDS,
                      "the record of the policy that they name by its hash is here for %zu of %zu "
                      "records",
                      policies->n_stamped, policies->n_stamped);
}

/* ---- lines of lists ---- */

static bool is_in_list(const struct policies *policies, const struct nta_case_line *line)
{
    struct listed listed = {.n_lines = line->n_lines};
    uint8_t leaf[NTA_HASH_LEN];

    memcpy(listed.tree, line->tree.ptr, NTA_HASH_LEN);
    if (policies->n_lists == 0 ||
        !bsearch(&listed, policies->lists, policies->n_lists, sizeof(listed), order_listed))
        return false;
    nta_merkle_leaf((struct nta_span){.ptr = NULL}, line->text, leaf);
    return nta_merkle_verify(leaf, line->number - 1, line->n_lines, line->path, line->tree.ptr);
}

static void tell_lines(const struct nta_case *kase, struct nta_case_report *report,
                       const struct policies *policies)
{
    size_t n_hold = 0;

    for (size_t i = 0; i < kase->n_lines; i++)
        n_hold += is_in_list(policies, &kase->lines[i]);
    if (kase->n_lines == 0)
        nta_case_tell(report, NTA_CASE_LINES, NTA_CASE_NONE,
                      "no lines of lists are in the case; what forbade it stands in the records");
    else
        nta_case_tell(report, NTA_CASE_LINES,
                      n_hold == kase->n_lines ? NTA_CASE_HOLDS : NTA_CASE_WRONG,
                      "%zu of %zu lines of lists are those under the hash in a policy record",
                      n_hold, kase->n_lines);
}

int nta_case_prove_policies(const struct nta_case *kase, struct nta_case_report *report)
{
    NTA_AUTO(policies_done) struct policies policies = {.n_stamps = 0};
    const int r = gather_policies(kase, &policies);

    if (r < 0)
        return r;
    tell_policies(report, &policies);
    tell_lines(kase, report, &policies);
    return 0;
}
