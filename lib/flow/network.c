/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/network.h"

bool nta_network_joins(const struct nta_network_facts *facts)
{
    if (facts->relation == NTA_NETWORK_OTHER)
        return false;
    if (facts->relation == NTA_NETWORK_SAME && facts->sender != NTA_SENDER_STATION)
        return true;
    /* 32 bits that nobody else knows say more than what is in front of them */
    if (facts->numbers != NTA_NUMBERS_NONE)
        return facts->numbers == NTA_NUMBERS_FIT;
    if (facts->sender == NTA_SENDER_STATION)
        return false;
    if (facts->sender == NTA_SENDER_FORWARDS)
        return true;
    if (facts->relation == NTA_NETWORK_IDS)
        return facts->sender != NTA_SENDER_OTHER;
    return facts->is_first;
}
