/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses, masks, ranges, PeerGuardian, eMule: ends in order, and the same once more. */
#include "list_again.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check(const struct list_seen *seen)
{
    static struct list_seen again;
    char first[NTA_ADDR_TEXT_SIZE], last[NTA_ADDR_TEXT_SIZE], text[2 * NTA_ADDR_TEXT_SIZE + 1];
    const struct nta_list_entry *entry = &seen->entry;

    if (entry->what != NTA_ENTRY_RANGE)
        return;
    assert(memcmp(entry->first.bytes, entry->last.bytes, NTA_ADDR_LEN) <= 0);
    assert(!nta_list_range_is_all(&(struct nta_list_range){entry->first, entry->last}));
    (void)snprintf(text, sizeof(text), "%s-%s", nta_addr_text(&entry->first, first),
                   nta_addr_text(&entry->last, last));
    assert(list_once(nta_list_line, text, &again));
    assert(nta_addr_equal(&entry->first, &again.entry.first));
    assert(nta_addr_equal(&entry->last, &again.entry.last));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    list_each(nta_list_line, data, len, check);
    return 0;
}
