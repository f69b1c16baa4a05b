/* SPDX-License-Identifier: Apache-2.0 */
/* What stations say of themselves in multicast DNS, LLMNR and NetBIOS. */
#include "dns_play.h"

#define HEAD(n)     "\0\0\x84\0\0\0\0" n "\0\0\0\0"
#define NAME        "\x05lap-7\x05local\0"
#define A(ttl)      NAME "\0\x01\x80\x01\0\0\0" ttl "\0\x04\x0a\0\0\x05"
#define AAAA        "\xc0\x0c\0\x1c\x80\x01\0\0\0\x78\0\x10\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x05"
#define OTHER       "\x01p\0\0\x01\x80\x01\0\0\0\x78\0\x04\x0a\0\0\x09"
#define TOLD(state) "mdns binding mdns " state " 02:00:00:00:00:05 addr="

/** Only what is said of bindings. */
static void expect_bindings(const char *log)
{
    const char *said = play_end(&play), *binding = strstr(said, "mdns binding");

    assert_string_equal(binding ? binding : "", log);
    play_done(&play);
}

static void an_announcement_of_its_own_address_names_the_station(void **state)
{
    (void)state;
    udp(5353);
    play_data(&play, 0, BYTES(HEAD("\x02") A("\x78") AAAA));
    expect_bindings(TOLD("begin") "10.0.0.5 name=lap-7 valid=120\n" TOLD(
        "begin") "fe80::5 name=lap-7 valid=120\n");
}

static void a_time_of_zero_ends_it(void **state)
{
    (void)state;
    udp(5353);
    play_data(&play, 0, BYTES(HEAD("\x01") A("\0")));
    expect_bindings(TOLD("end") "10.0.0.5 name=lap-7\n");
}

static void what_is_said_of_others_tells_nothing(void **state)
{
    (void)state;
    udp(5353);
    play_data(&play, 0, BYTES(HEAD("\x01") OTHER));
    play.addrs[0].bytes[15] = 66;
    play_data(&play, 0, BYTES(HEAD("\x01") A("\x78")));
    expect_bindings("");
}

static void dns_proper_tells_nothing(void **state)
{
    (void)state;
    udp(53);
    play_data(&play, 1, BYTES(RESPONSE));
    expect(UNASKED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_announcement_of_its_own_address_names_the_station),
        cmocka_unit_test(a_time_of_zero_ends_it),
        cmocka_unit_test(what_is_said_of_others_tells_nothing),
        cmocka_unit_test(dns_proper_tells_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
