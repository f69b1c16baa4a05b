/* SPDX-License-Identifier: Apache-2.0 */
/* What a card missed, as the kernel says it. */
#include "capture/state.h"
#include "unit.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>

enum
{
    NAME_LEN = 8
};

/** An answer with a name before the numbers, into `bytes`; gives its length. */
static size_t make(uint8_t bytes[512], uint16_t type, uint64_t missed, uint64_t fifo)
{
    const struct rtnl_link_stats64 stats = {
        .rx_dropped = 3000, .rx_missed_errors = missed, .rx_fifo_errors = fifo};
    const struct rtattr name = {RTA_LENGTH(NAME_LEN), IFLA_IFNAME};
    const struct rtattr numbers = {RTA_LENGTH(sizeof(stats)), IFLA_STATS64};
    size_t at = NLMSG_SPACE(sizeof(struct ifinfomsg));

    memset(bytes, 0, 512);
    memcpy(bytes + at, &name, sizeof(name));
    at += RTA_SPACE(NAME_LEN);
    memcpy(bytes + at, &numbers, sizeof(numbers));
    memcpy(bytes + at + RTA_LENGTH(0), &stats, sizeof(stats));
    at += RTA_SPACE(sizeof(stats));

    const struct nlmsghdr header = {.nlmsg_len = (uint32_t)at, .nlmsg_type = type};

    memcpy(bytes, &header, sizeof(header));
    return at;
}

static void what_the_card_missed_is_lost_and_what_nobody_else_wanted_is_not(void **state)
{
    uint8_t bytes[512];
    uint64_t missed = 0;
    size_t len = make(bytes, RTM_NEWLINK, 18, 7);

    (void)state;
    assert_true(nta_stats_read((struct nta_span){bytes, len}, &missed));
    assert_int_equal(missed, 18);
    len = make(bytes, RTM_NEWLINK, 0, 7);
    assert_true(nta_stats_read((struct nta_span){bytes, len}, &missed));
    assert_int_equal(missed, 7);
}

static void another_message_says_nothing(void **state)
{
    uint8_t bytes[512];
    uint64_t missed = 5;
    size_t len = make(bytes, NLMSG_ERROR, 18, 7);

    (void)state;
    assert_false(nta_stats_read((struct nta_span){bytes, len}, &missed));
    assert_int_equal(missed, 5);
}

/** Each prefix, in memory of just that size, and each byte turned. */
static void what_is_cut_or_broken_is_not_read_beyond_its_end(void **state)
{
    uint8_t bytes[512];
    const size_t len = make(bytes, RTM_NEWLINK, 18, 7);
    uint64_t missed = 5;

    (void)state;
    for (size_t n = 0; n < len; n++) {
        uint8_t *cut = malloc(n ? n : 1);

        assert_non_null(cut);
        memcpy(cut, bytes, n);
        assert_false(nta_stats_read((struct nta_span){cut, n}, &missed));
        free(cut);
    }
    assert_int_equal(missed, 5);
    for (size_t i = 0; i < len; i++) {
        uint8_t *turned = malloc(len);

        assert_non_null(turned);
        memcpy(turned, bytes, len);
        turned[i] ^= 0xff;
        (void)nta_stats_read((struct nta_span){turned, len}, &missed);
        free(turned);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_card_missed_is_lost_and_what_nobody_else_wanted_is_not),
        cmocka_unit_test(another_message_says_nothing),
        cmocka_unit_test(what_is_cut_or_broken_is_not_read_beyond_its_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
