/* SPDX-License-Identifier: Apache-2.0 */
/* The circular log of packets: what is here, what is gone, and whose it is. */
#include "packets/packet_log.h"
#include "unit.h"

#include <string.h>

enum
{
    SIZE = 16384
};

static uint32_t put(struct nta_packet_log *log, const struct nta_flow *flow, uint32_t before,
                    uint32_t len, uint8_t fill)
{
    static uint8_t bytes[SIZE];
    const struct nta_logged what = {
        .flow = flow, .flow_wall_ns = flow->first_wall_ns, .before = before, .cap_len = len};

    memset(bytes, fill, len);
    return nta_packet_log_put(log, &what, bytes);
}

static void a_chain_is_walked_back_to_its_start(void **state)
{
    struct nta_flow a = {.first_wall_ns = 1}, b = {.first_wall_ns = 2};
    struct nta_packet_log log;
    uint32_t last = 0, other = 0;
    unsigned n = 0;

    (void)state;
    assert_int_equal(nta_packet_log_init(&log, SIZE, NULL), 0);
    for (uint8_t i = 0; i < 10; i++) {
        last = put(&log, &a, last, 60U + i, i);
        other = put(&log, &b, other, 100, 99);
    }
    for (uint32_t at = last; at; n++) {
        const struct nta_logged *logged = nta_packet_log_find(&log, at, &a);

        assert_non_null(logged);
        assert_int_equal(logged->cap_len, 69 - n);
        assert_int_equal(nta_logged_bytes(logged)[logged->cap_len - 1], 9 - n);
        at = logged->before;
    }
    assert_int_equal(n, 10);
    assert_null(nta_packet_log_find(&log, last, &b));
    b = a; /* the same memory, another flow */
    b.first_wall_ns = 3;
    a = b;
    assert_null(nta_packet_log_find(&log, last, &a));
    nta_packet_log_done(&log);
}

/** Against a plain model: the newest bytes are here, whole, and nothing else is said to be. */
static void what_was_overwritten_is_gone(void **state)
{
    enum
    {
        N = 200000
    };

    static struct
    {
        uint32_t place, len;
        uint8_t fill;
    } known[N];
    struct nta_flow flow = {.first_wall_ns = 5};
    struct nta_packet_log log;
    uint32_t random = 1;

    (void)state;
    assert_int_equal(nta_packet_log_init(&log, SIZE, NULL), 0);
    log.head = NTA_LOG_PLACES - 50000; /* its numbers go round once */
    for (size_t i = 0; i < N; i++) {
        random = random * 1103515245 + 12345;
        known[i].len = (random >> 16) % 1500;
        known[i].fill = (uint8_t)i;
        bool takes = i && nta_packet_log_would_take(&log, known[i - 1].place, known[i].len);

        known[i].place = put(&log, &flow, 0, known[i].len, known[i].fill);
        assert_int_not_equal(known[i].place, 0);
        assert_false(takes);
        for (size_t k = i > 40 ? i - 40 : 0; k <= i; k++) {
            const struct nta_logged *logged = nta_packet_log_find(&log, known[k].place, &flow);

            if (k + 5 >= i)
                assert_non_null(logged);
            if (!logged)
                continue;
            assert_int_equal(logged->cap_len, known[k].len);
            if (known[k].len) {
                assert_int_equal(nta_logged_bytes(logged)[0], known[k].fill);
                assert_int_equal(nta_logged_bytes(logged)[known[k].len - 1], known[k].fill);
            }
        }
    }
    nta_packet_log_done(&log);
}

static void it_is_told_before_a_packet_is_overwritten(void **state)
{
    struct nta_flow flow = {.first_wall_ns = 5};
    struct nta_packet_log log;

    (void)state;
    assert_int_equal(nta_packet_log_init(&log, SIZE, NULL), 0);
    uint32_t first = put(&log, &flow, 0, 500, 1);

    while (!nta_packet_log_would_take(&log, first, 1000)) {
        (void)put(&log, &flow, 0, 1000, 2);
        assert_non_null(nta_packet_log_find(&log, first, &flow));
    }
    (void)put(&log, &flow, 0, 1000, 2);
    assert_null(nta_packet_log_find(&log, first, &flow));
    assert_int_equal(put(&log, &flow, 0, SIZE - 20, 3), 0); /* too long for the log */
    nta_packet_log_done(&log);
}

static void without_memory_nothing_is_there(void **state)
{
    struct nta_flow flow = {0};
    struct nta_packet_log log;

    (void)state;
    assert_int_equal(nta_packet_log_init(&log, 0, NULL), 0);
    assert_null(log.area);
    assert_null(nta_packet_log_find(&log, 1, &flow));
    nta_packet_log_done(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_is_walked_back_to_its_start),
        cmocka_unit_test(what_was_overwritten_is_gone),
        cmocka_unit_test(it_is_told_before_a_packet_is_overwritten),
        cmocka_unit_test(without_memory_nothing_is_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
