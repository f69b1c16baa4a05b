/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One record: what happened, who, where, and why it matters.  A value whose texts are borrowed; see docs/format.md
 * for its CBOR form and DESIGN's JSON names (record/json.h).
 *
 * Encoding (nta_record_encode) is called by workers and allocates nothing once its buffer has grown.  Decoding gives
 * a record whose texts borrow from the encoded bytes.
 */

#include "base/buf.h"
#include "base/bytes.h"
#include "base/runtime/counters.h"
#include "proto/app.h"
#include "record/side.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Rows: symbol, name in JSON, number in CBOR (never reused). */
#define NTA_RECORD_EVENTS(ROW)                                                                     \
    ROW(FLOW, "flow", 1)                                                                           \
    ROW(LOOKUP, "lookup", 2)                                                                       \
    ROW(REQUEST, "request", 3)                                                                     \
    ROW(ALERT, "alert", 4)                                                                         \
    ROW(PACKETS, "packets", 5)                                                                     \
    ROW(LOSS, "loss", 6)                                                                           \
    ROW(LEASE, "lease", 7)                                                                         \
    ROW(CANARY, "canary", 8)

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
    NTA_BASIS_CERT,    ///<
    NTA_BASIS_SNI,     ///<
    NTA_BASIS_URL,     ///< Seen in clear.
};

/** Bits of `agrees` and `disagrees`. */
enum
{
    NTA_AGREES_DNS = 1,
    NTA_AGREES_CERT = 2,
    NTA_AGREES_SNI = 4,
    NTA_AGREES_HOST = 8, ///< Another Host field, or Host where the target names a site.
};

struct nta_record_file
{
    struct nta_span name, type; ///< Type: MIME, by content first, else as announced.
    uint64_t bytes;
    struct nta_span sha256; ///< 32 bytes, or empty.
};

struct nta_record_match
{
    struct nta_span list; ///< Empty: no match.
    struct nta_span category;
    struct nta_span entry;
    uint32_t line;
    uint8_t kind; ///< enum nta_hit_kind's number: 0 domain, 1 address, 2 cidr, 3 url.
    bool weak;
    uint8_t severity;       ///< As the list's: 0 not said, 1 low, 2 medium, 3 high, 4 critical.
    struct nta_span shared; ///< By address alone, in a range of this CDN or cloud; or empty.
    struct nta_span list_sha256; ///< 32 bytes.
};

/** One answer of a lookup, as listed. */
struct nta_record_answer
{
    uint16_t type;
    uint32_t ttl_s;
    struct nta_addr addr;   ///< A, AAAA (4 or 6 decided by type).
    struct nta_span target; ///< Others.
};

/** One reason of a loss record. */
struct nta_record_loss
{
    struct nta_span reason; ///< A counter's name.
    uint64_t n;
};

enum
{
    NTA_RECORD_ANSWERS = 64,
    NTA_RECORD_LOSSES = NTA_N_COUNTERS
};

struct nta_record
{
    enum nta_record_event event;
    int64_t time_ns, end_ns; ///< UTC; end 0: a moment.
    struct nta_record_side user, peer;
    uint8_t ip_proto;            ///< 6, 17, …; shown as tcp, udp or the number.
    enum nta_app app, service;   ///< Service: DNS inside, unread: DOT, DOH, DOQ; else NONE.
    struct nta_record_tags vlan; ///< Of the user's frames; of the peer's if the user sent none.
    struct nta_span site;
    enum nta_basis basis;
    uint8_t agrees, disagrees; ///< NTA_AGREES_… bits.
    bool hidden;               ///< The hello was encrypted (ECH).
    bool one_way;              ///< Packets in one direction only.
    bool gaps;                 ///< Parts of the stream were never seen.
    bool mid_stream;           ///< The opening was not seen.
    bool carrier;              ///< A tunnel's outer connection: sums leave it out.
    bool shared;               ///< This user was given the peer's address for several names.
    struct nta_span url, method;
    uint16_t status;
    struct nta_record_file file;

    struct
    {
        uint64_t bytes, packets;
    } up, down;
    struct nta_record_match match;
    bool download;
    /* lookup */
    uint16_t query_type;
    uint8_t rcode;
    bool answered;
    const struct nta_record_answer *answers; ///< Borrows; <= NTA_RECORD_ANSWERS.
    size_t n_answers;
    /* tls, quic */
    struct nta_span alpn, tls_version, ja4, issuer;
    /* packets: a pcapng section (record/…), <= 64 KiB */
    struct nta_span packets;
    uint64_t about; ///< Packets and alerts: the same number links them (0: none).
    /* loss */
    const struct nta_record_loss *losses; ///< Borrows.
    size_t n_losses;
};

/** Append the record's CBOR to `out`.  A failure of memory is sticky in `out`. */
void nta_record_encode(const struct nta_record *record, struct nta_buf *out);

/** Memory that decoding needs for lists; one a reader, reused. */
struct nta_record_buf
{
    struct nta_record_answer answers[NTA_RECORD_ANSWERS];
    struct nta_record_loss losses[NTA_RECORD_LOSSES];
};

/**
 * Read one record.  True: `ret_record` is filled and borrows from `cbor` and `buf`.  False: not a record of ours.
 * Unknown map keys are passed over, so that older readers read newer records.
 */
bool nta_record_decode(struct nta_span cbor, struct nta_record_buf *buf,
                       struct nta_record *ret_record);

/** Parts of a record, as bits: what nta_record_decode_some() is asked for. */
enum nta_record_part
{
    NTA_PART_USER = 1 << 3,
    NTA_PART_PEER = 1 << 4,
    NTA_PART_APP = 1 << 6,
    NTA_PART_SITE = 1 << 8,
    NTA_PART_EVIDENCE = 1 << 9, ///< basis, agrees, disagrees
    NTA_PART_FLAGS = 1 << 10,   ///< hidden to answered
    NTA_PART_FILE = 1 << 14,
    NTA_PART_COUNTS = 1 << 15, ///< up, down
    NTA_PART_MATCH = 1 << 16,
    NTA_PARTS_NAMED = 1 << 3 | 1 << 4 | 1 << 6 | 7 << 8 | 7 << 14, ///< All of the above.
    NTA_PARTS_ALL = (1 << 23) - 1
};

/**
 * Read only what is asked for, with event, time and end, and look no further behind the last of it: several times as
 * fast.  Unless more than the named parts is asked for, the others of `record`, which must hold a record already (an
 * empty one will do), stay as they were.  It holds nothing of use if the answer is false.
 */
bool nta_record_decode_some(struct nta_span cbor, uint32_t parts, struct nta_record_buf *buf,
                            struct nta_record *record);

/** As JSON has it; "" for a number that is no event.  Static. */
const char *nta_record_event_name(enum nta_record_event event);
/** As JSON has it; "" for a number that is no basis.  Static. */
const char *nta_basis_name(enum nta_basis basis);
