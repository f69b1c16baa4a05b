/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What SOCKS says before the stream is the tunnel's.  What is not just so is no SOCKS, and all of
 * it is redacted.
 */
#include "redact/redact_scan.h"

enum
{
    SOCKS4_HEAD = 8,
    LOGIN = 1,
    V4 = 1,
    NAME = 3,
    V6 = 4
};

/** SOCKS 4: a request, in which the user's name ends with a zero; or an answer. */
static void take_socks4(struct nta_redact_scan *scan)
{
    const size_t head = nta_smaller(SOCKS4_HEAD, scan->len);
    const struct nta_span user = nta_redact_part(scan, head, scan->len);

    if (!scan->options->from_client) { /* two bytes say what it is: others begin so, too */
        nta_redact_mark(scan, 2, head);
        scan->at = head;
        return;
    }
    scan->at = nta_smaller(head + nta_span_find_byte(user, 0) + 1, scan->len);
    nta_redact_mark(scan, head, scan->at);
}

/** RFC 1929: version, user and password, each behind its length; or version and status. */
static void take_login(struct nta_redact_scan *scan, struct nta_reader *r)
{
    const size_t from = nta_reader_offset(r) + 1;

    nta_reader_skip(r, scan->options->from_client ? 1 : 2);
    if (!scan->options->from_client)
        return;
    nta_reader_skip(r, nta_read_u8(r));
    nta_reader_skip(r, nta_read_u8(r));
    nta_redact_mark(scan, from, nta_reader_offset(r));
}

/** A request or its answer, which are alike.  False: neither. */
static bool take_request(const struct nta_redact_scan *scan, struct nta_reader *r)
{
    const uint8_t version = nta_read_u8(r), what = nta_read_u8(r), zero = nta_read_u8(r);
    const bool is_known = scan->options->from_client ? what >= 1 && what <= 3 : what <= 8;

    if (version != 5 || zero != 0 || !is_known)
        return false;
    switch (nta_read_u8(r)) {
    case V4: nta_reader_skip(r, 6); break;
    case NAME: nta_reader_skip(r, nta_read_u8(r) + 2U); break;
    case V6: nta_reader_skip(r, 18); break;
    default: return false;
    }
    return nta_reader_ok(r);
}

/** Methods of logging in are small numbers, or private ones (RFC 1928 section 3): no letters. */
static bool are_methods(struct nta_span methods)
{
    for (size_t i = 0; i < methods.len; i++)
        if (methods.ptr[i] >= ' ' && methods.ptr[i] < 0x80)
            return false;
    return true;
}

/** SOCKS 5: methods (or the one chosen), perhaps a login, then a request or its answer. */
static void take_socks5(struct nta_redact_scan *scan)
{
    struct nta_reader r = nta_reader_of(scan->bytes, scan->len);

    nta_reader_skip(&r, 1);
    const uint8_t n_methods = nta_read_u8(&r);

    if (scan->options->from_client && !are_methods(nta_read_span(&r, n_methods)))
        return;
    if (nta_reader_peek(&r) == LOGIN)
        take_login(scan, &r);
    scan->at = nta_reader_offset(&r);
    if (scan->at == scan->len) /* no more was said */
        return;
    if (take_request(scan, &r))
        scan->at = nta_reader_offset(&r);
    else
        scan->mode = NTA_REDACT_REST;
}

void nta_redact_socks(struct nta_redact_scan *scan)
{
    const bool client = scan->options->from_client;
    const uint8_t *bytes = scan->bytes;

    if (scan->len < 2)
        return;
    if (client ? bytes[0] == 4 && bytes[1] == 1
               : bytes[0] == 0 && bytes[1] >= 0x5a && bytes[1] <= 0x5d)
        take_socks4(scan);
    else if (bytes[0] == 5 &&
             (client ? bytes[1] > 0 && bytes[1] <= 16 : bytes[1] <= 2 || bytes[1] == UINT8_MAX))
        take_socks5(scan);
}
