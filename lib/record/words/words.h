/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Numbers of records that stand for a word, one table each: what docs/format.md calls by its
 * words.  0 is not known, and has no word; a number is never used twice.
 *
 * NTA_WORD_TYPES and NTA_WORD_PARTS list them, so that encoder, decoder, JSON and columns need no
 * line for a new one.
 */

#include "base/bytes.h"

#include <stdint.h>

/* rows: symbol, word, number */

/** Who opened the connection. */
#define NTA_OPENERS(ROW)                                                                           \
    ROW(USER, "user", 1)                                                                           \
    ROW(PEER, "peer", 2)

/** How much of it was answered; larger is more. */
#define NTA_SEENS(ROW)                                                                             \
    ROW(CLAIMED, "claimed", 1)                                                                     \
    ROW(ANSWERED, "answered", 2)                                                                   \
    ROW(DELIVERED, "delivered", 3)

/** What was done. */
#define NTA_ACTS(ROW)                                                                              \
    ROW(ASKED, "asked", 1)                                                                         \
    ROW(CONTACTED, "contacted", 2)                                                                 \
    ROW(DOWNLOADED, "downloaded", 3)                                                               \
    ROW(UPLOADED, "uploaded", 4)

/** Why it counts as a download. */
#define NTA_RULES(ROW)                                                                             \
    ROW(BYTES, "bytes", 1)                                                                         \
    ROW(KIND, "kind", 2)                                                                           \
    ROW(FILE, "file", 3)

/** What made a browser ask. */
#define NTA_INITIATORS(ROW)                                                                        \
    ROW(NAVIGATION, "navigation", 1)                                                               \
    ROW(PREFETCH, "prefetch", 2)                                                                   \
    ROW(SUBRESOURCE, "subresource", 3)

/** How well it is known who a user was; larger is better. */
#define NTA_STRENGTHS(ROW)                                                                         \
    ROW(ADDRESS, "address", 1)                                                                     \
    ROW(ARP, "arp", 2)                                                                             \
    ROW(ANNOUNCED, "announced", 3)                                                                 \
    ROW(LEASE, "lease", 4)                                                                         \
    ROW(LOGIN, "login", 5)

/** What kind of file it is. */
#define NTA_FILE_KINDS(ROW)                                                                        \
    ROW(PROGRAM, "program", 1)                                                                     \
    ROW(ARCHIVE, "archive", 2)                                                                     \
    ROW(DOCUMENT, "document", 3)                                                                   \
    ROW(VIDEO, "video", 4)                                                                         \
    ROW(AUDIO, "audio", 5)                                                                         \
    ROW(IMAGE, "image", 6)                                                                         \
    ROW(DISK, "disk", 7)                                                                           \
    ROW(TORRENT, "torrent", 8)                                                                     \
    ROW(SCRIPT, "script", 9)                                                                       \
    ROW(OTHER, "other", 10)

/** Why a file has no hash. */
#define NTA_NO_HASHES(ROW)                                                                         \
    ROW(ENCRYPTED, "encrypted", 1)                                                                 \
    ROW(LOST, "lost", 2)                                                                           \
    ROW(CUT, "cut", 3)                                                                             \
    ROW(MEMORY, "memory", 4)                                                                       \
    ROW(OFF, "off", 5)                                                                             \
    ROW(UNREAD, "unread", 6)                                                                       \
    ROW(OVERLAP, "overlap", 7)

/** What a network number is one of. */
#define NTA_NETWORK_KINDS(ROW)                                                                     \
    ROW(VNI, "vni", 1)                                                                             \
    ROW(TEID, "teid", 2)                                                                           \
    ROW(GRE, "gre", 3)                                                                             \
    ROW(ERSPAN, "erspan", 4)                                                                       \
    ROW(MPLS, "mpls", 5)                                                                           \
    ROW(L2TP, "l2tp", 6)                                                                           \
    ROW(VSID, "vsid", 7)

/** What names another site; of a binding, another device, name or login. */
#define NTA_CONFLICT_KINDS(ROW)                                                                    \
    ROW(DNS, "dns", 1)                                                                             \
    ROW(CERT, "cert", 2)                                                                           \
    ROW(SNI, "sni", 3)                                                                             \
    ROW(HOST, "host", 4)                                                                           \
    ROW(OVERLAP, "overlap", 5)                                                                     \
    ROW(DEVICE, "device", 6)                                                                       \
    ROW(NAME, "name", 7)                                                                           \
    ROW(LOGIN, "login", 8)

/** Why the sensor did not watch. */
#define NTA_GAP_REASONS(ROW)                                                                       \
    ROW(STOPPED, "stopped", 1)                                                                     \
    ROW(KILLED, "killed", 2)                                                                       \
    ROW(INTERFACE, "interface gone", 3)                                                            \
    ROW(STORE, "store not writable", 4)                                                            \
    ROW(DOWN, "interface down", 5)                                                                 \
    ROW(RENAMED, "interface renamed", 6)                                                           \
    ROW(CARRIER, "no carrier", 7)

/** What somebody says of an incident. */
#define NTA_STATUSES(ROW)                                                                          \
    ROW(NEW, "new", 1)                                                                             \
    ROW(OPEN, "open", 2)                                                                           \
    ROW(CLOSED, "closed", 3)                                                                       \
    ROW(FALSE, "false", 4)

/** Innocent explanations; the number is that of the bit in `doubts`, whose bit 0: looked for. */
#define NTA_DOUBTS(ROW)                                                                            \
    ROW(FORGED, "forged", 1)                                                                       \
    ROW(PREFETCH, "prefetch", 2)                                                                   \
    ROW(SHARED, "shared", 3)                                                                       \
    ROW(NAT, "nat", 4)                                                                             \
    ROW(MOVED, "moved", 5)                                                                         \
    ROW(SERVER, "server", 6)                                                                       \
    ROW(DECOY, "decoy", 7)                                                                         \
    ROW(HIDDEN, "hidden", 8)                                                                       \
    ROW(UNASKED, "unasked", 9)                                                                     \
    ROW(LIMITED, "limited", 10)

/* name, prefix of its numbers, rows: types of whole fields, named as in fields.inc */
#define NTA_WORD_TYPES(TYPE)                                                                       \
    TYPE(opened_by, OPENED_BY, NTA_OPENERS)                                                        \
    TYPE(seen, SEEN, NTA_SEENS)                                                                    \
    TYPE(act, ACT, NTA_ACTS)                                                                       \
    TYPE(rule, RULE, NTA_RULES)                                                                    \
    TYPE(initiator, INITIATOR, NTA_INITIATORS)                                                     \
    TYPE(strength, STRENGTH, NTA_STRENGTHS)                                                        \
    TYPE(file_kind, FILE_KIND, NTA_FILE_KINDS)                                                     \
    TYPE(no_hash, NO_HASH, NTA_NO_HASHES)                                                          \
    TYPE(gap_reason, GAP_REASON, NTA_GAP_REASONS)                                                  \
    TYPE(status, STATUS, NTA_STATUSES)

/* and those that are part of another type */
#define NTA_WORD_PARTS(TYPE)                                                                       \
    TYPE(network_kind, NETWORK_KIND, NTA_NETWORK_KINDS)                                            \
    TYPE(conflict_kind, CONFLICT_KIND, NTA_CONFLICT_KINDS)                                         \
    TYPE(doubt, DOUBT, NTA_DOUBTS)

/* NTA_OPENED_BY_USER, ..., each below NTA_OPENED_BY_END; enum nta_opened_by and its functions. */
#define NTA_OPENED_BY_ROW(symbol, word, number)     NTA_OPENED_BY_##symbol = (number),
#define NTA_SEEN_ROW(symbol, word, number)          NTA_SEEN_##symbol = (number),
#define NTA_ACT_ROW(symbol, word, number)           NTA_ACT_##symbol = (number),
#define NTA_RULE_ROW(symbol, word, number)          NTA_RULE_##symbol = (number),
#define NTA_INITIATOR_ROW(symbol, word, number)     NTA_INITIATOR_##symbol = (number),
#define NTA_STRENGTH_ROW(symbol, word, number)      NTA_STRENGTH_##symbol = (number),
#define NTA_FILE_KIND_ROW(symbol, word, number)     NTA_FILE_KIND_##symbol = (number),
#define NTA_NO_HASH_ROW(symbol, word, number)       NTA_NO_HASH_##symbol = (number),
#define NTA_NETWORK_KIND_ROW(symbol, word, number)  NTA_NETWORK_KIND_##symbol = (number),
#define NTA_CONFLICT_KIND_ROW(symbol, word, number) NTA_CONFLICT_KIND_##symbol = (number),
#define NTA_GAP_REASON_ROW(symbol, word, number)    NTA_GAP_REASON_##symbol = (number),
#define NTA_STATUS_ROW(symbol, word, number)        NTA_STATUS_##symbol = (number),
#define NTA_DOUBT_ROW(symbol, word, number)         NTA_DOUBT_##symbol = (number),

// NOLINTBEGIN(bugprone-macro-parentheses): declarations
#define NTA_WORD_TYPE(type, prefix, ROWS)                                                          \
    enum nta_##type{NTA_##prefix##_NONE, ROWS(NTA_##prefix##_ROW) NTA_##prefix##_END};             \
    const char *nta_##type##_name(uint8_t number); /* "" for one that has none; static */          \
    uint8_t nta_##type##_number(const char *word); /* 0: no such word */
NTA_WORD_TYPES(NTA_WORD_TYPE)
NTA_WORD_PARTS(NTA_WORD_TYPE)
#undef NTA_WORD_TYPE
// NOLINTEND(bugprone-macro-parentheses)

/** The kind of a file of this MIME type, whatever its parameters; NONE: the type says nothing. */
enum nta_file_kind nta_file_kind_of(struct nta_span mime_type);
