/* SPDX-License-Identifier: Apache-2.0 */
/* Heads that must lie in the chain: as the store keeps them, or somebody noted them. */
#include "chain/chain.h"
#include "chain/judge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct nta_chain_part *find_part(struct nta_chain *chain,
                                        const uint8_t sensor[NTA_SENSOR_ID_LEN])
{
    const struct nta_trusted *trusted = nta_trust_find(chain->trust, sensor);

    return trusted ? &chain->parts[trusted - chain->trust->all] : NULL;
}

/** A head of a sensor that is not looked at. */
static void report_foreign(struct nta_chain *chain, enum nta_finding_kind kind,
                           const uint8_t sensor[NTA_SENSOR_ID_LEN], uint64_t number)
{
    const struct nta_finding_at place = {.sensor = sensor, .number = number, .print = kind};

    if (kind == NTA_FINDING_HEAD)
        nta_findings_add(chain->findings, NTA_FINDING_SENSOR, &place,
                         "the store's chain row is of a sensor that nobody trusts");
    else
        nta_findings_add(chain->findings, kind, &place,
                         "the head that was noted is of a sensor that nobody trusts");
}

static int expect(struct nta_chain *chain, const struct nta_head *head,
                  const uint8_t sensor[NTA_SENSOR_ID_LEN])
{
    struct nta_chain_part *part = find_part(chain, sensor);

    if (!part) {
        report_foreign(chain, head->kind, sensor, head->number);
        return 0;
    }
    if (part->n_heads == part->size_heads) {
        size_t size = part->size_heads ? 2 * part->size_heads : 4;
        struct nta_head *heads = reallocarray(part->heads, size, sizeof(*heads));

        if (!heads)
            return -ENOMEM;
        part->heads = heads;
        part->size_heads = size;
    }
    part->is_sorted = false;
    part->has_head_row = part->has_head_row || head->kind == NTA_FINDING_HEAD;
    part->heads[part->n_heads++] = *head;
    return 0;
}

int nta_chain_expect(struct nta_chain *chain, enum nta_finding_kind kind,
                     const uint8_t sensor[NTA_SENSOR_ID_LEN], const struct nta_expected *expected)
{
    struct nta_head head = {
        .kind = kind,
        .number = expected->number,
        .has_link = expected->link != NULL,
        .has_root = expected->root != NULL,
    };

    if (expected->link)
        memcpy(head.link, expected->link, NTA_HASH_LEN);
    if (expected->root)
        memcpy(head.root, expected->root, NTA_HASH_LEN);
    return expect(chain, &head, sensor);
}

void nta_chain_head_after(struct nta_chain *chain, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                          uint64_t number)
{
    struct nta_chain_part *part = find_part(chain, sensor);

    if (!part)
        return;
    part->has_head_row = true;
    if (number > part->head_after)
        part->head_after = number;
}

static int compare_heads(const void *a, const void *b)
{
    const struct nta_head *one = a, *two = b;

    return (one->number > two->number) - (one->number < two->number);
}

/** The first head of this number, or of a higher one. */
static size_t find_head(struct nta_chain_part *part, uint64_t number)
{
    size_t low = 0, high = part->n_heads;

    if (!part->is_sorted && part->n_heads)
        qsort(part->heads, part->n_heads, sizeof(*part->heads), compare_heads);
    part->is_sorted = true;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (part->heads[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void nta_chain_meet(struct nta_chain_part *part, uint64_t number, const uint8_t hash[NTA_HASH_LEN])
{
    for (size_t i = find_head(part, number); i < part->n_heads && part->heads[i].number == number;
         i++) {
        struct nta_head *head = &part->heads[i];

        head->is_link_met =
            head->is_link_met || (head->has_link && memcmp(head->link, hash, NTA_HASH_LEN) == 0);
    }
}

void nta_chain_hold_tree(struct nta_chain_part *part, uint64_t number,
                         const uint8_t root[NTA_HASH_LEN], bool is_sure)
{
    for (size_t i = find_head(part, number); i < part->n_heads && part->heads[i].number == number;
         i++) {
        struct nta_head *head = &part->heads[i];

        if (!head->has_root)
            continue;
        if (memcmp(head->root, root, NTA_HASH_LEN) == 0)
            head->is_root_met = head->is_root_met || is_sure;
        else
            head->is_other = true;
    }
}

bool nta_chain_is_head(struct nta_chain_part *part, uint64_t number,
                       const uint8_t hash[NTA_HASH_LEN])
{
    for (size_t i = find_head(part, number); i < part->n_heads && part->heads[i].number == number;
         i++) {
        const struct nta_head *head = &part->heads[i];

        if (head->kind == NTA_FINDING_HEAD && head->has_link &&
            memcmp(head->link, hash, NTA_HASH_LEN) == 0)
            return true;
    }
    return false;
}
