/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random segmentation, order, repetition, overlap and loss of random streams in both directions,
 * against the plainest model there is: an array with the byte that came first for each place, and a
 * flag for those that never came.
 */
#include "flow_kit.h"
#include "flow_send.h"

#include <stdlib.h>

enum
{
    STREAM_LEN = 6000,
    SEGMENT_MAX = 900,
    OVERLAP_MAX = 200,
    N_PARTS_MAX = 4 * STREAM_LEN
};

struct part
{
    uint32_t off, len;
    bool lost;
};

struct side
{
    uint32_t isn;
    uint8_t bytes[STREAM_LEN]; ///< What is sent; what came first, once `came` is set.
    bool came[STREAM_LEN];
    bool lost[STREAM_LEN];  ///< Never comes.
    bool shown[STREAM_LEN]; ///< Shown to the owner, or skipped by it.
    struct part parts[N_PARTS_MAX];
    size_t n_parts, next_part;
    uint64_t pos; ///< The owner's place: what is before is dealt with.
    size_t left;  ///< Bytes shown last time that it left.
    bool fin_sent;
};

struct model
{
    struct nta_counters counters;
    struct nta_flows *flows;
    struct side sides[2];
    struct nta_flow_side result[2];
    unsigned n_ended;
    bool conflicts; ///< Overlapping segments have other bytes.
    bool careless;  ///< Limits are too small for all; holes are larger than what is lost.
};

static struct model model;
static uint64_t random_state;

static uint32_t rnd(uint32_t below)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((random_state >> 33) % below);
}

static struct nta_taken on_data(void *owner, struct nta_flow *flow, enum nta_dir dir,
                                struct nta_span bytes, int64_t wall_ns)
{
    struct side *side = &model.sides[dir];
    struct nta_taken taken = {.consumed = bytes.len};

    (void)owner, (void)flow, (void)wall_ns;
    assert_true(bytes.len > side->left);
    assert_true(side->pos + bytes.len <= STREAM_LEN);
    for (size_t i = 0; i < bytes.len; i++) {
        assert_int_equal(bytes.ptr[i], side->bytes[side->pos + i]);
        assert_false(side->lost[side->pos + i]);
        side->shown[side->pos + i] = true;
    }
    if (rnd(4) == 0 && bytes.len < 3000)
        taken.consumed = rnd((uint32_t)bytes.len + 1);
    if (taken.consumed == bytes.len && rnd(6) == 0)
        taken.skip = rnd(2) ? rnd(50) : rnd(2000);
    side->left = bytes.len - taken.consumed;
    side->pos += taken.consumed;
    for (uint64_t i = 0; i < taken.skip && side->pos < STREAM_LEN; i++)
        side->shown[side->pos++] = true;
    return taken;
}

static bool on_gap(void *owner, struct nta_flow *flow, enum nta_dir dir, uint64_t len)
{
    struct side *side = &model.sides[dir];

    (void)owner, (void)flow;
    side->pos += side->left;
    side->left = 0;
    assert_true((len > 0 || model.careless) && side->pos + len <= STREAM_LEN);
    for (uint64_t i = 0; i < len; i++) {
        assert_true(side->lost[side->pos] || model.careless);
        side->shown[side->pos++] = true;
    }
    return true;
}

static void on_datagram(void *owner, struct nta_flow *flow, enum nta_dir dir, struct nta_span bytes,
                        int64_t wall_ns)
{
    (void)owner, (void)flow, (void)dir, (void)bytes, (void)wall_ns;
    fail();
}

static void on_ended(void *owner, struct nta_flow *flow, enum nta_flow_end why)
{
    (void)owner, (void)why;
    model.n_ended++;
    memcpy(model.result, flow->sides, sizeof(model.result));
}

static void on_active_timeout(void *owner, struct nta_flow *flow)
{
    (void)owner, (void)flow;
}

static void on_turned(void *owner, struct nta_flow *flow)
{
    (void)owner, (void)flow;
}

static const struct nta_flow_ops ops = {
    .data = on_data,
    .gap = on_gap,
    .datagram = on_datagram,
    .ended = on_ended,
    .active_timeout = on_active_timeout,
    .turned = on_turned,
};

static void add_part(struct side *side, uint32_t off, uint32_t len, bool lost)
{
    assert_true(side->n_parts < N_PARTS_MAX);
    side->parts[side->n_parts++] = (struct part){off, len, lost};
}

/** Some parts change places with one of the next few; what is in no part that comes is lost. */
static void mix(struct side *side, uint32_t disorder)
{
    for (size_t i = 0; i < side->n_parts; i++) {
        size_t j = i + (disorder ? rnd(disorder) : 0);
        struct part part = side->parts[i];

        if (j < side->n_parts && rnd(4) == 0) {
            side->parts[i] = side->parts[j];
            side->parts[j] = part;
        }
    }
    memset(side->lost, 1, sizeof(side->lost));
    for (size_t i = 0; i < side->n_parts; i++)
        if (!side->parts[i].lost)
            memset(side->lost + side->parts[i].off, 0, side->parts[i].len);
}

static void prepare(struct side *side, uint32_t loss, uint32_t disorder)
{
    memset(side, 0, sizeof(*side));
    side->isn = rnd(2) ? UINT32_MAX - rnd(STREAM_LEN) : rnd(UINT32_MAX);
    for (size_t i = 0; i < STREAM_LEN; i++)
        side->bytes[i] = (uint8_t)(1 + rnd(255));
    for (uint32_t off = 0; off < STREAM_LEN;) {
        uint32_t len = 1 + (rnd(3) ? rnd(SEGMENT_MAX) : rnd(8));
        uint32_t before = rnd(4) ? 0 : rnd(OVERLAP_MAX);

        len = len < STREAM_LEN - off ? len : STREAM_LEN - off;
        before = before < off ? before : off;
        add_part(side, off - before, len + before, rnd(1000) < loss);
        if (rnd(10) == 0)
            add_part(side, off, len, rnd(1000) < loss);
        off += len;
    }
    mix(side, disorder);
}

/** What the receiver, who lost nothing, can have acknowledged: all that we saw or never will. */
static uint32_t ack_of(const struct side *side)
{
    uint32_t n = 0;

    while (n < STREAM_LEN && (side->came[n] || side->lost[n]))
        n++;
    return side->isn + 1 + n;
}

static void send(enum nta_dir dir, uint8_t flags, uint32_t seq, const uint8_t *bytes, uint32_t len)
{
    static int64_t wall_ns = S;
    struct nta_packet packet = dir == NTA_DIR_UP ? kit_packet(NTA_PACKET_TCP, 1, 2, 40000, 80)
                                                 : kit_packet(NTA_PACKET_TCP, 2, 1, 80, 40000);
    uint8_t *exact = malloc(len ? len : 1);

    assert_non_null(exact);
    if (len)
        memcpy(exact, bytes, len);
    wall_ns += rnd(3 * (uint32_t)NTA_NS_PER_MS);
    packet.wall_ns = packet.order_ns = wall_ns;
    packet.tcp_flags = flags;
    packet.tcp_seq = seq;
    packet.tcp_ack = ack_of(&model.sides[!dir]);
    packet.payload_len = packet.payload_wire_len = len;
    nta_flows_pass(model.flows, &packet);
    nta_flows_packet(model.flows, &packet, exact);
    free(exact);
}

static void send_part(enum nta_dir dir)
{
    struct side *side = &model.sides[dir];
    struct part part = side->parts[side->next_part++];
    uint8_t bytes[SEGMENT_MAX + OVERLAP_MAX];

    if (part.lost)
        return;
    for (uint32_t i = 0; i < part.len; i++) {
        uint32_t at = part.off + i;

        /* an overlapping segment may bring another byte; the model then knows which came first */
        bytes[i] = side->came[at] && model.conflicts ? (uint8_t)(1 + rnd(255)) : side->bytes[at];
    }
    for (uint32_t i = 0; i < part.len; i++)
        side->came[part.off + i] = true;
    send(dir, ACK, side->isn + 1 + part.off, bytes, part.len);
}

static void finish_side(enum nta_dir dir, bool careless)
{
    const struct side *side = &model.sides[dir];
    uint64_t n_lost = 0;

    for (size_t i = 0; i < STREAM_LEN; i++) {
        n_lost += side->lost[i];
        if (!careless && !side->shown[i])
            fail_msg("byte %zu of %s was never shown", i, kit_dir(dir));
    }
    assert_int_equal(model.result[dir].bytes, STREAM_LEN);
    if (careless)
        assert_true(model.result[dir].gap_bytes >= n_lost);
    else
        assert_int_equal(model.result[dir].gap_bytes, n_lost);
}

static void run(uint64_t seed, struct nta_flow_options options, bool conflicts, bool careless)
{
    struct nta_err err;

    random_state = seed;
    model.conflicts = conflicts;
    model.careless = careless;
    model.n_ended = 0;
    assert_int_equal(nta_flows_new(&options, &ops, NULL, &model.counters, &model.flows, &err), 0);
    for (size_t i = 0; i < 2; i++)
        prepare(&model.sides[i], rnd(3) ? 0 : rnd(200), rnd(2) ? 0 : 1 + rnd(12));
    send(UP, SYN, model.sides[UP].isn, NULL, 0);
    send(DOWN, SYN_ACK, model.sides[DOWN].isn, NULL, 0);
    while (!model.sides[UP].fin_sent || !model.sides[DOWN].fin_sent) {
        enum nta_dir dir = rnd(2) ? UP : DOWN;
        struct side *side = &model.sides[dir];

        if (side->next_part < side->n_parts) {
            send_part(dir);
        } else if (!side->fin_sent) {
            side->fin_sent = true;
            send(dir, FIN_ACK, side->isn + 1 + STREAM_LEN, NULL, 0);
        }
        assert_true(nta_flows_held(model.flows) <= options.stream_all_bytes);
    }
    for (size_t i = 0; i < 2; i++) /* what is not acknowledged is not proved */
        send((enum nta_dir)i, ACK, model.sides[i].isn + 2 + STREAM_LEN, NULL, 0);
    nta_flows_drain(model.flows);
    assert_int_equal(model.n_ended, 1);
    assert_int_equal(nta_flows_held(model.flows), 0);
    nta_flows_free(&model.flows);
    finish_side(UP, careless);
    finish_side(DOWN, careless);
}

static void streams_come_out_as_sent_with_exactly_the_lost_bytes_as_gaps(void **state)
{
    struct nta_flow_options options = {
        .n_flows = 4, .stream_flow_bytes = 1 << 16, .stream_all_bytes = 1 << 18};

    (void)state;
    for (uint64_t seed = 1; seed <= 3000; seed++)
        run(seed, options, false, false);
}

static void of_overlapping_bytes_the_first_stand(void **state)
{
    struct nta_flow_options options = {
        .n_flows = 4, .stream_flow_bytes = 1 << 16, .stream_all_bytes = 1 << 18};

    (void)state;
    for (uint64_t seed = 1; seed <= 3000; seed++)
        run(seed, options, true, false);
}

static void small_limits_lose_bytes_but_never_show_wrong_ones(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3000; seed++) {
        struct nta_flow_options options = {.n_flows = 4,
                                           .stream_flow_bytes = 1 + seed % 3000,
                                           .stream_all_bytes = 4096 + seed % 8192};

        run(seed, options, false, true);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_come_out_as_sent_with_exactly_the_lost_bytes_as_gaps),
        cmocka_unit_test(of_overlapping_bytes_the_first_stand),
        cmocka_unit_test(small_limits_lose_bytes_but_never_show_wrong_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
