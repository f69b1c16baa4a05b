/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets that the daemon makes up: each worker gets a question and a hello with its name,
 * well-formed in every layer.
 */
#include "base/own.h"
#include "capture/canary.h"
#include "capture/put.h"
#include "unit.h"

#include <stdlib.h>

enum
{
    N_WORKERS = 7,
    TICKET = 42
};

static const char *const name = "0123456789abcdef0123456789abcdef.canary.nta.invalid";

/** A capture without an interface behind it. */
static struct nta_capture *make_capture(struct nta_owner *whose, struct nta_dispatch **ret_dispatch)
{
    struct nta_capture *capture = aligned_alloc(_Alignof(struct nta_capture), sizeof(*capture));
    struct nta_err err;

    assert_non_null(capture);
    memset(capture, 0, sizeof(*capture));
    assert_int_equal(nta_dispatch_new(0, N_WORKERS, 3, ret_dispatch, &err), 0);
    assert_int_equal(nta_hash_key_random(&capture->options.key), 0);
    capture->options.source = 3;
    capture->options.canary = name;
    nta_owner_init(whose, &capture->options.key, NULL, 0);
    capture->options.whose = whose;
    capture->n_workers = N_WORKERS;
    capture->dispatch = *ret_dispatch;
    capture->frames.decode = (struct nta_decode){.key = capture->options.key,
                                                 .counters = &capture->counters,
                                                 .unknowns = &capture->unknowns};
    return capture;
}

/**
 * The Internet checksum of a packet's transport header with its pseudo header is zero (RFC 1071).
 */
static void assert_checksum(const uint8_t *bytes, const struct nta_packet *packet)
{
    uint32_t sum = packet->ip_proto + packet->cap_len - 54;

    for (uint32_t i = 22; i < packet->cap_len; i += 2)
        sum += (uint32_t)bytes[i] << 8 | (i + 1 < packet->cap_len ? bytes[i + 1] : 0);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    assert_int_equal(sum, 0xffff);
}

static bool holds(const uint8_t *bytes, uint32_t len, const char *text)
{
    return memmem(bytes, len, text, strlen(text)) != NULL;
}

static void each_worker_is_asked_by_dns_and_by_tls(void **state)
{
    struct nta_dispatch *dispatch = NULL;
    struct nta_owner whose;
    struct nta_capture *capture = make_capture(&whose, &dispatch);

    (void)state;
    nta_capture_ask(capture, TICKET);
    nta_canary_serve(capture);
    nta_canary_serve(capture); /* asked once, done once */
    nta_dispatch_flush(dispatch, INT64_MAX, 0);
    for (uint32_t w = 0; w < N_WORKERS; w++) {
        struct nta_block *block = nta_dispatch_take(dispatch, w);
        char label[64];

        assert_non_null(block);
        assert_int_equal(block->n_packets, 4);
        for (uint32_t i = 0; i < 4; i++) {
            const struct nta_packet *packet = &nta_block_packets(block)[i];
            const uint8_t *bytes = nta_block_bytes(block, packet);

            assert_int_equal(packet->kind, i == 0 ? NTA_PACKET_UDP : NTA_PACKET_TCP);
            assert_int_equal(packet->dst_port, i == 0 ? 53 : 443);
            assert_int_equal(nta_capture_worker(capture, packet), w);
            assert_true(packet->wall_ns > 0);
            assert_checksum(bytes, packet);
        }
        const struct nta_packet *question = &nta_block_packets(block)[0], *hello = question + 2;

        (void)snprintf(label, sizeof(label), "d-3-%u-%d", w, TICKET);
        assert_true(holds(nta_block_bytes(block, question), question->cap_len, label));
        (void)snprintf(label, sizeof(label), "t-3-%u-%d.0123", w, TICKET);
        assert_true(holds(nta_block_bytes(block, hello), hello->cap_len, label));
        assert_true(holds(nta_block_bytes(block, hello), hello->cap_len, name));
        nta_dispatch_give_back(dispatch, w, block);
        assert_null(nta_dispatch_take(dispatch, w));
    }
    assert_int_equal(nta_counted(&capture->counters, NTA_COUNTER_RECEIVED), 0);
    nta_dispatch_free(&dispatch);
    free(capture);
}

static void without_a_name_nothing_is_made(void **state)
{
    struct nta_dispatch *dispatch = NULL;
    struct nta_owner whose;
    struct nta_capture *capture = make_capture(&whose, &dispatch);

    (void)state;
    capture->options.canary = NULL;
    nta_capture_ask(capture, 1);
    nta_canary_serve(capture);
    nta_dispatch_flush(dispatch, INT64_MAX, 0);
    for (uint32_t w = 0; w < N_WORKERS; w++) {
        struct nta_block *block = nta_dispatch_take(dispatch, w);

        assert_true(!block || block->n_packets == 0);
    }
    nta_dispatch_free(&dispatch);
    free(capture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_worker_is_asked_by_dns_and_by_tls),
        cmocka_unit_test(without_a_name_nothing_is_made),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
