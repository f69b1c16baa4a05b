/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What is kept of one record of a binding, for this module alone. */

#include "incident/fact.h"

struct nta_fact_binding
{
    struct nta_fact_id id;
    int64_t told_ns;
    int64_t since_ns, until_ns; ///< As its record says.
    int64_t from_ns, to_ns;     ///< Ends included; none if it ends before it begins.
    uint64_t address;           ///< Hash of the address, in its network or in all.
    uint64_t place;             ///< Hash of the address alone: what is told in one order.
    uint64_t device, login;     ///< Hashes of users' keys; 0: none is said.
    uint64_t on;                ///< The device that has the address, by whatever binding; 0: none.
    uint8_t source;             ///< enum nta_who_source.
    char mac[18];               ///< Of the device, as text; "": none is said.
    bool is_anywhere;           ///< Whoever says it knows no networks.
    bool is_over;               ///< It says that one ended.
    bool is_told;               ///< It tells what an earlier one does.
    bool is_needed;             ///< While space is made.
    uint8_t *cbor;              ///< Owned.
    uint32_t cbor_len;
};
