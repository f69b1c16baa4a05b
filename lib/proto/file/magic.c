/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/file/magic.h"

struct nta_magic
{
    uint8_t at, len;
    const char *bytes, *type;
};

#define MAGIC(offset, literal, name)                                                               \
    {                                                                                              \
        .at = (offset), .len = sizeof(literal) - 1, .bytes = (literal), .type = (name)             \
    }

/* Two marks of one letter pair each (MZ, BM) come last, so that longer ones win. */
static const struct nta_magic magics[] = {
    MAGIC(0, "\x7f\x45LF", "application/x-executable"),
    MAGIC(0, "PK\3\4", "application/zip"),
    MAGIC(0, "PK\5\6", "application/zip"),
    MAGIC(0, "Rar!\x1a\7", "application/vnd.rar"),
    MAGIC(0, "7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    MAGIC(0, "\x1f\x8b\x08", "application/gzip"),
    MAGIC(0, "BZh", "application/x-bzip2"),
    MAGIC(0, "\xfd\x37zXZ\0", "application/x-xz"),
    MAGIC(0, "\x28\xb5\x2f\xfd", "application/zstd"),
    MAGIC(0, "%PDF-", "application/pdf"),
    MAGIC(0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    MAGIC(0, "\x89PNG\r\n\x1a\n", "image/png"),
    MAGIC(0, "\xff\xd8\xff", "image/jpeg"),
    MAGIC(0, "GIF8", "image/gif"),
    MAGIC(8, "WEBP", "image/webp"),
    MAGIC(8, "AVI ", "video/x-msvideo"),
    MAGIC(8, "WAVE", "audio/x-wav"),
    MAGIC(4, "ftyp", "video/mp4"),
    MAGIC(0, "\x1a\x45\xdf\xa3", "video/x-matroska"),
    MAGIC(0, "FLV\1", "video/x-flv"),
    MAGIC(0, "OggS", "application/ogg"),
    MAGIC(0, "ID3", "audio/mpeg"),
    MAGIC(0, "fLaC", "audio/flac"),
    MAGIC(0, "\xca\xfe\xba\xbe", "application/java-vm"),
    MAGIC(0, "\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    MAGIC(0, "!<arch>\n", "application/x-archive"),
    MAGIC(0, "\xed\xab\xee\xdb", "application/x-rpm"),
    MAGIC(0, "SQLite format 3\0", "application/vnd.sqlite3"),
    MAGIC(0, "MSCF\0\0\0\0", "application/vnd.ms-cab-compressed"),
    MAGIC(0, "d8:announce", "application/x-bittorrent"),
    MAGIC(0, "MZ", "application/x-dosexec"),
};

const char *nta_magic_type(struct nta_span first)
{
    for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
        const struct nta_magic *magic = &magics[i];

        if (first.len >= (size_t)magic->at + magic->len &&
            memcmp(first.ptr + magic->at, magic->bytes, magic->len) == 0)
            return magic->type;
    }
    return NULL;
}
