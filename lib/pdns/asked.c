/* SPDX-License-Identifier: Apache-2.0 */
#include "pdns/asked.h"

static uint64_t hash_of(const struct nta_asked *asked, uint64_t client, struct nta_span name)
{
    return nta_hash_words(&asked->key, client, nta_hash_bytes(&asked->key, name.ptr, name.len)) | 1;
}

static const struct nta_asked_entry *find(const struct nta_asked *asked, uint64_t hash)
{
    const struct nta_asked_entry *set = asked->entries[(hash >> 32) % NTA_ASKED_SETS];

    for (size_t i = 0; i < NTA_ASKED_WAYS; i++) {
        if (set[i].hash == hash)
            return &set[i];
    }
    return NULL;
}

static void note(struct nta_asked *asked, uint64_t hash, int64_t wall_ns)
{
    struct nta_asked_entry *set = asked->entries[(hash >> 32) % NTA_ASKED_SETS], *place = set;

    for (size_t i = 0; i < NTA_ASKED_WAYS; i++) {
        if (set[i].hash == hash) {
            place = &set[i];
            break;
        }
        if (set[i].last_ns < place->last_ns || !set[i].hash)
            place = &set[i];
    }
    const bool goes_on = place->hash == hash && wall_ns - place->last_ns <= NTA_ASKED_SEEN_NS;

    *place = (struct nta_asked_entry){
        .hash = hash, .first_ns = goes_on ? place->first_ns : wall_ns, .last_ns = wall_ns};
}

void nta_asked_note(struct nta_asked *asked, uint64_t client, struct nta_span name, int64_t wall_ns)
{
    note(asked, hash_of(asked, client, name), wall_ns);
    note(asked, hash_of(asked, client, (struct nta_span){0}), wall_ns);
}

bool nta_asked_is_seen(const struct nta_asked *asked, uint64_t client, int64_t wall_ns)
{
    const struct nta_asked_entry *seen = find(asked, hash_of(asked, client, (struct nta_span){0}));

    return seen && seen->first_ns <= wall_ns && wall_ns - seen->last_ns <= NTA_ASKED_SEEN_NS;
}

bool nta_asked_has(const struct nta_asked *asked, uint64_t client, struct nta_span name)
{
    return find(asked, hash_of(asked, client, name)) != NULL;
}
