/* SPDX-License-Identifier: Apache-2.0 */
#include "record/words/words.h"

#include "base/own.h"
#include "base/text.h"

#include <string.h>

#define WORD_ROW(symbol, word, number) [number] = (word),
#define WORD_TYPE(type, prefix, ROWS)                                                              \
    static const char *const words_of_##type[] = {[0] = "", ROWS(WORD_ROW)};                       \
                                                                                                   \
    const char *nta_##type##_name(uint8_t number)                                                  \
    {                                                                                              \
        return number < NTA_N_ELEMENTS(words_of_##type) ? words_of_##type[number] : "";            \
    }                                                                                              \
                                                                                                   \
    uint8_t nta_##type##_number(const char *word)                                                  \
    {                                                                                              \
        for (size_t i = 1; i < NTA_N_ELEMENTS(words_of_##type); i++)                               \
            if (strcmp(words_of_##type[i], word) == 0)                                             \
                return (uint8_t)i;                                                                 \
        return 0;                                                                                  \
    }

NTA_WORD_TYPES(WORD_TYPE)
NTA_WORD_PARTS(WORD_TYPE)

/** A type, or with a slash at its end all of that kind; the first that fits counts. */
struct kind_row
{
    const char *type;
    enum nta_file_kind kind;
};

static const struct kind_row kinds[] = {
    {"application/octet-stream", NTA_FILE_KIND_NONE},
    {"binary/octet-stream", NTA_FILE_KIND_NONE},
    {"video/", NTA_FILE_KIND_VIDEO},
    {"application/vnd.apple.mpegurl", NTA_FILE_KIND_VIDEO},
    {"application/x-mpegurl", NTA_FILE_KIND_VIDEO},
    {"application/dash+xml", NTA_FILE_KIND_VIDEO},
    {"audio/", NTA_FILE_KIND_AUDIO},
    {"application/ogg", NTA_FILE_KIND_AUDIO},
    {"image/vnd.adobe.photoshop", NTA_FILE_KIND_IMAGE},
    {"image/", NTA_FILE_KIND_IMAGE},
    {"application/x-msdownload", NTA_FILE_KIND_PROGRAM},
    {"application/x-dosexec", NTA_FILE_KIND_PROGRAM},
    {"application/x-ms-dll", NTA_FILE_KIND_PROGRAM},
    {"application/x-msdos-program", NTA_FILE_KIND_PROGRAM},
    {"application/vnd.microsoft.portable-executable", NTA_FILE_KIND_PROGRAM},
    {"application/x-executable", NTA_FILE_KIND_PROGRAM},
    {"application/x-elf", NTA_FILE_KIND_PROGRAM},
    {"application/x-sharedlib", NTA_FILE_KIND_PROGRAM},
    {"application/x-mach-binary", NTA_FILE_KIND_PROGRAM},
    {"application/x-msi", NTA_FILE_KIND_PROGRAM},
    {"application/x-ios-app", NTA_FILE_KIND_PROGRAM},
    {"application/vnd.ms-appx", NTA_FILE_KIND_PROGRAM},
    {"application/exe", NTA_FILE_KIND_PROGRAM},
    {"application/x-exe", NTA_FILE_KIND_PROGRAM},
    {"application/x-winexe", NTA_FILE_KIND_PROGRAM},
    {"application/x-pie-executable", NTA_FILE_KIND_PROGRAM},
    {"application/x-ms-installer", NTA_FILE_KIND_PROGRAM},
    {"application/x-ms-shortcut", NTA_FILE_KIND_SCRIPT},
    {"application/hta", NTA_FILE_KIND_SCRIPT},
    {"application/x-gtar-compressed", NTA_FILE_KIND_ARCHIVE},
    {"application/vnd.ms-word.document.macroenabled.12", NTA_FILE_KIND_DOCUMENT},
    {"application/vnd.ms-excel.sheet.macroenabled.12", NTA_FILE_KIND_DOCUMENT},
    {"application/java-archive", NTA_FILE_KIND_PROGRAM},
    {"application/vnd.android.package-archive", NTA_FILE_KIND_PROGRAM},
    {"application/vnd.debian.binary-package", NTA_FILE_KIND_PROGRAM},
    {"application/x-debian-package", NTA_FILE_KIND_PROGRAM},
    {"application/x-rpm", NTA_FILE_KIND_PROGRAM},
    {"application/java-vm", NTA_FILE_KIND_PROGRAM},
    {"application/wasm", NTA_FILE_KIND_PROGRAM},
    {"application/x-sh", NTA_FILE_KIND_SCRIPT},
    {"application/x-shellscript", NTA_FILE_KIND_SCRIPT},
    {"text/x-shellscript", NTA_FILE_KIND_SCRIPT},
    {"text/x-python", NTA_FILE_KIND_SCRIPT},
    {"application/x-powershell", NTA_FILE_KIND_SCRIPT},
    {"application/x-bat", NTA_FILE_KIND_SCRIPT},
    {"text/vbscript", NTA_FILE_KIND_SCRIPT},
    {"application/x-perl", NTA_FILE_KIND_SCRIPT},
    {"application/zip", NTA_FILE_KIND_ARCHIVE},
    {"application/x-zip-compressed", NTA_FILE_KIND_ARCHIVE},
    {"application/gzip", NTA_FILE_KIND_ARCHIVE},
    {"application/x-gzip", NTA_FILE_KIND_ARCHIVE},
    {"application/zstd", NTA_FILE_KIND_ARCHIVE},
    {"application/x-bzip2", NTA_FILE_KIND_ARCHIVE},
    {"application/x-xz", NTA_FILE_KIND_ARCHIVE},
    {"application/x-archive", NTA_FILE_KIND_ARCHIVE},
    {"application/x-tar", NTA_FILE_KIND_ARCHIVE},
    {"application/x-lz4", NTA_FILE_KIND_ARCHIVE},
    {"application/x-cpio", NTA_FILE_KIND_ARCHIVE},
    {"application/x-lzh-compressed", NTA_FILE_KIND_ARCHIVE},
    {"application/x-xar", NTA_FILE_KIND_PROGRAM},
    {"application/x-chrome-extension", NTA_FILE_KIND_PROGRAM},
    {"application/vnd.android.dex", NTA_FILE_KIND_PROGRAM},
    {"application/x-shockwave-flash", NTA_FILE_KIND_PROGRAM},
    {"application/x-ms-wim", NTA_FILE_KIND_DISK},
    {"application/x-7z-compressed", NTA_FILE_KIND_ARCHIVE},
    {"application/vnd.rar", NTA_FILE_KIND_ARCHIVE},
    {"application/x-rar-compressed", NTA_FILE_KIND_ARCHIVE},
    {"application/vnd.ms-cab-compressed", NTA_FILE_KIND_ARCHIVE},
    {"application/x-iso9660-image", NTA_FILE_KIND_DISK},
    {"application/x-cd-image", NTA_FILE_KIND_DISK},
    {"application/x-apple-diskimage", NTA_FILE_KIND_DISK},
    {"application/x-qemu-disk", NTA_FILE_KIND_DISK},
    {"application/x-raw-disk-image", NTA_FILE_KIND_DISK},
    {"application/x-bittorrent", NTA_FILE_KIND_TORRENT},
    {"application/pdf", NTA_FILE_KIND_DOCUMENT},
    {"application/postscript", NTA_FILE_KIND_DOCUMENT},
    {"application/rtf", NTA_FILE_KIND_DOCUMENT},
    {"text/rtf", NTA_FILE_KIND_DOCUMENT},
    {"text/plain", NTA_FILE_KIND_DOCUMENT},
    {"text/csv", NTA_FILE_KIND_DOCUMENT},
    {"text/markdown", NTA_FILE_KIND_DOCUMENT},
    {"application/msword", NTA_FILE_KIND_DOCUMENT},
    {"application/x-ole-storage", NTA_FILE_KIND_DOCUMENT},
    {"application/vnd.ms-excel", NTA_FILE_KIND_DOCUMENT},
    {"application/vnd.ms-powerpoint", NTA_FILE_KIND_DOCUMENT},
    {"application/vnd.openxmlformats-officedocument.", NTA_FILE_KIND_DOCUMENT},
    {"application/vnd.oasis.opendocument.", NTA_FILE_KIND_DOCUMENT},
    {"application/epub+zip", NTA_FILE_KIND_DOCUMENT},
};

/** "video/" fits all of its kind, and what ends with a dot all that begins so. */
static bool fits(const char *row, struct nta_span type)
{
    size_t len = strlen(row);
    bool is_prefix = row[len - 1] == '/' || row[len - 1] == '.';

    if (type.len < len || (!is_prefix && type.len != len))
        return false;
    return nta_span_alike(nta_span_of(row), (struct nta_span){type.ptr, len});
}

enum nta_file_kind nta_file_kind_of(struct nta_span mime_type)
{
    struct nta_span type = nta_span_before(mime_type, ';');

    while (type.len && type.ptr[type.len - 1] == ' ')
        type.len--;
    if (type.len == 0)
        return NTA_FILE_KIND_NONE;
    for (size_t i = 0; i < NTA_N_ELEMENTS(kinds); i++)
        if (fits(kinds[i].type, type))
            return kinds[i].kind;
    return NTA_FILE_KIND_OTHER;
}
