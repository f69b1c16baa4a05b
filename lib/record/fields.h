/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The keys of a stored record (docs/format.md): private to encode.c and decode.c, numbers never reused.
 *
 * Every map has fewer than 24 keys below 24, so that its head and each key is one byte.
 */

enum record_key
{
    KEY_EVENT = 0,
    KEY_TIME = 1,
    KEY_END = 2,
    KEY_USER = 3,
    KEY_PEER = 4,
    KEY_IP_PROTO = 5,
    KEY_APP = 6,
    KEY_VLAN = 7,
    KEY_SITE = 8,
    KEY_EVIDENCE = 9, ///< [basis, agrees, disagrees]
    KEY_FLAGS = 10,
    KEY_URL = 11,
    KEY_METHOD = 12,
    KEY_STATUS = 13,
    KEY_FILE = 14,
    KEY_COUNTS = 15, ///< [up bytes, up packets, down bytes, down packets]
    KEY_MATCH = 16,
    KEY_QUERY = 17, ///< [type, rcode]
    KEY_ANSWERS = 18,
    KEY_TLS = 19,
    KEY_PACKETS = 20,
    KEY_ABOUT = 21,
    KEY_LOSSES = 22,
};

enum side_key
{
    SIDE_ADDR = 0,
    SIDE_PORT = 1,
    SIDE_MAC = 2,
    SIDE_NAME = 3,
    SIDE_LOGIN = 4,
    SIDE_SOURCE = 5,
    SIDE_PLACE = 6,
    SIDE_VLAN = 7,
    SIDE_SOFTWARE = 14,
};

enum place_key
{
    PLACE_CITY = 0,
    PLACE_REGION = 1,
    PLACE_POSTAL = 2,
    PLACE_COUNTRY = 3,
    PLACE_CODE = 4,
    PLACE_POSITION = 5, ///< [latitude, longitude] in millionths of a degree
    PLACE_ACCURACY = 6,
    PLACE_ASN = 7,
    PLACE_AS_ORG = 8,
    PLACE_SITE = 9,
};

enum file_key
{
    FILE_NAME = 0,
    FILE_TYPE = 1,
    FILE_BYTES = 2,
    FILE_SHA256 = 3,
};

enum match_key
{
    MATCH_LIST = 0,
    MATCH_CATEGORY = 1,
    MATCH_ENTRY = 2,
    MATCH_LINE = 3,
    MATCH_KIND = 4,
    MATCH_WEAK = 5,
    MATCH_LIST_SHA256 = 6,
    MATCH_SEVERITY = 7,
    MATCH_SHARED = 8,
};

enum tls_key
{
    TLS_ALPN = 0,
    TLS_VERSION = 1,
    TLS_JA4 = 2,
    TLS_ISSUER = 3,
    TLS_SERVICE = 4,
};

/** Bits of KEY_FLAGS. */
enum
{
    FLAG_HIDDEN = 1,
    FLAG_ONE_WAY = 2,
    FLAG_GAPS = 4,
    FLAG_MID_STREAM = 8,
    FLAG_DOWNLOAD = 16,
    FLAG_ANSWERED = 32,
    FLAG_SHARED = 64,
    FLAG_CARRIER = 128,
};

enum
{
    MICRO = 1000000,
    LAT_MAX = 90 * MICRO,
    LON_MAX = 180 * MICRO,
    DNS_TYPE_A = 1,
    DNS_TYPE_AAAA = 28
};
