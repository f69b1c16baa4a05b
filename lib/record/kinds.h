/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What kinds of record there are, and how well a site is known (part of record.h). */

/* Rows: symbol, name in JSON, number in CBOR (never reused).  Those that can be asked for, */
#define NTA_RECORD_ASKED_EVENTS(ROW)                                                               \
    ROW(FLOW, "flow", 1)                                                                           \
    ROW(LOOKUP, "lookup", 2)                                                                       \
    ROW(REQUEST, "request", 3)                                                                     \
    ROW(ALERT, "alert", 4)                                                                         \
    ROW(PACKETS, "packets", 5)                                                                     \
    ROW(LOSS, "loss", 6)                                                                           \
    ROW(LEASE, "lease", 7)                                                                         \
    ROW(CANARY, "canary", 8)                                                                       \
    ROW(DOWNLOAD, "download", 9)                                                                   \
    ROW(POLICY, "policy", 10)                                                                      \
    ROW(START, "start", 11)                                                                        \
    ROW(STOP, "stop", 12)                                                                          \
    ROW(GAP, "gap", 13)                                                                            \
    ROW(AUDIT, "audit", 14)                                                                        \
    ROW(NOTE, "note", 15)
/* and who a pseudonym is, which is opened by `nta who` alone. */
#define NTA_RECORD_EVENTS(ROW)                                                                     \
    NTA_RECORD_ASKED_EVENTS(ROW)                                                                   \
    ROW(PSEUDONYM, "pseudonym", 16)

enum nta_record_event
{
#define NTA_RECORD_EVENT_ENUM(symbol, name, number) NTA_RECORD_##symbol = (number),
    NTA_RECORD_EVENTS(NTA_RECORD_EVENT_ENUM)
#undef NTA_RECORD_EVENT_ENUM
};

/** How the site is known, strongest last so that a larger number is better evidence. */
enum nta_basis
{
    NTA_BASIS_NONE,    ///< No site.
    NTA_BASIS_ADDRESS, ///< Nothing but the IP: the site is the address.
    NTA_BASIS_DNS,     ///< This client asked for the name and got this address.
    NTA_BASIS_CERT,
    NTA_BASIS_SNI,
    NTA_BASIS_URL, ///< Seen in clear.
};

enum
{
    NTA_MATCH_PROGRAM = 8, ///< Kind of a match: what a connection shows itself to be.
};

/** Bits of `agrees` and `disagrees`. */
enum
{
    NTA_AGREES_DNS = 1,
    NTA_AGREES_CERT = 2,
    NTA_AGREES_SNI = 4,
    NTA_AGREES_HOST = 8,     ///< Another Host field, or Host where the target names a site.
    NTA_AGREES_OVERLAP = 16, ///< Other bytes at the same place of the stream.
};
