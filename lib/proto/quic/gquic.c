/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/quic/gquic.h"

enum
{
    FLAG_VERSION = 0x01, /* public header: a version follows */
    FLAG_RESET = 0x02,
    FLAG_CID_8 = 0x08, /* with an 8-byte connection id */
    FLAG_LONG = 0x80,  /* the header form of Q044 and later */
    CID_LEN = 8,
    SEARCH_MAX = 96, /* headers and frame types in front of a CHLO are shorter */
    ENTRIES_MAX = 128,
    VERSION_FIRST = 24,
    VERSION_LAST = 49,
    HOST_NAME_MAX_LEN = 255,
};

static const struct nta_span hello_tag = {(const uint8_t *)"CHLO", 4};
static const uint8_t name_tag[] = {'S', 'N', 'I', 0};

/* "Q043": the letter and three digits. */
static bool is_version(const uint8_t *bytes)
{
    unsigned tens = (unsigned)bytes[2] - '0', ones = (unsigned)bytes[3] - '0';

    return bytes[0] == 'Q' && bytes[1] == '0' && tens <= 9 && ones <= 9 &&
           tens * 10 + ones >= VERSION_FIRST && tens * 10 + ones <= VERSION_LAST;
}

enum nta_parse nta_gquic_probe(struct nta_span datagram)
{
    struct nta_reader r = nta_reader_of(datagram.ptr, datagram.len);
    uint8_t flags = nta_read_u8(&r);

    if (nta_reader_ok(&r) && !(flags & FLAG_LONG)) {
        if (!(flags & FLAG_VERSION) || (flags & FLAG_RESET) || !(flags & FLAG_CID_8))
            return NTA_PARSE_OTHER;
        nta_reader_skip(&r, CID_LEN);
    }

    struct nta_span version = nta_read_span(&r, 4);

    if (!nta_reader_ok(&r))
        return NTA_PARSE_MORE;
    return is_version(version.ptr) ? NTA_PARSE_OK : NTA_PARSE_OTHER;
}

/* The bytes in front differ from version to version, so the tag is looked for. */
struct nta_span nta_gquic_find_hello(struct nta_span datagram)
{
    const struct nta_span front = nta_span_first(datagram, SEARCH_MAX);
    const size_t at = nta_span_find_span(front, hello_tag);

    return at < front.len ? nta_span_from(datagram, at) : (struct nta_span){0};
}

bool nta_gquic_is_hello(struct nta_span message)
{
    return nta_span_begins(message, hello_tag);
}

static uint32_t read_le32(struct nta_reader *r)
{
    uint32_t value = 0;
    const uint8_t *ptr = nta_reader_take(r, sizeof(value));

    if (ptr)
        memcpy(&value, ptr, sizeof(value));
    return le32toh(value);
}

/* Tag, number of entries, padding; for each a tag and where its value ends; the values. */
enum nta_parse nta_gquic_hello_read(struct nta_span message, struct nta_span *ret_name)
{
    struct nta_reader r = nta_reader_of(message.ptr, message.len);
    uint32_t begin = 0, name_begin = 0, name_end = 0;

    if (!nta_gquic_is_hello(message))
        return NTA_PARSE_BAD;
    nta_reader_skip(&r, hello_tag.len);

    uint32_t n_entries = read_le32(&r) & 0xffff;

    if (n_entries > ENTRIES_MAX)
        return NTA_PARSE_BAD;
    for (uint32_t i = 0; i < n_entries; i++) {
        struct nta_span tag = nta_read_span(&r, sizeof(name_tag));
        uint32_t end = read_le32(&r);

        if (!nta_reader_ok(&r))
            return NTA_PARSE_MORE;
        if (end < begin)
            return NTA_PARSE_BAD;
        if (memcmp(tag.ptr, name_tag, sizeof(name_tag)) == 0) {
            name_begin = begin;
            name_end = end;
        }
        begin = end;
    }
    if (!nta_reader_ok(&r))
        return NTA_PARSE_MORE;
    if (name_end - name_begin > HOST_NAME_MAX_LEN)
        return NTA_PARSE_BAD;
    nta_reader_skip(&r, name_begin);

    struct nta_span name = nta_read_span(&r, name_end - name_begin);

    if (!nta_reader_ok(&r))
        return NTA_PARSE_MORE;
    *ret_name = name;
    return NTA_PARSE_OK;
}
