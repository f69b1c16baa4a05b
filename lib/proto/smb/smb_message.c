/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/smb/smb_message.h"

enum
{
    FLAG_RESPONSE = 1,
    FLAG_ASYNC = 2,
    FLAG_RELATED = 4,
    SHARE_PIPE = 2,
    FOLDER = 0x10,
    SURROGATE_FIRST = 0xd800,
    SURROGATE_LOW = 0xdc00,
    SURROGATE_LAST = 0xdfff,
};

/* 0xfe, "SMB". */
#define PROTOCOL UINT32_C(0xfe534d42)

static uint16_t read_le16(struct nta_reader *r)
{
    return __builtin_bswap16(nta_read_be16(r));
}

static uint32_t read_le32(struct nta_reader *r)
{
    return __builtin_bswap32(nta_read_be32(r));
}

static uint64_t read_le64(struct nta_reader *r)
{
    return __builtin_bswap64(nta_read_be64(r));
}

static struct nta_reader reader_at(struct nta_span bytes, size_t offset)
{
    struct nta_reader r = nta_reader_of(bytes.ptr, bytes.len);

    nta_reader_skip(&r, offset);
    return r;
}

enum nta_parse nta_smb_header_read(struct nta_span bytes, struct nta_smb_header *ret_header)
{
    struct nta_reader r = nta_reader_of(bytes.ptr, bytes.len);
    struct nta_smb_header header = {0};
    const uint32_t protocol = nta_read_be32(&r);
    const uint16_t size = read_le16(&r);

    if (nta_reader_ok(&r) && (protocol != PROTOCOL || size != NTA_SMB_HEADER_LEN))
        return NTA_PARSE_BAD;
    nta_reader_skip(&r, 2); /* credit charge */
    header.status = read_le32(&r);
    header.command = read_le16(&r);
    nta_reader_skip(&r, 2); /* credits */
    const uint32_t flags = read_le32(&r);

    header.is_response = flags & FLAG_RESPONSE;
    header.is_related = flags & FLAG_RELATED;
    header.next = read_le32(&r);
    header.id = read_le64(&r);
    nta_reader_skip(&r, 4);
    const uint32_t tree = read_le32(&r);

    header.tree = flags & FLAG_ASYNC ? 0 : tree;
    header.session = read_le64(&r);
    if (bytes.len < NTA_SMB_HEADER_LEN)
        return NTA_PARSE_MORE;
    if (header.next != 0 && (header.next < NTA_SMB_HEADER_LEN || header.next % 8 != 0))
        return NTA_PARSE_BAD;
    *ret_header = header;
    return NTA_PARSE_OK;
}

/* Where offset and length of a request's text stand: sections 2.2.5, 2.2.9 and 2.2.13. */
static bool text_range(const struct nta_smb_header *header, struct nta_span bytes,
                       uint16_t *ret_offset, uint16_t *ret_len)
{
    const size_t at = header->command == NTA_SMB_TREE_CONNECT    ? 4
                      : header->command == NTA_SMB_SESSION_SETUP ? 12
                                                                 : 44;
    struct nta_reader r = reader_at(bytes, NTA_SMB_HEADER_LEN + at);

    *ret_offset = read_le16(&r);
    *ret_len = read_le16(&r);
    return nta_reader_ok(&r) && *ret_offset >= NTA_SMB_HEADER_LEN;
}

struct nta_span nta_smb_text(const struct nta_smb_header *header, struct nta_span bytes)
{
    uint16_t offset, len;

    if (!text_range(header, bytes, &offset, &len))
        return (struct nta_span){0};
    struct nta_reader r = reader_at(bytes, offset);

    if (len > nta_reader_left(&r))
        len = (uint16_t)nta_reader_left(&r);
    return nta_read_span(&r, len & ~1U);
}

struct nta_span nta_smb_token(const struct nta_smb_header *header, struct nta_span bytes)
{
    uint16_t offset, len;

    if (!text_range(header, bytes, &offset, &len))
        return (struct nta_span){0};
    struct nta_reader r = reader_at(bytes, offset);

    return nta_read_span(&r, nta_smaller(len, nta_reader_left(&r)));
}

bool nta_smb_is_account(const struct nta_smb_header *header, struct nta_span bytes)
{
    enum
    {
        GUEST_OR_NOBODY = 3 /* section 2.2.6 */
    };

    struct nta_reader r = reader_at(bytes, NTA_SMB_HEADER_LEN + 2);
    const uint16_t flags = read_le16(&r);

    return header->status == 0 && nta_reader_ok(&r) && !(flags & GUEST_OR_NOBODY);
}

size_t nta_smb_text_end(const struct nta_smb_header *header, struct nta_span bytes)
{
    uint16_t offset, len;

    if (header->is_response ||
        (header->command != NTA_SMB_TREE_CONNECT && header->command != NTA_SMB_CREATE &&
         header->command != NTA_SMB_SESSION_SETUP) ||
        !text_range(header, bytes, &offset, &len))
        return 0;
    return (size_t)offset + len;
}

const uint8_t *nta_smb_file_id(const struct nta_smb_header *header, struct nta_span bytes)
{
    size_t at = 16; /* READ and WRITE: sections 2.2.19 and 2.2.21 */

    if (header->command == NTA_SMB_CREATE)
        at = 64; /* section 2.2.14 */
    if (header->command == NTA_SMB_CLOSE)
        at = 8; /* section 2.2.15 */
    struct nta_reader r = reader_at(bytes, NTA_SMB_HEADER_LEN + at);

    return nta_reader_take(&r, NTA_SMB_ID_LEN);
}

bool nta_smb_content(const struct nta_smb_header *header, struct nta_span bytes,
                     uint32_t *ret_offset, uint32_t *ret_len)
{
    struct nta_reader r = reader_at(bytes, NTA_SMB_HEADER_LEN + 2);
    const bool is_read = header->command == NTA_SMB_READ && header->is_response;

    if (!is_read && (header->command != NTA_SMB_WRITE || header->is_response))
        return false;
    /* sections 2.2.20 and 2.2.21: one byte and a reserved one, or two */
    *ret_offset = is_read ? nta_read_u8(&r) : read_le16(&r);
    nta_reader_skip(&r, is_read ? 1 : 0);
    *ret_len = read_le32(&r);
    return nta_reader_ok(&r) && (!is_read || header->status == 0) &&
           *ret_offset >= NTA_SMB_HEADER_LEN;
}

uint64_t nta_smb_file_offset(struct nta_span bytes)
{
    struct nta_reader r = reader_at(bytes, NTA_SMB_HEADER_LEN + 8);

    return read_le64(&r);
}

bool nta_smb_is_pipe(struct nta_span bytes)
{
    struct nta_reader r = reader_at(bytes, NTA_SMB_HEADER_LEN + 2);

    return nta_read_u8(&r) == SHARE_PIPE;
}

uint64_t nta_smb_file_size(struct nta_span bytes)
{
    struct nta_reader r = reader_at(bytes, NTA_SMB_HEADER_LEN + 48);
    const uint64_t size = read_le64(&r);

    return nta_reader_ok(&r) ? size : 0;
}

bool nta_smb_is_folder(struct nta_span bytes)
{
    struct nta_reader r = reader_at(bytes, NTA_SMB_HEADER_LEN + 56);

    return read_le32(&r) & FOLDER;
}

/* One code point; half a surrogate pair stays one, which is no valid UTF-8 then, and shown so. */
static uint32_t read_point(struct nta_reader *r)
{
    const uint32_t unit = read_le16(r);
    struct nta_reader ahead = *r;

    if (unit < SURROGATE_FIRST || unit >= SURROGATE_LOW || nta_reader_left(r) < 2)
        return unit;
    const uint32_t low = read_le16(&ahead);

    if (low < SURROGATE_LOW || low > SURROGATE_LAST)
        return unit;
    *r = ahead;
    return 0x10000 + ((unit - SURROGATE_FIRST) << 10) + (low - SURROGATE_LOW);
}

static size_t put_point(uint32_t point, uint8_t out[4])
{
    if (point < 0x80) {
        out[0] = point == '\\' ? '/' : (uint8_t)point;
        return 1;
    }
    const size_t n = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    static const uint8_t marks[] = {0, 0, 0xc0, 0xe0, 0xf0};

    for (size_t i = n; i-- > 1; point >>= 6)
        out[i] = (uint8_t)(0x80 | (point & 0x3f));
    out[0] = (uint8_t)(marks[n] | point);
    return n;
}

size_t nta_smb_utf8(struct nta_span utf16, uint8_t *buf, size_t size)
{
    struct nta_reader r = nta_reader_of(utf16.ptr, utf16.len & ~(size_t)1);
    size_t len = 0;

    while (nta_reader_left(&r) > 0) {
        uint8_t bytes[4];
        const size_t n = put_point(read_point(&r), bytes);

        if (n > size - len)
            break;
        memcpy(buf + len, bytes, n);
        len += n;
    }
    return len;
}
