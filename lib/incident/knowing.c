/* SPDX-License-Identifier: Apache-2.0 */
#include "incident/knowing.h"

#include <stdlib.h>

static int order_known(const void *left, const void *right)
{
    const struct nta_known *a = left, *b = right;

    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    if (a->from_ns != b->from_ns)
        return a->from_ns < b->from_ns ? -1 : 1;
    if (a->to_ns != b->to_ns)
        return a->to_ns < b->to_ns ? -1 : 1;
    if (a->user != b->user)
        return a->user < b->user ? -1 : 1;
    return a->binding < b->binding ? -1 : a->binding > b->binding;
}

/** Into the later what the earlier one says. */
static void carry(const struct nta_known *before, struct nta_known *next)
{
    next->others_to_ns = INT64_MIN;
    if (before->key != next->key)
        return;
    next->others_to_ns = before->others_to_ns;
    next->others_binding = before->others_binding;
    if (before->user == next->user) {
        if (before->to_ns >= next->to_ns)
            next->binding = before->binding;
        if (before->to_ns > next->to_ns)
            next->to_ns = before->to_ns;
    } else if (next->to_ns > before->to_ns) {
        next->others_to_ns = before->to_ns;
        next->others_binding = before->binding;
    } else {
        if (next->to_ns > next->others_to_ns) {
            next->others_to_ns = next->to_ns;
            next->others_binding = next->binding;
        }
        next->user = before->user;
        next->to_ns = before->to_ns;
        next->binding = before->binding;
    }
}

/** The last of this key that begins no later; NULL: none. */
static const struct nta_known *find(const struct nta_knowing *knowing, uint64_t key, int64_t at_ns)
{
    size_t low = 0, high = knowing->n;

    while (low < high) { /* the first behind it */
        const size_t middle = low + (high - low) / 2;
        const struct nta_known *known = &knowing->known[middle];

        if (known->key < key || (known->key == key && known->from_ns <= at_ns))
            low = middle + 1;
        else
            high = middle;
    }
    return low && knowing->known[low - 1].key == key ? &knowing->known[low - 1] : NULL;
}

void nta_known_dispute(struct nta_known_said *said, uint32_t one, uint32_t other)
{
    said->known = NULL;
    said->is_disputed = true;
    said->disputing[0] = one;
    said->disputing[1] = other;
}

struct nta_known_said nta_knowing_only(const struct nta_knowing *knowing, uint64_t key,
                                       int64_t at_ns)
{
    struct nta_known_said said = {.known = key ? find(knowing, key, at_ns) : NULL};

    if (said.known && said.known->to_ns < at_ns)
        said.known = NULL;
    if (said.known && said.known->others_to_ns >= at_ns)
        nta_known_dispute(&said, said.known->binding, said.known->others_binding);
    return said;
}

void nta_knowing_sort(struct nta_knowing *knowing)
{
    if (knowing->n == 0)
        return;
    qsort(knowing->known, knowing->n, sizeof(*knowing->known), order_known);
    knowing->known[0].others_to_ns = INT64_MIN;
    for (size_t i = 1; i < knowing->n; i++)
        carry(&knowing->known[i - 1], &knowing->known[i]);
}
