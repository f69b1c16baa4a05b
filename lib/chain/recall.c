/* SPDX-License-Identifier: Apache-2.0 */
/* What was proved before, found again by the tree over its links. */
#include "chain/recall.h"

#include "chain/change.h"
#include "chain/judge.h"

#include <string.h>

/** What was seen of its tree; NULL: nothing. */
static const struct nta_head *seen_of(const struct nta_chain_part *part)
{
    for (size_t i = 0; i < part->n_heads; i++) {
        if (part->heads[i].kind == NTA_FINDING_SEEN && part->heads[i].has_root)
            return &part->heads[i];
    }
    return NULL;
}

bool nta_chain_has_seen(const struct nta_chain *chain)
{
    for (size_t i = 0; i < chain->trust->n; i++) {
        if (seen_of(&chain->parts[i]))
            return true;
    }
    return false;
}

/** Of a header behind `number` the identity says who signs, which may be about those before it. */
static bool is_said_anew(const struct nta_timeline *timeline, uint64_t number)
{
    bool is_anew = timeline->revoked > number;

    for (size_t i = 0; i < timeline->n && !is_anew; i++) {
        const struct nta_change *change = timeline->all[i];

        is_anew = change->number > number && (change->adopts || change->renews);
    }
    return is_anew;
}

void nta_chain_recall(struct nta_chain *chain, const struct nta_stored *row)
{
    const struct nta_header *header = &row->header;
    const struct nta_trusted *trusted = row->faults & NTA_ROW_HEADER || header->version == 1
                                            ? NULL
                                            : nta_trust_find(chain->trust, header->sensor);
    struct nta_chain_part *part = trusted ? &chain->parts[trusted - chain->trust->all] : NULL;
    const struct nta_head *seen = part ? seen_of(part) : NULL;
    uint8_t hash[NTA_HASH_LEN];

    if (!seen || part->recalled || header->number > seen->number)
        return;
    if (nta_timeline_settle(&part->timeline) < 0) {
        chain->is_failed = true;
        return;
    }
    nta_header_hash(&row->sealed, hash);
    if (!nta_chain_add_link(part, header->number, hash) || header->number != seen->number)
        return;
    nta_log_root(&part->tree, hash);
    if (memcmp(hash, seen->root, NTA_HASH_LEN) == 0 && !is_said_anew(&part->timeline, seen->number))
        part->recalled = seen->number;
}

void nta_chain_recall_end(struct nta_chain *chain)
{
    for (size_t i = 0; i < chain->trust->n; i++)
        chain->parts[i].tree = (struct nta_log_tree){.n = 0}; /* the walk's begins at the first */
}
