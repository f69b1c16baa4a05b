/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "record/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
/* needs those above */
#include <cmocka.h>

/**
 * Escape sequence, line breaks, NUL, a byte that is not UTF-8, RIGHT-TO-LEFT OVERRIDE, quotes,
 * percent.
 */
static const uint8_t kit_hostile[] = {0x1b, '[',  '2',  'J',  'x', '\r', '\n', 0,
                                      0xff, 0xe2, 0x80, 0xae, '"', '%',  'n',  '\\'};

static inline struct nta_record kit_record(void)
{
    static const uint8_t user[4] = {10, 0, 0, 5}, peer[4] = {192, 0, 2, 80};

    return (struct nta_record){
        .event = NTA_RECORD_ALERT,
        .time_ns = 1769860800 * NTA_NS_PER_S,
        .user = {.addr = nta_addr_v4(user),
                 .port = 51515,
                 .has_mac = true,
                 .mac = {2, 0, 0, 0, 0, 5},
                 .name = nta_span_of("laptop-7"),
                 .login = nta_span_of("ann")},
        .peer = {.addr = nta_addr_v4(peer),
                 .port = 443,
                 .place = {.city = nta_span_of("Amsterdam"),
                           .country = nta_span_of("Netherlands"),
                           .country_code = "NL",
                           .asn = 64500,
                           .as_org = nta_span_of("Example")}},
        .ip_proto = 6,
        .app = NTA_APP_TLS,
        .site = nta_span_of("bad.example"),
        .basis = NTA_BASIS_SNI,
        .match = {.list = nta_span_of("malware"), .entry = nta_span_of("bad.example"), .line = 17},
    };
}

static inline struct nta_record kit_hostile_record(void)
{
    struct nta_span hostile = {kit_hostile, sizeof(kit_hostile)};
    struct nta_record record = kit_record();

    record.site = record.url = record.method = hostile;
    record.user.name = record.user.login = hostile;
    record.match.list = record.match.entry = record.match.category = hostile;
    record.peer.place.city = record.peer.place.country = record.peer.place.as_org = hostile;
    record.file.name = hostile;
    record.download = true;
    return record;
}

/** Nothing that steers a terminal, ends a line or turns its direction. */
static inline void kit_assert_harmless(struct nta_span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < 0x20 || text.ptr[i] == 0x7f || text.ptr[i] == 0xff)
            fail_msg("byte %zu is %02x", i, text.ptr[i]);
    assert_null(memmem(text.ptr, text.len, kit_hostile + 9, 3));
}
