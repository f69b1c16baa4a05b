/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables: CSV with a header (abuse.ch writes it as a comment), Zeek's intelligence files, Suricata's address
 * reputation ("address,category,score") and its data sets of base64 strings.
 */
#include "base/own.h"
#include "blacklist/line.h"

enum
{
    EMULE_BLOCKS_MAX = 127
};

/** The field `n` of a line, without its quotes; false if there are not so many. */
static bool field(struct nta_span line, uint8_t separator, unsigned n, struct nta_span *ret_field)
{
    for (unsigned i = 0;; i++) {
        bool quoted = line.len > 0 && line.ptr[0] == '"';
        size_t start = quoted ? 1 : 0, end = start, next;

        while (end < line.len && line.ptr[end] != (quoted ? '"' : separator))
            end++;
        for (next = end; next < line.len && line.ptr[next] != separator;)
            next++;
        if (i == n) {
            *ret_field =
                nta_span_trim((struct nta_span){.ptr = line.ptr + start, .len = end - start});
            return true;
        }
        if (next >= line.len)
            return false;
        line = nta_span_from(line, next + 1);
        while (line.len > 0 && line.ptr[0] == ' ')
            line = nta_span_from(line, 1);
    }
}

/** The column of a name in a header; NTA_COLUMNS_MAX if it is not there. */
static unsigned column_of(struct nta_span header, uint8_t separator, const char *name)
{
    struct nta_span one;

    for (unsigned i = 0; i < NTA_COLUMNS_MAX && field(header, separator, i, &one); i++) {
        if (nta_span_is(one, name))
            return i;
    }
    return NTA_COLUMNS_MAX;
}

bool nta_list_header(struct nta_list_reader *reader, struct nta_span line)
{
    static const char *const usual[] = {
        "indicator", "ioc_value", "ioc", "domain",     "hostname",  "host",        "fqdn",
        "url",       "dst_ip",    "ip",  "ip_address", "ipaddress", "domain_name", "dstip"};
    static const uint8_t separators[] = {'\t', ',', ';'};

    while (line.len > 0 && line.ptr[0] == '#')
        line = nta_span_trim(nta_span_from(line, 1));
    if (nta_span_starts(line, "fields\t"))
        line = nta_span_from(line, 7);
    for (size_t s = 0; s < sizeof(separators); s++) {
        unsigned column = NTA_COLUMNS_MAX;

        if (line.len == 0 || !memchr(line.ptr, separators[s], line.len))
            continue;
        if (reader->column)
            column = column_of(line, separators[s], reader->column);
        for (size_t i = 0; i < NTA_N_ELEMENTS(usual) && !reader->column; i++) {
            column = column_of(line, separators[s], usual[i]);
            if (column < NTA_COLUMNS_MAX)
                break;
        }
        if (column < NTA_COLUMNS_MAX) {
            reader->separator = separators[s];
            reader->n_column = column;
            reader->n_type = column_of(line, separators[s], "indicator_type");
            return true;
        }
    }
    return false;
}

static int base64_digit(uint8_t c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *place = c ? strchr(digits, c) : NULL;

    return place ? (int)(place - digits) : -1;
}

/** Text that is base64 (RFC 4648) of something with a dot; its length, 0 if it is not. */
static size_t decode(struct nta_span text, uint8_t *room, size_t size)
{
    uint32_t bits = 0;
    size_t n = 0, n_bits = 0;

    if (text.len < 8 || text.len % 4 != 0)
        return 0;
    while (text.len > 0 && text.ptr[text.len - 1] == '=')
        text.len--;
    for (size_t i = 0; i < text.len && n < size; i++) {
        int digit = base64_digit(text.ptr[i]);

        if (digit < 0)
            return 0;
        bits = (bits << 6 | (uint32_t)digit) & 0xffffff;
        n_bits += 6;
        if (n_bits >= 8) {
            n_bits -= 8;
            room[n++] = (uint8_t)(bits >> n_bits);
        }
    }
    return n < size && memchr(room, '.', n) ? n : 0;
}

/** "first - last , 200 , name" (eMule): from 128 on an access level lets through. */
static bool lets_through(struct nta_span range, struct nta_span rest)
{
    struct nta_span level =
        nta_span_trim((struct nta_span){.ptr = rest.ptr, .len = nta_span_find(rest, ",")});
    unsigned number = 0;

    if (nta_span_find(range, "-") == range.len || level.len == 0 || level.len > 3)
        return false;
    for (size_t i = 0; i < level.len; i++) {
        if (level.ptr[i] < '0' || level.ptr[i] > '9')
            return false;
        number = number * 10 + level.ptr[i] - '0';
    }
    return number > EMULE_BLOCKS_MAX;
}

/** A row without a header: "address,category,score", "base64[,more]". */
static enum nta_line bare_row(struct nta_list_reader *reader, struct nta_span line)
{
    const uint32_t flags = NTA_VALUE_SELF | NTA_VALUE_SUBS;
    struct nta_span first = {.ptr = line.ptr, .len = nta_span_find(line, ",")};
    uint8_t room[NTA_NAME_SIZE];
    size_t n;

    if (first.len == 0)
        return NTA_LINE_OTHER;
    if (first.len < line.len && lets_through(first, nta_span_from(line, first.len + 1)))
        return nta_list_skip(reader, "a range that its access level lets through");
    if (first.len < line.len &&
        ((first.ptr[0] >= '0' && first.ptr[0] <= '9') || memchr(first.ptr, ':', first.len)))
        return nta_list_addr(reader, nta_span_trim(first), flags);
    n = memchr(first.ptr, '.', first.len) ? 0 : decode(first, room, sizeof(room));
    return n ? nta_list_plain(reader, (struct nta_span){.ptr = room, .len = n}, flags)
             : NTA_LINE_OTHER;
}

enum nta_line nta_list_table(struct nta_list_reader *reader, struct nta_span line)
{
    struct nta_span value, type;

    if (!reader->separator)
        return nta_list_header(reader, line) ? NTA_LINE_NONE : bare_row(reader, line);
    if (!memchr(line.ptr, reader->separator, line.len))
        return NTA_LINE_OTHER; /* the header was none, or another list follows */
    if (!field(line, reader->separator, reader->n_column, &value))
        return nta_list_bad(reader, "a row without the column");
    if (reader->n_type < NTA_COLUMNS_MAX && field(line, reader->separator, reader->n_type, &type) &&
        !nta_span_is(type, "Intel::DOMAIN") && !nta_span_is(type, "Intel::ADDR") &&
        !nta_span_is(type, "Intel::SUBNET") && !nta_span_is(type, "Intel::URL"))
        return nta_list_skip(reader, "an indicator of another kind");
    return nta_list_value(reader, value, NTA_VALUE_SELF | NTA_VALUE_SUBS);
}
