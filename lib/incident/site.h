/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The listed site that a record is about: of its list's entry, never of the name that somebody
 * chose to ask for.
 */

#include "record/record.h"

/**
 * Of a domain or URL entry the registrable domain ("example.co.uk" of
 * "http://www.example.co.uk/x"), or the host where there is none; of an address, range, hash,
 * fingerprint or pattern the entry itself.  Of a record whose entry is not known: of its site.  A
 * span of the record.
 */
struct nta_span nta_incident_site(const struct nta_record *record);
