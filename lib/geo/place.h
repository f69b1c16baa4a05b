/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Where an address is.  Texts borrow from the open databases (or the site table) and live as long
 * as they do.
 */

#include "base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

struct nta_place
{
    struct nta_span city, region, postal, country; ///< Names in English; empty: not known.
    char country_code[4]; ///< ISO 3166-1 alpha-2, NUL-terminated; "": not known.
    bool has_position;    ///< lat and lon are valid.
    double lat, lon;      ///< Degrees, WGS 84.
    uint32_t accuracy_km; ///< Radius; 0: the database gives none.
    uint32_t asn;         ///< 0: not known.
    struct nta_span as_org;
    struct nta_span site; ///< The site table's name of a private address's place ("Leuven office").
};
