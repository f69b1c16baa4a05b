/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of JSON, as anybody may write them, and as we write bindings ourselves. */
#include "who/beside/say.h"

#include "base/hex.h"
#include "who/beside/flat.h"
#include "who/beside/leases.h"

#include <inttypes.h>

/** A moment: a text (RFC 3339), or seconds since 1970. */
static bool read_time(struct nta_span value, bool is_text, int64_t *ret_ns)
{
    int64_t seconds;

    if (is_text)
        return nta_leases_rfc3339(value, ret_ns);
    if (!nta_leases_number(nta_span_before(value, '.'), INT64_MAX, &seconds))
        return false;
    *ret_ns = nta_leases_ns(seconds);
    return true;
}

static bool read_prefix(struct nta_span value, struct nta_who_fact *fact)
{
    struct nta_err err;

    fact->has_ip = true;
    return nta_prefix_parse((const char *)value.ptr, value.len, &fact->ip, &err) == 0;
}

/** Our own lines say more, each time to the nanosecond. */
static bool read_own(struct nta_who_lines *lines, struct nta_span name, struct nta_span value)
{
    struct nta_who_fact *fact = &lines->fact;
    int64_t number;

    if (nta_span_is(name, "source")) {
        fact->source = (uint8_t)nta_who_source_of(value);
        return fact->source != NTA_WHO_UNKNOWN;
    }
    if (nta_span_is(name, "client_id")) {
        fact->client_id = nta_leases_hex(value, lines->client_id);
        return true;
    }
    if (!nta_leases_number(value, INT64_MAX, &number))
        return false;
    if (nta_span_is(name, "network"))
        fact->network = number == INT64_MAX ? NTA_WHO_ANYWHERE : (uint64_t)number;
    else if (nta_span_is(name, "from_ns"))
        fact->from_ns = number;
    else if (nta_span_is(name, "seen_ns"))
        fact->wall_ns = number;
    else if (nta_span_is(name, "until_ns"))
        fact->until_ns = number;
    return true;
}

static bool read_names(struct nta_who_lines *lines, struct nta_span name, struct nta_span value)
{
    const struct
    {
        const char *name;
        struct nta_span *text;
        uint8_t *buf;
    } texts[] = {
        {"name", &lines->fact.name, lines->name},
        {"login", &lines->fact.login, lines->login},
        {"person", &lines->fact.person, lines->person},
        {"source", &lines->fact.how, lines->how},
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (nta_span_is(name, texts[i].name))
            return nta_flat_text(value, texts[i].buf, NTA_WHO_TEXT_MAX, texts[i].text);
    }
    return true; /* what we do not know is for others */
}

static bool read_member(struct nta_who_lines *lines, struct nta_span name, struct nta_span value,
                        bool is_text)
{
    struct nta_who_fact *fact = &lines->fact;

    if (nta_span_is(name, "time"))
        return read_time(value, is_text, &fact->wall_ns);
    if (nta_span_is(name, "until"))
        return read_time(value, is_text, &fact->until_ns);
    if (nta_span_is(name, "ip"))
        return is_text && read_prefix(value, fact);
    if (nta_span_is(name, "mac"))
        return is_text && nta_leases_mac(fact, value);
    if (lines->is_trusted && !nta_span_is(name, "name") && !nta_span_is(name, "login") &&
        !nta_span_is(name, "person"))
        return read_own(lines, name, value);
    return !is_text || read_names(lines, name, value);
}

static bool read_object(struct nta_who_lines *lines, struct nta_span line)
{
    struct nta_reader r = nta_reader_of(line.ptr, line.len);
    struct nta_span name, value;
    bool is_text, is_ok = false;

    if (!nta_flat_open(&r))
        return false;
    while (nta_flat_member(&r, &name, &value, &is_text, &is_ok)) {
        if (!read_member(lines, name, value, is_text))
            return false;
    }
    return is_ok;
}

bool nta_who_line_json(struct nta_who_lines *lines, struct nta_span line, int64_t now_ns)
{
    struct nta_who_fact *fact = &lines->fact;

    fact->source = NTA_WHO_FILE;
    if (!read_object(lines, line) || !(fact->has_ip || fact->has_mac) ||
        (!lines->is_trusted && fact->name.len + fact->login.len + fact->person.len == 0 &&
         !(fact->has_ip && fact->has_mac))) {
        lines->n_bad++;
        return false;
    }
    if (fact->wall_ns > now_ns)
        fact->wall_ns = now_ns; /* nobody knows what will be */
    if (fact->until_ns && fact->until_ns <= fact->wall_ns)
        fact->state = NTA_WHO_ENDS;
    return true;
}

/** Bytes stay as they are, text or not: nobody else reads it. */
static void put_text(struct nta_buf *out, const char *name, struct nta_span text)
{
    if (text.len == 0)
        return;
    nta_buf_printf(out, ",\"%s\":\"", name);
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < 0x20 || text.ptr[i] == '"' || text.ptr[i] == '\\')
            nta_buf_printf(out, "\\u%04x", text.ptr[i]);
        else
            nta_buf_put_u8(out, text.ptr[i]);
    }
    nta_buf_puts(out, "\"");
}

void nta_who_put_line(struct nta_buf *out, const struct nta_who_fact *fact)
{
    char text[NTA_ADDR_TEXT_SIZE];
    const uint8_t *mac = fact->mac;

    nta_buf_printf(out, "{\"source\":\"%s\",\"network\":%" PRIu64,
                   nta_who_source_name((enum nta_who_source)fact->source),
                   fact->network == NTA_WHO_ANYWHERE ? (uint64_t)INT64_MAX : fact->network);
    if (fact->has_ip)
        nta_buf_printf(out, ",\"ip\":\"%s/%u\"", nta_addr_text(&fact->ip.addr, text),
                       nta_addr_is_v4(&fact->ip.addr) ? fact->ip.len - 96U : fact->ip.len);
    if (fact->has_mac)
        nta_buf_printf(out, ",\"mac\":\"%02x:%02x:%02x:%02x:%02x:%02x\"", mac[0], mac[1], mac[2],
                       mac[3], mac[4], mac[5]);
    nta_buf_printf(out, ",\"from_ns\":%" PRId64 ",\"seen_ns\":%" PRId64 ",\"until_ns\":%" PRId64,
                   fact->from_ns, fact->wall_ns, fact->until_ns);
    put_text(out, "name", fact->name);
    put_text(out, "login", fact->login);
    put_text(out, "person", fact->person);
    if (fact->client_id.len > 0) {
        nta_buf_puts(out, ",\"client_id\":\"");
        nta_buf_put_hex(out, fact->client_id.ptr, fact->client_id.len);
        nta_buf_puts(out, "\"");
    }
    nta_buf_puts(out, "}\n");
}
