/* SPDX-License-Identifier: Apache-2.0 */
/* What has no place for credentials is shown as far as its form goes. */
#include "redact/redact.h"
#include "unit.h"

#include <string.h>

static struct nta_redact redact;

/** One datagram of this form. */
static void assert_datagram(enum nta_redact_plain plain, const char *said, size_t len,
                            const char *shown)
{
    static uint8_t bytes[512];
    struct nta_redact_piece piece = {.bytes = bytes, .len = (uint32_t)len};

    assert_true(len <= sizeof(bytes));
    memcpy(bytes, said, len);
    nta_redact_datagram(&redact, &piece, plain);
    assert_memory_equal(bytes, shown, len);
}

#define DATAGRAM(plain, said, shown) assert_datagram(plain, said, sizeof(said) - 1, shown)
#define QUESTION                     "\x12\x34\1\0\0\1\0\0\0\0\0\0\3bad\0\0\1\0\1"
#define TEXT                         "\x12\x34\1\0\0\0\0\1\0\0\0\0\3bad\0\0\x10\0\1\0\0\0\0\0\3"
#define HELLO                        "\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\3abc"

static void behind_a_form_there_may_be_anything(void **state)
{
    (void)state;
    DATAGRAM(NTA_REDACT_PLAIN_DNS, QUESTION "hunter2", QUESTION "xxxxxxx");
    DATAGRAM(NTA_REDACT_PLAIN_DNS, TEXT "\2pw", TEXT "xxx");
    DATAGRAM(NTA_REDACT_PLAIN_DNS, "GET / HTTP/1.1", "GET / HTTP/1xx");
    DATAGRAM(NTA_REDACT_PLAIN_DTLS, HELLO "hunter2", HELLO "xxxxxxx");
    DATAGRAM(NTA_REDACT_PLAIN_QUIC, "\x40hunter2", "xxxxxxxx");
    DATAGRAM(NTA_REDACT_PLAIN_TORRENT, "BT-SEARCH * HTTP/1.1\r\nPort: 1\r\ncookie: k\r\n\r\n",
             "BT-SEARCH * HTTP/1.1\r\nPort: 1\r\nxxxxxxxxxxx\r\n");
    DATAGRAM(NTA_REDACT_PLAIN_TORRENT, "d1:ad5:token2:pwe1:q4:ping1:t2:aa1:y1:qe",
             "d1:ad5:xxxxx2:xxe1:q4:ping1:x2:xx1:y1:qe");
    DATAGRAM(NTA_REDACT_NOT_PLAIN, "hunter2", "xxxxxxx");
}

/** Bytes of a stream's begin. */
static void assert_stream(enum nta_redact_plain plain, const char *said, size_t len,
                          const char *shown)
{
    static uint8_t bytes[512];
    struct nta_redact_piece piece = {.bytes = bytes, .len = (uint32_t)len};
    const struct nta_redact_options options = {
        .plain = plain, .from_client = true, .from_start = true};

    assert_true(len <= sizeof(bytes));
    memcpy(bytes, said, len);
    (void)nta_redact_stream(&redact, &options, &piece, 1);
    assert_memory_equal(bytes, shown, len);
}

#define STREAM(plain, said, shown) assert_stream(plain, said, sizeof(said) - 1, shown)
#define MESSAGE                    "\0\x15" QUESTION
#define PEER                                                                                       \
    "\x13"                                                                                         \
    "BitTorrent protocol01234567abcdefghijklmnopqrst-NT0001-012345678901"

static void behind_messages_of_a_stream_there_may_be_anything(void **state)
{
    (void)state;
    STREAM(NTA_REDACT_PLAIN_DNS, MESSAGE MESSAGE, MESSAGE MESSAGE);
    STREAM(NTA_REDACT_PLAIN_DNS, MESSAGE "GET / HTTP/1.1\r\n", MESSAGE "xxxxxxxxxxxxxxxx");
    STREAM(NTA_REDACT_PLAIN_TORRENT, PEER "hunter2", PEER "xxxxxxx");
}

static void each_form_is_some_protocols(void **state)
{
    bool is_used[NTA_REDACT_PLAIN_ZEROTIER + 1] = {false};

    (void)state;
    for (unsigned app = 0; app <= UINT8_MAX; app++)
        is_used[nta_redact_plain_of((enum nta_app)app)] = true;
    for (size_t i = 0; i < sizeof(is_used); i++)
        assert_true(is_used[i]);
    assert_int_equal(nta_redact_plain_of(NTA_APP_LLMNR), NTA_REDACT_PLAIN_DNS);
    assert_int_equal(nta_redact_plain_of(NTA_APP_SMB), NTA_REDACT_NOT_PLAIN);
    assert_int_equal(nta_redact_plain_of(NTA_APP_DHCP), NTA_REDACT_NOT_PLAIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(behind_a_form_there_may_be_anything),
        cmocka_unit_test(each_form_is_some_protocols),
        cmocka_unit_test(behind_messages_of_a_stream_there_may_be_anything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
