/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Names in JSON that no row of record/fields.inc has for itself: those of groups, whose row tells
 * of several, and of what stands in another object than its row.  Rows and JSON take them from
 * here.
 */

#define NTA_JSON_ID       "id"
#define NTA_JSON_PLACE    "place" /* of a side, by the site table */
#define NTA_JSON_LAT      "lat"
#define NTA_JSON_LON      "lon"
#define NTA_JSON_UP       "up"
#define NTA_JSON_DOWN     "down"
#define NTA_JSON_BYTES    "bytes"
#define NTA_JSON_PACKETS  "packets"
#define NTA_JSON_QUERY    "query"
#define NTA_JSON_TYPE     "type"
#define NTA_JSON_RCODE    "rcode"
#define NTA_JSON_ANSWERED "answered"
#define NTA_JSON_TTL      "ttl"
#define NTA_JSON_ADDR     "addr"
#define NTA_JSON_TARGET   "target"

/* As a page shows them: a list, and a path.  For rows. */
#define NTA_JSON_BOTH(one, two)      one "`, `" two
#define NTA_JSON_WITHIN(outer, name) outer "." name
