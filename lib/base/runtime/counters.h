/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Every counter of the program is one row of NTA_COUNTERS: name, unit, help.  `nta status`, the
 * Prometheus page, the loss record and the operations manual are made from the rows.
 *
 * A set belongs to one thread, which alone adds to it; any thread may read it at any time and sees
 * each number whole (relaxed atomics: no two numbers need agree).  Sums over threads are made by
 * the reader.
 *
 * What is not understood is also counted by its number (nta_unknown_add): EtherType, IP protocol,
 * link type.
 */

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Where something is lost, in the order of a packet's way.  A row: symbol, name shown, help.
 */
#define NTA_LOSS_PLACES(ROW)                                                                       \
    ROW(WIRE, "wire", "before this machine, or never sent")                                        \
    ROW(CARD, "card", "the network card or its driver")                                            \
    ROW(KERNEL, "kernel", "the kernel's ring (capture.buffer)")                                    \
    ROW(BLOCK, "blocks", "between capture and workers (capture.blocks)")                           \
    ROW(DECODE, "decode", "what packets say of themselves, and fragments")                         \
    ROW(STATE, "state", "the flow table and protocols' state (flow.table)")                        \
    ROW(STREAM, "streams", "memory of streams (flow.stream_limit, flow.streams_limit)")            \
    ROW(QUEUE, "queue", "between workers and recorder")                                            \
    ROW(JOURNAL, "journal", "the store")

enum nta_loss_place
{
    NTA_LOST_NONE, ///< Nothing is lost there.
#define NTA_LOSS_PLACE_ENUM(symbol, name, help) NTA_LOST_##symbol,
    NTA_LOSS_PLACES(NTA_LOSS_PLACE_ENUM)
#undef NTA_LOSS_PLACE_ENUM
    NTA_N_LOSS_PLACES
};

struct nta_loss_place_info
{
    const char *name, *help;
};

extern const struct nta_loss_place_info nta_loss_place_infos[NTA_N_LOSS_PLACES];

/*
 * A row: symbol, name shown, unit, the place if something the sensor did not see is counted (it
 * belongs in the minute's loss record) else NONE, help.
 */
#define NTA_COUNTERS(ROW)                                                                          \
    ROW(RECEIVED, "capture.received", "packets", NONE, "packets given to us by libpcap")           \
    ROW(RECEIVED_BYTES, "capture.bytes", "bytes", NONE, "their length on the wire")                \
    ROW(DROP_KERNEL, "capture.drop.kernel", "packets", KERNEL, "lost: kernel buffer was full")     \
    ROW(DROP_INTERFACE, "capture.drop.interface", "packets", CARD, "lost: interface or driver")    \
    ROW(DROP_RING, "capture.drop.ring", "packets", BLOCK, "lost: no free block, workers too slow") \
    ROW(DROP_HEARSAY, "capture.drop.hearsay", "packets", BLOCK, "lost: copies for other workers")  \
    ROW(DROP_OUTER, "capture.drop.carrier", "packets", BLOCK, "outer headers lost: no free block") \
    ROW(ORDER_LATE, "capture.order.late", "packets", NONE, "later than others of their time")      \
    ROW(WORKED, "worker.packets", "packets", NONE, "given to workers, with copies for others")     \
    ROW(CUT_SNAPLEN, "capture.cut", "packets", DECODE, "not whole: longer than the snap length")   \
    ROW(FILE_BROKEN, "capture.broken", "files", DECODE, "capture files that end inside a packet")  \
    ROW(DECODE_BAD, "decode.bad", "packets", DECODE, "a header contradicts itself")                \
    ROW(DECODE_SHORT, "decode.short", "packets", DECODE, "headers go on behind captured bytes")    \
    ROW(DECODE_UNKNOWN, "decode.unknown", "packets", NONE, "a layer we do not know, by number")    \
    ROW(DECODE_CHECKSUM, "decode.checksum", "packets", NONE, "wrong: of IPv4, or of a TCP SYN")    \
    ROW(DECODE_DEPTH, "decode.depth", "packets", DECODE, "more nested layers than we follow")      \
    ROW(DECODE_OUTER, "decode.carriers", "packets", NONE, "outer connections nested too deep")     \
    ROW(FRAGMENTS, "fragment.seen", "packets", NONE, "IP fragments")                               \
    ROW(FRAGMENT_WHOLE, "fragment.whole", "packets", NONE, "datagrams put together again")         \
    ROW(FRAGMENT_DROP, "fragment.drop", "packets", DECODE, "fragments given up: limit or time")    \
    ROW(FLOWS, "flow.opened", "flows", NONE, "flows opened")                                       \
    ROW(FLOW_ENDED, "flow.ended", "flows", NONE, "ended, and told to the end")                     \
    ROW(FLOW_EVICTED, "flow.evicted", "flows", STATE, "ended early: the flow table was full")      \
    ROW(FLOW_ONE_WAY, "flow.oneway", "flows", NONE, "ended with packets in one direction only")    \
    ROW(FLOW_HALF, "flow.half", "flows", NONE, "TCP with bytes one way, no packet the other")      \
    ROW(STREAM_GAP, "stream.gap", "gaps", WIRE, "holes in streams: segments never seen")           \
    ROW(STREAM_GAP_BYTES, "stream.gap_bytes", "bytes", WIRE, "bytes in those holes")               \
    ROW(STREAM_OVERLAP, "stream.overlap", "segments", NONE, "segments that repeat earlier bytes")  \
    ROW(STREAM_OTHER, "stream.other", "segments", NONE, "repeat them with other bytes")            \
    ROW(STREAM_COPY_LIMIT, "stream.copy_limit", "segments", STREAM, "other bytes: no room")        \
    ROW(STREAM_TWICE, "stream.twice", "segments", NONE, "seen again within a millisecond")         \
    ROW(DATAGRAM_TWICE, "flow.twice", "packets", NONE, "datagrams seen again behind a router")     \
    ROW(STREAM_REORDER, "stream.reorder", "segments", NONE, "segments held until earlier ones")    \
    ROW(STREAM_FLOW_LIMIT, "stream.flow_limit", "flows", STREAM, "limit of one flow reached")      \
    ROW(STREAM_ALL_LIMIT, "stream.all_limit", "flows", STREAM, "limit of all streams reached")     \
    ROW(STATE_LIMIT, "proto.state_limit", "flows", STATE, "no room for a protocol's state")        \
    ROW(PROTO_BAD, "proto.bad", "messages", NONE, "messages that break their protocol")            \
    ROW(MESSAGES, "proto.messages", "messages", NONE, "messages understood")                       \
    ROW(TRANSFER_FOREIGN, "transfer.foreign", "transfers", NONE, "announced for a third host")     \
    ROW(TRANSFER_LIMIT, "transfer.limit", "transfers", NONE, "told early: too many at a time")     \
    ROW(DOWNLOAD_LIMIT, "download.limit", "downloads", NONE, "told early: too many at a time")     \
    ROW(HTTP2, "flow.http_two", "flows", NONE, "HTTP/2 in clear: not read to the end")             \
    ROW(DOT, "flow.dot", "flows", NONE, "DNS over TLS: lookups not seen")                          \
    ROW(DOH, "flow.doh", "flows", NONE, "DNS over HTTPS: lookups not seen")                        \
    ROW(DOQ, "flow.doq", "flows", NONE, "DNS over QUIC: lookups not seen")                         \
    ROW(WHO_EVICTED, "who.evicted", "bindings", NONE, "forgotten early: more than who.bindings")   \
    ROW(WHO_BAD_LINES, "who.bad_lines", "lines", NONE, "of who.files: not understood")             \
    ROW(HITS, "match.hits", "hits", NONE, "blacklist hits")                                        \
    ROW(RECORDS, "record.made", "records", NONE, "records made")                                   \
    ROW(RECORD_NEVER, "record.never", "records", NONE, "not made: of users in record.never")       \
    ROW(RECORD_SUMMED, "record.summed", "records", NONE, "told in sums: beyond record.user_rate")  \
    ROW(RECORD_DROP, "record.drop", "records", QUEUE, "lost: the recorder was too slow")           \
    ROW(RECORD_STORED, "record.stored", "records", NONE, "records committed")                      \
    ROW(RECORD_LOST, "record.lost", "records", JOURNAL, "made, and could not be stored")           \
    ROW(RECORD_FULL, "record.full", "records", JOURNAL, "made, and the store was at its bound")    \
    ROW(BATCHES, "batch.committed", "batches", NONE, "sealed batches committed")                   \
    ROW(BATCH_BYTES, "batch.bytes", "bytes", NONE, "their size")                                   \
    ROW(STORE_ERRORS, "store.errors", "errors", NONE, "commits that failed and were tried again")  \
    ROW(SHIPPED, "ship.batches", "batches", NONE, "batches acknowledged by MySQL")                 \
    ROW(SHIP_ERRORS, "ship.errors", "errors", NONE, "failed attempts to ship")                     \
    ROW(ALERTS, "alert.made", "alerts", NONE, "alerts raised")                                     \
    ROW(ALERT_UNSTORED, "alert.unstored", "alerts", NONE, "told before their record was stored")   \
    ROW(ALERT_UNWRITTEN, "alert.unwritten", "lines", NONE, "refused by the log or alert.json")     \
    ROW(ALERT_SUPPRESSED, "alert.suppressed", "alerts", NONE, "not logged: repeats; in the store") \
    ROW(ALERT_DROP, "alert.drop", "alerts", NONE, "not logged: log too slow; in the store")

enum nta_counter
{
#define NTA_COUNTER_ENUM(symbol, name, unit, place, help) NTA_COUNTER_##symbol,
    NTA_COUNTERS(NTA_COUNTER_ENUM)
#undef NTA_COUNTER_ENUM
    NTA_N_COUNTERS
};

/** What a counter is, for those who show it. */
struct nta_counter_info
{
    const char *name, *unit, *help;
    enum nta_loss_place place; ///< NONE: no loss; else part of the loss record.
};

extern const struct nta_counter_info nta_counter_infos[NTA_N_COUNTERS];

/** One thread's counters; zero is the start. */
struct nta_counters
{
    _Alignas(64) _Atomic uint64_t values[NTA_N_COUNTERS];
};

/** Add `n`; by the one thread whose counters these are. */
static inline void nta_count(struct nta_counters *counters, enum nta_counter which, uint64_t n)
{
    _Atomic uint64_t *value = &counters->values[which];

    /* one writer: a plain add, made visible whole */
    atomic_store_explicit(value, atomic_load_explicit(value, memory_order_relaxed) + n,
                          memory_order_relaxed);
}

/** What was counted so far; any thread may ask. */
static inline uint64_t nta_counted(const struct nta_counters *counters, enum nta_counter which)
{
    return atomic_load_explicit(&counters->values[which], memory_order_relaxed);
}

enum nta_unknown_kind
{
    NTA_UNKNOWN_LINK_TYPE,
    NTA_UNKNOWN_ETHER_TYPE,
    NTA_UNKNOWN_IP_PROTO
};

enum
{
    NTA_UNKNOWN_SLOTS = 64
};

/**
 * Counts by number, one thread's; holds the first 64 different numbers, the rest go into `other`.
 */
struct nta_unknowns
{
    struct
    {
        _Atomic uint32_t key; ///< kind + 1 in the high byte, number below; 0 is free.
        _Atomic uint64_t n;
    } slots[NTA_UNKNOWN_SLOTS];

    _Atomic uint64_t other;
};

/** Count one packet with this number (24 bits are kept).  The owner's thread only. */
void nta_unknown_add(struct nta_unknowns *unknowns, enum nta_unknown_kind kind, uint32_t number);

/** Add all of `from`, which is another thread's, to `into`. */
void nta_unknowns_join(struct nta_unknowns *into, const struct nta_unknowns *from);

/** Call `each` for every number; those that found no slot come last, as "further numbers" 0. */
void nta_unknowns_each(const struct nta_unknowns *unknowns,
                       void (*each)(void *owner, const char *kind, uint32_t number, uint64_t n),
                       void *owner);

/** The shown word for a kind: "link type", "EtherType", "IP protocol". */
const char *nta_unknown_kind_name(enum nta_unknown_kind kind);
