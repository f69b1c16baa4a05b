/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/file/types.h"

#include "base/own.h"
#include "proto/file/magic.h"

/** One type: words are parted by blanks. */
struct row
{
    const char *type;
    const char *also; ///< Other names of it.
    const char *ends; ///< How names of files end.
    const char *form; ///< What it may look like by its first bytes.
};

#define PE   "application/x-dosexec"
#define DLL  "application/x-ms-dll"
#define ZIP  "application/zip"
#define OLE  "application/x-ole-storage"
#define OPEN "application/vnd.openxmlformats-officedocument."

static const struct row rows[] = {
    {PE,
     "application/x-msdownload application/x-msdos-program application/exe application/x-exe "
     "application/vnd.microsoft.portable-executable application/x-winexe",
     "exe scr sys pif", ""},
    {DLL, "application/x-dll", "dll cpl ocx", ""},
    {"application/x-executable", "application/x-elf application/x-pie-executable", "elf", ""},
    {"application/x-sharedlib", "", "so", "application/x-executable"},
    {"application/x-mach-binary", "", "dylib", ""},
    {"application/x-msi", "application/x-ms-installer", "msi msp", OLE},
    {"application/vnd.android.package-archive", "", "apk", ZIP " application/java-archive"},
    {"application/x-ios-app", "", "ipa", ZIP},
    {"application/java-archive", "application/x-java-archive", "jar war ear", ZIP},
    {"application/vnd.ms-appx", "application/appx application/msix", "appx msix",
     ZIP " application/java-archive"},
    {"application/vnd.debian.binary-package", "application/x-debian-package application/x-deb",
     "deb udeb", "application/x-archive"},
    {"application/x-rpm", "application/x-redhat-package-manager", "rpm", ""},
    {"application/java-vm", "application/x-java-class", "class", ""},
    {"application/wasm", "", "wasm", ""},
    {"application/x-sh", "application/x-shellscript text/x-shellscript", "sh bash", ""},
    {"text/x-python", "application/x-python text/x-script.python", "py", ""},
    {"application/x-powershell", "text/x-powershell", "ps1 psm1", ""},
    {"application/x-bat", "application/bat", "bat cmd", ""},
    {"text/vbscript", "text/vbs", "vbs vbe wsf", ""},
    {"application/x-perl", "text/x-perl", "pl", ""},
    {"application/hta", "", "hta", ""},
    {"application/x-ms-shortcut", "", "lnk", ""},
    {ZIP, "application/x-zip-compressed application/x-zip", "zip", ""},
    {"application/gzip", "application/x-gzip", "gz", ""},
    {"application/x-gtar-compressed", "application/x-tgz", "tgz", "application/gzip"},
    {"application/zstd", "application/x-zstd", "zst", ""},
    {"application/x-bzip2", "application/bzip2", "bz2", ""},
    {"application/x-xz", "", "xz", ""},
    {"application/x-archive", "", "", ""},
    {"application/x-tar", "", "tar", ""},
    {"application/x-lz4", "", "lz4", ""},
    {"application/x-cpio", "", "cpio", ""},
    {"application/x-lzh-compressed", "application/x-lzh", "lzh lha", ""},
    {"application/x-xar", "", "pkg xar", ""},
    {"application/x-ms-wim", "", "wim esd", ""},
    {"application/x-chrome-extension", "", "crx", ""},
    {"application/vnd.android.dex", "", "dex", ""},
    {"application/x-shockwave-flash", "", "swf", ""},
    {"application/x-7z-compressed", "", "7z", ""},
    {"application/vnd.rar", "application/x-rar-compressed application/x-rar", "rar", ""},
    {"application/vnd.ms-cab-compressed", "application/x-cab", "cab", ""},
    {"application/x-iso9660-image", "application/x-cd-image", "iso", ""},
    {"application/x-apple-diskimage", "", "dmg", ""},
    {"application/x-qemu-disk", "", "qcow2", ""},
    {"application/x-raw-disk-image", "", "img vhd vhdx vmdk", ""},
    {"application/x-bittorrent", "", "torrent", ""},
    {"application/pdf", "application/x-pdf", "pdf", ""},
    {"application/postscript", "", "ps", ""},
    {"application/rtf", "text/rtf", "rtf", ""},
    {"application/msword", "", "doc dot", OLE},
    {"application/vnd.ms-excel", "", "xls", OLE},
    {"application/vnd.ms-powerpoint", "", "ppt", OLE},
    {OLE, "", "", ""},
    {OPEN "wordprocessingml.document", "", "docx", ZIP},
    {"application/vnd.ms-word.document.macroenabled.12", "", "docm", ZIP},
    {OPEN "spreadsheetml.sheet", "", "xlsx", ZIP},
    {"application/vnd.ms-excel.sheet.macroenabled.12", "", "xlsm", ZIP},
    {OPEN "presentationml.presentation", "", "pptx", ZIP},
    {"application/vnd.oasis.opendocument.text", "", "odt", ZIP},
    {"application/vnd.oasis.opendocument.spreadsheet", "", "ods", ZIP},
    {"application/vnd.oasis.opendocument.presentation", "", "odp", ZIP},
    {"application/epub+zip", "", "epub", ZIP},
    {"text/plain", "", "txt log", ""},
    {"text/csv", "", "csv", ""},
    {"video/mp4", "video/x-m4v", "mp4 m4v", ""},
    {"video/quicktime", "", "mov", "video/mp4"},
    {"audio/mp4", "audio/x-m4a", "m4a", "video/mp4"},
    {"image/heic", "image/heif", "heic", "video/mp4"},
    {"image/avif", "", "avif", "video/mp4"},
    {"video/x-matroska", "", "mkv", ""},
    {"video/webm", "audio/webm", "webm", "video/x-matroska"},
    {"video/x-msvideo", "video/avi", "avi", ""},
    {"video/x-flv", "", "flv", ""},
    {"video/mpeg", "", "mpg mpeg vob", ""},
    {"video/x-ms-asf", "", "asf", ""},
    {"video/x-ms-wmv", "", "wmv", "video/x-ms-asf"},
    {"audio/x-ms-wma", "", "wma", "video/x-ms-asf"},
    {"video/mp2t", "", "m2ts", ""},
    {"audio/mpeg", "audio/mp3", "mp3", ""},
    {"audio/flac", "audio/x-flac", "flac", ""},
    {"audio/x-wav", "audio/wav", "wav", ""},
    {"application/ogg", "", "", ""},
    {"audio/ogg", "", "ogg oga opus", "application/ogg"},
    {"video/ogg", "", "ogv", "application/ogg"},
    {"image/png", "", "png", ""},
    {"image/jpeg", "image/jpg image/pjpeg", "jpg jpeg", ""},
    {"image/gif", "", "gif", ""},
    {"image/webp", "", "webp", ""},
    {"image/tiff", "", "tif tiff", ""},
    {"image/vnd.adobe.photoshop", "", "psd", ""},
    {"audio/midi", "audio/x-midi", "mid midi", ""},
};

static bool has_word(const char *words, struct nta_span word)
{
    struct nta_span rest = nta_span_of(words);

    while (rest.len > 0) {
        if (nta_span_alike(nta_span_take(&rest, ' '), word))
            return true;
    }
    return false;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static struct nta_span bare(struct nta_span type)
{
    return nta_span_trim_of(nta_span_before(type, ';'), is_blank);
}

static const struct row *find(struct nta_span type)
{
    for (size_t i = 0; type.len > 0 && i < NTA_N_ELEMENTS(rows); i++) {
        if (nta_span_alike(nta_span_of(rows[i].type), type) || has_word(rows[i].also, type))
            return &rows[i];
    }
    return NULL;
}

static bool is_row(const struct row *row, const char *type)
{
    return row && strcmp(row->type, type) == 0;
}

/** What servers call programs and libraries alike. */
static bool is_any_pe(struct nta_span type)
{
    return nta_span_is(type, "application/x-msdownload") ||
           nta_span_is(type, "application/vnd.microsoft.portable-executable");
}

static const struct row *row_of_end(struct nta_span end)
{
    for (size_t i = 0; end.len > 0 && i < NTA_N_ELEMENTS(rows); i++) {
        if (has_word(rows[i].ends, end))
            return &rows[i];
    }
    return NULL;
}

static const struct row *row_of_name(struct nta_span name)
{
    const size_t dot = nta_span_find_last(name, '.');

    return dot < name.len ? row_of_end(nta_span_from(name, dot + 1)) : NULL;
}

static struct nta_span type_of_name(struct nta_span name)
{
    const struct row *row = row_of_name(name);

    return row ? nta_span_of(row->type) : (struct nta_span){0};
}

static bool is_same(struct nta_span a, struct nta_span b)
{
    const struct row *row = find(a);

    return nta_span_alike(a, b) || (row && row == find(b));
}

bool nta_type_is(struct nta_span type, struct nta_span name, const char *word)
{
    const struct nta_span wanted = nta_span_of(word);
    const struct row *row = find(bare(type));

    if (nta_span_has(wanted, '/'))
        return is_same(bare(type), wanted) || (is_any_pe(wanted) && is_row(row, DLL));
    if (is_row(row, DLL) && is_row(row_of_end(wanted), PE))
        return false; /* whatever its name says: a library is not run */
    const size_t dot = nta_span_find_last(name, '.');

    if (dot < name.len && nta_span_alike(nta_span_from(name, dot + 1), wanted))
        return true;
    struct nta_span ends = row ? nta_span_of(row->ends) : (struct nta_span){0};

    return row && nta_span_alike(nta_span_take(&ends, ' '), wanted);
}

/** What servers say of a file that they know nothing of. */
static bool is_vague(struct nta_span announced)
{
    static const char *const names[] = {
        "application/octet-stream", "binary/octet-stream",        "application/force-download",
        "application/x-download",   "application/x-octet-stream", "application/download",
        "application/binary",       "multipart/byteranges",
    };

    for (size_t i = 0; i < NTA_N_ELEMENTS(names); i++) {
        if (nta_span_is(announced, names[i]))
            return true;
    }
    return announced.len == 0;
}

/** May a file of this type begin as one that content says it is? */
static bool is_form_of(struct nta_span type, struct nta_span content)
{
    const struct row *row = find(type);

    return row && has_word(row->form, content);
}

/** Files of several types begin so. */
static bool is_form(struct nta_span content)
{
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        if (has_word(rows[i].form, content))
            return true;
    }
    return false;
}

/** What begins as both do, and does not say which it is: a library if that is said of it. */
static struct nta_span settle(struct nta_span content, struct nta_span claim, struct nta_span name)
{
    if (!nta_span_is(content, NTA_MAGIC_MZ))
        return content;
    const bool is_dll = is_row(find(claim), DLL) || ((claim.len == 0 || is_row(find(claim), PE)) &&
                                                     is_row(row_of_name(name), DLL));

    return nta_span_of(is_dll ? DLL : PE);
}

static struct nta_type_known decide_by_content(struct nta_span begins, struct nta_span claim,
                                               struct nta_span name)
{
    const struct nta_span content = settle(begins, claim, name);

    /* servers call libraries as they call programs */
    if (is_row(find(content), DLL) && is_row(find(claim), PE) && !is_row(row_of_name(name), PE))
        return (struct nta_type_known){.type = content};
    if (nta_span_alike(claim, content) && !is_form(content))
        return (struct nta_type_known){.type = content};
    const struct nta_span by_name = type_of_name(name);

    if (is_form_of(claim, content))
        return (struct nta_type_known){.type = claim};
    if ((claim.len == 0 || is_same(claim, content)) && is_form_of(by_name, content))
        return (struct nta_type_known){.type = by_name};
    if (claim.len == 0 || is_same(claim, content))
        return (struct nta_type_known){.type = content};
    return (struct nta_type_known){.type = content, .said = claim};
}

struct nta_type_known nta_type_decide_with(const char *content, struct nta_span name)
{
    const struct nta_span by_name = type_of_name(name);

    if (!content)
        return (struct nta_type_known){.type = by_name};
    return decide_by_content(nta_span_of(content), by_name, name);
}

struct nta_type_known nta_type_decide(const struct nta_type_clues *clues)
{
    const struct nta_span announced = bare(clues->announced);
    const struct nta_span claim = is_vague(announced) ? type_of_name(clues->name) : announced;
    const char *content = nta_magic_type_with(clues->first, clues->far);

    if (content)
        return decide_by_content(nta_span_of(content), claim, clues->name);
    if (nta_magic_denies(claim, clues->first)) {
        const struct nta_span by_name = type_of_name(clues->name);

        return (struct nta_type_known){
            .type = nta_magic_denies(by_name, clues->first) ? (struct nta_span){0} : by_name,
            .said = claim,
        };
    }
    return (struct nta_type_known){.type = claim.len ? claim : announced};
}
