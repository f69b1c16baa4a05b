/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/proof/policies.h"

#include "base/own.h"
#include "base/text.h"
#include "evidence/proof/each.h"
#include "evidence/proof/named.h"
#include "record/class.h"
#include "vault/tree/merkle.h"

#include <errno.h>
#include <stdlib.h>

/** What the policy records of the case say, in order, so that each question takes a few steps. */
struct policies
{
    uint64_t *stamps; ///< Owned.
    size_t n_stamps;
    size_t n_foreign;              ///< Records not decoded, or of another class than their batch.
    size_t n_stamped, n_no_policy; ///< Records that name a policy; those whose is not here.
};

static void policies_done(struct policies *policies)
{
    free(policies->stamps);
}

static int order_stamps(const void *a, const void *b)
{
    const uint64_t *one = a, *other = b;

    return (*one > *other) - (*one < *other);
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

static int take_policy(void *owner, const struct nta_case_at *at)
{
    struct policies *policies = owner;

    policies->n_foreign += !at->record || nta_record_class(at->record) != at->head->header.class;
    if (!at->record || at->record->event != NTA_RECORD_POLICY)
        return 0;
    if (!make_space((void **)&policies->stamps, policies->n_stamps, sizeof(*policies->stamps)))
        return -ENOMEM;
    policies->stamps[policies->n_stamps++] = nta_case_stamp(at->stored->bytes);
    return 0;
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

static bool is_in_list(const struct nta_case_line *line)
{
    uint8_t leaf[NTA_HASH_LEN];

    nta_merkle_leaf((struct nta_span){.ptr = NULL}, line->text, leaf);
    return nta_merkle_verify(leaf, line->number - 1, line->n_lines, line->path, line->tree.ptr);
}

/** Append the list's name, unless it is the one before it. */
static void put_name(struct nta_buf *names, const struct nta_named_line *named,
                     struct nta_span *before)
{
    if (nta_span_equal(named->list, *before) && names->len)
        return;
    nta_buf_puts(names, names->len ? ", " : "");
    nta_text_escape(names, named->list);
    *before = named->list;
}

static void tell_lines(const struct nta_case *kase, struct nta_case_report *report,
                       const struct nta_named_lines *lines)
{
    NTA_AUTO(nta_buf_done) struct nta_buf names = {0};
    struct nta_span before = {0};
    size_t n_hold = 0;

    for (size_t i = 0; i < kase->n_lines; i++) {
        const struct nta_named_line *named = nta_named_lines_find(lines, &kase->lines[i]);

        if (!named || !is_in_list(&kase->lines[i]))
            continue;
        n_hold++;
        put_name(&names, named, &before);
    }
    if (kase->n_lines == 0)
        nta_case_tell(report, NTA_CASE_LINES, NTA_CASE_NONE,
                      "no lines of lists are in the case; what forbade it stands in the records");
    else
        nta_case_tell(report, NTA_CASE_LINES,
                      n_hold == kase->n_lines ? NTA_CASE_HOLDS : NTA_CASE_WRONG,
                      "%zu of %zu lines of lists are those that records name as what forbade it, "
                      "under the hash in a policy record; of list: %.*s",
                      n_hold, kase->n_lines, (int)nta_smaller(names.len, 160),
                      names.ptr ? (const char *)names.ptr : "none");
}

int nta_case_prove_policies(const struct nta_case *kase, struct nta_case_report *report)
{
    NTA_AUTO(policies_done) struct policies policies = {.n_stamps = 0};
    NTA_AUTO(nta_named_lines_done) struct nta_named_lines lines = {.n = 0};
    int r = gather_policies(kase, &policies);

    if (r == 0)
        r = nta_named_lines_init(&lines, kase);
    if (r < 0)
        return r;
    tell_policies(report, &policies);
    tell_lines(kase, report, &lines);
    return 0;
}
