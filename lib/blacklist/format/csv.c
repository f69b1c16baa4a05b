/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables: CSV with a header (abuse.ch writes it as a comment), Zeek's intelligence files,
 * Suricata's address reputation ("address,category,score") and its data sets of base64 strings.
 */
#include "base/own.h"
#include "blacklist/format/field.h"
#include "blacklist/format/line.h"

enum
{
    EMULE_BLOCKS_MAX = 127
};

/** The field `n` of a row; false if there are not so many, or one up to it is broken. */
static bool find_field(struct nta_span row, uint8_t separator, unsigned n,
                       struct nta_list_field *ret_field)
{
    for (unsigned i = 0; nta_list_next_field(&row, separator, ret_field); i++) {
        if (ret_field->fault != NTA_FIELD_FINE || i == n)
            return ret_field->fault == NTA_FIELD_FINE;
    }
    return false;
}

/** The text of a field as it is meant; one without a place is longer than there is space. */
static struct nta_span text_of(struct nta_list_reader *reader, const struct nta_list_field *field)
{
    size_t n = 0;

    if (!field->doubled)
        return nta_span_trim(field->text);
    for (size_t i = 0; i < field->text.len; i++) {
        if (n == sizeof(reader->field))
            return (struct nta_span){0};
        reader->field[n++] = field->text.ptr[i];
        i += field->text.ptr[i] == '"'; /* which stands twice */
    }
    return nta_span_trim((struct nta_span){.ptr = reader->field, .len = n});
}

static bool is_filler(int c)
{
    return c == ' ' || c == '_' || c == '-';
}

/** True if a column's name is this one; case, blanks, "_" and "-" do not count. */
static bool is_name(struct nta_span text, const char *name)
{
    for (size_t i = 0; i < text.len; i++) {
        if (is_filler(text.ptr[i]))
            continue;
        while (is_filler(*name))
            name++;
        if (*name == '\0' || ((uint8_t)*name | 0x20) != (text.ptr[i] | 0x20))
            return false;
        name++;
    }
    return *name == '\0' && text.len > 0;
}

/** The column of a name in a header; NTA_COLUMNS_MAX if it is not there. */
static unsigned column_of(struct nta_span header, uint8_t separator, const char *name)
{
    struct nta_list_field one;

    for (unsigned i = 0; i < NTA_COLUMNS_MAX && nta_list_next_field(&header, separator, &one);
         i++) {
        if (is_name(one.text, name))
            return i;
    }
    return NTA_COLUMNS_MAX;
}

/** "sep=;", as spreadsheets write it before the header. */
static bool gives_separator(struct nta_list_reader *reader, struct nta_span line)
{
    if (line.len != 5 || !nta_span_starts(line, "sep="))
        return false;
    reader->separator_given = line.ptr[4];
    return true;
}

/** What a column holds, by its name; a "SHA1" is a certificate's in lists of abuse.ch's SSLBL. */
static enum nta_list_as column_as(struct nta_span header, uint8_t separator, unsigned n)
{
    static const struct
    {
        const char *name, *beside; ///< `beside`: a column that must be there, too; NULL: none.
        enum nta_list_as as;
    } columns[] = {
        {"sha256", NULL, NTA_AS_FILE},
        {"sha256_hash", NULL, NTA_AS_FILE},
        {"ja4", NULL, NTA_AS_JA4},
        {"ja4_fingerprint", NULL, NTA_AS_JA4},
        {"certificate", NULL, NTA_AS_CERTIFICATE},
        {"cert_sha256", NULL, NTA_AS_CERTIFICATE},
        {"cert_sha1", NULL, NTA_AS_CERTIFICATE},
        {"sha1", "listingreason", NTA_AS_CERTIFICATE},
    };
    struct nta_list_field field;

    if (!find_field(header, separator, n, &field))
        return NTA_AS_ANY;
    for (size_t i = 0; i < NTA_N_ELEMENTS(columns); i++) {
        if (is_name(field.text, columns[i].name) &&
            (!columns[i].beside ||
             column_of(header, separator, columns[i].beside) < NTA_COLUMNS_MAX))
            return columns[i].as;
    }
    return NTA_AS_ANY;
}

bool nta_list_header(struct nta_list_reader *reader, struct nta_span line)
{
    static const char *const usual[] = {
        "indicator",   "ioc_value",   "ioc",       "domain",      "hostname",   "host",
        "fqdn",        "url",         "dst_ip",    "ip",          "ip_address", "ipaddress",
        "domain_name", "dstip",       "sha256",    "sha256_hash", "ja4",        "ja4_fingerprint",
        "certificate", "cert_sha256", "cert_sha1", "sha1"};
    const uint8_t separators[] = {'\t', ',', ';', '|', reader->separator_given};

    while (line.len > 0 && line.ptr[0] == '#')
        line = nta_span_trim(nta_span_from(line, 1));
    if (nta_span_starts(line, "fields\t"))
        line = nta_span_from(line, 7);
    for (size_t s = 0; s < sizeof(separators) && separators[s]; s++) {
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
            reader->column_as = column_as(line, separators[s], column);
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
static size_t decode(struct nta_span text, uint8_t *buf, size_t size)
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
            buf[n++] = (uint8_t)(bits >> n_bits);
        }
    }
    return n < size && memchr(buf, '.', n) ? n : 0;
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
    uint8_t buf[NTA_NAME_SIZE];
    size_t n;

    if (first.len == 0)
        return NTA_LINE_OTHER;
    if (first.len < line.len && lets_through(first, nta_span_from(line, first.len + 1)))
        return nta_list_skip(reader, "a range that its access level lets through");
    if (first.len < line.len &&
        ((first.ptr[0] >= '0' && first.ptr[0] <= '9') || memchr(first.ptr, ':', first.len)))
        return nta_list_addr(reader, nta_span_trim(first), flags);
    n = memchr(first.ptr, '.', first.len) ? 0 : decode(first, buf, sizeof(buf));
    return n ? nta_list_plain(reader, (struct nta_span){.ptr = buf, .len = n}, flags)
             : NTA_LINE_OTHER;
}

/** What an indicator of Zeek is; false for what is neither name, address, URL nor fingerprint. */
static bool is_for_us(struct nta_span type, enum nta_list_as *ret_as)
{
    static const struct
    {
        const char *type;
        enum nta_list_as as;
    } types[] = {
        {"Intel::DOMAIN", NTA_AS_ANY},
        {"Intel::ADDR", NTA_AS_ANY},
        {"Intel::SUBNET", NTA_AS_ANY},
        {"Intel::URL", NTA_AS_ANY},
        {"Intel::CERT_HASH", NTA_AS_CERTIFICATE},
        {"Intel::FILE_HASH", NTA_AS_FILE},
    };

    for (size_t i = 0; i < NTA_N_ELEMENTS(types); i++) {
        if (nta_span_is(type, types[i].type)) {
            *ret_as = types[i].as;
            return true;
        }
    }
    return false;
}

enum nta_line nta_list_table(struct nta_list_reader *reader, struct nta_span line)
{
    struct nta_list_field field, type;
    enum nta_list_as as = reader->column_as;
    struct nta_span value;

    if (!reader->separator)
        return gives_separator(reader, line) || nta_list_header(reader, line)
                   ? NTA_LINE_NONE
                   : bare_row(reader, line);
    if (!memchr(line.ptr, reader->separator, line.len))
        return NTA_LINE_OTHER; /* the header was none, or another list follows */
    if (!find_field(line, reader->separator, reader->n_column, &field))
        return nta_list_bad(reader, "a row without the column");
    if (reader->n_type < NTA_COLUMNS_MAX &&
        find_field(line, reader->separator, reader->n_type, &type) && !is_for_us(type.text, &as))
        return nta_list_skip(reader, "an indicator of another kind");
    value = text_of(reader, &field);
    if (!value.ptr)
        return nta_list_skip(reader, "a field of more than 8,192 bytes");
    if (value.len > 0 && memchr(value.ptr, '\n', value.len))
        return nta_list_skip(reader, "a field of several lines");
    return nta_list_value_as(reader, value, as, NTA_VALUE_SELF | NTA_VALUE_SUBS);
}
