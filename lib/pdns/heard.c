/* SPDX-License-Identifier: Apache-2.0 */
#include "pdns/heard.h"

#include "base/own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum
{
    NAMES = 16384,
    DEVICES = 4096, ///< In sets of N_WAYS.
    N_WAYS = 4,
    V6_MAX = 8, ///< Addresses of a host in IPv6 (RFC 8981 section 3.4 leads to about as many).
};

/** A MAC address and what asked from behind it. */
struct device
{
    uint8_t mac[NTA_HEARD_MAC_LEN];
    bool is_used, has_v4, is_router;
    uint8_t n_v6;
    uint64_t heard; ///< When its last address was, by the count of all.
    struct nta_addr v4;
    uint32_t v6[V6_MAX]; ///< Hashes.
};

struct nta_heard
{
    struct nta_hash_key key;
    struct nta_pdns *names; ///< Owned.
    uint64_t n_heard;
    struct device devices[DEVICES];
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
        return nta_err_sys(err, -ENOMEM, "table of devices");
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

static size_t set_of(const struct nta_heard *heard, const uint8_t mac[NTA_HEARD_MAC_LEN])
{
    const uint64_t hash = nta_hash_bytes(&heard->key, mac, NTA_HEARD_MAC_LEN);

    return (size_t)(hash % (DEVICES / N_WAYS)) * N_WAYS;
}

static bool is_of(const struct device *device, const uint8_t mac[NTA_HEARD_MAC_LEN])
{
    return device->is_used && memcmp(device->mac, mac, NTA_HEARD_MAC_LEN) == 0;
}

/** Its slot, else a free one, else that of who was not heard of for longest. */
static struct device *get_device(struct nta_heard *heard, const uint8_t mac[NTA_HEARD_MAC_LEN])
{
    struct device *set = &heard->devices[set_of(heard, mac)], *oldest = set;

    for (size_t i = 0; i < N_WAYS; i++) {
        if (is_of(&set[i], mac))
            return &set[i];
        if (set[i].heard < oldest->heard)
            oldest = &set[i];
    }
    *oldest = (struct device){.is_used = true};
    memcpy(oldest->mac, mac, NTA_HEARD_MAC_LEN);
    return oldest;
}

static void add_v6(struct device *device, uint32_t hash)
{
    for (size_t i = 0; i < device->n_v6; i++)
        if (device->v6[i] == hash)
            return;
    if (device->n_v6 == V6_MAX)
        device->is_router = true;
    else
        device->v6[device->n_v6++] = hash;
}

void nta_heard_client(struct nta_heard *heard, const uint8_t mac[NTA_HEARD_MAC_LEN],
                      const struct nta_addr *client)
{
    struct device *device = get_device(heard, mac);

    device->heard = ++heard->n_heard;
    if (device->is_router)
        return;
    if (!nta_addr_is_v4(client)) {
        add_v6(device, (uint32_t)nta_hash_bytes(&heard->key, client, sizeof(*client)));
        return;
    }
    device->is_router = device->has_v4 && !nta_addr_equal(&device->v4, client);
    device->has_v4 = true;
    device->v4 = *client;
}

bool nta_heard_device(const struct nta_heard *heard, const uint8_t mac[NTA_HEARD_MAC_LEN],
                      struct nta_addr *ret_key)
{
    const struct device *set = &heard->devices[set_of(heard, mac)];

    for (size_t i = 0; i < N_WAYS; i++) {
        if (!is_of(&set[i], mac) || set[i].is_router)
            continue;
        /* in the block that no packet can come from (RFC 6666) */
        *ret_key = (struct nta_addr){.bytes = {[0] = 1}};
        memcpy(ret_key->bytes + NTA_ADDR_LEN - NTA_HEARD_MAC_LEN, mac, NTA_HEARD_MAC_LEN);
        return true;
    }
    return false;
}
