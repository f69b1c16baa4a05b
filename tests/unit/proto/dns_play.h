/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One question, one response, and what they give; shared by the tests of DNS. */

#include "play.h"
#include "proto/dns/dns.h"

#include <setjmp.h>
#include <stdarg.h>
/* cmocka wants the three above first. */
#include <cmocka.h>

/* Bytes of a literal, without its NUL. */
#define BYTES(literal) (literal), sizeof(literal) - 1

#define Q_A                                                                                        \
    "\x03www\x07"                                                                                  \
    "example\x03"                                                                                  \
    "com\0\0\x01\0\x01"
#define QUESTION "\x12\x34\x01\0\0\x01\0\0\0\0\0\0" Q_A
#define RESPONSE                                                                                   \
    "\x12\x34\x81\x80\0\x01\0\x01\0\0\0\0" Q_A "\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xc0\0\x02\x50"
#define ASKED "dns question 4660 name=www.example.com type=1 asked=1\n"
#define ANSWERED                                                                                   \
    "dns lookup 4660 name=www.example.com type=1 asked=1 rcode=0 "                                 \
    "[www.example.com 1 60 192.0.2.80]\n"
#define UNASKED                                                                                    \
    "dns lookup 4660 name=www.example.com type=1 rcode=0 [www.example.com 1 60 192.0.2.80]\n"
#define GIVEN_UP "dns lookup 4660 name=www.example.com type=1 asked=1\n"

static struct nta_play play;

static inline void udp(uint16_t server_port)
{
    play_begin(&play, &nta_proto_dns, false, server_port);
}

static inline void expect(const char *log)
{
    assert_string_equal(play_end(&play), log);
    play_done(&play);
}

/* What one datagram from the server on port 53 gives. */
static inline void expect_response(const void *bytes, size_t len, const char *log)
{
    udp(53);
    play_data(&play, 1, bytes, len);
    expect(log);
}
