/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Headers that the key of their number did not sign: one that somebody changed or made up, or those
 * of a sensor that lost its key and goes on under another, which nobody has adopted.  What the key
 * was nobody can tell from a signature.  But whoever goes on links each to the one before, and who
 * changes one breaks that: so of each the next one says which it was.
 */
#include "chain/judge.h"

#include <stdio.h>
#include <string.h>

static void say(struct nta_chain *chain, struct nta_chain_part *part, enum nta_finding_kind kind,
                uint64_t number, const uint8_t hash[NTA_HASH_LEN])
{
    const struct nta_finding_at place = {
        .sensor = part->trusted->sensor,
        .number = number,
        .print = nta_print_of(hash),
    };

    if (kind == NTA_FINDING_UNPROVED &&
        nta_prints_put(&chain->unproved, nta_print_of(hash), UNPROVED_MAX))
        part->n_unadopted++;
    nta_findings_add(chain->findings, kind, &place, NULL);
}

static bool follows(const struct nta_stray *stray, const struct nta_header *header)
{
    return stray->is_there && stray->number + 1 == header->number &&
           memcmp(header->previous, stray->hash, NTA_HASH_LEN) == 0;
}

/** What is said of the one before, which this one follows or not. */
static void end_stray(struct nta_chain *chain, struct nta_chain_part *part, bool is_followed)
{
    struct nta_stray *stray = &part->stray;

    if (!stray->is_there)
        return;
    stray->is_there = false;
    say(chain, part, is_followed || stray->in_run ? NTA_FINDING_UNPROVED : NTA_FINDING_SIGNATURE,
        stray->number, stray->hash);
}

enum nta_finding_kind nta_chain_refusal(const struct nta_chain *chain, size_t sensor,
                                        const struct nta_header *header,
                                        const uint8_t hash[NTA_HASH_LEN])
{
    struct nta_chain_part *part = &chain->parts[sensor];
    const struct nta_timeline *timeline = &part->timeline;

    if (header->version == 1)
        return NTA_FINDING_SIGNATURE;
    if (timeline->revoked && header->number > timeline->revoked)
        return NTA_FINDING_REVOKED;
    return !nta_timeline_key(timeline, header->number)->is_known || follows(&part->stray, header) ||
                   nta_chain_is_head(part, header->number, hash) ||
                   nta_prints_has(&chain->unproved, nta_print_of(hash))
               ? NTA_FINDING_UNPROVED
               : NTA_FINDING_SIGNATURE;
}

void nta_chain_refuse(struct nta_chain *chain, size_t sensor, const struct nta_header *header,
                      const uint8_t hash[NTA_HASH_LEN])
{
    struct nta_chain_part *part = &chain->parts[sensor];
    enum nta_finding_kind kind = nta_chain_refusal(chain, sensor, header, hash);
    bool is_followed = follows(&part->stray, header);

    nta_chain_fail(part, header->number);
    end_stray(chain, part, is_followed);
    if (header->version == 1 || kind == NTA_FINDING_REVOKED) {
        say(chain, part, kind, header->number, hash);
        return;
    }
    part->stray = (struct nta_stray){
        .is_there = true,
        .in_run = kind == NTA_FINDING_UNPROVED,
        .number = header->number,
    };
    memcpy(part->stray.hash, hash, NTA_HASH_LEN);
}

void nta_chain_pass_stray(struct nta_chain *chain, size_t sensor, const struct nta_header *header)
{
    struct nta_chain_part *part = &chain->parts[sensor];

    end_stray(chain, part, follows(&part->stray, header));
}

void nta_chain_end_strays(struct nta_chain *chain)
{
    for (size_t i = 0; i < chain->trust->n; i++)
        end_stray(chain, &chain->parts[i], false);
}
