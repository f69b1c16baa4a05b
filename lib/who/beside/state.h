/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What lies between the lines of a file that says who has an address (lines.h). */

#include "who/who.h"

enum nta_who_form
{
    NTA_WHO_FORM_UNKNOWN,
    NTA_WHO_FORM_JSON,
    NTA_WHO_FORM_DNSMASQ,
    NTA_WHO_FORM_ISC,
    NTA_WHO_FORM_KEA,
};

enum
{
    NTA_WHO_KEA_COLUMNS = 32,
    NTA_WHO_TEXT_MAX = 256,
    NTA_WHO_LINE_MAX = 4096,
};

/** What lies between lines of one file; zero is the start. */
struct nta_who_lines
{
    uint8_t form;                         ///< enum nta_who_form.
    uint8_t columns[NTA_WHO_KEA_COLUMNS]; ///< Kea: what each is, by its header.
    uint8_t n_columns;
    bool is_v6;      ///< dnsmasq: what follows are leases of DHCPv6.  ISC: inside of an "ia-na".
    bool is_open;    ///< ISC: inside of a lease.
    bool has_until;  ///< ISC: `fact.until_ns` is said.
    bool is_trusted; ///< JSON: our own, which may name any source and network.
    struct nta_who_fact fact; ///< ISC: as far as it is known; its texts are those below.
    uint8_t name[NTA_WHO_TEXT_MAX], login[NTA_WHO_TEXT_MAX], person[NTA_WHO_TEXT_MAX];
    uint8_t client_id[NTA_WHO_TEXT_MAX], how[NTA_WHO_TEXT_MAX];
    uint64_t n_bad; ///< Lines that are none.
};
