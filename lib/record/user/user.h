/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Who a user is: the one rule by which records are of the same user, in incidents, sums, pages and
 * maps.  The login where one is known, else the device, else the address in its network.  A host
 * name is what a machine calls itself, and keeps nobody apart.
 */

#include "record/record.h"

#include <stdint.h>

/** By what a user is known: the better ones replace the others. */
enum nta_user_kind
{
    NTA_USER_ADDRESS,
    NTA_USER_DEVICE,
    NTA_USER_LOGIN,
    NTA_N_USER_KINDS
};

enum
{
    /** Parts of a record that the key is made of. */
    NTA_USER_KEY_PARTS = NTA_PART_USER | NTA_PART_VLAN | NTA_PART_MORE,
    NTA_USER_KEY_MAX = 255
};

/** The same bytes for the same user. */
struct nta_user_key
{
    uint8_t bytes[NTA_USER_KEY_MAX], len;
};

/** The address of the record's user in its network: VLANs, and what a tunnel names. */
void nta_record_address_key(const struct nta_record *record, struct nta_user_key *ret_key);

/** The address alone, in whatever network. */
void nta_record_anywhere_key(const struct nta_record *record, struct nta_user_key *ret_key);

/** Whose record it is; a login of more than 254 bytes is told apart by its first 254. */
enum nta_user_kind nta_record_user_key(const struct nta_record *record,
                                       struct nta_user_key *ret_key);

/** The key's bytes; borrows. */
struct nta_span nta_user_key_span(const struct nta_user_key *key);

/** How much the record says of its user, at least 1: the one that says most shows him. */
unsigned nta_record_user_rank(const struct nta_record *record);
