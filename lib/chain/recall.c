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

bool nta_chain_recall_seen(struct nta_chain *chain)
{
    bool is_any = false;

    for (size_t i = 0; i < chain->trust->n; i++) {
        struct nta_chain_part *part = &chain->parts[i];
        const struct nta_head *seen = seen_of(part);

        if (!seen)
            continue;
        part->recall.number = seen->number;
        memcpy(part->recall.root, seen->root, NTA_HASH_LEN);
        is_any = true;
    }
    return is_any;
}

static struct nta_chain_part *part_of(const struct nta_chain *chain,
                                      const uint8_t sensor[NTA_SENSOR_ID_LEN])
{
    const struct nta_trusted *trusted = nta_trust_find(chain->trust, sensor);

    return trusted ? &chain->parts[trusted - chain->trust->all] : NULL;
}

int nta_chain_recall_from(struct nta_chain *chain, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                          const struct nta_expected *head)
{
    struct nta_chain_part *part = part_of(chain, sensor);

    if (!part)
        return 0;
    part->recall.number = head->number;
    memcpy(part->recall.root, head->root, NTA_HASH_LEN);
    return nta_chain_expect(chain, NTA_FINDING_SEEN, sensor, head);
}

uint64_t nta_chain_recalled(const struct nta_chain *chain, const uint8_t sensor[NTA_SENSOR_ID_LEN])
{
    const struct nta_chain_part *part = part_of(chain, sensor);

    return part ? part->recalled : 0;
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
    struct nta_chain_part *part = row->faults & NTA_ROW_HEADER || header->version == 1
                                      ? NULL
                                      : part_of(chain, header->sensor);
    const struct nta_recall *recall = part ? &part->recall : NULL;
    uint8_t hash[NTA_HASH_LEN];

    if (!recall || part->recalled || header->number > recall->number)
        return;
    if (nta_timeline_settle(&part->timeline) < 0) {
        chain->is_failed = true;
        return;
    }
    nta_header_hash(&row->sealed, hash);
    if (!nta_chain_add_link(part, header->number, hash) || header->number != recall->number)
        return;
    nta_log_root(&part->tree, hash);
    if (memcmp(hash, recall->root, NTA_HASH_LEN) == 0 &&
        !is_said_anew(&part->timeline, recall->number))
        part->recalled = recall->number;
}

void nta_chain_recall_end(struct nta_chain *chain)
{
    for (size_t i = 0; i < chain->trust->n; i++)
        chain->parts[i].tree = (struct nta_log_tree){.n = 0}; /* the walk's begins at the first */
}
