/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the flow tests share: a table of flows with an owner that writes down what it is told, as
 * text: "up:abc " bytes, "gap up 3 " a hole, "udp down:x " a datagram, "end closed " and "on " for
 * a flow.  Packets for it come from flow_send.h.
 */

#include "base/runtime/clock.h"
#include "decode/order.h"
#include "flow/owner.h"

#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
/* needs those above */
#include <cmocka.h>

enum
{
    KIT_LOG_SIZE = 1 << 16
};

#define S NTA_NS_PER_S

struct nta_kit
{
    struct nta_counters counters;
    struct nta_flows *flows;
    char log[KIT_LOG_SIZE];
    size_t len;
    int64_t wall_ns;
    struct nta_order orders[2]; ///< Of each source.
    struct nta_flow last;       ///< Of the flow that ended last.
    const uint8_t *shown_at;    ///< Where the last bytes of a stream were.
    struct nta_flow_at at;      ///< Where the last bytes or hole lay.
    size_t leave_below;         ///< The owner wants at least so many bytes at once.
    struct nta_taken answer;    ///< If set (skip or stop), given to the next bytes.
    bool swap_next;             ///< Swap the sides at the next call.
    bool settle_next;           ///< The next call tells who is who.
    bool stop_at_gap;
    bool rests; ///< Datagrams end what their flow was there for.
    bool parts; ///< Flows are parted, by the first letters of their datagrams.
};

static inline void kit_say(struct nta_kit *kit, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static inline void kit_say(struct nta_kit *kit, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int n = vsnprintf(kit->log + kit->len, sizeof(kit->log) - kit->len, format, args);

    va_end(args);
    assert(n >= 0 && (size_t)n < sizeof(kit->log) - kit->len);
    kit->len += (size_t)n;
}

static inline const char *kit_dir(enum nta_dir dir)
{
    return dir == NTA_DIR_UP ? "up" : "down";
}

static inline void kit_swap(struct nta_kit *kit, struct nta_flow *flow)
{
    if (kit->swap_next)
        nta_flows_swap(kit->flows, flow);
    kit->swap_next = false;
    if (kit->settle_next)
        nta_flow_settle(flow);
    kit->settle_next = false;
}

static inline struct nta_taken kit_data(void *owner, struct nta_flow *flow, enum nta_dir dir,
                                        struct nta_span bytes, int64_t wall_ns)
{
    struct nta_kit *kit = owner;
    struct nta_taken taken = kit->answer;

    (void)wall_ns;
    kit_say(kit, "%s:%.*s ", kit_dir(dir), (int)bytes.len, (const char *)bytes.ptr);
    kit->shown_at = bytes.ptr;
    kit->at = nta_flows_at(kit->flows);
    kit_swap(kit, flow);
    kit->answer = (struct nta_taken){0};
    taken.consumed = bytes.len < kit->leave_below ? 0 : bytes.len;
    return taken;
}

static inline bool kit_gap(void *owner, struct nta_flow *flow, enum nta_dir dir, uint64_t len)
{
    struct nta_kit *kit = owner;

    (void)flow;
    kit->at = nta_flows_at(kit->flows);
    kit_say(kit, "gap %s %llu ", kit_dir(dir), (unsigned long long)len);
    return !kit->stop_at_gap;
}

static inline void kit_datagram(void *owner, struct nta_flow *flow, enum nta_dir dir,
                                struct nta_span bytes, int64_t wall_ns)
{
    struct nta_kit *kit = owner;

    (void)wall_ns;
    kit_say(kit, "udp %s:%.*s ", kit_dir(dir), (int)bytes.len, (const char *)bytes.ptr);
    kit_swap(kit, flow);
    if (kit->rests)
        nta_flows_rest(kit->flows, flow);
    if (kit->parts && bytes.len > 0) {
        nta_flow_part(flow);
        flow->conn = (void *)(uintptr_t)bytes.ptr[0];
    }
}

static inline struct nta_flow *kit_part(void *owner, struct nta_flow *newest, enum nta_dir dir,
                                        struct nta_span bytes)
{
    struct nta_kit *kit = owner;

    (void)dir;
    while (newest && newest->conn != (void *)(uintptr_t)bytes.ptr[0])
        newest = nta_flows_older_part(kit->flows, newest);
    return newest;
}

static inline void kit_ended(void *owner, struct nta_flow *flow, enum nta_flow_end why)
{
    static const char *const words[] = {"closed", "idle", "evicted", "drain"};
    struct nta_kit *kit = owner;

    kit->last = *flow;
    kit_say(kit, "end %s ", words[why]);
}

static inline void kit_active_timeout(void *owner, struct nta_flow *flow)
{
    (void)flow;
    kit_say(owner, "on ");
}

static inline void kit_turned(void *owner, struct nta_flow *flow)
{
    (void)flow;
    kit_say(owner, "turned ");
}

static inline void kit_closed(void *owner, struct nta_flow *flow)
{
    (void)flow;
    kit_say(owner, "closed ");
}

static const struct nta_flow_ops kit_ops = {
    .data = kit_data,
    .gap = kit_gap,
    .datagram = kit_datagram,
    .ended = kit_ended,
    .active_timeout = kit_active_timeout,
    .turned = kit_turned,
    .part = kit_part,
    .closed = kit_closed,
};

static inline void kit_open(struct nta_kit *kit, struct nta_flow_options options)
{
    struct nta_err err;

    memset(kit, 0, sizeof(*kit));
    kit->wall_ns = 1000 * S;
    options.n_flows = options.n_flows ? options.n_flows : 64;
    options.stream_flow_bytes = options.stream_flow_bytes ? options.stream_flow_bytes : 65536;
    options.stream_all_bytes = options.stream_all_bytes ? options.stream_all_bytes : 1 << 20;
    assert_int_equal(nta_flows_new(&options, &kit_ops, kit, &kit->counters, &kit->flows, &err), 0);
}

/** What was told since the last call must be `expected`. */
#define KIT_EXPECT(kit, expected)                                                                  \
    do {                                                                                           \
        assert_string_equal((kit)->log, expected);                                                 \
        (kit)->len = 0;                                                                            \
        (kit)->log[0] = '\0';                                                                      \
    } while (0)

static inline void kit_close(struct nta_kit *kit)
{
    nta_flows_drain(kit->flows);
    assert_int_equal(nta_flows_len(kit->flows), 0);
    assert_int_equal(nta_flows_held(kit->flows), 0);
    nta_flows_free(&kit->flows);
    assert_null(kit->flows);
}
