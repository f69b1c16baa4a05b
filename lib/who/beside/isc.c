/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leases of ISC dhcpd (dhcpd.leases(5)):
 *
 *     lease 10.0.0.5 {
 *       starts 4 2026/02/05 12:00:00;
 *       ends 4 2026/02/05 13:00:00;
 *       binding state active;
 *       hardware ethernet 02:00:00:00:00:05;
 *       client-hostname "laptop-7";
 *     }
 *
 * and of DHCPv6, in an "ia-na", "iaaddr fd00::5 { … }", whose DUID stands behind the first four
 * bytes of the ia-na's name.  Each change is a block more, the last one of an address counts; now
 * and then the file is written anew.
 */
#include "who/beside/leases.h"
#include "who/beside/parsers.h"

#include <string.h>

/** Take the text between quotes, with \ooo and \" as dhcpd writes them. */
static struct nta_span unquote(struct nta_span text, uint8_t buf[NTA_WHO_TEXT_MAX])
{
    size_t len = 0;

    if (text.len < 2 || text.ptr[0] != '"')
        return (struct nta_span){0};
    for (size_t i = 1; i < text.len && text.ptr[i] != '"'; i++) {
        uint8_t byte = text.ptr[i];

        if (byte == '\\' && i + 3 < text.len && text.ptr[i + 1] >= '0' && text.ptr[i + 1] <= '3') {
            byte = (uint8_t)((text.ptr[i + 1] - '0') << 6 | (text.ptr[i + 2] & 7) << 3 |
                             (text.ptr[i + 3] & 7));
            i += 3;
        } else if (byte == '\\' && i + 1 < text.len) {
            byte = text.ptr[++i];
        }
        if (len == NTA_WHO_TEXT_MAX)
            return (struct nta_span){0};
        buf[len++] = byte;
    }
    return (struct nta_span){buf, len};
}

/** "4 2026/02/05 12:00:00", "epoch 1770292800", "never". */
static bool read_time(struct nta_span text, int64_t *ret_ns)
{
    const struct nta_span first = nta_leases_word(&text);
    struct nta_span day = nta_leases_word(&text), clock = nta_leases_word(&text);
    int parts[6];
    int64_t number;

    if (nta_span_is(first, "never")) {
        *ret_ns = INT64_MAX;
        return true;
    }
    if (nta_span_is(first, "epoch")) {
        if (!nta_leases_number(day, INT64_MAX, &number))
            return false;
        *ret_ns = nta_leases_ns(number);
        return true;
    }
    for (size_t i = 0; i < 6; i++) {
        struct nta_span *rest = i < 3 ? &day : &clock;

        if (!nta_leases_number(nta_span_take(rest, i < 3 ? '/' : ':'), 9999, &number))
            return false;
        parts[i] = (int)number;
    }
    if (!nta_leases_seconds(parts, &number))
        return false;
    *ret_ns = nta_leases_ns(number);
    return true;
}

static struct nta_span behind(struct nta_span line, const char *words)
{
    return nta_span_from(line, strlen(words));
}

static bool starts(struct nta_span line, const char *words)
{
    return nta_span_begins(line, nta_span_of(words));
}

/** One statement of a lease, without its semicolon. */
static void read_statement(struct nta_who_lines *lines, struct nta_span line)
{
    struct nta_who_fact *fact = &lines->fact;

    if (starts(line, "starts "))
        (void)read_time(behind(line, "starts "), &fact->from_ns);
    else if (starts(line, "ends "))
        lines->has_until = read_time(behind(line, "ends "), &fact->until_ns);
    else if (starts(line, "hardware ethernet "))
        (void)nta_leases_mac(fact, behind(line, "hardware ethernet "));
    else if (starts(line, "client-hostname "))
        fact->name = unquote(behind(line, "client-hostname "), lines->name);
    else if (starts(line, "uid "))
        fact->client_id = unquote(behind(line, "uid "), lines->client_id);
    else if (starts(line, "binding state "))
        fact->state =
            starts(behind(line, "binding state "), "active") ? NTA_WHO_HOLDS : NTA_WHO_ENDS;
}

static struct nta_span trim(struct nta_span line)
{
    while (line.len > 0 && (line.ptr[0] == ' ' || line.ptr[0] == '\t'))
        line = nta_span_from(line, 1);
    while (line.len > 0 && strchr(" \t\r;", line.ptr[line.len - 1]))
        line.len--;
    return line;
}

static void open_lease(struct nta_who_lines *lines, struct nta_span rest)
{
    lines->is_open = nta_leases_ip(&lines->fact, nta_leases_word(&rest));
    lines->has_until = false;
    lines->fact.state = NTA_WHO_HOLDS;
    lines->n_bad += !lines->is_open;
}

/** An IA: all its addresses are of one DUID. */
static void open_ia(struct nta_who_lines *lines, struct nta_span rest)
{
    enum
    {
        IAID = 4
    };
    const struct nta_span id = unquote(rest, lines->client_id);

    lines->is_v6 = true;
    if (id.len > IAID)
        nta_leases_duid(&lines->fact, nta_span_from(id, IAID));
}

/** A lease is whole.  True: it says something. */
static bool close_lease(struct nta_who_lines *lines, int64_t now_ns)
{
    struct nta_who_fact *fact = &lines->fact;

    lines->is_open = false;
    if (!lines->has_until)
        return false; /* a reservation that nobody took */
    if (fact->state == NTA_WHO_ENDS && fact->until_ns < now_ns)
        fact->wall_ns = fact->until_ns;
    return true;
}

bool nta_who_line_isc(struct nta_who_lines *lines, struct nta_span line, int64_t now_ns)
{
    line = trim(line);
    if (starts(line, "lease ")) {
        lines->is_v6 = false;
        open_lease(lines, behind(line, "lease "));
    } else if (starts(line, "ia-na ") || starts(line, "ia-ta ")) {
        open_ia(lines, behind(line, "ia-na "));
    } else if (starts(line, "iaaddr ") && lines->is_v6) {
        open_lease(lines, behind(line, "iaaddr "));
    } else if (nta_span_is(line, "}") && lines->is_open) {
        return close_lease(lines, now_ns);
    } else if (lines->is_open) {
        read_statement(lines, line);
    }
    return false;
}
