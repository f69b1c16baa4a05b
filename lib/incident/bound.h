/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What is kept of one record of a binding, for this module alone. */

#include "incident/fact.h"
#include "who/told.h"

struct nta_fact_binding
{
    struct nta_fact_id id;
    int64_t told_ns;
    int64_t since_ns, until_ns; ///< As its record says.
    int64_t from_ns, to_ns;     ///< Ends included; none if it ends before it begins.
    int64_t seen_ns;            ///< When it was told last.
    uint64_t address;           ///< Hash of the address, in its network or in all; 0: none is said.
    uint64_t place;             ///< Of the address, or else device, alone: told in one order.
    uint64_t device, login;     ///< Hashes of users' keys; 0: none is said.
    uint64_t on;                ///< The device that has the address, by whatever binding; 0: none.
    uint64_t server;  ///< Of RADIUS: hash of the access server's address; 0: none is said.
    uint8_t source;   ///< enum nta_who_source.
    char mac[18];     ///< Of the device, as text; "": none is said.
    bool is_anywhere; ///< Whoever says it knows no networks.
    bool is_over;     ///< It says that one ended,
    bool is_reset;    ///< or all by this access server.
    bool is_told;     ///< A later one tells all that it does.
    bool is_needed;   ///< While space is made.
    uint8_t *cbor;    ///< Owned.
    uint32_t cbor_len;
};

/** What it tells, beside what is told before and later (who/told.h). */
struct nta_who_told nta_fact_binding_told(const struct nta_fact_binding *binding);
