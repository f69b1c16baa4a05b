/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What has no place for credentials in its form is shown as far as that form goes: whoever wants to
 * say something else can say it behind, or in a field that means nothing.
 */

#include "redact/redact_plain.h"

#include "base/own.h"
#include "proto/quic/quic_packet.h"
#include "redact/redact_dns.h"

enum
{
    RECORD_HEAD = 13, ///< Of DTLS (RFC 6347 section 4.1).
    DTLS_HANDSHAKE = 22,
    HANDSHAKE_LEN = 68, ///< Between peers (BEP 3).
    UTP_HEAD = 20,      ///< BEP 29.
    TRACKER_LEN = 16,   ///< Of a request to connect (BEP 15).
    HASH_LEN = 20,
    DEPTH_MAX = 6, ///< Of dictionaries and lists.
    DIGITS_MAX = 5,
    ZEROTIER_HEAD = 28, ///< Ids, and what says how the rest is sealed.
};

static const struct nta_span handshake_mark = {(const uint8_t *)"\x13"
                                                                "BitTorrent protocol",
                                               20};

/* ---- hellos in datagrams ---- */

/** Packets whose length is known; what is behind them may be anything. */
static void show_quic(struct nta_redact_scan *scan)
{
    struct nta_reader r = nta_reader_of(scan->bytes, scan->len);
    struct nta_quic_packet packet;

    while (nta_reader_left(&r) > 0 && nta_quic_packet_read(&r, &packet) == NTA_PARSE_OK) {
        if (packet.type != NTA_QUIC_INITIAL && packet.type != NTA_QUIC_ZERO_RTT &&
            packet.type != NTA_QUIC_HANDSHAKE)
            return;
        const size_t end = nta_reader_offset(&r);

        nta_redact_show(scan, end - packet.whole.len, end);
    }
}

/** Records of the handshake; before it there is no key, so others may be in clear. */
static void show_dtls(struct nta_redact_scan *scan)
{
    struct nta_reader r = nta_reader_of(scan->bytes, scan->len);

    while (nta_reader_left(&r) > 0) {
        const size_t from = nta_reader_offset(&r);
        const uint8_t type = nta_read_u8(&r), major = nta_read_u8(&r);
        const uint8_t minor = nta_read_u8(&r);

        nta_reader_skip(&r, RECORD_HEAD - 5);
        nta_reader_skip(&r, nta_read_be16(&r));
        if (!nta_reader_ok(&r) || type != DTLS_HANDSHAKE || major != 0xfe || minor < 0xfd)
            return;
        nta_redact_show(scan, from, nta_reader_offset(&r));
    }
}

/* ---- BitTorrent ---- */

/** "7:torrent"; gives the text.  False: none. */
static bool read_text(struct nta_reader *r, struct nta_span *ret_text)
{
    size_t len = 0;
    int n = 0;

    for (; n < DIGITS_MAX && isdigit(nta_reader_peek(r)); n++)
        len = len * 10 + (size_t)(nta_read_u8(r) - '0');
    if (n == 0 || nta_read_u8(r) != ':')
        return false;
    *ret_text = nta_read_span(r, len);
    return nta_reader_ok(r);
}

/** "i42e" */
static bool pass_number(struct nta_reader *r)
{
    nta_reader_skip(r, 1);
    for (int n = 0; n < DIGITS_MAX && isdigit(nta_reader_peek(r)); n++)
        nta_reader_skip(r, 1);
    return nta_read_u8(r) == 'e' && nta_reader_ok(r);
}

/** Keys of the DHT (BEP 5) whose value says what is looked for, by whom. */
static bool is_key(struct nta_span text)
{
    static const char *const keys[] = {"a", "r", "q", "y", "id", "info_hash", "target"};

    for (size_t i = 0; i < NTA_N_ELEMENTS(keys); i++)
        if (nta_span_is(text, keys[i]))
            return true;
    return false;
}

/** Which values behind such a key may be shown. */
static bool is_value(struct nta_span text)
{
    static const char *const values[] = {"q", "r", "e", "ping", "find_node", "get_peers"};

    for (size_t i = 0; i < NTA_N_ELEMENTS(values); i++)
        if (nta_span_is(text, values[i]))
            return true;
    return text.len == HASH_LEN || nta_span_is(text, "announce_peer");
}

/** A text of a message is a key that is known, the value behind one, or nothing that is shown. */
static bool take_text(struct nta_redact_scan *scan, struct nta_reader *r, bool *follows_key)
{
    const size_t from = nta_reader_offset(r);
    struct nta_span text;

    if (!read_text(r, &text))
        return false;
    const bool is_shown = *follows_key ? is_value(text) : is_key(text);

    *follows_key = !*follows_key && is_shown;
    nta_redact_show(scan, from, nta_reader_offset(r) - (is_shown ? 0 : text.len));
    return true;
}

static void show_dht(struct nta_redact_scan *scan)
{
    struct nta_reader r = nta_reader_of(scan->bytes, scan->len);
    bool follows_key = false;
    int depth = 0;

    do {
        const size_t from = nta_reader_offset(&r);
        const int c = nta_reader_peek(&r);

        if (isdigit(c)) {
            if (!take_text(scan, &r, &follows_key))
                return;
            continue;
        }
        follows_key = false;
        if (c == 'i' ? !pass_number(&r) : c != 'd' && c != 'l' && c != 'e')
            return;
        depth += c == 'd' || c == 'l' ? 1 : c == 'e' ? -1 : 0;
        nta_reader_skip(&r, c != 'i');
        nta_redact_show(scan, from, c == 'i' ? from + 1 : nta_reader_offset(&r));
    } while (depth > 0 && depth < DEPTH_MAX && nta_reader_left(&r) > 0);
}

/** BEP 14: a line that says what it is, and those fields that say who looks for what. */
static void show_search(struct nta_redact_scan *scan)
{
    static const char *const fields[] = {"Host: ", "Port: ", "Infohash: "};
    struct nta_span line;
    bool is_whole;

    for (size_t at = 0; at < scan->len; at = nta_redact_line_end(scan, at)) {
        line = nta_redact_line(scan, at, &is_whole);
        bool is_shown = at == 0 ? nta_span_is(line, "BT-SEARCH * HTTP/1.1") : line.len == 0;

        for (size_t i = 0; i < NTA_N_ELEMENTS(fields); i++) {
            const size_t len = strlen(fields[i]);
            const struct nta_span value = nta_span_from(line, nta_smaller(len, line.len));

            is_shown |= nta_span_starts(line, fields[i]) &&
                        (i < 2 ? nta_redact_is_number(value, ".:[]abcdefABCDEF")
                               : value.len == 2 * (size_t)HASH_LEN &&
                                     nta_redact_is_number(value, "abcdefABCDEF"));
        }
        if (is_shown)
            nta_redact_show(scan, at, nta_redact_line_end(scan, at));
    }
}

/** Both sides' first message; what follows is told by its lengths. */
static void show_handshake(struct nta_redact_scan *scan, size_t at)
{
    const struct nta_span bytes = nta_redact_part(scan, at, scan->len);

    if (nta_span_begins(bytes, handshake_mark))
        nta_redact_show(scan, at, at + nta_smaller(HANDSHAKE_LEN, bytes.len));
}

static void show_torrent(struct nta_redact_scan *scan)
{
    const struct nta_span bytes = nta_redact_part(scan, 0, scan->len);
    const size_t mark = nta_span_find_span(bytes, handshake_mark);

    if (bytes.len > 0 && bytes.ptr[0] == 'd') {
        show_dht(scan);
    } else if (nta_span_starts(bytes, "BT-SEARCH ")) {
        show_search(scan);
    } else if (bytes.len == TRACKER_LEN) {
        nta_redact_show(scan, 0, TRACKER_LEN);
    } else if (mark < bytes.len) {
        nta_redact_show(scan, 0, nta_smaller(UTP_HEAD, mark));
        show_handshake(scan, mark);
    }
}

void nta_redact_plain_datagram(struct nta_redact_scan *scan)
{
    nta_redact_mark(scan, 0, scan->len);
    switch (scan->options->plain) {
    case NTA_REDACT_NOT_PLAIN: break;
    case NTA_REDACT_PLAIN_DNS: nta_redact_dns(scan, 0, scan->len); break;
    case NTA_REDACT_PLAIN_QUIC: show_quic(scan); break;
    case NTA_REDACT_PLAIN_DTLS: show_dtls(scan); break;
    case NTA_REDACT_PLAIN_TORRENT: show_torrent(scan); break;
    case NTA_REDACT_PLAIN_WIREGUARD: nta_redact_show(scan, 0, scan->len); break;
    case NTA_REDACT_PLAIN_ZEROTIER:
        nta_redact_show(scan, 0, nta_smaller(ZEROTIER_HEAD, scan->len));
        break;
    }
}

void nta_redact_plain_run(struct nta_redact_scan *scan)
{
    nta_redact_mark(scan, 0, scan->len);
    if (!scan->starts_stream)
        return;
    if (scan->options->plain == NTA_REDACT_PLAIN_TORRENT)
        show_handshake(scan, 0);
    if (scan->options->plain != NTA_REDACT_PLAIN_DNS)
        return;
    for (size_t at = 0; at + 2 < scan->len;) { /* RFC 1035 section 4.2.2 */
        const size_t len = (size_t)scan->bytes[at] << 8 | scan->bytes[at + 1];

        if (len > scan->len - at - 2)
            return;
        nta_redact_show(scan, at, at + 2);
        nta_redact_dns(scan, at + 2, at + 2 + len);
        at += 2 + len;
    }
}

enum nta_redact_plain nta_redact_plain_of(enum nta_app app)
{
    static const struct
    {
        enum nta_app app;
        enum nta_redact_plain plain;
    } rows[] = {
        {NTA_APP_DNS, NTA_REDACT_PLAIN_DNS},
        {NTA_APP_MDNS, NTA_REDACT_PLAIN_DNS},
        {NTA_APP_LLMNR, NTA_REDACT_PLAIN_DNS},
        {NTA_APP_NETBIOS, NTA_REDACT_PLAIN_DNS},
        {NTA_APP_QUIC, NTA_REDACT_PLAIN_QUIC},
        {NTA_APP_DTLS, NTA_REDACT_PLAIN_DTLS},
        {NTA_APP_BITTORRENT, NTA_REDACT_PLAIN_TORRENT},
        {NTA_APP_WIREGUARD, NTA_REDACT_PLAIN_WIREGUARD},
        {NTA_APP_ZEROTIER, NTA_REDACT_PLAIN_ZEROTIER},
    };

    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++)
        if (rows[i].app == app)
            return rows[i].plain;
    return NTA_REDACT_NOT_PLAIN;
}
