/* SPDX-License-Identifier: Apache-2.0 */
#include "pdns/heard.h"

#include "base/own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum
{
    NAMES = 16384,
    STATION_SETS = 1024,
    QUESTION_SETS = 2048,
    QUESTION_WAYS = 4,
};

/** One that waits for its answer. */
struct question
{
    uint64_t hash; ///< Of all that its answer repeats; 0: free.
    struct nta_heard_asking asking;
};

struct nta_heard
{
    struct nta_hash_key key;
    struct nta_pdns *names; ///< Owned.
    struct nta_station_set stations[STATION_SETS];
    struct question questions[QUESTION_SETS][QUESTION_WAYS];
};

void nta_heard_free(struct nta_heard **heard)
{
    if (!*heard)
        return;
    nta_pdns_free(&(*heard)->names);
    free(*heard);
    *heard = NULL;
}

int nta_heard_new(const struct nta_hash_key *key, struct nta_heard **ret_heard, struct nta_err *err)
{
    NTA_AUTO(nta_heard_free) struct nta_heard *heard = calloc(1, sizeof(*heard));

    if (!heard)
        return nta_err_sys(err, -ENOMEM, "table of what is heard of DNS");
    heard->key = *key;
    int r = nta_pdns_new(NAMES, key, &heard->names, err);

    if (r < 0)
        return r;
    *ret_heard = NTA_TAKE(heard);
    return 0;
}

struct nta_pdns *nta_heard_names(struct nta_heard *heard)
{
    return heard->names;
}

static uint64_t hash_question(const struct nta_heard *heard,
                              const struct nta_heard_question *question)
{
    const struct nta_addr ends[2] = {*question->client, *question->server};
    const uint64_t numbers = (uint64_t)question->client_port << 48 |
                             (uint64_t)question->server_port << 32 | (uint64_t)question->id << 16 |
                             question->type;
    const uint64_t who = nta_hash_bytes(&heard->key, ends, sizeof(ends)),
                   what = nta_hash_bytes(&heard->key, question->name.ptr, question->name.len);

    return nta_hash_words(&heard->key, nta_hash_words(&heard->key, who, numbers), what) | 1;
}

void nta_heard_asked(struct nta_heard *heard, const struct nta_heard_question *question,
                     const struct nta_heard_asking *asking)
{
    const uint64_t hash = hash_question(heard, question);
    struct question *set = heard->questions[(hash >> 32) % QUESTION_SETS], *oldest = set;

    for (size_t i = 0; i < QUESTION_WAYS; i++) {
        if (set[i].hash == hash) {
            oldest = &set[i];
            break;
        }
        if (set[i].asking.wall_ns < oldest->asking.wall_ns)
            oldest = &set[i];
    }
    *oldest = (struct question){.hash = hash, .asking = *asking};
}

bool nta_heard_answered(struct nta_heard *heard, const struct nta_heard_question *question,
                        struct nta_heard_asking *ret_asking)
{
    const uint64_t hash = hash_question(heard, question);
    struct question *set = heard->questions[(hash >> 32) % QUESTION_SETS];

    for (size_t i = 0; i < QUESTION_WAYS; i++) {
        if (set[i].hash != hash)
            continue;
        *ret_asking = set[i].asking;
        set[i] = (struct question){0};
        return true;
    }
    return false;
}

static struct nta_station_set *set_of(struct nta_heard *heard, uint64_t mac)
{
    return &heard->stations[(nta_hash_words(&heard->key, mac, 0) >> 32) % STATION_SETS];
}

void nta_heard_client(struct nta_heard *heard, const struct nta_pdns_client *client,
                      int64_t wall_ns)
{
    const uint64_t mac = nta_station_mac(client->mac);

    (void)nta_station_note(set_of(heard, mac), mac, client->addr, wall_ns);
}

bool nta_heard_is_own(struct nta_heard *heard, const uint8_t mac[6], int64_t wall_ns)
{
    const uint64_t number = nta_station_mac(mac);

    return nta_station_is_own(nta_station_find(set_of(heard, number), number), wall_ns);
}

bool nta_heard_is_alone(struct nta_heard *heard, const uint8_t mac[6], int64_t wall_ns)
{
    const uint64_t number = nta_station_mac(mac);

    return nta_station_is_alone(nta_station_find(set_of(heard, number), number), wall_ns);
}

size_t nta_heard_others(struct nta_heard *heard, const struct nta_pdns_client *client,
                        int64_t wall_ns, struct nta_addr ret_addrs[NTA_STATION_ADDRS_MAX])
{
    if (!client->mac)
        return 0;
    const uint64_t mac = nta_station_mac(client->mac);

    return nta_station_others(nta_station_find(set_of(heard, mac), mac), client->addr, wall_ns,
                              ret_addrs);
}
