/* SPDX-License-Identifier: Apache-2.0 */
#include "record/user/user.h"

#include <string.h>

static void put(struct nta_user_key *key, const void *data, size_t len)
{
    if (len > sizeof(key->bytes) - key->len)
        len = sizeof(key->bytes) - key->len;
    if (len)
        memcpy(key->bytes + key->len, data, len);
    key->len = (uint8_t)(key->len + len);
}

static void begin(struct nta_user_key *key, unsigned kind)
{
    key->bytes[0] = (uint8_t)kind;
    key->len = 1;
}

void nta_record_address_key(const struct nta_record *record, struct nta_user_key *ret_key)
{
    const uint16_t tags[2] = {record->vlan.n > 0 ? record->vlan.ids[0] : 0,
                              record->vlan.n > 1 ? record->vlan.ids[1] : 0};
    const uint64_t network[2] = {record->network.kind, record->network.id};

    begin(ret_key, NTA_USER_ADDRESS);
    put(ret_key, tags, sizeof(tags));
    put(ret_key, network, sizeof(network));
    put(ret_key, record->user.addr.bytes, NTA_ADDR_LEN);
}

void nta_record_anywhere_key(const struct nta_record *record, struct nta_user_key *ret_key)
{
    begin(ret_key, NTA_N_USER_KINDS);
    put(ret_key, record->user.addr.bytes, NTA_ADDR_LEN);
}

enum nta_user_kind nta_record_user_key(const struct nta_record *record,
                                       struct nta_user_key *ret_key)
{
    const struct nta_record_side *user = &record->user;
    const enum nta_user_kind kind = user->login.len    ? NTA_USER_LOGIN
                                    : user->device.len ? NTA_USER_DEVICE
                                                       : NTA_USER_ADDRESS;
    const struct nta_span text = kind == NTA_USER_LOGIN ? user->login : user->device;

    if (kind == NTA_USER_ADDRESS) {
        nta_record_address_key(record, ret_key);
    } else {
        begin(ret_key, kind);
        put(ret_key, text.ptr, text.len);
    }
    return kind;
}

struct nta_span nta_user_key_span(const struct nta_user_key *key)
{
    return (struct nta_span){.ptr = key->bytes, .len = key->len};
}

unsigned nta_record_user_rank(const struct nta_record *record)
{
    const struct nta_record_side *user = &record->user;

    return 1U + (user->has_mac ? 1U : 0) + (user->place.site.len ? 2U : 0) +
           (user->name.len ? 4U : 0) + (user->login.len ? 8U : 0) + (user->person.len ? 16U : 0);
}
