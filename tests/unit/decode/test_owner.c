/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "decode/owner.h"
#include "unit.h"

enum
{
    CLIENT_PORT = 50000,
    TRIES = 512
};

static const struct nta_hash_key key = {7, 9};

static struct nta_addr addr(const char *text)
{
    struct nta_addr addr;

    assert_int_equal(nta_addr_parse(text, strlen(text), &addr), 0);
    return addr;
}

static struct nta_prefix prefix(const char *text)
{
    struct nta_prefix prefix;

    assert_int_equal(nta_prefix_parse(text, strlen(text), &prefix, NULL), 0);
    return prefix;
}

/** 10/8 but for what lies beyond, one host, and a network of IPv6. */
static struct nta_owner make_owner(void)
{
    const struct nta_prefix home[] = {prefix("10.0.0.0/8"), prefix("192.0.2.7/32"),
                                      prefix("2001:db8:1::/48")};
    struct nta_owner owner;

    nta_owner_init(&owner, &key, home, NTA_N_ELEMENTS(home));
    return owner;
}

static struct nta_packet packet(const char *src, uint16_t src_port, const char *dst,
                                uint16_t dst_port)
{
    return (struct nta_packet){.kind = src_port || dst_port ? NTA_PACKET_UDP : NTA_PACKET_IP,
                               .src = addr(src),
                               .dst = addr(dst),
                               .src_port = src_port,
                               .dst_port = dst_port};
}

/** Whose it is, after the same was asked of the packet that goes back. */
static enum nta_ownership owned(const struct nta_owner *owner, const struct nta_packet *p)
{
    struct nta_packet back = *p;
    const enum nta_ownership whose = nta_owner_of_ends(
        owner, &p->src, &p->dst, nta_packet_has_ports(p), p->src_port, p->dst_port);

    back.src = p->dst;
    back.dst = p->src;
    back.src_port = p->dst_port;
    back.dst_port = p->src_port;
    assert_int_equal(nta_owner_hash(owner, p), nta_owner_hash(owner, &back));
    return whose;
}

static void assert_owned(const char *src, uint16_t src_port, const char *dst, uint16_t dst_port,
                         enum nta_ownership whose)
{
    const struct nta_owner owner = make_owner();
    const struct nta_packet p = packet(src, src_port, dst, dst_port);

    assert_int_equal(owned(&owner, &p), whose);
}

static void the_side_at_home_owns_whatever_the_ports(void **state)
{
    (void)state;
    assert_owned("10.0.0.1", CLIENT_PORT, "203.0.113.9", 443, NTA_OWNED_BY_SRC);
    assert_owned("10.0.0.1", 443, "203.0.113.9", CLIENT_PORT, NTA_OWNED_BY_SRC);
    assert_owned("203.0.113.9", 21, "192.0.2.7", CLIENT_PORT, NTA_OWNED_BY_DST);
    assert_owned("203.0.113.9", 0, "10.255.255.255", 0, NTA_OWNED_BY_DST);
    assert_owned("2001:db8:1::5", 0, "2001:db8:2::5", 0, NTA_OWNED_BY_SRC);
    /* just outside */
    assert_owned("11.0.0.0", 0, "9.255.255.255", 0, NTA_OWNED_BY_PAIR);
    assert_owned("192.0.2.6", 0, "192.0.2.8", 0, NTA_OWNED_BY_PAIR);
    assert_owned("2001:db8:1:ffff::", 0, "2001:db8:0:ffff::", 0, NTA_OWNED_BY_SRC);
}

static void of_two_at_home_or_none_the_client_owns(void **state)
{
    (void)state;
    assert_owned("10.0.0.1", CLIENT_PORT, "10.0.0.53", 53, NTA_OWNED_BY_SRC);
    assert_owned("10.0.0.53", 53, "10.0.0.1", CLIENT_PORT, NTA_OWNED_BY_DST);
    assert_owned("203.0.113.1", CLIENT_PORT, "203.0.113.53", 443, NTA_OWNED_BY_SRC);
    assert_owned("10.0.0.1", 3128, "10.0.0.2", CLIENT_PORT, NTA_OWNED_BY_DST);
    assert_owned("10.0.0.1", 68, "10.0.0.2", 67, NTA_OWNED_BY_SRC);
}

static void of_ports_that_tell_nothing_the_pair_owns(void **state)
{
    (void)state;
    assert_owned("10.0.0.1", 40000, "10.0.0.2", CLIENT_PORT, NTA_OWNED_BY_PAIR);
    assert_owned("10.0.0.1", 123, "10.0.0.2", 123, NTA_OWNED_BY_PAIR);
    assert_owned("10.0.0.1", 0, "10.0.0.2", 0, NTA_OWNED_BY_PAIR);
}

/** Control and data of FTP, each way, and TFTP, whose data comes from a port of its own. */
static void an_announced_connection_meets_its_announcement(void **state)
{
    const struct nta_owner owner = make_owner();
    const struct nta_packet control = packet("10.0.0.1", CLIENT_PORT, "10.0.0.2", 21);
    const struct nta_packet others[] = {
        packet("10.0.0.1", CLIENT_PORT + 1, "10.0.0.2", 60000),
        packet("10.0.0.1", CLIENT_PORT + 1, "10.0.0.2", 40000),
        packet("10.0.0.2", 20, "10.0.0.1", CLIENT_PORT + 1),
        packet("10.0.0.1", CLIENT_PORT, "10.0.0.2", 69),
        packet("10.0.0.2", 33333, "10.0.0.1", CLIENT_PORT),
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(others); i++)
        assert_int_equal(nta_owner_hash(&owner, &others[i]), nta_owner_hash(&owner, &control));
}

static void all_of_a_user_has_one_hash_and_users_are_spread(void **state)
{
    const struct nta_owner owner = make_owner();
    uint32_t n[4] = {0};

    (void)state;
    for (int i = 0; i < TRIES; i++) {
        char user[32];

        (void)snprintf(user, sizeof(user), "10.1.%d.%d", i / 256, i % 256);
        const struct nta_packet look = packet(user, CLIENT_PORT, "10.0.0.53", 53);
        const struct nta_packet answer = packet("10.0.0.53", 53, user, CLIENT_PORT);
        const struct nta_packet visit = packet("203.0.113.9", 443, user, CLIENT_PORT + 7);
        const uint32_t hash = nta_owner_hash(&owner, &look);

        assert_int_equal(nta_owner_hash(&owner, &answer), hash);
        assert_int_equal(nta_owner_hash(&owner, &visit), hash);
        n[(uint64_t)hash * 4 >> 32]++;
    }
    for (size_t w = 0; w < 4; w++)
        assert_in_range(n[w], TRIES / 4 / 2, TRIES / 4 * 2);
}

/** Questions and answers of an address go between many; another VLAN is another link. */
static void what_is_said_on_a_link_has_one_owner(void **state)
{
    const struct nta_owner owner = make_owner();
    struct nta_packet dhcp = packet("0.0.0.0", 68, "255.255.255.255", 67);
    struct nta_packet arp = {.kind = NTA_PACKET_OTHER, .flags = NTA_PACKET_LINK};
    uint32_t first;

    (void)state;
    dhcp.flags = NTA_PACKET_LINK;
    first = nta_owner_hash(&owner, &arp);
    assert_int_equal(nta_owner_hash(&owner, &dhcp), first);
    arp.vlan[0] = 10;
    assert_int_not_equal(nta_owner_hash(&owner, &arp), first);
}

static void what_is_not_understood_is_nobodys(void **state)
{
    const struct nta_owner owner = make_owner();

    (void)state;
    assert_int_equal(nta_owner_hash(&owner, &(struct nta_packet){.kind = NTA_PACKET_OTHER}), 0);
}

/** As nta_prefix_has() has it: a short prefix of IPv6 holds no IPv4, and /0 of IPv4 holds all. */
static void families_are_kept_apart(void **state)
{
    const struct nta_prefix all[] = {prefix("::/0"), prefix("0.0.0.0/0")};
    const struct nta_addr v4 = addr("10.0.0.1"), v6 = addr("2001:db8::1");
    struct nta_owner owner;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        nta_owner_init(&owner, &key, &all[i], 1);
        assert_int_equal(nta_owner_of_ends(&owner, &v4, &v6, false, 0, 0),
                         i == 0 ? NTA_OWNED_BY_DST : NTA_OWNED_BY_SRC);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_side_at_home_owns_whatever_the_ports),
        cmocka_unit_test(of_two_at_home_or_none_the_client_owns),
        cmocka_unit_test(of_ports_that_tell_nothing_the_pair_owns),
        cmocka_unit_test(an_announced_connection_meets_its_announcement),
        cmocka_unit_test(all_of_a_user_has_one_hash_and_users_are_spread),
        cmocka_unit_test(what_is_said_on_a_link_has_one_owner),
        cmocka_unit_test(what_is_not_understood_is_nobodys),
        cmocka_unit_test(families_are_kept_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
