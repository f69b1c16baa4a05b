/* SPDX-License-Identifier: Apache-2.0 */
#include "session/state/quic_table.h"

#include "base/memory/area.h"

#include <errno.h>
#include <stddef.h>

enum
{
    N_SETS = 2048,
    N_WAYS = 4,
};

static size_t table_bytes(void)
{
    return (size_t)N_SETS * N_WAYS * sizeof(struct nta_quic_known);
}

int nta_quic_table_init(struct nta_quic_table *table, const struct nta_hash_key *key)
{
    *table = (struct nta_quic_table){.key = *key};
    table->entries = nta_area_new(table_bytes(), NTA_AREA_GROWS);
    return table->entries ? 0 : -ENOMEM;
}

void nta_quic_table_done(struct nta_quic_table *table)
{
    nta_area_free(table->entries, table_bytes());
    *table = (struct nta_quic_table){0};
}

static struct nta_quic_known *set_of(const struct nta_quic_table *table,
                                     const struct nta_addr *server, const uint8_t *id)
{
    uint8_t key[NTA_ADDR_LEN + NTA_QUIC_TABLE_ID_LEAST];

    memcpy(key, server->bytes, NTA_ADDR_LEN);
    memcpy(key + NTA_ADDR_LEN, id, NTA_QUIC_TABLE_ID_LEAST);
    return &table->entries[nta_hash_bytes(&table->key, key, sizeof(key)) % N_SETS * N_WAYS];
}

static bool is_same(const struct nta_quic_known *a, const struct nta_quic_known *b)
{
    return a->order > 0 && nta_addr_equal(&a->server, &b->server) &&
           nta_quic_id_equal(&a->id, &b->id);
}

void nta_quic_table_put(struct nta_quic_table *table, const struct nta_quic_known *known)
{
    if (known->id.len < NTA_QUIC_TABLE_ID_LEAST)
        return;
    struct nta_quic_known *set = set_of(table, &known->server, known->id.bytes);
    size_t way = 0;

    for (size_t i = 0; i < N_WAYS; i++) {
        if (is_same(&set[i], known)) {
            way = i;
            break;
        }
        if (set[i].order < set[way].order)
            way = i;
    }
    memcpy(&set[way], known, offsetof(struct nta_quic_known, site) + known->site_len);
    set[way].order = ++table->n_written;
}

const struct nta_quic_known *nta_quic_table_find(const struct nta_quic_table *table,
                                                 const struct nta_addr *client,
                                                 const struct nta_addr *server,
                                                 struct nta_span datagram)
{
    if (table->n_written == 0 || datagram.len <= NTA_QUIC_TABLE_ID_LEAST)
        return NULL;
    const struct nta_quic_known *set = set_of(table, server, datagram.ptr + 1);

    for (size_t i = 0; i < N_WAYS; i++) {
        if (set[i].order > 0 && nta_addr_equal(&set[i].server, server) &&
            nta_addr_equal(&set[i].client, client) && nta_quic_id_leads(&set[i].id, datagram))
            return &set[i];
    }
    return NULL;
}
