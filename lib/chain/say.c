/* SPDX-License-Identifier: Apache-2.0 */
#include "chain/judge.h"

void nta_chain_say(struct nta_chain *chain, enum nta_finding_kind kind,
                   const struct nta_header *header, const uint8_t hash[NTA_HASH_LEN],
                   const char *text)
{
    const struct nta_finding_at place = {
        .sensor = header->sensor,
        .number = header->number,
        .print = nta_print_of(hash),
    };

    nta_findings_add(chain->findings, kind, &place, text);
}
