/* SPDX-License-Identifier: Apache-2.0 */
/* The tree over a chain's links, as its headers have it (vault/tree/log_tree.h). */
#include "chain/judge.h"

#include <string.h>

/** Numbers that are lost to the sensor are leaves of zeros. */
static void skip_lost(struct nta_chain_part *part, uint64_t number)
{
    const struct nta_lost *lost;

    while (part->tree.n + 1 < number &&
           (lost = nta_timeline_lost_from(&part->timeline, part->tree.n + 1)) &&
           lost->from <= part->tree.n + 1) {
        uint64_t to = lost->to < number ? lost->to : number - 1;

        if (!nta_log_add_lost(&part->tree, to - part->tree.n))
            return;
    }
}

/** One is missing, and the next one names its link; what that signs says whether that was it. */
static void guess_missing(struct nta_chain_part *part, const struct nta_header *header)
{
    struct nta_log_tree tree = part->tree;
    uint8_t root[NTA_HASH_LEN];

    nta_log_add(&tree, header->previous);
    nta_log_root(&tree, root);
    if (memcmp(root, header->log, NTA_HASH_LEN) == 0)
        part->tree = tree;
}

/** Its tree hash is that over the links that came. */
static bool check(struct nta_chain *chain, struct nta_chain_part *part,
                  const struct nta_header *header, const uint8_t hash[NTA_HASH_LEN])
{
    const struct nta_lost *lost = nta_timeline_lost_from(&part->timeline, header->number - 1);
    uint8_t root[NTA_HASH_LEN];

    nta_log_root(&part->tree, root);
    if (memcmp(root, header->log, NTA_HASH_LEN) == 0)
        return true;
    /* it says only here that some that are there are lost: in its tree they are zeros */
    if (lost && lost->to == header->number - 1 && part->linked_to >= lost->from)
        part->has_other_tree = true;
    else
        nta_chain_say(chain, NTA_FINDING_LOG, header, hash, NULL);
    return false;
}

bool nta_chain_add_link(struct nta_chain_part *part, uint64_t number,
                        const uint8_t hash[NTA_HASH_LEN])
{
    static const uint8_t zeros[NTA_HASH_LEN];

    skip_lost(part, number);
    if (number != part->tree.n + 1)
        return false;
    nta_log_add(&part->tree, nta_timeline_lost_at(&part->timeline, number) ? zeros : hash);
    return true;
}

void nta_chain_grow(struct nta_chain *chain, struct nta_chain_part *part,
                    const struct nta_header *header, const uint8_t hash[NTA_HASH_LEN])
{
    const bool says_nothing = nta_timeline_lost_at(&part->timeline, header->number); /* at all */
    uint8_t root[NTA_HASH_LEN];

    /* what it claims meets nothing, but it may contradict */
    if (!says_nothing)
        nta_chain_hold_tree(part, header->number - 1, header->log, false);
    if (part->has_other_tree)
        return;
    skip_lost(part, header->number);
    if (header->number == part->tree.n + 2 && !says_nothing)
        guess_missing(part, header);
    if (header->number != part->tree.n + 1)
        return;
    if (!says_nothing && check(chain, part, header, hash))
        nta_chain_hold_tree(part, header->number - 1, header->log, true);
    if (part->has_other_tree || !nta_chain_add_link(part, header->number, hash) || says_nothing)
        return;
    part->linked_to = header->number;
    if (part->n_heads == 0)
        return;
    nta_log_root(&part->tree, root);
    nta_chain_hold_tree(part, part->tree.n, root, true);
}
