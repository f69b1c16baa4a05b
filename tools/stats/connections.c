/* SPDX-License-Identifier: Apache-2.0 */
#include "stats/connections.h"

#include <stdlib.h>

enum
{
    N_SLOTS = 65536
};

struct slot
{
    uint64_t about; ///< 0: free.
    uint64_t up, down;
};

struct nta_connections
{
    struct slot slots[N_SLOTS]; ///< By the number, which is a hash; the newer takes the place.
};

struct nta_connections *nta_connections_new(void)
{
    return calloc(1, sizeof(struct nta_connections));
}

void nta_connections_free(struct nta_connections **connections)
{
    free(*connections);
    *connections = NULL;
}

void nta_connections_note(struct nta_connections *connections, const struct nta_record *record,
                          const struct nta_counted *counted)
{
    struct slot *slot = &connections->slots[record->about % N_SLOTS];

    if (record->event != NTA_RECORD_REQUEST || !record->about || record->match.list.len == 0)
        return;
    if (slot->about != record->about)
        *slot = (struct slot){.about = record->about};
    slot->up += counted->up;
    slot->down += counted->down;
}

struct nta_counted nta_connections_left(const struct nta_connections *connections,
                                        const struct nta_record *record,
                                        const struct nta_counted *counted)
{
    const struct slot *slot = &connections->slots[record->about % N_SLOTS];
    const bool is_told = record->about && slot->about == record->about;
    struct nta_counted left = {.n = !is_told, .up = record->up.bytes, .down = record->down.bytes};

    if (record->event != NTA_RECORD_FLOW || record->match.list.len == 0 || record->told ||
        !nta_app_has(record->app, NTA_TRAIT_PER_REQUEST) || counted->up + counted->down > 0 ||
        (is_told && !record->gaps))
        return (struct nta_counted){.n = 0};
    if (is_told) {
        left.up -= slot->up < left.up ? slot->up : left.up;
        left.down -= slot->down < left.down ? slot->down : left.down;
    }
    return left;
}
