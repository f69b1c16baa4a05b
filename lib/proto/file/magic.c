/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/file/magic.h"

#include "base/own.h"

struct nta_magic
{
    uint16_t at;
    uint8_t len;
    const char *bytes, *type;
};

enum
{
    ZIP_NAME = 30, ///< Of the first file in a ZIP archive (APPNOTE.TXT section 4.3.7): says whose.
    MP3_HEAD = 4,
    BOX_HEAD = 8,
    MZ_NEW = 60, ///< Where a program says where its PE header is (PE format, MS-DOS stub).
    PE_MARK_LEN = 4,
    PE_LEN = 24,         ///< Signature and COFF header,
    PE_FLAGS = 23,       ///< the upper half of its Characteristics,
    PE_IS_DLL = 0x20,    ///< and IMAGE_FILE_DLL in it.
    OLE_SHIFT = 30,      ///< Logarithm of a sector's length ([MS-CFB] section 2.2),
    OLE_SHIFT_LEAST = 9, ///< of version 3,
    OLE_SHIFT_MOST = 12, ///< and of version 4;
    OLE_DIRECTORY = 48,  ///< the sector of the directory, whose first entry is the root's,
    OLE_CLASS = 80,      ///< and its class in it (section 2.6.1).
    OLE_CLASS_LEN = 16,
    ISO_MARK = 16 * 2048 + 1, ///< Behind the first byte of the first descriptor (ECMA-119).
    ISO_MARK_LEN = 5,
};

#define OLE "application/x-ole-storage"

#define MAGIC(offset, literal, name)                                                               \
    {                                                                                              \
        .at = (offset), .len = sizeof(literal) - 1, .bytes = (literal), .type = (name)             \
    }

/* Two marks of one letter pair each (MZ, BM) come last, so that longer ones win. */
static const struct nta_magic magics[] = {
    MAGIC(0, "\x7f\x45LF", "application/x-executable"),
    MAGIC(30, "word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    MAGIC(30, "xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    MAGIC(30, "ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    MAGIC(30, "META-INF/", "application/java-archive"),
    MAGIC(30, "AndroidManifest.xml", "application/vnd.android.package-archive"),
    MAGIC(30, "classes.dex", "application/vnd.android.package-archive"),
    MAGIC(30, "Payload/", "application/x-ios-app"),
    MAGIC(30, "mimetypeapplication/epub+zip", "application/epub+zip"),
    MAGIC(0, "PK\3\4", "application/zip"),
    MAGIC(0, "PK\5\6", "application/zip"),
    MAGIC(0, "Rar!\x1a\7", "application/vnd.rar"),
    MAGIC(0, "7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    MAGIC(0, "\x1f\x8b\x08", "application/gzip"),
    MAGIC(0, "BZh", "application/x-bzip2"),
    MAGIC(0, "\xfd\x37zXZ\0", "application/x-xz"),
    MAGIC(0, "\x28\xb5\x2f\xfd", "application/zstd"),
    MAGIC(257, "ustar", "application/x-tar"), /* POSIX, and GNU's own */
    MAGIC(0, "%PDF-", "application/pdf"),
    MAGIC(0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    MAGIC(0, "\x89PNG\r\n\x1a\n", "image/png"),
    MAGIC(0, "\xff\xd8\xff", "image/jpeg"),
    MAGIC(0, "GIF8", "image/gif"),
    MAGIC(8, "WEBP", "image/webp"),
    MAGIC(8, "AVI ", "video/x-msvideo"),
    MAGIC(8, "WAVE", "audio/x-wav"),
    MAGIC(4, "ftypqt  ", "video/quicktime"),
    MAGIC(4, "ftypM4A ", "audio/mp4"),
    MAGIC(4, "ftypheic", "image/heic"),
    MAGIC(4, "ftypavif", "image/avif"),
    MAGIC(4, "ftyp", "video/mp4"),
    MAGIC(0, "\x1a\x45\xdf\xa3", "video/x-matroska"),
    MAGIC(0, "FLV\1", "video/x-flv"),
    MAGIC(0, "\0\0\1\xba", "video/mpeg"),
    MAGIC(0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video/x-ms-asf"),
    MAGIC(0, "OggS", "application/ogg"),
    MAGIC(0, "ID3", "audio/mpeg"),
    MAGIC(0, "fLaC", "audio/flac"),
    /* so do universal programs of macOS, and say how many: fewer than versions of Java */
    MAGIC(0, "\xca\xfe\xba\xbe\0\0\0\1", "application/x-mach-binary"),
    MAGIC(0, "\xca\xfe\xba\xbe\0\0\0\2", "application/x-mach-binary"),
    MAGIC(0, "\xca\xfe\xba\xbe\0\0\0\3", "application/x-mach-binary"),
    MAGIC(0, "\xca\xfe\xba\xbe", "application/java-vm"),
    MAGIC(0, "\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    MAGIC(0, "\xce\xfa\xed\xfe", "application/x-mach-binary"),
    MAGIC(0, "\xfe\xed\xfa\xce", "application/x-mach-binary"),
    MAGIC(0, "\xfe\xed\xfa\xcf", "application/x-mach-binary"),
    MAGIC(0, "!<arch>\ndebian-binary", "application/vnd.debian.binary-package"),
    MAGIC(0, "!<arch>\n", "application/x-archive"),
    MAGIC(0, "\xed\xab\xee\xdb", "application/x-rpm"),
    MAGIC(0, "SQLite format 3\0", "application/vnd.sqlite3"),
    MAGIC(0, "MSCF\0\0\0\0", "application/vnd.ms-cab-compressed"),
    MAGIC(0, "MSWIM\0\0\0", "application/x-ms-wim"),
    MAGIC(0, "\x04\x22\x4d\x18", "application/x-lz4"),
    MAGIC(0, "070701", "application/x-cpio"),
    MAGIC(2, "-lh5-", "application/x-lzh-compressed"),
    MAGIC(0, "xar!\0\x1c", "application/x-xar"),
    MAGIC(0, "Cr24\3\0\0\0", "application/x-chrome-extension"),
    MAGIC(0, "dex\n03", "application/vnd.android.dex"),
    MAGIC(0, "CWS", "application/x-shockwave-flash"),
    MAGIC(0, "ZWS", "application/x-shockwave-flash"),
    MAGIC(0, "II*\0", "image/tiff"),
    MAGIC(0, "MM\0*", "image/tiff"),
    MAGIC(0, "8BPS\0\1", "image/vnd.adobe.photoshop"),
    MAGIC(0, "MThd\0\0\0\6", "audio/midi"),
    MAGIC(0, "d8:announce", "application/x-bittorrent"),
    MAGIC(0, "d13:announce-list", "application/x-bittorrent"),
    MAGIC(0, "d10:created by", "application/x-bittorrent"),
    MAGIC(0, "d7:comment", "application/x-bittorrent"),
    MAGIC(0, "d4:infod", "application/x-bittorrent"),
    MAGIC(0, "\x4c\0\0\0\1\x14\2\0", "application/x-ms-shortcut"),
    MAGIC(0, "\0asm\1", "application/wasm"),
    MAGIC(0, "QFI\xfb", "application/x-qemu-disk"),
    MAGIC(0, "KDMV", "application/x-raw-disk-image"),
    MAGIC(0, "vhdxfile", "application/x-raw-disk-image"),
    MAGIC(0, "{\\rtf", "application/rtf"),
    MAGIC(0, "%!PS", "application/postscript"),
    MAGIC(0, "#!/usr/bin/env python", "text/x-python"),
    MAGIC(0, "#!/usr/bin/python", "text/x-python"),
    MAGIC(0, "#!/usr/bin/perl", "application/x-perl"),
    MAGIC(0, "#!/", "application/x-sh"),
    MAGIC(0, "MZ", NTA_MAGIC_MZ),
};

/**
 * The header of a frame of MPEG audio, layer III (ISO 11172-3 section 2.4.2.3): 11 bits of ones, a
 * version, the layer, and a bit rate and a sampling rate that exist.
 */
static bool is_mp3(struct nta_span first)
{
    const uint8_t *h = first.ptr;

    return first.len >= MP3_HEAD && h[0] == 0xff && (h[1] & 0xf6) == 0xf2 && h[2] >> 4 != 0 &&
           h[2] >> 4 != 15 && (h[2] >> 2 & 3) != 3 && (h[3] & 3) != 2;
}

/** A box that files of MPEG-4 may begin with beside their own (ISO 14496-12), and its length. */
static bool is_mp4(struct nta_span first)
{
    static const char boxes[][5] = {"moov", "mdat", "free", "skip", "wide", "styp", "moof", "sidx"};

    for (size_t i = 0; i < NTA_N_ELEMENTS(boxes); i++) {
        if (first.len >= BOX_HEAD && first.ptr[0] == 0 && memcmp(first.ptr + 4, boxes[i], 4) == 0)
            return true;
    }
    return false;
}

static const char *type_of_first(struct nta_span first)
{
    for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
        const struct nta_magic *magic = &magics[i];

        if (first.len >= (size_t)magic->at + magic->len &&
            memcmp(first.ptr + magic->at, magic->bytes, magic->len) == 0 &&
            (magic->at != ZIP_NAME || memcmp(first.ptr, "PK\3\4", 4) == 0))
            return magic->type;
    }
    if (is_mp4(first))
        return "video/mp4";
    return is_mp3(first) ? "audio/mpeg" : NULL;
}

/** `len` bytes, the lowest first; the caller knows that they are there. */
static uint32_t little(struct nta_span bytes, size_t at, unsigned len)
{
    uint32_t n = 0;

    while (len-- > 0)
        n = n << 8 | bytes.ptr[at + len];
    return n;
}

static struct nta_magic_far far_of(struct nta_span first, const char *type)
{
    if (!type)
        return (struct nta_magic_far){.at = ISO_MARK, .len = ISO_MARK_LEN};
    if (strcmp(type, NTA_MAGIC_MZ) == 0 && first.len >= MZ_NEW + 4)
        return (struct nta_magic_far){.at = little(first, MZ_NEW, 4), .len = PE_LEN};
    if (strcmp(type, OLE) == 0 && first.len >= OLE_DIRECTORY + 4) {
        const uint32_t shift = little(first, OLE_SHIFT, 2);
        const uint64_t sector = little(first, OLE_DIRECTORY, 4);

        if (shift >= OLE_SHIFT_LEAST && shift <= OLE_SHIFT_MOST)
            return (struct nta_magic_far){.at = ((sector + 1) << shift) + OLE_CLASS,
                                          .len = OLE_CLASS_LEN};
    }
    return (struct nta_magic_far){0};
}

struct nta_magic_far nta_magic_far(struct nta_span first)
{
    return far_of(first, type_of_first(first));
}

/** Is it the class of a package of Windows Installer, of a patch for one, or of a transform? */
static bool is_installer(struct nta_span class_id)
{
    static const uint8_t rest[] = {0x10, 0x0c, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46};

    return class_id.len == OLE_CLASS_LEN && class_id.ptr[0] >= 0x82 && class_id.ptr[0] <= 0x86 &&
           class_id.ptr[0] % 2 == 0 && memcmp(class_id.ptr + 1, rest, sizeof(rest)) == 0;
}

bool nta_magic_is_tail(struct nta_span tail)
{
    static const char mark[] = "koly\0\0\0\4\0\0\2";

    return tail.len >= sizeof(mark) && memcmp(tail.ptr, mark, sizeof(mark)) == 0;
}

/** Of a file without a mark at its beginning, or that of how an image's first block is packed. */
static bool may_be_image(const char *type)
{
    return !type || strcmp(type, "application/x-bzip2") == 0 ||
           strcmp(type, "application/x-xz") == 0;
}

const char *nta_magic_type_with(struct nta_span first, struct nta_span far)
{
    const char *type = type_of_first(first);
    const struct nta_magic_far at = far_of(first, type);

    if (nta_magic_is_tail(far) && may_be_image(type))
        return "application/x-apple-diskimage";
    if (at.len > 0 && at.at < first.len && first.len - at.at >= at.len)
        far = nta_span_first(nta_span_from(first, (size_t)at.at), at.len);
    if (at.len == 0 || far.len < at.len)
        return type;
    if (!type)
        return memcmp(far.ptr, "CD001", ISO_MARK_LEN) == 0 ? "application/x-iso9660-image" : NULL;
    if (strcmp(type, OLE) == 0)
        return is_installer(far) ? "application/x-msi" : type;
    if (memcmp(far.ptr, "PE\0", PE_MARK_LEN) != 0)
        return type;
    return far.ptr[PE_FLAGS] & PE_IS_DLL ? "application/x-ms-dll" : "application/x-dosexec";
}

const char *nta_magic_type(struct nta_span first)
{
    return nta_magic_type_with(first, (struct nta_span){0});
}

enum
{
    DENIED_LEAST = 16, ///< Of fewer bytes nothing is said.
    TEXT_MOST = 64,    ///< Further on, text may hold anything.
};

/* Types whose files all begin with a mark, by the names that servers give them. */
static const struct
{
    const char *announced, *mark;
    uint8_t mark_len;
} marked[] = {

#define MARKED(name, literal)                                                                      \
    {                                                                                              \
        .announced = (name), .mark = (literal), .mark_len = sizeof(literal) - 1                    \
    }
    MARKED("image/png", "\x89PNG"),
    MARKED("image/jpeg", "\xff\xd8\xff"),
    MARKED("image/jpg", "\xff\xd8\xff"),
    MARKED("image/pjpeg", "\xff\xd8\xff"),
    MARKED("image/gif", "GIF8"),
    MARKED("image/webp", "RIFF"),
    MARKED("image/bmp", "BM"),
    MARKED("image/x-icon", "\0\0\1\0"),
    MARKED("image/vnd.microsoft.icon", "\0\0\1\0"),
    MARKED("image/avif", "ftyp"),
    MARKED("image/heic", "ftyp"),
    MARKED("font/woff", "wOF"),
    MARKED("font/woff2", "wOF"),
    MARKED("application/font-woff", "wOF"),
    MARKED("application/font-woff2", "wOF"),
    MARKED("application/pdf", "%PDF-"),
    MARKED("application/zip", "PK"),
    MARKED("application/x-zip-compressed", "PK"),
    MARKED("application/java-archive", "PK"),
    MARKED("application/epub+zip", "PK"),
    MARKED("application/vnd.android.package-archive", "PK"),
    MARKED("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "PK"),
    MARKED("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "PK"),
    MARKED("application/vnd.openxmlformats-officedocument.presentationml.presentation", "PK"),
    MARKED("application/gzip", "\x1f\x8b"),
    MARKED("application/x-gzip", "\x1f\x8b"),
    MARKED("application/x-bzip2", "BZh"),
    MARKED("application/x-xz", "\xfd\x37zXZ"),
    MARKED("application/zstd", "\x28\xb5\x2f\xfd"),
    MARKED("application/x-7z-compressed", "7z\xbc\xaf"),
    MARKED("application/vnd.rar", "Rar!"),
    MARKED("application/x-rar-compressed", "Rar!"),
    MARKED("application/wasm", "\0asm"),
    MARKED("application/x-dosexec", "MZ"),
    MARKED("application/x-msdownload", "MZ"),
    MARKED("application/x-msdos-program", "MZ"),
    MARKED("application/vnd.microsoft.portable-executable", "MZ"),
#undef MARKED
};

static bool ends(struct nta_span text, const char *suffix)
{
    const struct nta_span last = nta_span_of(suffix);

    return text.len >= last.len && nta_span_alike(nta_span_from(text, text.len - last.len), last);
}

/* Also what has the form of XML or JSON (RFC 6839): an SVG is one. */
static bool is_text(struct nta_span type)
{
    static const char *const names[] = {"application/json", "application/javascript",
                                        "application/x-javascript", "application/xml"};

    if (nta_span_starts(type, "text/") || ends(type, "+xml") || ends(type, "+json"))
        return true;
    for (size_t i = 0; i < NTA_N_ELEMENTS(names); i++) {
        if (nta_span_is(type, names[i]))
            return true;
    }
    return false;
}

/* A control byte that no coding of text has, of which UTF-16 and UTF-32 begin with a mark. */
static bool has_no_text(struct nta_span first)
{
    if (first.ptr[0] >= 0xfe || (first.ptr[0] == 0 && first.ptr[1] == 0))
        return false;
    uint8_t bad = 0;

    for (size_t i = 0; i < first.len; i++) { /* no branch: many at a time */
        const uint8_t c = first.ptr[i];

        /* not blanks, and what ISO 2022 shifts with */
        bad |= (uint8_t)((c < 0x20) & ((c < 0x09) | (c > 0x0f)) & (c != 0x1b));
    }
    return bad;
}

bool nta_magic_denies(struct nta_span announced, struct nta_span first)
{
    struct nta_span type = nta_span_before(announced, ';');

    while (type.len > 0 && type.ptr[type.len - 1] == ' ')
        type.len--;
    if (first.len < DENIED_LEAST)
        return false;
    if (is_text(type))
        return has_no_text(nta_span_first(first, TEXT_MOST));
    for (size_t i = 0; i < NTA_N_ELEMENTS(marked); i++) {
        const struct nta_span mark = {(const uint8_t *)marked[i].mark, marked[i].mark_len};

        /* PDF readers take a mark that stands a little further on */
        if (nta_span_is(type, marked[i].announced))
            return nta_span_find_span(first, mark) == first.len;
    }
    return false;
}
