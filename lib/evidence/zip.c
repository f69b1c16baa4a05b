/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/zip.h"

#include "base/own.h"

#include <errno.h>
#include <string.h>

/** Signatures and sizes of APPNOTE sections 4.3.7, 4.3.12 and 4.3.16. */
enum
{
    LOCAL = 0x04034b50,
    CENTRAL = 0x02014b50,
    END = 0x06054b50,
    LOCAL_SIZE = 30,
    CENTRAL_SIZE = 46,
    END_SIZE = 22,
    VERSION = 10,      ///< Needed to read it: 1.0, stored files.
    FIRST_DAY = 0x0021 ///< 1980-01-01, where the format's calendar begins.
};

static void put_le16(struct nta_buf *out, uint32_t value)
{
    nta_buf_put_u8(out, (uint8_t)value);
    nta_buf_put_u8(out, (uint8_t)(value >> 8));
}

static void put_le32(struct nta_buf *out, uint32_t value)
{
    put_le16(out, value & 0xffff);
    put_le16(out, value >> 16);
}

/** CRC-32 of section 4.4.7 (polynomial 0xedb88320, reflected): what each byte adds. */
static void make_table(uint32_t table[256])
{
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;

        for (unsigned bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0);
        table[byte] = crc;
    }
}

static uint32_t crc_of(const uint32_t table[256], struct nta_span data)
{
    const uint8_t *byte = data.ptr, *end = nta_behind(data.ptr, data.len);
    uint32_t crc = UINT32_MAX;

    while (byte != end)
        crc = crc >> 8 ^ table[(crc ^ *byte++) & 0xff];
    return ~crc;
}

/** What a local header and one of the central directory have in common: from the version on. */
static void put_common(struct nta_buf *out, const struct nta_zip_member *member, uint32_t crc)
{
    put_le16(out, VERSION);
    put_le16(out, 0); /* flags */
    put_le16(out, 0); /* method: stored */
    put_le16(out, 0); /* time */
    put_le16(out, FIRST_DAY);
    put_le32(out, crc);
    put_le32(out, (uint32_t)member->data.len);
    put_le32(out, (uint32_t)member->data.len);
    put_le16(out, (uint32_t)member->name.len);
    put_le16(out, 0); /* extra field */
}

static void put_central(struct nta_buf *out, const struct nta_zip_member *member, uint32_t crc,
                        uint32_t offset)
{
    put_le32(out, CENTRAL);
    put_le16(out, VERSION); /* made by */
    put_common(out, member, crc);
    put_le16(out, 0); /* comment */
    put_le16(out, 0); /* disk */
    put_le16(out, 0); /* attributes inside */
    put_le32(out, 0); /* and outside */
    put_le32(out, offset);
    nta_buf_put(out, member->name.ptr, member->name.len);
}

static void put_end(struct nta_buf *out, size_t n, uint32_t size, uint32_t offset)
{
    put_le32(out, END);
    put_le32(out, 0); /* disks */
    put_le16(out, (uint32_t)n);
    put_le16(out, (uint32_t)n);
    put_le32(out, size);
    put_le32(out, offset);
    put_le16(out, 0); /* comment */
}

static bool is_name(struct nta_span name)
{
    for (size_t i = 0; i < name.len; i++) {
        const char c = (char)name.ptr[i];

        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
            !(i && (c == '.' || c == '-' || c == '_')))
            return false;
    }
    return name.len > 0 && name.len <= NTA_ZIP_NAME_MAX;
}

/** 0, or why these make no archive. */
static int check_members(const struct nta_zip_member *members, size_t n)
{
    size_t size = END_SIZE;

    if (n > NTA_ZIP_MEMBERS)
        return -EINVAL;
    for (size_t i = 0; i < n; i++) {
        if (!is_name(members[i].name) ||
            (i && nta_span_order(members[i - 1].name, members[i].name) >= 0))
            return -EINVAL;
        if (members[i].data.len > NTA_ZIP_MAX)
            return -EFBIG;
        size += LOCAL_SIZE + CENTRAL_SIZE + 2 * members[i].name.len + members[i].data.len;
    }
    return size > NTA_ZIP_MAX ? -EFBIG : 0;
}

int nta_zip_write(struct nta_buf *out, const struct nta_zip_member *members, size_t n)
{
    uint32_t crcs[NTA_ZIP_MEMBERS], offsets[NTA_ZIP_MEMBERS], table[256];
    const size_t start = out->len;
    int r = check_members(members, n);

    if (r < 0)
        return r;
    make_table(table);
    for (size_t i = 0; i < n; i++) {
        crcs[i] = crc_of(table, members[i].data);
        offsets[i] = (uint32_t)(out->len - start);
        put_le32(out, LOCAL);
        put_common(out, &members[i], crcs[i]);
        nta_buf_put(out, members[i].name.ptr, members[i].name.len);
        nta_buf_put(out, members[i].data.ptr, members[i].data.len);
    }
    const size_t directory = out->len - start;

    for (size_t i = 0; i < n; i++)
        put_central(out, &members[i], crcs[i], offsets[i]);
    put_end(out, n, (uint32_t)(out->len - start - directory), (uint32_t)directory);
    return 0;
}

/* ---- reading ---- */

static uint32_t read_le(struct nta_reader *r, size_t n_bytes)
{
    const uint8_t *ptr = nta_reader_take(r, n_bytes);
    uint32_t value = 0;

    for (size_t i = n_bytes; ptr && i > 0; i--)
        value = value << 8 | ptr[i - 1];
    return value;
}

static struct nta_span read_span(struct nta_reader *r, size_t len)
{
    const uint8_t *ptr = nta_reader_take(r, len);

    return (struct nta_span){.ptr = ptr, .len = ptr ? len : 0};
}

/** The member whose local header comes; its other fields are compared when it is written again. */
static struct nta_zip_member read_member(struct nta_reader *r)
{
    struct nta_zip_member member;

    (void)read_le(r, 4); /* LOCAL */
    (void)nta_reader_take(r, 18);
    const uint32_t size = read_le(r, 4);
    const uint32_t name_len = read_le(r, 2);

    (void)nta_reader_take(r, 2);
    member.name = read_span(r, name_len);
    member.data = read_span(r, size);
    return member;
}

static bool is_local(struct nta_reader r)
{
    return read_le(&r, 4) == LOCAL && nta_reader_ok(&r);
}

/** The first byte that differs; of one that is the other's beginning its end. */
static size_t difference(struct nta_span a, struct nta_span b)
{
    size_t at = 0;

    while (at < a.len && at < b.len && a.ptr[at] == b.ptr[at])
        at++;
    return at;
}

int nta_zip_read(struct nta_span archive, struct nta_zip_member ret_members[NTA_ZIP_MEMBERS],
                 size_t *ret_n, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf again = {0};
    struct nta_zip_member members[NTA_ZIP_MEMBERS];
    struct nta_reader r = nta_reader_of(archive.ptr, archive.len);
    size_t n = 0;

    while (n < NTA_ZIP_MEMBERS && is_local(r))
        members[n++] = read_member(&r);
    if (!nta_reader_ok(&r) || n == 0 || archive.len > NTA_ZIP_MAX)
        return nta_err_set(err, -EBADMSG, "it is no archive of ours, or it was cut");
    int e = nta_zip_write(&again, members, n);

    if (e < 0)
        return nta_err_set(err, -EBADMSG, "its files have names or an order that we do not give");
    if (again.failed)
        return nta_err_sys(err, -ENOMEM, "archive");
    if (!nta_span_equal(nta_buf_span(&again), archive))
        return nta_err_set(err, -EBADMSG, "written again, the archive differs from byte %zu on",
                           difference(nta_buf_span(&again), archive));
    memcpy(ret_members, members, n * sizeof(*members));
    *ret_n = n;
    return 0;
}
